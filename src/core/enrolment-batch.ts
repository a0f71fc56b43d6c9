// The factory batch: one record that enrols many meters which share one aggregator key, with one
// sealed message per recipient for all of them, signed by the provisioner (kind "enrolment-batch";
// design.md section 6, correction 8). It exists because an HPKE message costs milliseconds.
//
// THE PROVISIONER KNOWS THE FIRST KEYS of every meter in its batch, so together with whoever reads
// the masked readings it can unmask them. Hence batch seeds expire after BATCH_SEED_EPOCHS, and at
// installation a meter replaces them by an enrolment of its own. The body is deterministic CBOR:
//
//   { networkId, firstEpoch, provisioner, meters: 32 bytes each, commitments: 32 bytes each, meter by
//     meter, in the order of a single record, sealed: [[key id, enc, ciphertext]...] }
//
// A message's plaintext is the recipient's seeds, meter by meter. Associated data:
//
//   provisioner || u16 length || network id || u32 first epoch || u32 meters || u8 commitments a meter
//     || SHA-256(meters) || SHA-256(commitments)

import { z } from 'zod';
import { concatBytes, u16, u32, utf8 } from './bytes.ts';
import { decodeCbor, encodeCbor, MAX_CBOR_BYTES } from './cbor.ts';
import { isQuorum, MAX_TRUSTEES, type Quorum } from './components.ts';
import { sha256 } from './digest.ts';
import type { EnrolmentInput, EnrolmentRejection, MeterKeys } from './enrolment.ts';
import {
  checkEnrolmentInput,
  enrolmentRecipients,
  randomBytesOf,
  recipientSeeds,
  type SealedSeeds,
  sealedField,
  sealedFields,
  sealedSeeds,
  sealSeeds,
  seedCount,
} from './enrolment-seal.ts';
import { bytesOf, bytesUpTo, u32Field } from './fields.ts';
import { AUTHENTICATION_INDEX, createFirstKeys, SEED_BYTES } from './first-keys.ts';
import { HPKE_EPHEMERAL_SEED_BYTES } from './hpke.ts';
import type { Epoch } from './interval.ts';
import { isSignedBy, signMessage, splitSigned, type VerifySignature } from './signed.ts';

/** A slot that was enrolled in a batch ends at the latest this many epochs after its first. */
export const BATCH_SEED_EPOCHS = 30;
export const MAX_BATCH_METERS = 65_536;
export const BATCH_LABEL = 'streetwatt/v1 enrol-batch';
const METER_BYTES = 32;
const MAX_SEEDS = 11;

export interface EnrolmentBatch {
  readonly networkId: string;
  readonly firstEpoch: Epoch;
  readonly provisioner: Uint8Array;
  /** Ed25519 identities, 32 bytes each, back to back. */
  readonly meters: Uint8Array;
  readonly commitments: Uint8Array;
  readonly sealed: readonly SealedSeeds[];
}

/** `signer` is the provisioner. */
export interface BatchInput extends EnrolmentInput {
  /** Ed25519 identities, 32 bytes each: the caller makes them (0.3 ms each with noble, less natively). */
  readonly meters: Uint8Array;
}

/** The first keys of every meter, back to back. All of it is secret. */
export interface BatchKeys {
  /** meters x components x 32 bytes. */
  readonly componentKeys: Uint8Array;
  /** meters x 32 bytes. */
  readonly authenticationKeys: Uint8Array;
  readonly firstEpoch: Epoch;
}

const batchSchema = z.strictObject({
  networkId: z.string().min(1).max(64),
  firstEpoch: u32Field,
  provisioner: bytesOf(32),
  meters: bytesUpTo(MAX_BATCH_METERS * METER_BYTES),
  commitments: bytesUpTo(MAX_BATCH_METERS * MAX_SEEDS * SEED_BYTES),
  sealed: sealedField(MAX_BATCH_METERS, MAX_TRUSTEES + 1),
});

export function batchMeterCount(batch: Pick<EnrolmentBatch, 'meters'>): number {
  return batch.meters.length / METER_BYTES;
}

export function batchMeter(batch: Pick<EnrolmentBatch, 'meters'>, index: number): Uint8Array {
  return batch.meters.subarray(index * METER_BYTES, (index + 1) * METER_BYTES);
}

/** Length of the randomness that `createEnrolmentBatch` takes. */
export function batchRandomBytes(quorum: Quorum, meterCount: number): number {
  return randomBytesOf(quorum, meterCount);
}

/**
 * One record for all `meters`, and their first keys. `random` is `batchRandomBytes` fresh random
 * bytes: every meter's seeds, then an ephemeral seed per recipient. 50,000 meters make 19 MB.
 *
 * @throws RangeError where the input does not fit the quorum or the record would be too large.
 */
