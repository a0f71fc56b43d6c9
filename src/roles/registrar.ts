// The registrar's enrolment desk (design.md sections 2 and 6, corrections 6 to 8): checks records
// against the inventory, assigns slots, and makes the rosters. Slots are append-only and never
// reused: a meter that enrols again (reset, yearly, or replacing its factory batch) gets a new slot,
// and its old one ends where the new one begins.
//
// It holds no secret and can open no seed: whether seeds open and match is for the trustees to say.
// A registrar that enrols meters that do not exist can surround a home; nothing here prevents that.

import { concatBytes, equalBytes } from '../core/bytes.ts';
import type { Quorum } from '../core/components.ts';
import { enrolmentDigest, hasSeedsFor, readEnrolment } from '../core/enrolment.ts';
import {
  BATCH_SEED_EPOCHS,
  batchMeter,
  batchMeterCount,
  isForQuorum,
  readEnrolmentBatch,
} from '../core/enrolment-batch.ts';
import type { Epoch } from '../core/interval.ts';
import { encodeRoster, OPEN_END_EPOCH, type Roster } from '../core/roster.ts';
import { type Signer, signMessage } from '../core/signed.ts';
import { bytesKey, createSlotIndex } from './enroller-index.ts';
import {
  type AssignedSlot,
  assignSlot,
  type EnrolmentContext,
  endSlot,
  entryOf,
  type RefusedEnrolment,
  type RegistrarState,
  refuse,
} from './registrar-slots.ts';

export interface AssignedBatch {
  readonly kind: 'batch';
  /** One per meter of the batch, in its order. */
  readonly meters: readonly (AssignedSlot | RefusedEnrolment)[];
}

export function createRegistrar(options: {
  readonly networkId: string;
  readonly quorum: Quorum;
  readonly provisioners?: readonly Uint8Array[];
}): RegistrarState {
  return {
    networkId: options.networkId,
    quorum: options.quorum,
    provisioners: options.provisioners ?? [],
    streets: new Map(),
    index: createSlotIndex(),
    current: new Map(),
    records: new Set(),
    refused: new Map(),
  };
}

/** Checks a meter's own record and assigns its slot. The meter's earlier slot ends where it begins. */
export function handleEnrolment(
  state: RegistrarState,
  bytes: Uint8Array,
  context: EnrolmentContext,
): AssignedSlot | RefusedEnrolment {
  const record = readEnrolment(bytes, context.verify);
  if (typeof record === 'string') return refuse(state, record);
  if (record.networkId !== state.networkId) return refuse(state, 'wrong-network');
  if (!hasSeedsFor(record, state.quorum)) return refuse(state, 'wrong-quorum');
  const digest = enrolmentDigest(bytes);
  if (state.records.has(bytesKey(digest))) return refuse(state, 'duplicate-record');
  const result = assignSlot(state, context, {
    meter: record.meter,
    commitments: concatBytes(...record.commitments),
    firstEpoch: record.firstEpoch,
    seedUntilEpoch: OPEN_END_EPOCH,
    digest,
    provisioner: undefined,
  });
  if (result.kind === 'assigned') state.records.add(bytesKey(digest));
  return result;
}

/**
 * Checks a factory's batch and assigns a slot to each of its meters that can have one. The same
 * batch may come again, for meters that the inventory did not know the first time.
 */
export function handleBatch(
  state: RegistrarState,
  bytes: Uint8Array,
  context: EnrolmentContext,
): AssignedBatch | RefusedEnrolment {
  const batch = readEnrolmentBatch(bytes, context.verify);
  if (typeof batch === 'string') return refuse(state, batch);
  if (!state.provisioners.some((key) => equalBytes(key, batch.provisioner)))
    return refuse(state, 'unknown-provisioner');
  if (batch.networkId !== state.networkId) return refuse(state, 'wrong-network');
  if (!isForQuorum(batch, state.quorum)) return refuse(state, 'wrong-quorum');
  const digest = enrolmentDigest(bytes);
  const count = batchMeterCount(batch);
  const stride = batch.commitments.length / count;
  const meters = Array.from({ length: count }, (_, m) =>
    assignSlot(state, context, {
      meter: batchMeter(batch, m),
      commitments: batch.commitments.subarray(m * stride, (m + 1) * stride),
      firstEpoch: batch.firstEpoch,
      seedUntilEpoch: (batch.firstEpoch + BATCH_SEED_EPOCHS) as Epoch,
      digest,
      provisioner: batch.provisioner,
    }),
  );
  return { kind: 'batch', meters };
}

/** Ends the slot of a meter that leaves. False where it has none that lasts so long. */
export function retireMeter(state: RegistrarState, meter: Uint8Array, untilEpoch: Epoch): boolean {
  const current = state.current.get(bytesKey(meter));
  if (current === undefined || entryOf(state, current).untilEpoch <= untilEpoch) return false;
  endSlot(state, meter, current, untilEpoch);
  return true;
}

/** The roster of every street; a street that changed since the last call gets the next version. */
export function createRosters(state: RegistrarState): readonly Roster[] {
  const rosters: Roster[] = [];
  for (const [area, street] of state.streets) {
    if (street.isChanged) street.version++;
    street.isChanged = false;
    const { networkId } = state;
    rosters.push({ networkId, area, version: street.version, entries: [...street.entries] });
  }
  return rosters;
}

export function signRoster(roster: Roster, registrar: Signer): Uint8Array {
  return signMessage('roster', encodeRoster(roster), registrar);
}
