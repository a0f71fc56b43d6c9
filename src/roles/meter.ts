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
import { type ChannelSet, channelIndices } from '../core/channel.ts';
import type { MeterKeys } from '../core/enrolment.ts';
import { encodeFrame, frameContext } from '../core/frame.ts';
import {
  type Epoch,
  epochOfInterval,
  type IntervalIndex,
  intervalEndSeconds,
} from '../core/interval.ts';
import { addMask } from '../core/mask.ts';
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
  const reason = refuseFrame(state, interval, time);
  if (reason !== undefined) return { kind: 'refused', reason };
  const indices = channelIndices(state.channels);
  const words = new BigUint64Array(indices.length);
  for (const [position, channel] of indices.entries()) {
    const value = valuesWh[channel];
    if (value === undefined || !Number.isSafeInteger(value))
      return { kind: 'refused', reason: 'incomplete' };
    // Only net is signed; a negative export or production is as impossible as one above the fuse.
    if (Math.abs(value) > state.capWh || (value < 0 && channel !== 0))
      return { kind: 'refused', reason: 'above-cap' };
    words[position] = BigInt.asUintN(64, BigInt(value));
  }
  moveToEpoch(state, epochOfInterval(interval, state.intervalSeconds));
  if (time.isAuthenticated) state.trustedEpoch = state.epoch;
  maskWordsOf(state, interval, indices, words);
  const body = { channels: state.channels, slot: state.slot, interval, words };
  const frame = encodeFrame(body, state.authenticationKey, state.context);
  state.lastInterval = interval;
  state.outbox.set(interval, frame);
  return { kind: 'frame', frame };
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
  return undefined;
}

function moveToEpoch(state: MeterState, epoch: Epoch): void {
  const steps = epoch - state.epoch;
  for (const key of state.componentKeys) ratchetKey(key, steps);
  ratchetKey(state.authenticationKey, steps);
  state.epoch = epoch;
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
