// The figures of an area as the sum of its parts' figures. A part counts only where all of its metrics
// are there: else it is left out wholly, so that production + import = consumption + export still
// holds, and the sum says how much of its meters it covers. A null never becomes a zero.

import type { RowPlace } from './empty-row.ts';
import type { AbsentReason, MapRow, RowStatus } from './frame.ts';
import { ENERGY_METRICS, type EnergyMetric } from './metric.ts';
import { statusOfCoverage } from './ordinary-coverage.ts';

/**
 * A share in steps, rounded down: no step is narrower than 20 meters, since an exact count tells who
 * is away. Tenths at first (below 200 meters without 0.1 to 0.4, 0.6 and 0.7, as trustees have them).
 */
export function coarseCoverage(share: number, meterCount: number): number {
  if (!(share > 0)) return 0;
  const tolerant = Math.min(1, share + 1e-9);
  if (meterCount < 200) return [1, 0.9, 0.8, 0.5].find((step) => tolerant >= step) ?? 0;
  const stepCount = meterCount < 2000 ? 10 : meterCount < 20_000 ? 100 : 1000;
  return Math.floor(tolerant * stepCount) / stepCount;
}

/** Whether a part counts, for those who may see these metrics. */
export function isWhole(row: MapRow, metrics: readonly EnergyMetric[]): boolean {
  const hasFigures = row.status === 'published' || row.status === 'partial';
  return hasFigures && metrics.every((metric) => row.energyWh[metric] !== null);
}

/** `metrics`: those that the viewer may see; the others are `not-granted`. Any order of rows. */
export function sumRows(
  place: RowPlace,
  rows: readonly MapRow[],
  metrics: readonly EnergyMetric[],
): MapRow {
  const connected = rows.filter(({ meterCount }) => meterCount > 0);
  const whole = connected.filter((row) => isWhole(row, metrics));
  const meterCount = total(connected.map((row) => row.meterCount));
  const covered = total(whole.map((row) => row.meterCount * row.coverage));
  const coverage = meterCount === 0 ? 0 : coarseCoverage(covered / meterCount, meterCount);
  const lacking = connected.find((row) => !whole.includes(row) || row.reason !== null);
  const status = sumStatus(connected, whole, coverage);
  const reason = lacking === undefined ? emptyReason(status) : lackingReason(lacking, metrics);

  const energyWh = {} as Record<EnergyMetric, number | null>;
  const absent: Partial<Record<EnergyMetric, AbsentReason>> = {};
  for (const metric of ENERGY_METRICS) {
    if (!metrics.includes(metric)) {
      energyWh[metric] = null;
      absent[metric] = 'not-granted';
    } else if (whole.length === 0) {
      energyWh[metric] = null;
      absent[metric] = reason ?? 'missing';
    } else {
      energyWh[metric] = total(whole.map((row) => row.energyWh[metric] as number));
    }
  }
  return {
    ...place,
    meterCount,
    energyWh,
    absent,
    coverage,
    status,
    reason,
    isChecked: whole.every((row) => row.isChecked),
    origin: rows.some(({ origin }) => origin === 'simulated') ? 'simulated' : 'network',
  };
}

function sumStatus(
  connected: readonly MapRow[],
  whole: readonly MapRow[],
  coverage: number,
): RowStatus {
  if (connected.length === 0) return 'not-connected';
  if (whole.length > 0) return statusOfCoverage(coverage);
  return connected.every(({ status }) => status === 'late') ? 'late' : 'withheld';
}

function emptyReason(status: RowStatus): AbsentReason | null {
  return status === 'not-connected' ? 'not-connected' : null;
}

/** Why this part, or a part of it, is not in the sum. */
function lackingReason(row: MapRow, metrics: readonly EnergyMetric[]): AbsentReason {
  const missing = metrics.find((metric) => row.energyWh[metric] === null);
  return (missing === undefined ? row.reason : (row.absent[missing] ?? row.reason)) ?? 'missing';
}

function total(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
