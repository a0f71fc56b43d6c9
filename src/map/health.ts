// How the service is doing, for the health view and for operators: ages, gaps and their reasons.
// Counts only; never a meter's id or slot.

import type { AreaId } from '../core/area.ts';
import type { IntervalIndex } from '../core/interval.ts';
import type { AbsentReason } from './frame.ts';
import type { Origin } from './map-area.ts';

export interface IntervalHealth {
  readonly interval: IntervalIndex;
  /** From the interval's end to its figures; undefined where there are none yet. */
  readonly publishedAfterSeconds: number | undefined;
  readonly cellsPublished: number;
  /** Cells without a figure, by reason. */
  readonly cellsWithheld: Readonly<Record<string, number>>;
  /** Undefined where nobody tells: aggregators count them. */
  readonly framesAccepted: number | undefined;
  readonly framesRejected: Readonly<Record<string, number>>;
  /** By trustee: `answered`, or why not. */
  readonly trustees: readonly string[];
  /** How many figures trustees disagreed on. */
  readonly disagreementCount: number;
  /** What the auditor found; undefined where none has reported. */
  readonly auditFindings: readonly AreaFinding[] | undefined;
}

export interface AreaFinding {
  /** In the auditor's own words. */
  readonly finding: string;
  readonly area: AreaId;
}

export interface RowWithout {
  readonly id: string;
  readonly name: string;
  readonly area: AreaId;
  readonly reason: AbsentReason;
}

export interface SourceHealth {
  readonly area: AreaId;
  readonly name: string;
  readonly origin: Origin;
  readonly newestInterval: IntervalIndex | undefined;
}

export interface HealthReport {
  /** Oldest first; at most a day. */
  readonly intervals: readonly IntervalHealth[];
  /** In the newest interval, under the area that was asked for; at most 200. */
  readonly withheld: readonly RowWithout[];
  readonly late: readonly RowWithout[];
  readonly trusteeNames: readonly string[];
  readonly sources: readonly SourceHealth[];
}
