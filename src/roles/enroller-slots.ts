// One slot of a roster, as its recipient checks it (enroller.ts).

import type { AreaId } from '../core/area.ts';
import { hasBit } from '../core/bitmap.ts';
import { equalBytes } from '../core/bytes.ts';
import type { Epoch } from '../core/interval.ts';
import { type RosterEntry, slot } from '../core/roster.ts';
import { bytesKey, claimSlot, findConflict, type SlotIndex } from './enroller-index.ts';
import type { OpenedRecord, RecordDesk, RecordRejection } from './enroller-records.ts';

/** Ratcheting further than this is refused: a hostile first epoch would cost seconds a meter. */
export const MAX_CATCH_UP_EPOCHS = 400;

export type SlotRejection =
  | RecordRejection
  | 'ended'
  | 'no-record'
  | 'wrong-identity'
  | 'wrong-epoch'
  | 'expired-seed'
  | 'changed-slot'
  | 'duplicate-identity'
  | 'duplicate-commitment';

/** A slot that was verified. Nothing in it is secret. */
export interface EnrolledSlot {
  readonly meter: Uint8Array;
  readonly enrolmentDigest: Uint8Array;
  /** 32 bytes each, back to back. */
  readonly commitments: Uint8Array;
  readonly fromEpoch: number;
  readonly untilEpoch: number;
  readonly firstEpoch: number;
  readonly seedUntilEpoch: number;
  /** Whether its keys have been handed out; not yet, where its first epoch was still to come. */
  readonly hasKeys: boolean;
}

export interface SlotQuestion {
  readonly area: AreaId;
  readonly at: number;
  readonly entry: RosterEntry;
  readonly known: EnrolledSlot | undefined;
  readonly epoch: Epoch;
}

/** The slot as it stands from now on, with its claim recorded, or why it is refused. */
export function verifySlot(
  state: RecordDesk & { readonly index: SlotIndex },
  { area, at, entry, known, epoch }: SlotQuestion,
): EnrolledSlot | SlotRejection {
  if (known !== undefined && !isSameMeter(known, entry)) return 'changed-slot';
  if (known === undefined && entry.untilEpoch <= epoch) return 'ended';
  const found = known ?? findRecord(state, entry, epoch);
  if (typeof found === 'string') return found;
  const { fromEpoch, untilEpoch } = entry;
  if (fromEpoch < found.firstEpoch) return 'wrong-epoch';
  if (untilEpoch > found.seedUntilEpoch) return 'expired-seed';
  const claim = { area, slot: slot(at), fromEpoch, untilEpoch };
  const conflict = findConflict(state.index, claim, entry.meter, found.commitments);
  if (conflict !== undefined) return conflict;
  claimSlot(state.index, claim, entry.meter, found.commitments);
  return { ...found, fromEpoch, untilEpoch };
}

/** The keys of the record's first epoch; undefined where that is to come, or the record is not here. */
export function keysAt(
  state: RecordDesk,
  known: EnrolledSlot,
  epoch: Epoch,
): Uint8Array | undefined {
  const record = state.opened.get(bytesKey(known.enrolmentDigest));
  if (typeof record !== 'object' || epoch < known.firstEpoch) return undefined;
  return partOf(record.keys, record, record.places.get(bytesKey(known.meter)) as number);
}

function isSameMeter(known: EnrolledSlot, entry: RosterEntry): boolean {
  return (
    known.fromEpoch === entry.fromEpoch &&
    equalBytes(known.meter, entry.meter) &&
    equalBytes(known.enrolmentDigest, entry.enrolmentDigest)
  );
}

function findRecord(
  state: RecordDesk,
  entry: RosterEntry,
  epoch: Epoch,
): EnrolledSlot | SlotRejection {
  const record = state.opened.get(bytesKey(entry.enrolmentDigest));
  if (record === undefined) return 'no-record';
  if (typeof record === 'string') return record;
  const place = record.places.get(bytesKey(entry.meter));
  if (place === undefined) return 'wrong-identity';
  if (!hasBit(record.matches, place)) return 'bad-commitment';
  if (epoch - record.firstEpoch > MAX_CATCH_UP_EPOCHS) return 'wrong-epoch';
  return {
    meter: entry.meter,
    enrolmentDigest: entry.enrolmentDigest,
    commitments: partOf(record.commitments, record, place),
    fromEpoch: entry.fromEpoch,
    untilEpoch: entry.untilEpoch,
    firstEpoch: record.firstEpoch,
    seedUntilEpoch: record.seedUntilEpoch,
    hasKeys: false,
  };
}

/** A copy of what belongs to one place of the record. */
function partOf(bytes: Uint8Array, record: OpenedRecord, place: number): Uint8Array {
  const stride = bytes.length / record.placeCount;
  return bytes.slice(place * stride, (place + 1) * stride);
}
