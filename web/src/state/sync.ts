// Keeps data.ts in step with view.ts: asks for the focused area, its figures and its events, aborts
// what is no longer looked at, and leaves on screen what it has until the next is here.

import { batch, effect, untracked } from '@preact/signals';
import type { AreaDocument, FrameDocument } from '../../../src/server/wire.ts';
import { getArea, getFrame, getMap } from '../api/documents.ts';
import { EventFeed } from '../api/event-feed.ts';
import { ApiProblem, problemOf } from '../api/problem.ts';
import { clockNowMs, setClock, startClockTick } from './clock.ts';
import * as data from './data.ts';
import { FrameCache } from './frame-cache.ts';
import { direction, passThroughTo } from './navigate.ts';
import { focusedArea, shownStart } from './view.ts';

const frames = new FrameCache(48);
/** Areas seldom change: enough for the way up and the neighbours. */
const areas = new Map<string, AreaDocument>();
const MAX_AREAS = 32;

export function startSync(): void {
  startClockTick();
  void loadMap();
  effect(() => {
    const map = data.map.value;
    const id = focusedArea.value;
    if (map === undefined) return;
    if (id === '') {
      untracked(() => passThroughTo(map.home));
      return;
    }
    const stop = new AbortController();
    void loadArea(id, stop.signal);
    return () => stop.abort();
  });
  effect(() => {
    const focus = data.area.value;
    const stage = data.stageArea.value;
    const start = shownStart.value;
    if (focus === undefined || stage === undefined) return;
    const stop = new AbortController();
    void loadFrames(focus.id, stage.id, start, stop.signal);
    return () => stop.abort();
  });
  effect(() => {
    const stage = data.stageArea.value;
    if (stage === undefined) return;
    const feed = followArea(stage.id);
    const retry = () => {
      if (!document.hidden) feed.retryNow();
    };
    addEventListener('online', retry);
    document.addEventListener('visibilitychange', retry);
    return () => {
      removeEventListener('online', retry);
      document.removeEventListener('visibilitychange', retry);
      feed[Symbol.dispose]();
    };
  });
}

/** Asks again for everything that is looked at: after a problem, or when the token has changed. */
export function reload(): void {
  areas.clear();
  frames.clear();
  data.problem.value = undefined;
  void loadMap();
}

/**
 * Resolves when the figures of an interval are here, to be shown at once: playing does not wait for
 * them, and never shows an earlier figure under a later time.
 */
export async function prefetchFrames(start: number, signal: AbortSignal): Promise<void> {
  const wanted = new Set([data.stageArea.peek()?.id, data.area.peek()?.id]);
  await Promise.all(
    [...wanted].map(async (id) => {
      if (id === undefined || frames.get(id, start) !== undefined) return;
      frames.put(await getFrame(id, start, { signal }));
    }),
  );
}

async function loadMap(): Promise<void> {
  try {
    const map = await getMap();
    batch(() => {
      setClock(map.clock);
      if (map.latest !== null) data.latestStart.value = Date.parse(map.latest) / 1000;
      data.map.value = map;
      data.problem.value = undefined;
    });
  } catch (error) {
    data.problem.value = asProblem(error);
  }
}

async function loadArea(id: string, signal: AbortSignal): Promise<void> {
  data.isLoading.value = true;
  try {
    const focus = await cachedArea(id, signal);
    const next = skipSingle(focus);
    if (next !== undefined) {
      passThroughTo(next);
      return;
    }
    const parent = focus.ancestors.at(-1);
    const isLeaf = focus.children.length === 0;
    const stage = isLeaf && parent !== undefined ? await cachedArea(parent.id, signal) : focus;
    batch(() => {
      data.area.value = focus;
      data.stageArea.value = stage;
      data.problem.value = undefined;
    });
  } catch (error) {
    if (!signal.aborted) data.problem.value = asProblem(error);
  } finally {
    if (!signal.aborted) data.isLoading.value = false;
  }
}

/** Where to go on to from a level that offers no choice. */
function skipSingle(focus: AreaDocument): string | undefined {
  const only = focus.children.length === 1 ? focus.children[0] : undefined;
  if (only === undefined) return undefined;
  const way = direction.peek();
  if (way === 'in' && only.isOpen) return only.id;
  return way === 'up' ? focus.ancestors.at(-1)?.id : undefined;
}

