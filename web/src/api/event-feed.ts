// New figures as they come: server-sent events, which the browser resumes by their ids; where they
// fail for long, questions at times instead, until events work again. Whoever listens is told which of
// it is true, since a page that has lost its source must not look live.

import type { ClockDocument, FrameDocument } from '../../../src/server/wire.ts';
import type { Connection } from '../state/data.ts';
import { paths } from './paths.ts';

/** The server sends a clock every few seconds: silence for this long is a dead connection. */
const SILENCE_MS = 45_000;
const POLL_EVERY_MS = 10_000;
const REOPEN_DELAYS_MS = [1_000, 2_000, 5_000, 10_000, 20_000, 30_000];

export interface FeedListener {
  onFrame(frame: FrameDocument): void;
  onClock(clock: ClockDocument): void;
  onConnection(connection: Connection): void;
  /** Asks for the newest by itself; resolves to whether an answer came. */
  poll(): Promise<boolean>;
}

export class EventFeed {
  readonly #area: string;
  readonly #listener: FeedListener;
  #source: EventSource | undefined;
  #silenceTimer: ReturnType<typeof setTimeout> | undefined;
  #pollTimer: ReturnType<typeof setTimeout> | undefined;
  #reopenTimer: ReturnType<typeof setTimeout> | undefined;
  #failureCount = 0;
  #isClosed = false;

  constructor(area: string, listener: FeedListener) {
    this.#area = area;
    this.#listener = listener;
    this.#open();
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#closeSource();
    clearTimeout(this.#pollTimer);
    clearTimeout(this.#reopenTimer);
  }

  /** Tries again at once: the machine woke up, the network is back. */
  retryNow(): void {
    if (this.#isClosed || this.#source?.readyState === EventSource.OPEN) return;
    this.#failureCount = 0;
    clearTimeout(this.#reopenTimer);
    this.#open();
  }

  #open(): void {
    this.#closeSource();
    const source = new EventSource(paths.events(this.#area));
    this.#source = source;
    source.addEventListener('open', () => this.#heard());
    source.addEventListener('frame', (event) => {
      this.#heard();
      const frame = parseEvent<FrameDocument>(event, 'rows');
      if (frame !== undefined) this.#listener.onFrame(frame);
    });
    source.addEventListener('clock', (event) => {
      this.#heard();
      const clock = parseEvent<ClockDocument>(event, 'nowMs');
      if (clock !== undefined) this.#listener.onClock(clock);
    });
    source.addEventListener('error', () => this.#fail());
    this.#watchSilence();
  }

  #closeSource(): void {
    clearTimeout(this.#silenceTimer);
    this.#source?.close();
    this.#source = undefined;
  }

  #heard(): void {
    this.#failureCount = 0;
    this.#listener.onConnection('live');
    clearTimeout(this.#pollTimer);
    this.#pollTimer = undefined;
    this.#watchSilence();
  }

  #watchSilence(): void {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => this.#fail(), SILENCE_MS);
  }

  #fail(): void {
    if (this.#isClosed) return;
    this.#failureCount++;
    const isGone = this.#source?.readyState !== EventSource.CONNECTING;
    // While the browser reconnects it resumes by id, so it gets two tries before it is replaced.
    if (isGone || this.#failureCount > 2) {
      this.#closeSource();
      const step = Math.min(this.#failureCount, REOPEN_DELAYS_MS.length) - 1;
      clearTimeout(this.#reopenTimer);
      this.#reopenTimer = setTimeout(
        () => this.#open(),
        (REOPEN_DELAYS_MS[step] as number) * (0.75 + Math.random() / 2),
      );
    }
    if (this.#pollTimer === undefined) this.#pollSoon(0);
  }

  #pollSoon(delayMs: number): void {
    this.#pollTimer = setTimeout(() => {
      void this.#listener.poll().then((isAnswered) => {
        // Events may have come back while the answer was on its way.
        if (this.#isClosed || this.#pollTimer === undefined) return;
        this.#listener.onConnection(isAnswered ? 'polling' : 'offline');
        this.#pollSoon(POLL_EVERY_MS);
      });
    }, delayMs);
  }
}

function parseEvent<T extends object>(event: MessageEvent, key: keyof T & string): T | undefined {
  try {
    const value: unknown = JSON.parse(String(event.data));
    return typeof value === 'object' && value !== null && key in value ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}
