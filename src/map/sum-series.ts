// Columns added up by the same rule as rows: see sum-rows.ts.

import type { RowStatus } from './frame.ts';
import type { Origin } from './map-area.ts';
import { ENERGY_METRICS, type EnergyMetric } from './metric.ts';
import { statusOfCoverage } from './ordinary-coverage.ts';
import type { Series } from './series.ts';
import { coarseCoverage } from './sum-rows.ts';

export interface WeighedSeries {
  readonly meterCount: number;
  /** Undefined where there is none: a gap all along. */
  readonly series: Series | undefined;
}

/** `metrics`: those that the viewer may see; the others stay null. */
export function sumSeries(
  head: Pick<Series, 'id' | 'name' | 'from'>,
  intervalCount: number,
  parts: readonly WeighedSeries[],
  metrics: readonly EnergyMetric[],
): Series {
  const connected = parts.filter(({ meterCount }) => meterCount > 0);
  const meterCount = connected.reduce((sum, part) => sum + part.meterCount, 0);
  const energyWh = {} as Record<EnergyMetric, (number | null)[]>;
  for (const metric of ENERGY_METRICS) energyWh[metric] = new Array(intervalCount).fill(null);
  const coverage: (number | null)[] = new Array(intervalCount).fill(null);
  const status: (RowStatus | null)[] = new Array(intervalCount).fill(null);
  const origin: (Origin | null)[] = new Array(intervalCount).fill(null);

  for (let i = 0; i < intervalCount; i++) {
    const known = connected.filter(({ series }) => (series?.status[i] ?? null) !== null);
    if (connected.length === 0) status[i] = 'not-connected';
    if (known.length === 0) continue;
    const whole = known.filter(({ series }) => isWholeAt(series, i, metrics));
    const covered = whole.reduce((sum, part) => sum + part.meterCount * coverageAt(part, i), 0);
    coverage[i] = coarseCoverage(covered / meterCount, meterCount);
    origin[i] = known.some(({ series }) => series?.origin[i] === 'simulated')
      ? 'simulated'
      : 'network';
    if (whole.length === 0) {
      status[i] = known.every(({ series }) => series?.status[i] === 'late') ? 'late' : 'withheld';
      continue;
    }
    status[i] = statusOfCoverage(coverage[i] ?? 0);
    for (const metric of metrics) {
      energyWh[metric][i] = whole.reduce((sum, part) => sum + energyAt(part, metric, i), 0);
    }
  }
  const pendingCount = Math.max(0, ...parts.map(({ series }) => series?.pendingCount ?? 0));
  return { ...head, energyWh, coverage, status, origin, pendingCount };
}

/** The series with every metric that is not granted blanked. */
export function blankSeries(series: Series, granted: readonly EnergyMetric[]): Series {
  if (granted.length === ENERGY_METRICS.length) return series;
  const energyWh = { ...series.energyWh };
  for (const metric of ENERGY_METRICS) {
    if (!granted.includes(metric)) energyWh[metric] = series.status.map(() => null);
  }
  return { ...series, energyWh };
}

function isWholeAt(
  series: Series | undefined,
  i: number,
  metrics: readonly EnergyMetric[],
): boolean {
  const status = series?.status[i];
  if (series === undefined || (status !== 'published' && status !== 'partial')) return false;
  return metrics.every((metric) => (series.energyWh[metric][i] ?? null) !== null);
}

function coverageAt({ series }: WeighedSeries, i: number): number {
  return series?.coverage[i] ?? 0;
}

/** Only of a part that is whole there. */
function energyAt({ series }: WeighedSeries, metric: EnergyMetric, i: number): number {
  return series?.energyWh[metric][i] as number;
}
