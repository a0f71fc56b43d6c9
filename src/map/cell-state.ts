// What a cell of the map says beside its colour: one of five states, each with a pattern of its own
// and words, so that no blank is taken for a zero and no part for the whole.

import type { AbsentReason, RowStatus } from './frame.ts';
import type { EnergyMetric, Metric } from './metric.ts';

/** What of a row its state follows from; a `MapRow` and a `RowDocument` both are one. */
export interface CellFigures {
  readonly energyWh: Readonly<Partial<Record<EnergyMetric, number | null>>>;
  readonly absent: Readonly<Partial<Record<EnergyMetric, string>>>;
  readonly status: RowStatus;
  readonly reason: string | null;
  readonly coverage: number;
}

export type CellStateName = 'value' | 'zero' | 'withheld' | 'late' | 'partial';

export interface CellState {
  readonly state: CellStateName;
  /** An `AbsentReason`, of a blank or of the part that is missing; `reasonText` says it in words. */
  readonly reason: string | undefined;
}

export interface CellStateWords {
  readonly label: string;
  readonly explanation: string;
}

export const CELL_STATES: Readonly<Record<CellStateName, CellStateWords>> = {
  value: {
    label: 'Value',
    explanation: 'A total of at least nine in ten of the meters, in the colour of its class.',
  },
  zero: { label: 'True zero', explanation: 'Measured and published: the total is exactly zero.' },
  withheld: {
    label: 'Withheld',
    explanation: 'Not published to this viewer; the cell says why. Hatched, and never a zero.',
  },
  late: {
    label: 'Late or missing',
    explanation: 'Nothing has come in for this interval, yet or at all. Dotted, and never a zero.',
  },
  partial: {
    label: 'Partial',
    explanation: 'A total of fewer than nine in ten of the meters, with a mark in the corner.',
  },
};

/** In the order of the legend. */
export const CELL_STATE_NAMES: readonly CellStateName[] = [
  'value',
  'zero',
  'partial',
  'withheld',
  'late',
];

/** Reasons for which nobody refused the figure: it is not there. */
const NOT_THERE: ReadonlySet<string> = new Set<AbsentReason>(['late', 'missing', 'not-connected']);

/** The figure of a metric: watt-hours, or a share of 1 for coverage. Null where there is none. */
export function figureOf(row: CellFigures, metric: Metric): number | null {
  if (metric === 'coverage') return isBlank(row.status) ? null : finite(row.coverage);
  return finite(row.energyWh[metric]);
}

export function cellState(row: CellFigures, metric: Metric): CellState {
  const figure = figureOf(row, metric);
  if (figure === null) {
    const reason = reasonOf(row, metric);
    return { state: NOT_THERE.has(reason) ? 'late' : 'withheld', reason };
  }
  // Before zero: a zero of a part says nothing of the whole.
  if (row.status === 'partial') return { state: 'partial', reason: row.reason ?? undefined };
  return { state: figure === 0 ? 'zero' : 'value', reason: undefined };
}

/** Why a row has no figure of the metric; only of one that has none. */
function reasonOf(row: CellFigures, metric: Metric): string {
  const ofMetric = metric === 'coverage' ? undefined : row.absent[metric];
  if (ofMetric !== undefined) return ofMetric;
  if (row.status === 'late' || row.status === 'not-connected') return row.reason ?? row.status;
  return row.reason ?? 'missing';
}

function isBlank(status: RowStatus): boolean {
  return status === 'withheld' || status === 'late' || status === 'not-connected';
}

function finite(value: number | null | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export const REASON_TEXTS: Readonly<Record<AbsentReason, string>> = {
  'too-few': 'Too few meters for a total of their own.',
  'low-presence': 'Too many meters were silent in this interval to publish a total.',
  'no-seal': 'The aggregator has not sealed this interval.',
  'no-quorum': 'Too few trustees answered for this interval.',
  implausible: 'The total was larger than the meters’ fuses allow, so it was set aside.',
  mismatch: 'Two parties disagreed on this total, so it was set aside.',
  'unmetered-production': 'Homes here export without a production meter, so this cannot be known.',
  'not-granted': 'This access does not include this figure.',
  late: 'This interval has not come in yet.',
  missing: 'Nothing is known of this interval here.',
  'not-connected': 'Nobody measures here.',
};

/** One plain sentence. A reason of a newer server than this page still gets one. */
export function reasonText(reason: string | null | undefined): string {
  if (reason === null || reason === undefined) return 'No reason was given.';
  if (Object.hasOwn(REASON_TEXTS, reason)) return REASON_TEXTS[reason as AbsentReason];
  return `Not published: ${reason}.`;
}

type BesideNet = Readonly<Record<Exclude<EnergyMetric, 'net'>, string>>;

/** What a figure would tell of few homes, though the street's net may be published. */
const TOO_FEW_BESIDE_NET: BesideNet = {
  export: 'Too few homes here feed in: a total would tell of single ones.',
  import: 'Too few homes here feed in: import beside net would tell how much.',
  production: 'Too few homes here produce: a total would tell of single ones.',
  consumption: 'Too few homes here produce: consumption beside net would tell how much.',
};

const NO_METER_BESIDE_NET: BesideNet = {
  export: 'No meter here counts what is fed in.',
  import: 'No meter here counts what is fed in.',
  production: 'No meter here counts what is produced.',
  consumption: 'No meter here counts what is produced.',
};

/** As `reasonText`, of one figure of a row. */
export function absentText(
  row: Pick<CellFigures, 'energyWh'>,
  metric: Metric,
  reason: string | null | undefined,
): string {
  const isBesideNet =
    metric !== 'net' && metric !== 'coverage' && finite(row.energyWh.net) !== null;
  if (isBesideNet && reason === 'too-few') return TOO_FEW_BESIDE_NET[metric];
  if (isBesideNet && reason === 'not-connected') return NO_METER_BESIDE_NET[metric];
  return reasonText(reason);
}
