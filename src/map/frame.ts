// A frame: the values of one area and of its children in one interval, one level at a time. Rows are
// what may be shown: an area, or a cell of several siblings that are too small to stand alone.

import type { AreaId } from '../core/area.ts';
import type { IntervalIndex } from '../core/interval.ts';
import type { WithheldReason } from '../roles/monitor-combine.ts';
import type { Origin } from './map-area.ts';
import type { EnergyMetric, Metric } from './metric.ts';

/**
 * Why a figure is absent. Beyond the monitor's own reasons: a home exports without a production
 * meter (`unmetered-production`), the viewer's grant lacks the channel (`not-granted`), the interval
 * has not come in yet (`late`), nothing is known of it (`missing`), or nobody measures there
 * (`not-connected`).
 */
export type AbsentReason =
  | WithheldReason
  | 'unmetered-production'
  | 'not-granted'
  | 'late'
  | 'missing'
  | 'not-connected';

export type RowStatus = 'published' | 'partial' | 'withheld' | 'late' | 'not-connected';

export interface MapRow {
  /** The area's id, or the merged cell's name: unique in its frame. */
  readonly id: string;
  /** For people: "Calle 12", or "Calle 12 + 2 more". */
  readonly name: string;
  readonly kind: 'area' | 'cell';
  /** The siblings whose union it is; of an area itself alone. */
  readonly members: readonly AreaId[];
  /** The metrics whose map has this row as one shape; the rows of a metric never overlap. */
  readonly layers: readonly Metric[];
  readonly meterCount: number;
  /** Of the interval; null where it is not published, never zero for that. */
  readonly energyWh: Readonly<Record<EnergyMetric, number | null>>;
  /** Of each null: why. */
  readonly absent: Readonly<Partial<Record<EnergyMetric, AbsentReason>>>;
  /** Share of the row's meters that its figures cover, 0 to 1 in coarse steps. */
  readonly coverage: number;
  readonly status: RowStatus;
  /** Of a row without figures, or of the first part that a partial one lacks. */
  readonly reason: AbsentReason | null;
  /** False where some mask sum had one trustee's answer only. */
  readonly isChecked: boolean;
  readonly origin: Origin;
}

export interface Frame {
  readonly area: AreaId;
  readonly interval: IntervalIndex;
  /** Unix milliseconds of the network's clock; undefined where nothing is published yet. */
  readonly publishedAtMs: number | undefined;
  /** Grows when a late total or an alert changes the figures of an interval that was shown. */
  readonly revision: number;
  /** The area itself. */
  readonly self: MapRow;
  /** Its children and cells, in tree order; empty below the deepest level that the viewer may see. */
  readonly rows: readonly MapRow[];
}
