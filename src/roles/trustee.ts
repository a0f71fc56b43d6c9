// The trustee: holds mask keys, never sees a masked reading, and releases the sum of the masks of a
// sealed set, once (design.md sections 4 and 5, corrections 3, 4, 9, 14, 16 and 21). Seals come in
// (trustee-seal.ts), ledger entries go out and come back (trustee-ledger.ts), requests are answered
// (trustee-unmask.ts).
//
// Secret: component keys, and the mask sums until they are released. Invariants: one area and
// interval is bound to one seal for good, before anything about it is said; mask sums are kept per
// cell and channel, never finer, once the seals above them are in; keys of an epoch are erased when
// its seals are summed, at the latest six hours after its end.

import type { AreaId } from '../core/area.ts';
import { heldComponents } from '../core/components.ts';
import type { Grant } from '../core/grant.ts';
import { type Epoch, epochOfInterval, type IntervalIndex } from '../core/interval.ts';
import type { Kernel } from '../core/kernel/kernel.ts';
import { PLAIN_KERNEL } from '../core/kernel/plain-kernel.ts';
import { NO_LEDGER_ENTRY } from '../core/ledger.ts';
import type { VerifiedNetwork } from '../core/network-bundle.ts';
import type { Presence } from '../core/presence.ts';
import type { Signer, VerifySignature } from '../core/signed.ts';
import type { UnmaskStatus } from '../core/unmask.ts';
import {
  advanceEpochKeys,
  createEpochKeys,
  type EpochKeys,
  eraseEpochKeys,
  erasePreviousKeys,
} from './epoch-keys.ts';
import type { Rejections } from './rejections.ts';

/** Keys of an epoch are erased this long after its end, whatever has been summed by then. */
export const KEY_GRACE_SECONDS: number = 6 * 3600;

/** What is released of a cell, or of an area in one channel. */
export interface MaskSum {
  readonly status: UnmaskStatus;
  /** By held component, ascending. */
  readonly sums: BigUint64Array;
  readonly setDigest: Uint8Array;
  readonly sealDigest: Uint8Array;
  readonly coverage: number;
}

/** A cell's, or an area's in one channel, as it is stored. */
export interface MaskSumRecord extends MaskSum {
  readonly kind: 'cell' | 'area';
  readonly index: number;
  readonly channel: number;
  readonly interval: IntervalIndex;
}

/** What an area passes up to the areas above it. Kept in memory only. */
export interface AreaPart {
  /** By channel. */
  readonly presences: readonly Presence[];
  /** Of each held component in turn, a word a channel. */
  readonly sums: BigUint64Array;
  /** By channel: the joined digest of the sets that are in the sums; empty where there are none. */
  readonly setDigests: readonly Uint8Array[];
}

export interface SummedSeal {
  readonly digest: Uint8Array;
  readonly part: AreaPart;
}

export interface IntervalRecord {
  /** By area index: the seals that are bound and summed. */
  readonly seals: Map<number, SummedSeal>;
  /** Cells by document index. */
  readonly cells: Map<number, MaskSum>;
  /** By area index, then channel. */
  readonly areas: Map<number, MaskSum[]>;
}

export interface TrusteeState {
  readonly network: VerifiedNetwork;
  readonly kernel: Kernel;
  readonly index: number;
  /** The components that it holds, ascending. */
  readonly held: readonly number[];
  readonly signer: Signer;
  readonly verify: VerifySignature;
  /** By street index: slots x held x 32 bytes. */
  readonly keys: ReadonlyMap<number, EpochKeys>;
  /** By street index: the channel set of each slot, once it was asked for. */
  readonly sets: Map<number, Uint8Array>;
  epoch: Epoch;
  readonly intervals: Map<IntervalIndex, IntervalRecord>;
  /** `area interval` to the hex digest of the seal that it is bound to. */
  readonly ledger: Map<string, string>;
  ledgerSequence: number;
  ledgerHead: Uint8Array;
  /** By trustee: the last entry of its chain that was seen. */
  readonly ledgerHeads: Map<number, { readonly sequence: number; readonly digest: Uint8Array }>;
  /** Intervals up to this one are refused: the ledger was ahead of us when we started. */
  refusedUntil: number;
  /** Grants whose signature was checked, by their bytes in hex. */
  readonly grants: Map<string, Grant>;
  readonly rejected: Rejections;
}

