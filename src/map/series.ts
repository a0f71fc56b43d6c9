// One row over time, in columns. A gap is null, never zero.

import type { IntervalIndex } from '../core/interval.ts';
import type { RowStatus } from './frame.ts';
import type { Origin } from './map-area.ts';
import type { EnergyMetric } from './metric.ts';

/** Intervals in one series: 31 days of quarter-hours. */
export const MAX_SERIES_INTERVALS = 2976;

export interface Series {
  /** An area's id, or a cell's name. */
  readonly id: string;
  readonly name: string;
  readonly from: IntervalIndex;
  /** Each column has one entry for every interval from `from` on. */
  readonly energyWh: Readonly<Record<EnergyMetric, readonly (number | null)[]>>;
  readonly coverage: readonly (number | null)[];
  readonly status: readonly (RowStatus | null)[];
  readonly origin: readonly (Origin | null)[];
  /** Intervals that are still being opened on demand: ask again. */
  readonly pendingCount: number;
}
