// Whether a sample can be what the register shows now, given what it showed before and the fuse.
//
// What does not fit is one of these, in the order in which they are looked for: an old sample that
// came late; a register that turned over; a meter that now speaks in another power of ten; a reset;
// a jump. A turn and a unit are only believed where the sample then fits to within the fuse, which
// is some parts in a million of a register: nothing else falls there by chance.

import {
  MAX_MILLI,
  type Sample,
  type SampleRefusal,
  type TrackPoint,
  type TrackSettings,
  type TrackState,
} from './track.ts';

export type Verdict =
  | { readonly kind: 'fits'; readonly rawMilli: number; readonly addedTurnMilli: number }
  | { readonly kind: 'refused'; readonly reason: SampleRefusal }
  /** Refused for now, and taken as a new beginning where it goes on like this. */
  | {
      readonly kind: 'changed';
      readonly reason: SampleRefusal;
      readonly exponent: number;
      readonly rawMilli: number;
    };

/** Milliseconds of an hour. */
const HOUR_MS = 3_600_000;
/** Registers show whole kilowatt-hours at the coarsest, and then step by that much at once. */
const COARSEST_MILLI = 1_000_000;
const MAX_EXPONENT = 6;
/** Shorter registers turn at a power of ten of kWh or Wh; counters in devices at one of two. */
const MODULI_MILLI: readonly number[] = [
  ...[5, 6, 7, 8, 9, 10, 11, 12].map((digits) => 1000 * 10 ** digits),
  1000 * 2 ** 31,
  1000 * 2 ** 32,
  // Hundredths of a kWh, and tenths, in 32 bits.
  10_000 * 2 ** 32,
  100_000 * 2 ** 32,
];

export function judgeSample(track: TrackState, sample: Sample, settings: TrackSettings): Verdict {
  const { milli } = sample;
  if (!Number.isSafeInteger(milli) || !Number.isFinite(sample.atMs)) return refused('not-a-number');
  if (milli < 0) return refused('negative');
  const rawMilli = scaled(milli, track.exponent);
  if (rawMilli > MAX_MILLI) return refused('too-large');
  const { last } = track;
  if (last === undefined) return { kind: 'fits', rawMilli, addedTurnMilli: 0 };
  if (sample.atMs <= last.atMs) return refused('duplicate');
  if (isOtherMeter(track, sample))
    return { kind: 'changed', reason: 'other-meter', exponent: 0, rawMilli: milli };
  const elapsedMs = sample.atMs - flowedSince(last, sample, settings);
  const most = mostMilli(settings, elapsedMs, rawMilli, last.rawMilli);
  const moved = rawMilli - last.rawMilli;
  if (moved >= 0 && moved <= most) return { kind: 'fits', rawMilli, addedTurnMilli: 0 };
  if (moved < 0 && isOlder(sample.meterTimeMs, last.meterTimeMs)) return refused('out-of-order');
  const { modulusMilli } = settings;
  for (const turnMilli of modulusMilli === undefined ? MODULI_MILLI : [modulusMilli]) {
    const turned = moved + turnMilli;
    if (last.rawMilli < turnMilli && turned >= 0 && turned <= most)
      return { kind: 'fits', rawMilli, addedTurnMilli: turnMilli };
  }
  const exponent = otherExponent(track, sample, settings, elapsedMs);
  if (exponent !== undefined)
    return { kind: 'changed', reason: 'unit-changed', exponent, rawMilli: scaled(milli, exponent) };
  const reason = moved < 0 ? 'register-decreased' : 'above-fuse';
  return { kind: 'changed', reason, exponent: track.exponent, rawMilli };
}

/** What a step shows has flowed since the one before it, if that is not too long ago to be one. */
function flowedSince(last: TrackPoint, sample: Sample, settings: TrackSettings): number {
  if (settings.isStepped !== true) return last.atMs;
  return Math.min(last.atMs, Math.max(last.sinceMs ?? last.atMs, sample.atMs - settings.maxGapMs));
}

/** What can have flowed through the fuse, and one step of the register. */
export function mostMilli(
  settings: TrackSettings,
  elapsedMs: number,
  ...values: readonly number[]
): number {
  const flowed = Math.ceil((settings.maxPowerW * 1000 * Math.max(0, elapsedMs)) / HOUR_MS);
  return flowed + stepMilli(...values);
}

/** The largest power of ten that all values are multiples of, up to a kilowatt-hour. */
function stepMilli(...values: readonly number[]): number {
  let step = 1;
  while (step < COARSEST_MILLI && values.every((value) => value % (step * 10) === 0)) step *= 10;
  return step;
}

function otherExponent(
  track: TrackState,
  sample: Sample,
  settings: TrackSettings,
  elapsedMs: number,
): number | undefined {
  const last = track.last?.rawMilli ?? 0;
  for (let exponent = -MAX_EXPONENT; exponent <= MAX_EXPONENT; exponent++) {
    const value = scaled(sample.milli, exponent);
    // A coarser unit has lost digits: its value may stand up to one step below the last one.
    const stepLost = Math.min(
      COARSEST_MILLI,
      10 ** Math.max(0, exponent) * stepMilli(sample.milli),
    );
    const most = mostMilli(settings, elapsedMs, last, value);
    // Where one step is not small beside the register itself, nothing can be told.
    if (exponent === track.exponent || value > MAX_MILLI || most + stepLost > last / 100) continue;
    const moved = value - last;
    if (moved > -stepLost && moved <= most) return exponent;
  }
  return undefined;
}

function isOtherMeter(track: TrackState, sample: Sample): boolean {
  return sample.meter !== undefined && track.meter !== undefined && sample.meter !== track.meter;
}

function isOlder(timeMs: number | undefined, beforeMs: number | undefined): boolean {
  return timeMs !== undefined && beforeMs !== undefined && timeMs < beforeMs;
}

/** Rounded down where digits are lost. */
function scaled(milli: number, exponent: number): number {
  return exponent >= 0 ? milli * 10 ** exponent : Math.floor(milli / 10 ** -exponent);
}

function refused(reason: SampleRefusal): Verdict {
  return { kind: 'refused', reason };
}
