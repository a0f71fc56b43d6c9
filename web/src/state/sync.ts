// Keeps data.ts in step with view.ts: asks for the focused area, its figures and its events, aborts
// what is no longer looked at, and leaves on screen what it has until the next is here.

import { batch, effect, untracked } from '@preact/signals';
import { getMap } from '../api/documents.ts';
import { asProblem } from '../api/problem.ts';
import { setClock, startClockTick } from './clock.ts';
import * as data from './data.ts';
import { followArea } from './follow-area.ts';
import { forgetAreas, loadArea } from './load-area.ts';
import { forgetFrames, loadFrames } from './load-frames.ts';
import { passThroughTo } from './navigate.ts';
import { focusedArea, shownStart } from './view.ts';

/** While nothing can be shown for want of an answer. */
const RETRY_EVERY_MS = 5_000;

export function startSync(): void {
  startClockTick();
  void loadMap();
  effect(() => {
    if (data.problem.value?.isTransient !== true) return;
    const again = () => void loadMap();
    const timer = setTimeout(again, RETRY_EVERY_MS);
    addEventListener('online', again);
    return () => {
      clearTimeout(timer);
      removeEventListener('online', again);
    };
  });
  effect(() => {
    const map = data.map.value;
    const id = focusedArea.value;
    if (map === undefined) return;
    if (id === '') {
      untracked(() => passThroughTo(map.opensAt));
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
    // The stream itself says nothing for long where the machine has lost its network.
    const lose = () => {
      data.connection.value = 'offline';
    };
    addEventListener('online', retry);
    addEventListener('offline', lose);
    document.addEventListener('visibilitychange', retry);
    return () => {
      removeEventListener('offline', lose);
      removeEventListener('online', retry);
      document.removeEventListener('visibilitychange', retry);
      feed[Symbol.dispose]();
    };
  });
}

/** Asks again for everything that is looked at: after a problem, or when the token has changed. */
export function reload(): void {
  forgetAreas();
  forgetFrames();
  data.problem.value = undefined;
  void loadMap();
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
