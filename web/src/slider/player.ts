// Plays the shown time forward, one interval at a time. It waits for an interval's figures before it
// shows it, so a slow network plays slower and never shows an old figure under a new time.

import { type Signal, signal } from '@preact/signals';
import { sleep } from '../api/client.ts';
import { prefetchFrames } from '../state/load-frames.ts';
import { showTime } from '../state/navigate.ts';
import { shownStart } from '../state/view.ts';
import { shownRange, timeBounds } from './shown-range.ts';
import { stepIntervals } from './step-time.ts';

/** A day in 24 seconds; slower for those who asked for less motion. */
const STEP_MS = 250;
const CALM_STEP_MS = 1000;
const AHEAD_COUNT = 3;

export const isPlaying: Signal<boolean> = signal(false);

let stop: AbortController | undefined;

export function togglePlay(): void {
  if (isPlaying.peek()) stopPlaying();
  else startPlaying();
}

export function stopPlaying(): void {
  stop?.abort();
  stop = undefined;
  isPlaying.value = false;
}

function startPlaying(): void {
  const bounds = timeBounds.peek();
  const range = shownRange.peek();
  if (bounds === undefined || range === undefined) return;
  // There is nothing after the newest: from live, the day is played from its beginning.
  const shown = shownStart.peek();
  if (shown === undefined || shown >= bounds.newestSeconds)
    showTime(Math.max(range.fromSeconds, bounds.firstSeconds));
  const mine = new AbortController();
  stop = mine;
  isPlaying.value = true;
  play(mine.signal)
    .catch(() => undefined)
    .finally(() => {
      if (stop === mine) stopPlaying();
    });
}

async function play(signal: AbortSignal): Promise<void> {
  for (;;) {
    const bounds = timeBounds.peek();
    const shown = shownStart.peek();
    if (bounds === undefined || shown === undefined) return;
    const next = stepIntervals(shown, 1, bounds);
    if (next === undefined || next > bounds.newestSeconds) {
      showTime(undefined);
      return;
    }
    await Promise.all([prefetchFrames(next, signal), sleep(stepMs(), signal)]);
    // Somebody may have moved the slider meanwhile: then it goes on from there.
    if (shownStart.peek() === shown) showTime(next);
    for (let i = 1; i <= AHEAD_COUNT; i++) {
      const ahead = next + i * bounds.intervalSeconds;
      if (ahead <= bounds.newestSeconds) prefetchFrames(ahead, signal).catch(() => undefined);
    }
  }
}

function stepMs(): number {
  return matchMedia('(prefers-reduced-motion: reduce)').matches ? CALM_STEP_MS : STEP_MS;
}
