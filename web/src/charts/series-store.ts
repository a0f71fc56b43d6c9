// The focused area's series for the shown range, with the days that it is compared to. Shared by
// headline, slider and charts; it asks only while one of them is on the page.

import { effect, type Signal, signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { MapDocument, SeriesDocument } from '../../../src/server/wire.ts';
import { sleep } from '../api/client.ts';
import { getSeries } from '../api/documents.ts';
import { type ApiProblem, asProblem } from '../api/problem.ts';
import { addLocalDays } from '../slider/local-time.ts';
import { shownRange } from '../slider/shown-range.ts';
import type { TimeRange } from '../slider/time-range.ts';
import { area, latestStart, map } from '../state/data.ts';
import type { ChartSeries } from './chart-data.ts';

export interface FocusSeries extends ChartSeries {
  /** Whose it is: another area may be focused by now. Empty before the first answer. */
  readonly area: string;
  /** Intervals that are being opened on demand, in all three. */
  readonly pendingCount: number;
  readonly problem: ApiProblem | undefined;
}

const NOTHING: FocusSeries = {
  area: '',
  current: undefined,
  yesterday: undefined,
  lastWeek: undefined,
  pendingCount: 0,
  problem: undefined,
};
const FIRST_POLL_MS = 1_500;
const LONGEST_POLL_MS = 10_000;

const loaded: Signal<FocusSeries> = signal(NOTHING);
/** Grows to ask again after a problem. */
const attempt = signal(0);

/** The series of the area that is focused now: nothing of another one, however new. */
export function useFocusSeries(): FocusSeries {
  useEffect(followFocus, []);
  const focus = area.value?.id;
  return loaded.value.area === focus ? loaded.value : NOTHING;
}

export function retrySeries(): void {
  attempt.value++;
}

let followerCount = 0;
let stopFollowing: (() => void) | undefined;

function followFocus(): () => void {
  if (followerCount++ === 0) {
    stopFollowing = effect(() => {
      const id = area.value?.id;
      const about = map.value;
      const range = shownRange.value;
      const newest = latestStart.value;
      attempt.value;
      if (id === undefined || about === undefined || range === undefined || newest === undefined)
        return;
      const stop = new AbortController();
      void load(id, about, range, newest, stop.signal);
      return () => stop.abort();
    });
  }
  return () => {
    if (--followerCount > 0) return;
    stopFollowing?.();
    closed.clear();
  };
}

async function load(
  id: string,
  about: MapDocument,
  range: TimeRange,
  newest: number,
  signal: AbortSignal,
): Promise<void> {
  const shifted = (dayCount: number): TimeRange => ({
    fromSeconds: addLocalDays(range.fromSeconds, dayCount, about.timeZone),
    untilSeconds: addLocalDays(range.untilSeconds, dayCount, about.timeZone),
  });
  const read = (wanted: TimeRange) => readKnown(id, about, wanted, newest, signal);
  try {
    for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(pollMs * 1.5, LONGEST_POLL_MS)) {
      const [current, yesterday, lastWeek] = await Promise.all([
        read(range),
        read(shifted(-1)),
        read(shifted(-7)),
      ]);
      signal.throwIfAborted();
      const pendingCount = [current, yesterday, lastWeek].reduce(
        (sum, series) => sum + (series?.pendingCount ?? 0),
        0,
      );
      loaded.value = { area: id, current, yesterday, lastWeek, pendingCount, problem: undefined };
      if (pendingCount === 0) return;
      await sleep(pollMs, signal);
    }
  } catch (error) {
    if (signal.aborted) return;
    const known = loaded.peek().area === id ? loaded.peek() : { ...NOTHING, area: id };
    loaded.value = { ...known, problem: asProblem(error) };
  }
}

// Days that are over do not change between two looks at them.
const closed = new Map<string, SeriesDocument>();
const MAX_CLOSED = 8;

/** The part of the range that there can be figures of; undefined where there is none. */
async function readKnown(
  id: string,
  about: MapDocument,
  wanted: TimeRange,
  newest: number,
  signal: AbortSignal,
): Promise<SeriesDocument | undefined> {
  const first = about.first === null ? newest : Date.parse(about.first) / 1000;
  const from = Math.max(wanted.fromSeconds, first);
  const until = Math.min(wanted.untilSeconds, newest + about.intervalSeconds);
  if (from >= until) return undefined;
  const key = `${id}|${from}|${until}`;
  const known = closed.get(key);
  if (known !== undefined) return known;
  const series = await getSeries(id, from, until, undefined, { signal });
  // A late total may still change the last hours of a day that is only just over.
  const isClosed = until + 6 * 3600 < newest;
  if (isClosed && series.pendingCount === 0) {
    closed.set(key, series);
    if (closed.size > MAX_CLOSED) closed.delete(closed.keys().next().value as string);
  }
  return series;
}
