// The recipient's side of a factory batch (enrolment-batch.ts): opens its one sealed message, checks
// every meter's seeds against their commitments, and derives the first keys. Meters stand for
// themselves: one whose seeds do not match gives no keys and stops nobody else. Keys are secret.

import { bitmapBytes, setBit } from './bitmap.ts';
import { equalBytes } from './bytes.ts';
import {
  BATCH_LABEL,
  batchContext,
  batchMeter,
  batchMeterCount,
  type EnrolmentBatch,
  isForQuorum,
} from './enrolment-batch.ts';
import {
  type EnrolmentRecipient,
  type OpenContext,
  type OpenRejection,
  openSeeds,
  recipientSeeds,
  seedCount,
} from './enrolment-seal.ts';
import { AUTHENTICATION_INDEX, createFirstKeys, SEED_BYTES } from './first-keys.ts';

export interface OpenedBatch {
  /** meters x held seeds x 32 bytes, the held ones ascending; zero where the seeds do not match. */
  readonly keys: Uint8Array;
  /** Bit m: every seed of meter m that this recipient holds matches its commitment. */
  readonly matches: Uint8Array;
}

export function openBatchForTrustee(
  batch: EnrolmentBatch,
  trusteeIndex: number,
  open: OpenContext,
): Promise<OpenedBatch | OpenRejection> {
  return openEnrolmentBatch(batch, { kind: 'trustee', index: trusteeIndex }, open);
}

export function openBatchForAggregator(
  batch: EnrolmentBatch,
  open: OpenContext,
): Promise<OpenedBatch | OpenRejection> {
  return openEnrolmentBatch(batch, { kind: 'aggregator' }, open);
}

/** The keys of every meter whose seeds match; one bad meter does not block the others. */
export async function openEnrolmentBatch(
  batch: EnrolmentBatch,
  recipient: EnrolmentRecipient,
  open: OpenContext,
): Promise<OpenedBatch | OpenRejection> {
  if (batch.networkId !== open.networkId) return 'wrong-network';
  if (!isForQuorum(batch, open.quorum)) return 'wrong-quorum';
  const meterCount = batchMeterCount(batch);
  const context = batchContext(batch);
  const seeds = await openSeeds(BATCH_LABEL, recipient, open, context, batch.sealed, meterCount);
  if (typeof seeds === 'string') return seeds;
  const firstKeys = createFirstKeys(batch.networkId, batch.firstEpoch);
  const places = recipientSeeds(open.quorum, recipient);
  const count = seedCount(open.quorum);
  const keys = new Uint8Array(seeds.length);
  const matches = new Uint8Array(bitmapBytes(meterCount));
  for (let m = 0; m < meterCount; m++) {
    const meter = batchMeter(batch, m);
    const at = m * places.length * SEED_BYTES;
    let isMatch = true;
    for (let i = 0; i < places.length; i++) {
      const place = places[i] as number;
      const isAuthentication = place === count - 1;
      const seed = seeds.subarray(at + i * SEED_BYTES, at + (i + 1) * SEED_BYTES);
      const expected = (m * count + place) * 32;
      const index = isAuthentication ? AUTHENTICATION_INDEX : place;
      const commitment = firstKeys.commitment(meter, index, seed);
      isMatch &&= equalBytes(commitment, batch.commitments.subarray(expected, expected + 32));
      const key = isAuthentication
        ? firstKeys.authenticationKey(meter, seed)
        : firstKeys.componentKey(meter, place, seed);
      keys.set(key, at + i * 32);
    }
    if (isMatch) setBit(matches, m);
    else keys.fill(0, at, at + places.length * 32);
  }
  seeds.fill(0);
  return { keys, matches };
}
