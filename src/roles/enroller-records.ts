// Records as their recipient opens them, once each: a batch that fills a thousand streets is one
// HPKE message. What is opened waits here until rosters give its meters slots (enroller.ts).
// Secret: the keys in `opened`. The property is not enumerable, so that no log or JSON of the state
// carries it; `forgetRecords` erases it.

import { concatBytes, equalBytes } from '../core/bytes.ts';
import type { Quorum } from '../core/components.ts';
import { enrolmentDigest, openEnrolment, readEnrolment } from '../core/enrolment.ts';
import {
  BATCH_SEED_EPOCHS,
  batchMeter,
  batchMeterCount,
  readEnrolmentBatch,
} from '../core/enrolment-batch.ts';
import { openEnrolmentBatch } from '../core/enrolment-batch-open.ts';
import type { EnrolmentRecipient, OpenRejection } from '../core/enrolment-seal.ts';
import type { HpkeKeyPair } from '../core/hpke.ts';
import { OPEN_END_EPOCH } from '../core/roster.ts';
import { MESSAGE_KINDS, type VerifySignature } from '../core/signed.ts';
import { bytesKey } from './enroller-index.ts';

export type RecordRejection = OpenRejection | 'malformed' | 'bad-signature' | 'unknown-provisioner';

/** Keys and commitments of the meters of one record. */
export interface OpenedRecord {
  readonly firstEpoch: number;
  /** First epoch in which the seeds have expired. */
  readonly seedUntilEpoch: number;
  /** Meters in the record. */
  readonly placeCount: number;
  /** Identity to its place in the record. */
  readonly places: ReadonlyMap<string, number>;
  /** The recipient's keys of the first epoch: places x held x 32 bytes. */
  readonly keys: Uint8Array;
  /** Bit p: the seeds of place p match their commitments. */
  readonly matches: Uint8Array;
  /** places x seeds x 32 bytes. */
  readonly commitments: Uint8Array;
}

/** What a recipient opens records with. */
export interface RecordDesk {
  readonly networkId: string;
  readonly quorum: Quorum;
  readonly recipient: EnrolmentRecipient;
  /** Current, and those that still open older records; rotate by adding one and removing one. */
  readonly keyPairs: HpkeKeyPair[];
  /** Ed25519 keys of the factories that may enrol in batches. */
  readonly provisioners: readonly Uint8Array[];
  /** By record digest: what was opened, or why it was not. */
  readonly opened: Map<string, OpenedRecord | RecordRejection>;
}

/**
 * Checks and opens one record, of a meter or of a factory. A record that is malformed or not signed
 * leaves no trace; one that does not open is remembered, so that its slots can say why.
 */
export async function openRecord(
  desk: RecordDesk,
  bytes: Uint8Array,
  verify: VerifySignature,
): Promise<'opened' | RecordRejection> {
  const isBatch = bytes[1] === MESSAGE_KINDS['enrolment-batch'];
  const key = bytesKey(enrolmentDigest(bytes));
  const known = desk.opened.get(key);
  if (typeof known === 'object') return 'opened';
  const result = isBatch
    ? await openBatch(desk, bytes, verify)
    : await openOwn(desk, bytes, verify);
  if (result === 'malformed' || result === 'bad-signature') return result;
  desk.opened.set(key, result);
  return typeof result === 'string' ? result : 'opened';
}

/** Erases every opened record. Call it once the keys that rosters named are stored. */
export function forgetRecords(desk: RecordDesk): void {
  for (const record of desk.opened.values()) if (typeof record === 'object') record.keys.fill(0);
  desk.opened.clear();
}

async function openOwn(
  desk: RecordDesk,
  bytes: Uint8Array,
  verify: VerifySignature,
): Promise<OpenedRecord | RecordRejection> {
  const record = readEnrolment(bytes, verify);
  if (typeof record === 'string') return record;
  const keys = await openEnrolment(record, desk.recipient, desk);
  if (typeof keys === 'string') return keys;
  return {
    firstEpoch: record.firstEpoch,
    seedUntilEpoch: OPEN_END_EPOCH,
    placeCount: 1,
    places: new Map([[bytesKey(record.meter), 0]]),
    keys: concatBytes(...keys),
    matches: Uint8Array.of(1),
    commitments: concatBytes(...record.commitments),
  };
}

async function openBatch(
  desk: RecordDesk,
  bytes: Uint8Array,
  verify: VerifySignature,
): Promise<OpenedRecord | RecordRejection> {
  const batch = readEnrolmentBatch(bytes, verify);
  if (typeof batch === 'string') return batch;
  if (!desk.provisioners.some((key) => equalBytes(key, batch.provisioner)))
    return 'unknown-provisioner';
  const opened = await openEnrolmentBatch(batch, desk.recipient, desk);
  if (typeof opened === 'string') return opened;
  const places = new Map<string, number>();
  for (let m = 0; m < batchMeterCount(batch); m++) {
    const meter = bytesKey(batchMeter(batch, m));
    // Listed twice, the first one stands, for every recipient alike.
    if (!places.has(meter)) places.set(meter, m);
  }
  return {
    firstEpoch: batch.firstEpoch,
    seedUntilEpoch: batch.firstEpoch + BATCH_SEED_EPOCHS,
    placeCount: batchMeterCount(batch),
    places,
    ...opened,
    commitments: batch.commitments,
  };
}
