// The meter: masks a reading and sends it, once (design.md section 4, correction 11).
//
// Invariant: one value per interval, whatever happens. `createFrame` refuses an interval at or
// before the last one it masked. The runtime stores the state and the frame together, in one
// transaction, before it sends; a crash before that has sent nothing, a crash after it resends the
// very same frame. A restored backup must not bring back an older `lastInterval`: the store is the
// meter's own and is not backed up.
//
// Secret: keys, and the readings, which are not kept.

import type { AreaId } from '../core/area.ts';
import { hasBit } from '../core/bitmap.ts';
import { type ChannelSet, channelIndices, MAX_CHANNELS } from '../core/channel.ts';
import type { MeterKeys } from '../core/enrolment.ts';
import { encodeFrame, frameBytes, frameContext } from '../core/frame.ts';
import {
  type Epoch,
  epochOfInterval,
  type IntervalIndex,
  intervalEndSeconds,
} from '../core/interval.ts';
import type { Kernel } from '../core/kernel/kernel.ts';
import { addMask, KEY_BYTES } from '../core/mask.ts';
import { ratchetKey } from '../core/ratchet.ts';
import type { Slot } from '../core/roster.ts';

/** Forward steps of the ratchet that a meter takes on its own clock's word. */
export const MAX_UNAUTHENTICATED_EPOCHS = 2;

export interface MeterState {
  readonly street: AreaId;
  readonly slot: Slot;
  readonly channels: ChannelSet;
  readonly capWh: number;
  readonly intervalSeconds: number;
  /** What its frames are bound to. */
  readonly context: Uint8Array;
  /** Secret; of `epoch`. */
  readonly componentKeys: readonly Uint8Array[];
  readonly authenticationKey: Uint8Array;
  epoch: Epoch;
  /** The last epoch that an authenticated clock stood in, or in which the meter started. */
  trustedEpoch: Epoch;
  /** The last interval that was masked; -1 before the first. */
  lastInterval: number;
  /** Frames that no receipt has confirmed yet, by interval. */
  readonly outbox: Map<IntervalIndex, Uint8Array>;
}

export interface MeterPlace {
  readonly street: AreaId;
  readonly slot: Slot;
  readonly channels: ChannelSet;
  readonly capWh: number;
  readonly intervalSeconds: number;
  readonly meterPolicy: Uint8Array;
}

export type FrameRefusal =
  | 'already-masked'
  | 'interval-not-over'
  | 'before-enrolment'
  | 'needs-authenticated-time'
  | 'incomplete'
  | 'above-cap';

export type FrameOutcome =
  | { readonly kind: 'frame'; readonly frame: Uint8Array }
  | { readonly kind: 'refused'; readonly reason: FrameRefusal };

export interface MeterTime {
  readonly nowSeconds: number;
  /** Whether the clock was set from a source that nobody on the way can forge. */
  readonly isAuthenticated: boolean;
}

export function createMeter(place: MeterPlace, keys: MeterKeys): MeterState {
  const { meterPolicy, ...visible } = place;
  return {
    ...visible,
    context: frameContext(meterPolicy, place.street),
    componentKeys: keys.componentKeys.map((key) => key.slice()),
    authenticationKey: keys.authenticationKey.slice(),
    epoch: keys.firstEpoch,
    trustedEpoch: keys.firstEpoch,
    lastInterval: -1,
    outbox: new Map(),
  };
}

/**
 * Masks the watt-hours of one interval, indexed by channel; undefined is "not measured". On success
 * the state has moved on: store it together with the frame, then send.
 */
export function createFrame(
  state: MeterState,
  interval: IntervalIndex,
  valuesWh: readonly (number | undefined)[],
  time: MeterTime,
): FrameOutcome {
  const reason = refuseFrame(state, interval, valuesWh, time);
  if (reason !== undefined) return { kind: 'refused', reason };
  advanceMeter(state, interval, time);
  const indices = channelIndices(state.channels);
  const words = BigUint64Array.from(indices, (channel) =>
    BigInt.asUintN(64, BigInt(valuesWh[channel] as number)),
  );
  maskWordsOf(state, interval, indices, words);
  const body = { channels: state.channels, slot: state.slot, interval, words };
  return keepFrame(state, interval, encodeFrame(body, state.authenticationKey, state.context));
}

/** What a meter is to mask. */
export interface MeterReading {
  readonly state: MeterState;
  /** By channel; undefined is "not measured". */
  readonly valuesWh: readonly (number | undefined)[];
}