export async function createEnrolmentBatch(
  input: BatchInput,
  random: Uint8Array,
): Promise<{ readonly record: Uint8Array; readonly keys: BatchKeys }> {
  const { networkId, firstEpoch, quorum, meters, signer } = input;
  const meterCount = batchMeterCount(input);
  if (!Number.isInteger(meterCount) || meterCount < 1 || meterCount > MAX_BATCH_METERS)
    throw new RangeError(`meters: expected 1 to ${MAX_BATCH_METERS} keys of 32 bytes`);
  checkEnrolmentInput(networkId, quorum, input.recipients, meterCount, random);
  const count = seedCount(quorum);
  const seeds = random.subarray(0, meterCount * count * SEED_BYTES);
  const { commitments, keys } = deriveAll(networkId, firstEpoch, meters, seeds, count);
  const provisioner = signer.publicKey;
  const context = batchContext({ networkId, firstEpoch, provisioner, meters, commitments });
  const sealed = await Promise.all(
    enrolmentRecipients(quorum).map((recipient, i) => {
      const at = seeds.length + i * HPKE_EPHEMERAL_SEED_BYTES;
      return sealSeeds(
        BATCH_LABEL,
        networkId,
        recipient,
        input.recipients,
        context,
        selectSeeds(seeds, count, recipientSeeds(quorum, recipient)),
        random.subarray(at, at + HPKE_EPHEMERAL_SEED_BYTES),
      );
    }),
  );
  const body = encodeEnrolmentBatch({
    networkId,
    firstEpoch,
    provisioner,
    meters,
    commitments,
    sealed,
  });
  if (body.length > MAX_CBOR_BYTES)
    throw new RangeError(`meters: expected a batch of at most 64 MiB, found ${body.length} bytes`);
  return { record: signMessage('enrolment-batch', body, signer), keys };
}

/** The keys of one meter of a batch, as copies. */
export function batchMeterKeys(keys: BatchKeys, index: number): MeterKeys {
  const meterCount = keys.authenticationKeys.length / 32;
  const components = keys.componentKeys.length / 32 / meterCount;
  return {
    componentKeys: Array.from({ length: components }, (_, c) =>
      keys.componentKeys.slice((index * components + c) * 32, (index * components + c + 1) * 32),
    ),
    authenticationKey: keys.authenticationKeys.slice(index * 32, (index + 1) * 32),
    firstEpoch: keys.firstEpoch,
  };
}

export function encodeEnrolmentBatch(batch: EnrolmentBatch): Uint8Array {
  return encodeCbor({ ...batch, sealed: sealedFields(batch.sealed) });
}

/**
 * The batch where it is well-formed and signed by the provisioner that it names. Whether that one
 * may enrol meters is the caller's to check.
 */
export function readEnrolmentBatch(
  bytes: Uint8Array,
  verify: VerifySignature,
): EnrolmentBatch | EnrolmentRejection {
  const split = splitSigned('enrolment-batch', bytes);
  const parsed = split && decodeCbor(split.body, batchSchema);
  if (parsed === undefined) return 'malformed';
  const meterCount = batchMeterCount(parsed);
  const perMeter = parsed.commitments.length / parsed.meters.length;
  if (!Number.isInteger(meterCount) || !Number.isInteger(perMeter) || perMeter < 2)
    return 'malformed';
  if (!isSignedBy('enrolment-batch', split!, [parsed.provisioner], verify)) return 'bad-signature';
  return {
    ...parsed,
    firstEpoch: parsed.firstEpoch as Epoch,
    sealed: sealedSeeds(parsed.sealed),
  };
}

/** Whether a batch has a commitment for every seed and a message for every recipient of the quorum. */
export function isForQuorum(batch: EnrolmentBatch, quorum: Quorum): boolean {
  return (
    isQuorum(quorum) &&
    batch.commitments.length === batch.meters.length * seedCount(quorum) &&
    batch.sealed.length === quorum.trusteeCount + 1
  );
}

function deriveAll(
  networkId: string,
  firstEpoch: Epoch,
  meters: Uint8Array,
  seeds: Uint8Array,
  count: number,
): { readonly commitments: Uint8Array; readonly keys: BatchKeys } {
  const firstKeys = createFirstKeys(networkId, firstEpoch);
  const meterCount = meters.length / METER_BYTES;
  const commitments = new Uint8Array(seeds.length);
  const componentKeys = new Uint8Array(meterCount * (count - 1) * 32);
  const authenticationKeys = new Uint8Array(meterCount * 32);
  for (let m = 0; m < meterCount; m++) {
    const meter = batchMeter({ meters }, m);
    for (let place = 0; place < count; place++) {
      const at = (m * count + place) * SEED_BYTES;
      const seed = seeds.subarray(at, at + SEED_BYTES);
      if (place < count - 1) {
        commitments.set(firstKeys.commitment(meter, place, seed), at);
        componentKeys.set(
          firstKeys.componentKey(meter, place, seed),
          (m * (count - 1) + place) * 32,
        );
      } else {
        commitments.set(firstKeys.commitment(meter, AUTHENTICATION_INDEX, seed), at);
        authenticationKeys.set(firstKeys.authenticationKey(meter, seed), m * 32);
      }
    }
  }
  return { commitments, keys: { componentKeys, authenticationKeys, firstEpoch } };
}

function selectSeeds(seeds: Uint8Array, count: number, places: readonly number[]): Uint8Array {
  const meterCount = seeds.length / SEED_BYTES / count;
  const selected = new Uint8Array(meterCount * places.length * SEED_BYTES);
  for (let m = 0; m < meterCount; m++) {
    for (let i = 0; i < places.length; i++) {
      const from = (m * count + (places[i] as number)) * SEED_BYTES;
      selected.set(seeds.subarray(from, from + SEED_BYTES), (m * places.length + i) * SEED_BYTES);
    }
  }
  return selected;
}

/** The associated data of a batch's sealed messages. */
export function batchContext(batch: Omit<EnrolmentBatch, 'sealed'>): Uint8Array {
  const id = utf8(batch.networkId);
  return concatBytes(
    batch.provisioner,
    u16(id.length),
    id,
    u32(batch.firstEpoch),
    u32(batchMeterCount(batch)),
    Uint8Array.of(batch.commitments.length / batch.meters.length),
    sha256(batch.meters),
    sha256(batch.commitments),
  );
}
