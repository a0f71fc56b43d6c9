// One cumulative register of a meter, followed over time: import, export, production, gas. The state
// is plain data, so that it can be stored with the readings that came out of it (home-store.ts).
//
// Amounts are milli-units: thousandths of a watt-hour, or of a litre. Safe integers, up to 9 TWh, so
// nothing is ever rounded but a boundary's value, downwards, to the whole unit. A reading is the
// difference of two such values: what one reading leaves over is in the next, and the readings of a
// gapless run add up to exactly what the register moved between its two ends.
//
// Secret: all of it, it is the household's.

export interface TrackSettings {
  readonly intervalSeconds: number;
  /** Two samples further apart tell nothing about a boundary between them. At most an interval. */
  readonly maxGapMs: number;
  /** The most that can flow: the main fuse, in watts, or units per hour. */
  readonly maxPowerW: number;
  /** Shows what has flowed in steps, minutes apart, as gas meters do. */
  readonly isStepped?: boolean | undefined;
  /** Where the register turns over, in milli-units; where it is not given, it is recognised. */
  readonly modulusMilli?: number | undefined;
}

export interface Sample {
  /** By the gateway's clock: when it arrived, or when it was measured where the meter tells that. */
  readonly atMs: number;
  readonly milli: number;
  /** The identity that the meter sent. */
  readonly meter?: string | undefined;
  /** The meter's own clock: only to tell old from new, never to place a boundary. */
  readonly meterTimeMs?: number | undefined;
}

/** Why an interval has no reading. */
export const MISSING_REASONS = [
  /** The register was not followed yet when it began. */
  'started',
  /** No two samples near enough to a boundary. */
  'gap',
  'clock-step',
  'meter-exchanged',
  'register-reset',
  /** The register is somewhere else, for good, and nobody knows why. */
  'register-jumped',
  /** A difference above the fuse. */
  'above-fuse',
] as const;
export type MissingReason = (typeof MISSING_REASONS)[number];

/** Why a sample was not taken. */
export const SAMPLE_REFUSALS = [
  'not-a-number',
  'negative',
  'too-large',
  'duplicate',
  'out-of-order',
  'above-fuse',
  'register-decreased',
  'unit-changed',
  'other-meter',
  'clock-not-set',
] as const;
export type SampleRefusal = (typeof SAMPLE_REFUSALS)[number];

export interface TrackPoint {
  readonly atMs: number;
  /** As the register shows it, in the unit of the first sample. */
  readonly rawMilli: number;
  /** Without its turns: never decreases. */
  readonly milli: number;
  /** Since when it shows that value. */
  readonly sinceMs?: number | undefined;
  readonly meterTimeMs?: number | undefined;
}

/** Samples that fit each other, but not what was before. */
export interface PendingChange {
  readonly reason: SampleRefusal;
  readonly count: number;
  readonly point: TrackPoint;
  readonly meter?: string | undefined;
  readonly exponent: number;
}

export interface TrackState {
  meter: string | undefined;
  /** What samples are multiplied with, as a power of ten, since the meter changed its unit. */
  exponent: number;
  /** Whole turns of the register. */
  turnsMilli: number;
  last: TrackPoint | undefined;
  /** Where the register stood when `interval` began. */
  boundary: { readonly interval: number; readonly milli: number } | undefined;
  /** Everything before it has been said; -1 before the first sample. */
  saidUntil: number;
  /** Why there is no boundary. */
  broken: MissingReason;
  pending: PendingChange | undefined;
}

export type IntervalEnd =
  | { readonly kind: 'reading'; readonly interval: number; readonly amount: number }
  /** Half-open. */
  | {
      readonly kind: 'missing';
      readonly from: number;
      readonly until: number;
      readonly reason: MissingReason;
    };

/** 9 million MWh: no meter of a household has seen that much. */
export const MAX_MILLI: number = 9e15;

export function createTrack(): TrackState {
  return {
    meter: undefined,
    exponent: 0,
    turnsMilli: 0,
    last: undefined,
    boundary: undefined,
    saidUntil: -1,
    broken: 'started',
    pending: undefined,
  };
}