async function cachedArea(id: string, signal: AbortSignal): Promise<AreaDocument> {
  const known = areas.get(id);
  if (known !== undefined) {
    areas.delete(id);
    areas.set(id, known);
    return known;
  }
  const document = await getArea(id, { signal });
  areas.set(id, document);
  if (areas.size > MAX_AREAS) areas.delete(areas.keys().next().value as string);
  return document;
}

async function loadFrames(
  focus: string,
  stage: string,
  start: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  const show = (shown: FrameDocument) => showFrame(shown, focus, stage);
  for (const id of new Set([stage, focus])) {
    const known = frames.get(id, start);
    if (known !== undefined) show(known);
  }
  data.isLoading.value = true;
  try {
    const ids = [...new Set([stage, focus])];
    const loaded = await Promise.all(ids.map((id) => getFrame(id, start, { signal })));
    batch(() => {
      for (const frame of loaded) {
        frames.put(frame);
        show(frame);
      }
      data.problem.value = undefined;
    });
  } catch (error) {
    // Without an answer the last figures stay, with their age; a refusal is another thing.
    const found = asProblem(error);
    if (!signal.aborted && !found.isTransient) data.problem.value = found;
    else if (!signal.aborted) data.connection.value = 'offline';
  } finally {
    if (!signal.aborted) data.isLoading.value = false;
  }
}

function showFrame(shown: FrameDocument, focus: string, stage: string): void {
  batch(() => {
    noteLatest(shown);
    if (shown.area === focus) data.frame.value = newer(data.frame.peek(), shown);
    if (shown.area === stage) data.stageFrame.value = newer(data.stageFrame.peek(), shown);
  });
}

/** The same interval never goes back to an older revision. */
function newer(known: FrameDocument | undefined, next: FrameDocument): FrameDocument {
  const isSame = known?.area === next.area && known.start === next.start;
  return isSame && known.revision >= next.revision ? known : next;
}

function noteLatest(shown: FrameDocument): void {
  if (!shown.isLatest) return;
  const start = Date.parse(shown.start) / 1000;
  if (start < (data.latestStart.peek() ?? 0) && !hasNetworkRestarted()) return;
  data.latestStart.value = start;
  data.latestFrame.value = shown;
}

/** A demo that was started again begins earlier: what the page knew lies in its future. */
function hasNetworkRestarted(): boolean {
  const known = data.latestFrame.peek();
  if (known === undefined || Date.parse(known.end) <= clockNowMs()) return false;
  frames.clear();
  return true;
}

function followArea(stage: string): EventFeed {
  const stop = new AbortController();
  const take = (frame: FrameDocument) => {
    frames.put(frame);
    noteLatest(frame);
    const pinned = shownStart.peek();
    const isShown =
      pinned === undefined ? isNewest(frame) : Date.parse(frame.start) / 1000 === pinned;
    if (!isShown) return;
    const focus = data.area.peek()?.id;
    if (frame.area === stage) showFrame(frame, focus ?? '', stage);
    if (focus !== undefined && focus !== stage) {
      void loadFrames(focus, stage, pinned, stop.signal);
    }
  };
  const feed = new EventFeed(stage, {
    onFrame: take,
    onClock: setClock,
    onConnection: (connection) => {
      data.connection.value = connection;
    },
    poll: async () => {
      try {
        const [map, frame] = await Promise.all([
          getMap({ signal: stop.signal, retryCount: 0 }),
          getFrame(stage, undefined, { signal: stop.signal, retryCount: 0 }),
        ]);
        setClock(map.clock);
        take(frame);
        return true;
      } catch {
        return false;
      }
    },
  });
  const dispose = feed[Symbol.dispose].bind(feed);
  feed[Symbol.dispose] = () => {
    stop.abort();
    dispose();
  };
  return feed;
}

function isNewest(frame: FrameDocument): boolean {
  return Date.parse(frame.start) / 1000 >= (data.latestStart.peek() ?? 0);
}

function asProblem(error: unknown): ApiProblem {
  return error instanceof ApiProblem
    ? error
    : problemOf(0, { title: 'Something went wrong', detail: String(error) });
}
