// Times in queries: ISO 8601 with an offset, on the grid of the network's intervals.

import { type IntervalIndex, intervalAt, intervalIndex, isU32 } from '../core/interval.ts';
import type { MapSource } from '../map/map-source.ts';
import { MAX_SERIES_INTERVALS } from '../map/series.ts';
import { Problem } from './problem.ts';

// A "+" in a query is a space to every URL parser: taken as the "+" that was meant.
const TIME =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.0{1,9})?)?(?:Z|([+ -])(\d{2}):?(\d{2}))$/i;

export interface IntervalRange {
  readonly from: IntervalIndex;
  /** Not included. */
  readonly until: IntervalIndex;
}

/** `2026-11-21T06:30:00Z` */
export function formatTime(unixMs: number): string {
  return new Date(unixMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

export function formatIntervalStart(index: number, intervalSeconds: number): string {
  return formatTime(index * intervalSeconds * 1000);
}

/**
 * The interval that starts at `text`.
 * @throws Problem `bad-time`, `off-grid-time`, `future-time` or `before-first`.
 */
export function parseInterval(source: MapSource, text: string): IntervalIndex {
  const index = parseGridTime(source, text, 't');
  if (index > runningInterval(source)) throw new Problem('future-time');
  const first = source.firstInterval();
  if (first === undefined) throw noFigures(source);
  if (index < first) throw new Problem('before-first');
  return index;
}

/** The interval of `t`, or the newest. @throws Problem as `parseInterval`, and `no-figures`. */
export function parseIntervalOrLatest(source: MapSource, text: string | undefined): IntervalIndex {
  if (text !== undefined) return parseInterval(source, text);
  const latest = source.latestInterval();
  if (latest === undefined) throw noFigures(source);
  return latest;
}

/**
 * Half-open, and at most `maxIntervals` long. It may begin before the first interval (there are gaps
 * then) and end with the running one.
 * @throws Problem `bad-time`, `off-grid-time`, `future-time`, `bad-range` or `range-too-long`.
 */
export function parseIntervalRange(
  source: MapSource,
  query: { readonly from: string | undefined; readonly until: string | undefined },
  maxIntervals: number = MAX_SERIES_INTERVALS,
): IntervalRange {
  if (query.from === undefined || query.until === undefined) throw new Problem('bad-range');
  const from = parseGridTime(source, query.from, 'from');
  const until = parseGridTime(source, query.until, 'until');
  if (until <= from) throw new Problem('bad-range');
  if (until - from > maxIntervals) {
    throw new Problem(
      'range-too-long',
      `Ask for at most ${maxIntervals} intervals at once; these are ${until - from}.`,
    );
  }
  if (until > runningInterval(source) + 1) throw new Problem('future-time');
  return { from, until };
}

function parseGridTime(source: MapSource, text: string, parameter: string): IntervalIndex {
  const unixSeconds = parseUnixSeconds(text);
  if (unixSeconds === undefined) throw new Problem('bad-time');
  const { intervalSeconds } = source.about;
  if (unixSeconds % intervalSeconds !== 0) {
    const before = Math.floor(unixSeconds / intervalSeconds);
    throw new Problem(
      'off-grid-time',
      `"${parameter}" lies between two starts of intervals, ${formatIntervalStart(before, intervalSeconds)} and ${formatIntervalStart(before + 1, intervalSeconds)}.`,
    );
  }
  const index = unixSeconds / intervalSeconds;
  if (!isU32(index)) throw new Problem('bad-time');
  return intervalIndex(index);
}

/** Undefined where it is no time: a 30th of February is none either, though Date would take it. */
function parseUnixSeconds(text: string): number | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute] = match.slice(1, 6).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const second = Number(match[6] ?? 0);
  const offsetHour = Number(match[8] ?? 0);
  const offsetMinute = Number(match[9] ?? 0);
  if (hour > 23 || minute > 59 || second > 59 || offsetHour > 23 || offsetMinute > 59)
    return undefined;
  const local = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  if (local.getUTCFullYear() !== year || local.getUTCMonth() !== month - 1) return undefined;
  if (local.getUTCDate() !== day) return undefined;
  const offsetSeconds = (offsetHour * 60 + offsetMinute) * 60 * (match[7] === '-' ? -1 : 1);
  const unixSeconds = local.getTime() / 1000 - offsetSeconds;
  return unixSeconds < 0 ? undefined : unixSeconds;
}

function runningInterval(source: MapSource): IntervalIndex {
  return intervalAt(Math.floor(source.nowMs() / 1000), source.about.intervalSeconds);
}

function noFigures(source: MapSource): Problem {
  const { intervalSeconds, clockSpeed } = source.about;
  const retrySeconds = Math.max(1, Math.ceil(intervalSeconds / clockSpeed));
  return new Problem('no-figures', undefined, { headers: { 'Retry-After': String(retrySeconds) } });
}