export interface TrusteeSetup {
  readonly network: VerifiedNetwork;
  readonly index: number;
  readonly signer: Signer;
  readonly verify: VerifySignature;
  readonly epoch: Epoch;
  /** Component keys of each street, slots x held x 32 bytes, of `epoch`; undefined where none opened. */
  readonly keysOf: (street: AreaId) => Uint8Array | undefined;
  /** By default the plain one. */
  readonly kernel?: Kernel;
}

export function createTrustee(setup: TrusteeSetup): TrusteeState {
  const { network, kernel = PLAIN_KERNEL } = setup;
  const keys = new Map<number, EpochKeys>();
  for (let area = 0; area < network.areas.length; area++) {
    if (!network.areas.isStreet(area)) continue;
    const streetKeys = setup.keysOf(network.areas.idOf(area));
    if (streetKeys !== undefined) keys.set(area, createEpochKeys(setup.epoch, streetKeys));
  }
  return {
    network,
    kernel,
    index: setup.index,
    held: heldComponents(network.quorum, setup.index),
    signer: setup.signer,
    verify: setup.verify,
    keys,
    sets: new Map(),
    epoch: setup.epoch,
    intervals: new Map(),
    ledger: new Map(),
    ledgerSequence: 0,
    ledgerHead: NO_LEDGER_ENTRY,
    ledgerHeads: new Map(),
    refusedUntil: -1,
    grants: new Map(),
    rejected: new Map(),
  };
}

export function intervalRecord(state: TrusteeState, interval: IntervalIndex): IntervalRecord {
  let record = state.intervals.get(interval);
  if (record === undefined) {
    record = { seals: new Map(), cells: new Map(), areas: new Map() };
    state.intervals.set(interval, record);
  }
  return record;
}

/** Ratchets all keys; the epoch before stays until `eraseTrusteeEpoch`. */
export function advanceTrustee(state: TrusteeState, epoch: Epoch): void {
  for (const keys of state.keys.values()) advanceEpochKeys(keys, epoch, state.kernel);
  if (epoch > state.epoch) state.epoch = epoch;
}

/** Overwrites its keys, of every epoch. */
export function eraseTrusteeKeys(state: TrusteeState): void {
  for (const keys of state.keys.values()) eraseEpochKeys(keys);
}

/** Erases the keys of the epoch before the current one. */
export function eraseTrusteeEpoch(state: TrusteeState): void {
  for (const keys of state.keys.values()) erasePreviousKeys(keys);
}

/**
 * Puts back what was stored: after a restart, before any seal or request. Sums of an earlier document
 * stay away: their places are that document's, and would be other cells in this one.
 */
export function restoreMaskSums(state: TrusteeState, records: Iterable<MaskSumRecord>): void {
  const { fromEpoch } = state.network.document;
  for (const { kind, index, channel, interval, ...sum } of records) {
    if (epochOf(state, interval) < fromEpoch) continue;
    const record = intervalRecord(state, interval);
    if (kind === 'cell') record.cells.set(index, sum);
    else {
      const channels = record.areas.get(index) ?? [];
      channels[channel] = sum;
      record.areas.set(index, channels);
    }
  }
}

/** Drops what is held in memory of intervals before this one; the store keeps what it was given. */
export function forgetTrusteeIntervals(state: TrusteeState, before: IntervalIndex): void {
  for (const interval of state.intervals.keys())
    if (interval < before) state.intervals.delete(interval);
}

export function epochOf(state: TrusteeState, interval: IntervalIndex): Epoch {
  return epochOfInterval(interval, state.network.document.intervalSeconds);
}
