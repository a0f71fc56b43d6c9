// Samples of a register in, readings of whole intervals out (issue: real meters in). A boundary's
// value is the sample at it, or the straight line between the two samples around it where these are
// near enough to each other. Without a value at both of its ends an interval is missing, which is
// not zero, and what flowed meanwhile is not spread over anything.

import { judgeSample, mostMilli } from './judge-sample.ts';
import type {
  IntervalEnd,
  MissingReason,
  PendingChange,
  Sample,
  SampleRefusal,
  TrackPoint,
  TrackSettings,
  TrackState,
} from './track.ts';

/** Samples that fit each other and nothing else, before they are believed. */
export const CONFIRMING_SAMPLES = 3;

export interface SampleOutcome {
  /** undefined: taken. */
  readonly refused?: SampleRefusal;
  /** In order, each interval once. */
  readonly ended: readonly IntervalEnd[];
}

export function handleSample(
  track: TrackState,
  sample: Sample,
  settings: TrackSettings,
): SampleOutcome {
  const verdict = judgeSample(track, sample, settings);
  if (verdict.kind === 'refused') return { refused: verdict.reason, ended: [] };
  if (verdict.kind === 'changed') {
    const { reason, exponent, rawMilli } = verdict;
    const point = pointOf(sample, rawMilli, rawMilli);
    const pending = continued(
      track.pending,
      { reason, count: 1, point, meter: sample.meter, exponent },
      settings,
    );
    track.pending = pending;
    if (pending.count < CONFIRMING_SAMPLES) return { refused: reason, ended: [] };
    return { ended: accept(track, pending, sample, settings) };
  }
  track.pending = undefined;
  track.turnsMilli += verdict.addedTurnMilli;
  return { ended: advance(track, sample, verdict.rawMilli, settings) };
}

/** What was measured until now has nothing to do with what follows; the next sample begins anew. */
export function breakTrack(track: TrackState, reason: MissingReason, nowInterval: number): void {
  track.last = undefined;
  track.boundary = undefined;
  track.pending = undefined;
  track.broken = reason;
  track.turnsMilli = 0;
  // After a clock that was ahead, intervals come again; whoever keeps readings keeps the first.
  track.saidUntil = Math.min(track.saidUntil, nowInterval);
}

function continued(
  before: PendingChange | undefined,
  next: PendingChange,
  settings: TrackSettings,
): PendingChange {
  if (before === undefined || before.reason !== next.reason) return next;
  if (before.meter !== next.meter || before.exponent !== next.exponent) return next;
  const elapsedMs = next.point.atMs - before.point.atMs;
  const moved = next.point.rawMilli - before.point.rawMilli;
  const most = mostMilli(settings, elapsedMs, next.point.rawMilli, before.point.rawMilli);
  return elapsedMs > 0 && moved >= 0 && moved <= most ? { ...next, count: before.count + 1 } : next;
}

const BREAKS: Partial<Record<SampleRefusal, MissingReason>> = {
  'other-meter': 'meter-exchanged',
  'register-decreased': 'register-reset',
  'above-fuse': 'register-jumped',
};

function accept(
  track: TrackState,
  { reason, exponent, point }: PendingChange,
  sample: Sample,
  settings: TrackSettings,
): readonly IntervalEnd[] {
  track.pending = undefined;
  track.exponent = exponent;
  // The same energy in another unit: the run goes on.
  if (reason === 'unit-changed') return advance(track, sample, point.rawMilli, settings);
  track.meter = undefined;
  breakTrack(track, BREAKS[reason] ?? 'gap', Number.POSITIVE_INFINITY);
  return advance(track, sample, point.rawMilli, settings);
}

function advance(
  track: TrackState,
  sample: Sample,
  rawMilli: number,
  settings: TrackSettings,
): readonly IntervalEnd[] {
  const intervalMs = settings.intervalSeconds * 1000;
  const { last } = track;
  // A coarser unit may stand a little lower; it waits until it has caught up.
  const milli = Math.max(last?.milli ?? 0, rawMilli + track.turnsMilli);
  const ended: IntervalEnd[] = [];
  const running = Math.floor(sample.atMs / intervalMs);
  if (track.saidUntil < 0) track.saidUntil = running;
  if (last === undefined) {
    if (running * intervalMs === sample.atMs) close(track, running, milli, settings, ended);
  } else if (running > Math.floor(last.atMs / intervalMs)) {
    const gapMs = sample.atMs - last.atMs;
    const boundaryMs = running * intervalMs;
    if (gapMs <= Math.min(settings.maxGapMs, intervalMs)) {
      // At most one boundary lies between them.
      const share = (milli - last.milli) * ((boundaryMs - last.atMs) / gapMs);
      close(track, running, last.milli + Math.floor(share), settings, ended);
    } else {
      if (track.boundary !== undefined) track.broken = 'gap';
      track.boundary = undefined;
      say(track, running, ended);
      track.broken = 'gap';
      if (boundaryMs === sample.atMs) close(track, running, milli, settings, ended);
    }
  }
  track.meter = sample.meter ?? track.meter;
  const sinceMs = last?.milli === milli ? (last.sinceMs ?? last.atMs) : sample.atMs;
  track.last = { ...pointOf(sample, rawMilli, milli), sinceMs };
  return ended;
}

/** `interval` begins, with the register at `milli`. */
function close(
  track: TrackState,
  interval: number,
  milli: number,
  settings: TrackSettings,
  ended: IntervalEnd[],
): void {
  const { boundary } = track;
  const over = interval - 1;
  if (boundary?.interval === over && over >= track.saidUntil) {
    const amount = wholeUnits(milli) - wholeUnits(boundary.milli);
    if (amount <= (settings.maxPowerW * settings.intervalSeconds) / 3600 + stepAllowance(milli)) {
      ended.push({ kind: 'reading', interval: over, amount });
      track.saidUntil = interval;
    } else {
      track.broken = 'above-fuse';
      say(track, interval, ended);
    }
  } else say(track, interval, ended);
  track.boundary = { interval, milli };
  track.broken = 'gap';
}

/** Everything before `interval` that nothing was said of is missing. */
function say(track: TrackState, interval: number, ended: IntervalEnd[]): void {
  if (interval <= track.saidUntil) return;
  ended.push({ kind: 'missing', from: track.saidUntil, until: interval, reason: track.broken });
  track.saidUntil = interval;
}

/** Registers in whole kilowatt-hours put up to one too much into an interval. */
function stepAllowance(milli: number): number {
  return milli % 1_000_000 === 0 ? 1000 : 1;
}

function wholeUnits(milli: number): number {
  return Math.floor(milli / 1000);
}

function pointOf({ atMs, meterTimeMs }: Sample, rawMilli: number, milli: number): TrackPoint {
  return { atMs, rawMilli, milli, ...(meterTimeMs === undefined ? {} : { meterTimeMs }) };
}
