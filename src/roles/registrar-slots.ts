// The registrar's state and its slots: append-only, one active slot an identity (registrar.ts).

import type { AreaId } from '../core/area.ts';
import { equalBytes } from '../core/bytes.ts';
import type { ChannelSet } from '../core/channel.ts';
import type { Quorum } from '../core/components.ts';
import type { Epoch } from '../core/interval.ts';
import { MAX_ROSTER_SLOTS, type RosterEntry, type Slot, slot } from '../core/roster.ts';
import type { VerifySignature } from '../core/signed.ts';
import { bytesKey, claimSlot, findConflict, type SlotIndex } from './enroller-index.ts';

/** A record may name a first epoch this far from the one in which its slot would begin. */
export const MAX_RECORD_AGE_EPOCHS = 30;

/** What the operator knows of a meter before it enrols. */
export interface InventoryItem {
  readonly area: AreaId;
  readonly channels: ChannelSet;
  readonly capWh: number;
  readonly connectionPoint: number;
}

/** The item of an Ed25519 identity, or undefined for a meter that is not the operator's. */
export type Inventory = (meter: Uint8Array) => InventoryItem | undefined;

export type EnrolmentRefusal =
  | 'malformed'
  | 'bad-signature'
  | 'wrong-network'
  | 'wrong-quorum'
  | 'wrong-epoch'
  | 'unknown-provisioner'
  | 'unknown-meter'
  | 'duplicate-record'
  | 'duplicate-identity'
  | 'duplicate-commitment'
  | 'street-full';

export interface AssignedSlot {
  readonly kind: 'assigned';
  readonly area: AreaId;
  readonly slot: Slot;
  readonly fromEpoch: Epoch;
}

export interface RefusedEnrolment {
  readonly kind: 'refused';
  readonly reason: EnrolmentRefusal;
}

export interface EnrolmentContext {
  /** The epoch boundary at which what is accepted now takes effect: the next one, or later. */
  readonly fromEpoch: Epoch;
  readonly verify: VerifySignature;
  readonly inventory: Inventory;
}

/** The slot that stands for an identity now, and whose record it came from. */
export interface CurrentSlot {
  readonly area: AreaId;
  readonly slot: Slot;
  /** The provisioner of a batch; undefined where the meter enrolled itself. */
  readonly provisioner: Uint8Array | undefined;
}

export interface RegistrarStreet {
  readonly entries: RosterEntry[];
  version: number;
  isChanged: boolean;
}

export interface RegistrarState {
  readonly networkId: string;
  readonly quorum: Quorum;
  /** Ed25519 keys of the factories that may enrol in batches. */
  readonly provisioners: readonly Uint8Array[];
  readonly streets: Map<AreaId, RegistrarStreet>;
  readonly index: SlotIndex;
  readonly current: Map<string, CurrentSlot>;
  /** Digests of every record that a meter of its own ever had accepted. */
  readonly records: Set<string>;
  readonly refused: Map<EnrolmentRefusal, number>;
}

const NO_COMMITMENTS: Uint8Array = new Uint8Array(0);

/** What a record says of one meter. */
export interface Candidate {
  readonly meter: Uint8Array;
  readonly commitments: Uint8Array;
  readonly firstEpoch: Epoch;
  readonly seedUntilEpoch: Epoch;
  readonly digest: Uint8Array;
  readonly provisioner: Uint8Array | undefined;
}

/** Gives the candidate the next slot of its street, or says why not. */
export function assignSlot(
  state: RegistrarState,
  context: EnrolmentContext,
  candidate: Candidate,
): AssignedSlot | RefusedEnrolment {
  const { meter, commitments, firstEpoch, digest, provisioner } = candidate;
  if (Math.abs(firstEpoch - context.fromEpoch) > MAX_RECORD_AGE_EPOCHS)
    return refuse(state, 'wrong-epoch');
  const fromEpoch = Math.max(firstEpoch, context.fromEpoch) as Epoch;
  const untilEpoch = candidate.seedUntilEpoch;
  if (fromEpoch >= untilEpoch) return refuse(state, 'wrong-epoch');
  const item = context.inventory(meter);
  if (item === undefined) return refuse(state, 'unknown-meter');
  const current = state.current.get(bytesKey(meter));
  if (current !== undefined && !mayReplace(state, current, candidate, fromEpoch))
    return refuse(state, 'duplicate-identity');
  const slotCount = state.streets.get(item.area)?.entries.length ?? 0;
  if (slotCount >= MAX_ROSTER_SLOTS) return refuse(state, 'street-full');
  const claim = { area: item.area, slot: slot(slotCount), fromEpoch, untilEpoch };
  // Commitments only: the identity's own earlier slot is about to end.
  if (findConflict(state.index, { ...claim, untilEpoch: fromEpoch }, meter, commitments))
    return refuse(state, 'duplicate-commitment');
  if (current !== undefined) endSlot(state, meter, current, fromEpoch);
  const { channels, capWh, connectionPoint } = item;
  const street = streetOf(state, item.area);
  street.entries.push({
    meter: meter.slice(),
    channels,
    capWh,
    connectionPoint,
    fromEpoch,
    untilEpoch,
    enrolmentDigest: digest,
  });
  street.isChanged = true;
  claimSlot(state.index, claim, meter, commitments);
  state.current.set(bytesKey(meter), { area: claim.area, slot: claim.slot, provisioner });
  return { kind: 'assigned', area: claim.area, slot: claim.slot, fromEpoch };
}

/** The meter itself may replace its slot; a provisioner only one that it enrolled, or one that has ended. */
function mayReplace(
  state: RegistrarState,
  current: CurrentSlot,
  candidate: Candidate,
  fromEpoch: Epoch,
): boolean {
  if (candidate.provisioner === undefined) return true;
  if (current.provisioner && equalBytes(current.provisioner, candidate.provisioner))
    return !equalBytes(entryOf(state, current).enrolmentDigest, candidate.digest);
  return entryOf(state, current).untilEpoch <= fromEpoch;
}

export function endSlot(
  state: RegistrarState,
  meter: Uint8Array,
  current: CurrentSlot,
  endEpoch: Epoch,
): void {
  const { area, slot: at } = current;
  const entry = entryOf(state, current);
  // A slot that has not begun yet ends as it begins: it was never active.
  const untilEpoch = Math.min(entry.untilEpoch, Math.max(entry.fromEpoch, endEpoch)) as Epoch;
  const street = streetOf(state, area);
  street.entries[at] = { ...entry, untilEpoch };
  street.isChanged = true;
  const { fromEpoch } = entry;
  claimSlot(state.index, { area, slot: at, fromEpoch, untilEpoch }, meter, NO_COMMITMENTS);
}

export function entryOf(state: RegistrarState, { area, slot: at }: CurrentSlot): RosterEntry {
  return streetOf(state, area).entries[at] as RosterEntry;
}

function streetOf(state: RegistrarState, area: AreaId): RegistrarStreet {
  const known = state.streets.get(area);
  if (known !== undefined) return known;
  const street = { entries: [], version: 0, isChanged: false };
  state.streets.set(area, street);
  return street;
}

export function refuse(state: RegistrarState, reason: EnrolmentRefusal): RefusedEnrolment {
  state.refused.set(reason, (state.refused.get(reason) ?? 0) + 1);
  return { kind: 'refused', reason };
}