/** What `createFrame` makes of each reading, at once. The meters are of one street, each named once. */
export function createFrames(
  kernel: Kernel,
  readings: readonly MeterReading[],
  interval: IntervalIndex,
  time: MeterTime,
): FrameOutcome[] {
  const refusals = readings.map(({ state, valuesWh }) =>
    refuseFrame(state, interval, valuesWh, time),
  );
  const masked = readings.filter((_, index) => refusals[index] === undefined);
  const [first] = masked;
  if (first === undefined)
    return refusals.map((reason) => ({ kind: 'refused', reason: reason as FrameRefusal }));
  for (const { state } of masked) advanceMeter(state, interval, time);
  const componentCount = first.state.componentKeys.length;
  const values = new BigInt64Array(MAX_CHANNELS * masked.length);
  const componentKeys = new Uint8Array(KEY_BYTES * componentCount * masked.length);
  const authenticationKeys = new Uint8Array(KEY_BYTES * masked.length);
  for (const [index, { state, valuesWh }] of masked.entries()) {
    for (const channel of channelIndices(state.channels))
      values[index * MAX_CHANNELS + channel] = BigInt(valuesWh[channel] as number);
    for (const [component, key] of state.componentKeys.entries())
      componentKeys.set(key, (index * componentCount + component) * KEY_BYTES);
    authenticationKeys.set(state.authenticationKey, index * KEY_BYTES);
  }
  const message = kernel.maskFrames({
    slots: Uint32Array.from(masked, ({ state }) => state.slot),
    sets: Uint8Array.from(masked, ({ state }) => state.channels),
    channelCount: MAX_CHANNELS,
    values,
    componentCount,
    componentKeys,
    authenticationKeys,
    context: first.state.context,
    interval,
  });
  componentKeys.fill(0);
  authenticationKeys.fill(0);
  values.fill(0n);
  let at = 0;
  return readings.map(({ state }, index): FrameOutcome => {
    const reason = refusals[index];
    if (reason !== undefined) return { kind: 'refused', reason };
    const frame = message.slice(at, at + frameBytes(state.channels));
    at += frame.length;
    return keepFrame(state, interval, frame);
  });
}

/** Takes the frame out of the outbox where the street's bitmap has this meter's bit. */
export function handleReceipt(
  state: MeterState,
  interval: IntervalIndex,
  accepted: Uint8Array,
): boolean {
  return hasBit(accepted, state.slot) && state.outbox.delete(interval);
}

/** The stored frames that are still worth sending again; older ones are dropped. */
export function dueFrames(
  state: MeterState,
  nowSeconds: number,
  lateWindowSeconds: number,
): readonly Uint8Array[] {
  for (const interval of state.outbox.keys()) {
    if (intervalEndSeconds(interval, state.intervalSeconds) + lateWindowSeconds <= nowSeconds)
      state.outbox.delete(interval);
  }
  return [...state.outbox.values()];
}

function refuseFrame(
  state: MeterState,
  interval: IntervalIndex,
  valuesWh: readonly (number | undefined)[],
  time: MeterTime,
): FrameRefusal | undefined {
  if (interval <= state.lastInterval) return 'already-masked';
  if (intervalEndSeconds(interval, state.intervalSeconds) > time.nowSeconds)
    return 'interval-not-over';
  const epoch = epochOfInterval(interval, state.intervalSeconds);
  if (epoch < state.epoch) return 'before-enrolment';
  // Counted from the last time that was sure: else a clock that is pushed a little each day gets anywhere.
  const isFar = epoch - state.trustedEpoch > MAX_UNAUTHENTICATED_EPOCHS;
  if (isFar && !time.isAuthenticated) return 'needs-authenticated-time';
  for (const channel of channelIndices(state.channels)) {
    const value = valuesWh[channel];
    if (value === undefined || !Number.isSafeInteger(value)) return 'incomplete';
    // Only net is signed; a negative export or production is as impossible as one above the fuse.
    if (Math.abs(value) > state.capWh || (value < 0 && channel !== 0)) return 'above-cap';
  }
  return undefined;
}

/** To the interval's epoch: keys of the one before are gone. */
function advanceMeter(state: MeterState, interval: IntervalIndex, time: MeterTime): void {
  const epoch = epochOfInterval(interval, state.intervalSeconds);
  const steps = epoch - state.epoch;
  for (const key of state.componentKeys) ratchetKey(key, steps);
  ratchetKey(state.authenticationKey, steps);
  state.epoch = epoch;
  if (time.isAuthenticated) state.trustedEpoch = epoch;
}

function keepFrame(state: MeterState, interval: IntervalIndex, frame: Uint8Array): FrameOutcome {
  state.lastInterval = interval;
  state.outbox.set(interval, frame);
  return { kind: 'frame', frame };
}

function maskWordsOf(
  state: MeterState,
  interval: IntervalIndex,
  indices: readonly number[],
  words: BigUint64Array,
): void {
  const masks = new BigUint64Array(8);
  for (const key of state.componentKeys) addMask(masks, key, interval);
  for (const [position, channel] of indices.entries()) {
    words[position] = (words[position] as bigint) + (masks[channel] as bigint);
  }
  masks.fill(0n);
}
