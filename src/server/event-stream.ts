// One reader's server-sent events: the newest frame of its area each time it changes, and the clock
// as a heartbeat. Events that come while a frame is on its way are one more frame, not many; a reader
// that takes nothing is dropped, so nothing piles up.

import type { AreaId } from '../core/area.ts';
import type { IntervalIndex } from '../core/interval.ts';
import type { Frame } from '../map/frame.ts';
import type { MapSource } from '../map/map-source.ts';
import type { Viewer } from '../map/viewer.ts';
import { endWithSignal } from './ask-source.ts';
import { type EventHub, isAbout } from './event-hub.ts';
import { frameDocument } from './frame-document.ts';
import { clockDocument } from './map-document.ts';
import type { ServerLimits } from './server-deps.ts';

const RETRY_MS = 3000;

export interface EventStreamOptions {
  readonly source: MapSource;
  readonly hub: EventHub;
  readonly limits: ServerLimits;
  readonly viewer: Viewer;
  readonly viewerName: string;
  readonly area: AreaId;
  /** Undefined for a new reader: it gets the newest frame at once. */
  readonly lastEventId: number | undefined;
  /** The request's: it ends with the connection. */
  readonly signal: AbortSignal;
  /** Ends the connection of a reader that takes nothing; undefined where there is none. */
  readonly disconnect: (() => void) | undefined;
  readonly onFrame: (frame: Frame) => void;
  readonly onError: (error: unknown) => void;
}

/** @throws Problem `too-many-streams`. */
export function createEventStream(options: EventStreamOptions): ReadableStream<Uint8Array> {
  const { source, hub, area, lastEventId } = options;
  const stop = new AbortController();
  const state: PumpState = {
    isChanged: false,
    isDropped: false,
    sentInterval: source.latestInterval(),
    wake: () => undefined,
  };
  const membership = hub.join(options.viewerName, (event) => {
    const latest = source.latestInterval();
    // The newest interval is one for the whole map: any event may bring it, from any area.
    const isNewest = event.interval === latest && isAbout(event, area);
    if (!isNewest && latest === state.sentInterval) return;
    state.isChanged = true;
    state.wake();
  });
  state.isChanged = lastEventId === undefined || hub.hasChangedSince(area, lastEventId);
  // One chunk on each side: a chunk is a whole event.
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const end = (): void => {
    stop.abort();
    state.wake();
  };
  writer.closed.catch(() => undefined).finally(end);
  if (options.signal.aborted) end();
  options.signal.addEventListener('abort', end, { once: true });
  void pump(options, { writer, stop, state })
    .catch((error: unknown) => {
      if (!stop.signal.aborted) options.onError(error);
    })
    .finally(() => {
      membership[Symbol.dispose]();
      options.signal.removeEventListener('abort', end);
      stop.abort();
      // Of an aborted stream the HTTP server prints an error: a connection that ends is none.
      if (!state.isDropped) void writer.close().catch(() => undefined);
      else if (options.disconnect !== undefined) options.disconnect();
      else void writer.abort().catch(() => undefined);
    });
  return readable;
}

interface PumpState {
  isChanged: boolean;
  isDropped: boolean;
  /** Of the newest frame that the reader has. */
  sentInterval: IntervalIndex | undefined;
  wake: () => void;
}

interface Pump {
  readonly writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly stop: AbortController;
  readonly state: PumpState;
}

async function pump(options: EventStreamOptions, { writer, stop, state }: Pump): Promise<void> {
  const { source, limits } = options;
  const encoder = new TextEncoder();
  const send = async (text: string): Promise<void> => {
    if (await isTaken(writer.write(encoder.encode(text)), limits.slowReaderMs)) return;
    state.isDropped = !stop.signal.aborted;
    stop.abort();
  };
  const clock = (): string => `event: clock\ndata: ${JSON.stringify(clockDocument(source))}\n\n`;
  await send(`retry: ${RETRY_MS}\n${clock()}`);
  let nextClockMs = performance.now() + limits.heartbeatMs;
  while (!stop.signal.aborted) {
    if (performance.now() >= nextClockMs) {
      nextClockMs = performance.now() + limits.heartbeatMs;
      await send(clock());
      // Also where a frame could not be had, or no event came.
      if (source.latestInterval() !== state.sentInterval) state.isChanged = true;
    } else if (state.isChanged) {
      state.isChanged = false;
      const event = await frameEvent(options, state, stop.signal);
      if (event !== undefined) await send(event);
    } else {
      await wakeOrTimeout(state, nextClockMs - performance.now());
    }
  }
}

/** Undefined where there is no frame now: the next event or heartbeat brings one. */
async function frameEvent(
  { source, hub, viewer, area, limits, onFrame, onError }: EventStreamOptions,
  state: PumpState,
  stop: AbortSignal,
): Promise<string | undefined> {
  const interval = source.latestInterval();
  if (interval === undefined) return undefined;
  // Taken before the frame is asked for: what happens meanwhile is a change after it.
  const id = hub.sequence;
  state.sentInterval = interval;
  const signal = AbortSignal.any([stop, AbortSignal.timeout(limits.timeoutMs)]);
  try {
    const frame = await endWithSignal(signal, (ending) =>
      source.frame({ area, interval, viewer, signal: ending }),
    );
    if (frame === undefined) return undefined;
    onFrame(frame);
    const data = JSON.stringify(frameDocument(source, viewer, frame));
    return `id: ${id}\nevent: frame\ndata: ${data}\n\n`;
  } catch (error) {
    state.sentInterval = undefined;
    if (!stop.aborted) onError(error);
    return undefined;
  }
}

async function isTaken(written: Promise<void>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  try {
    return await Promise.race([
      written.then(
        () => true,
        () => false,
      ),
      timeout,
    ]);
  } finally {
    clearTimeout(timer);
  }
}

async function wakeOrTimeout(state: { wake: () => void }, timeoutMs: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, Math.max(0, timeoutMs));
    state.wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}
