// Which stretch of time the slider and the charts show: the day or week that holds the shown interval.

import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { latestStart, map } from '../state/data.ts';
import { shownStart } from '../state/view.ts';
import type { TimeBounds } from './step-time.ts';
import { type RangePreset, rangeAround, type TimeRange } from './time-range.ts';

export const rangePreset: Signal<RangePreset> = signal('day');

/** Undefined until there are figures. */
export const timeBounds: ReadonlySignal<TimeBounds | undefined> = computed(() => {
  const about = map.value;
  const newestSeconds = latestStart.value;
  if (about === undefined || newestSeconds === undefined) return undefined;
  const firstSeconds = about.first === null ? newestSeconds : Date.parse(about.first) / 1000;
  return { firstSeconds, newestSeconds, intervalSeconds: about.intervalSeconds };
});

/** Start of the interval that is asked for: the pinned one, or the newest. */
export const wantedStart: ReadonlySignal<number | undefined> = computed(
  () => shownStart.value ?? latestStart.value,
);

let before: TimeRange | undefined;

export const shownRange: ReadonlySignal<TimeRange | undefined> = computed(() => {
  const about = map.value;
  const start = wantedStart.value;
  if (about === undefined || start === undefined) return undefined;
  const range = rangeAround(start, rangePreset.value, about.timeZone, about.intervalSeconds);
  // The same range as the same object, so that a step within the day redraws no chart.
  if (before?.fromSeconds !== range.fromSeconds || before.untilSeconds !== range.untilSeconds)
    before = range;
  return before;
});
