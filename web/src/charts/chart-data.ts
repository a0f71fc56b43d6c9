// What the charts draw, in columns on one clock: the shown range, and beside every instant the same
// local time on an earlier day. A gap is null in every column, never zero.

import type { Origin } from '../../../src/map/map-area.ts';
import { type Metric, meanPowerW } from '../../../src/map/metric.ts';
import type { SeriesDocument } from '../../../src/server/wire.ts';
import { addLocalDays, sameLocalTime } from '../slider/local-time.ts';
import type { TimeRange } from '../slider/time-range.ts';

export type Column = readonly (number | null)[];

export interface ChartColumns {
  /** Unix seconds of the intervals' starts. */
  readonly starts: readonly number[];
  /** Mean W of each interval; of coverage, a share of 1. */
  readonly current: Column;
  readonly yesterday: Column;
  readonly lastWeek: Column;
}

export interface ChartSeries {
  readonly current: SeriesDocument | undefined;
  readonly yesterday: SeriesDocument | undefined;
  readonly lastWeek: SeriesDocument | undefined;
}

export function startsOf(range: TimeRange, intervalSeconds: number): number[] {
  const starts: number[] = [];
  for (let at = range.fromSeconds; at < range.untilSeconds; at += intervalSeconds) starts.push(at);
  return starts;
}

/** For every start, the instant at which the clocks showed the same `dayCount` days away. */
export function comparisonStarts(
  range: TimeRange,
  dayCount: number,
  timeZone: string,
  intervalSeconds: number,
): (number | undefined)[] {
  const found: (number | undefined)[] = [];
  for (let day = range.fromSeconds; day < range.untilSeconds; ) {
    const nextDay = Math.min(addLocalDays(day, 1, timeZone), range.untilSeconds);
    const other = addLocalDays(day, dayCount, timeZone);
    const otherNext = addLocalDays(day, dayCount + 1, timeZone);
    const isPlain = nextDay - day === 86_400 && otherNext - other === 86_400;
    for (let at = day; at < nextDay; at += intervalSeconds) {
      // Asking the calendar for each of 672 instants is slow; only a changed day needs it.
      found.push(isPlain ? other + (at - day) : sameLocalTime(at, dayCount, timeZone));
    }
    day = nextDay;
  }
  return found;
}

export function assembleColumns(
  metric: Metric,
  series: ChartSeries,
  clock: {
    readonly starts: readonly number[];
    readonly yesterday: readonly (number | undefined)[];
    readonly lastWeek: readonly (number | undefined)[];
  },
): ChartColumns {
  return {
    starts: clock.starts,
    current: clock.starts.map((at) => valueAt(series.current, metric, at)),
    yesterday: clock.yesterday.map((at) => valueAt(series.yesterday, metric, at)),
    lastWeek: clock.lastWeek.map((at) => valueAt(series.lastWeek, metric, at)),
  };
}

/** Mean W, or a share of 1 for coverage; null where the series has no such instant or no figure. */
export function valueAt(
  series: SeriesDocument | undefined,
  metric: Metric,
  atSeconds: number | undefined,
): number | null {
  const index = indexAt(series, atSeconds);
  if (series === undefined || index === undefined) return null;
  if (metric === 'coverage') return series.coverage[index] ?? null;
  const energyWh = series.energyWh[metric]?.[index] ?? null;
  return energyWh === null ? null : meanPowerW(energyWh, series.intervalSeconds);
}

export function indexAt(
  series: SeriesDocument | undefined,
  atSeconds: number | undefined,
): number | undefined {
  if (series === undefined || atSeconds === undefined) return undefined;
  const index = (atSeconds - Date.parse(series.from) / 1000) / series.intervalSeconds;
  return Number.isInteger(index) && index >= 0 && index < series.status.length ? index : undefined;
}

export interface OriginBand {
  readonly fromSeconds: number;
  readonly untilSeconds: number;
}

/** Where the line is not the network's own: made up as sums by the demo. */
export function simulatedBands(series: SeriesDocument | undefined): OriginBand[] {
  if (series === undefined) return [];
  const from = Date.parse(series.from) / 1000;
  const bands: OriginBand[] = [];
  series.origin.forEach((origin, i) => {
    if (origin !== 'simulated') return;
    const start = from + i * series.intervalSeconds;
    const end = start + series.intervalSeconds;
    const last = bands.at(-1);
    if (last?.untilSeconds === start) bands[bands.length - 1] = { ...last, untilSeconds: end };
    else bands.push({ fromSeconds: start, untilSeconds: end });
  });
  return bands;
}

/** Which origins the series has, of the intervals that have one. */
export function originsOf(series: SeriesDocument | undefined): ReadonlySet<Origin> {
  return new Set(series?.origin.filter((origin) => origin !== null));
}
