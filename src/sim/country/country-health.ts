// How the simulated monitors are doing. They have no frames and no trustees: only cells.

import type { IntervalIndex } from '../../core/interval.ts';
import type { HealthReport, IntervalHealth, RowWithout } from '../../map/health.ts';
import type { CountryFigures } from './country-figures.ts';
import type { CountryNode } from './country-tree.ts';
import type { Monitor } from './monitor.ts';

export interface CountryHealthOptions {
  /** Undefined where there is no such area. */
  readonly node: CountryNode | undefined;
  readonly figures: CountryFigures;
  readonly latestInterval: () => IntervalIndex | undefined;
  readonly firstInterval: IntervalIndex;
}

const MAX_ROWS = 200;
const DAY_INTERVALS = 96;
const PUBLISHED_AFTER_SECONDS = 40;

export function countryHealth(options: CountryHealthOptions): HealthReport {
  const { node, figures, firstInterval } = options;
  const latest = options.latestInterval();
  const monitors = node?.monitors ?? [];
  const intervals: IntervalHealth[] = [];
  const withheld: RowWithout[] = [];
  const late: RowWithout[] = [];
  if (latest !== undefined) {
    for (const monitor of monitors) addRows(monitor, latest, figures, withheld, late);
    const first = Math.max(firstInterval, latest + 1 - DAY_INTERVALS);
    for (let interval = first; interval <= latest; interval++) {
      intervals.push(intervalHealth(monitors, interval as IntervalIndex, figures));
    }
  }
  return {
    intervals,
    withheld,
    late,
    trusteeNames: [],
    sources: monitors.map((monitor) => ({
      area: monitor.id,
      name: monitor.name,
      origin: 'simulated',
      newestInterval: newest(monitor, latest, figures),
    })),
  };
}

function newest(
  monitor: Monitor,
  latest: IntervalIndex | undefined,
  figures: CountryFigures,
): IntervalIndex | undefined {
  if (latest === undefined) return undefined;
  let interval: number = latest;
  while (figures.isLate(monitor, interval)) interval--;
  return interval as IntervalIndex;
}

function addRows(
  monitor: Monitor,
  interval: IntervalIndex,
  figures: CountryFigures,
  withheld: RowWithout[],
  late: RowWithout[],
): void {
  const area = monitor.id;
  if (figures.isLate(monitor, interval)) {
    if (late.length < MAX_ROWS) late.push({ id: area, name: monitor.name, area, reason: 'late' });
    return;
  }
  for (const [i, { id, name }] of monitor.cells.entries()) {
    if (withheld.length >= MAX_ROWS) return;
    const { coveredMeters, reason } = figures.ofCell(monitor, i, interval);
    if (coveredMeters === 0) withheld.push({ id, name, area, reason: reason ?? 'missing' });
  }
}

function intervalHealth(
  monitors: readonly Monitor[],
  interval: IntervalIndex,
  figures: CountryFigures,
): IntervalHealth {
  let cellCount = 0;
  let lateCells = 0;
  let withheldCells = 0;
  for (const monitor of monitors) {
    cellCount += monitor.cells.length;
    if (figures.isLate(monitor, interval)) lateCells += monitor.cells.length;
    else withheldCells += figures.withheldCells(monitor, interval);
  }
  return {
    interval,
    publishedAfterSeconds: cellCount > lateCells ? PUBLISHED_AFTER_SECONDS : undefined,
    cellsPublished: cellCount - lateCells - withheldCells,
    cellsWithheld: {
      ...(withheldCells === 0 ? {} : { 'low-presence': withheldCells }),
      ...(lateCells === 0 ? {} : { late: lateCells }),
    },
    framesAccepted: undefined,
    framesRejected: {},
    trustees: [],
    disagreementCount: 0,
    auditFindings: undefined,
  };
}
