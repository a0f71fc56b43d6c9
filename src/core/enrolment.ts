// The enrolment record of one meter (design.md section 6, corrections 6 and 8). The meter makes its
// identity and seeds itself, seals to each trustee the seeds of that trustee's components and to the
// aggregator the authentication seed, commits to every seed, and signs the whole (kind
// "enrolment"). The body is deterministic CBOR:
//
//   { networkId, firstEpoch, meter, commitments: [bytes32...], sealed: [[key id, enc, ciphertext]...] }
//
// commitments: one per component, then the authentication seed's; sealed: one per trustee, its
// component seeds ascending, then the aggregator's. Associated data of every sealed message:
//
//   meter || u16 length || network id || u32 first epoch || u8 count || commitments
//
// Secret: seeds, keys, the randomness. The record is public. It does not protect against a meter
// that deals badly: the recipients refuse it, and its slot never becomes active (correction 7).

import { z } from 'zod';
import { concatBytes, equalBytes, u16, u32, utf8 } from './bytes.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { isQuorum, MAX_TRUSTEES, type Quorum } from './components.ts';
import { sha256 } from './digest.ts';
import {
  checkEnrolmentInput,
  type EnrolmentRecipient,
  type EnrolmentRecipientKeys,
  enrolmentRecipients,
  type OpenContext,
  type OpenRejection,
  openSeeds,
  randomBytesOf,
  recipientSeeds,
  type SealedSeeds,
  sealedField,
  sealedFields,
  sealedSeeds,
  sealSeeds,
  seedCount,
} from './enrolment-seal.ts';
import { bytesOf, u32Field } from './fields.ts';
import {
  AUTHENTICATION_INDEX,
  COMMITMENT_BYTES,
  createFirstKeys,
  type FirstKeys,
  SEED_BYTES,
} from './first-keys.ts';
import { HPKE_EPHEMERAL_SEED_BYTES } from './hpke.ts';
import type { Epoch } from './interval.ts';
import {
  isSignedBy,
  type Signer,
  signMessage,
  splitSigned,
  type VerifySignature,
} from './signed.ts';

const LABEL = 'streetwatt/v1 enrol';
/** C(5, 3) components and the authentication seed. */
const MAX_SEEDS = 11;

export interface EnrolmentRecord {
  readonly networkId: string;
  readonly firstEpoch: Epoch;
  /** The meter's Ed25519 identity. */
  readonly meter: Uint8Array;
  readonly commitments: readonly Uint8Array[];
  readonly sealed: readonly SealedSeeds[];
}

/** What the meter keeps: the keys of its first epoch, for its own ratchet. All of it is secret. */
export interface MeterKeys {
  /** One per component. */
  readonly componentKeys: readonly Uint8Array[];
  readonly authenticationKey: Uint8Array;
  readonly firstEpoch: Epoch;
}

export interface EnrolmentInput {
  readonly networkId: string;
  readonly firstEpoch: Epoch;
  readonly quorum: Quorum;
  readonly recipients: EnrolmentRecipientKeys;
  /** The meter's identity. */
  readonly signer: Signer;
}

export type EnrolmentRejection = 'malformed' | 'bad-signature';

const recordSchema = z.strictObject({
  networkId: z.string().min(1).max(64),
  firstEpoch: u32Field,
  meter: bytesOf(32),
  commitments: z.array(bytesOf(COMMITMENT_BYTES)).min(2).max(MAX_SEEDS),
  sealed: sealedField(1, MAX_TRUSTEES + 1),
});

/** Length of the randomness that `createEnrolment` takes. */
export function enrolmentRandomBytes(quorum: Quorum): number {
  return randomBytesOf(quorum, 1);
}

/**
 * A meter's record and the keys it will mask with. `random` is `enrolmentRandomBytes(quorum)` fresh
 * random bytes: a seed per component, the authentication seed, an ephemeral seed per recipient.
 *
 * @throws RangeError where the input does not fit the quorum or a recipient's key is none.
 */
export async function createEnrolment(
  input: EnrolmentInput,
  random: Uint8Array,
): Promise<{ readonly record: Uint8Array; readonly keys: MeterKeys }> {
  const { networkId, firstEpoch, quorum, signer } = input;
  checkEnrolmentInput(networkId, quorum, input.recipients, 1, random);
  const meter = signer.publicKey;
  const seeds = Array.from({ length: seedCount(quorum) }, (_, i) =>
    random.subarray(i * SEED_BYTES, (i + 1) * SEED_BYTES),
  );
  const firstKeys = createFirstKeys(networkId, firstEpoch);
  const commitments = seeds.map((seed, i) =>
    firstKeys.commitment(meter, seedIndex(i, seeds.length), seed),
  );
  const context = enrolmentContext({ networkId, firstEpoch, meter, commitments });
  const sealed = await Promise.all(
    enrolmentRecipients(quorum).map((recipient, i) => {
      const at = seeds.length * SEED_BYTES + i * HPKE_EPHEMERAL_SEED_BYTES;
      const own = recipientSeeds(quorum, recipient).map((place) => seeds[place] as Uint8Array);
      return sealSeeds(
        LABEL,
        networkId,
        recipient,
        input.recipients,
        context,
        concatBytes(...own),
        random.subarray(at, at + HPKE_EPHEMERAL_SEED_BYTES),
      );
    }),
  );
  const body = encodeEnrolment({ networkId, firstEpoch, meter, commitments, sealed });
  const keys = seeds.map((seed, i) => keyOf(firstKeys, meter, i, seeds.length, seed));
  return {
    record: signMessage('enrolment', body, signer),
    keys: {
      componentKeys: keys.slice(0, -1),
      authenticationKey: keys[keys.length - 1] as Uint8Array,
      firstEpoch,
    },
  };
}

export function encodeEnrolment(record: EnrolmentRecord): Uint8Array {
  return encodeCbor({ ...record, sealed: sealedFields(record.sealed) });
}

/** The record where it is well-formed and signed by the very meter that it names. */
export function readEnrolment(
  bytes: Uint8Array,
  verify: VerifySignature,
): EnrolmentRecord | EnrolmentRejection {
  const split = splitSigned('enrolment', bytes);
  const parsed = split && decodeCbor(split.body, recordSchema);
  if (parsed === undefined) return 'malformed';
  if (!isSignedBy('enrolment', split!, [parsed.meter], verify)) return 'bad-signature';
  return {
    networkId: parsed.networkId,
    firstEpoch: parsed.firstEpoch as Epoch,
    meter: parsed.meter,
    commitments: parsed.commitments,
    sealed: sealedSeeds(parsed.sealed),
  };
}

/** What a roster entry names the record by; it covers the signature too. */
export function enrolmentDigest(record: Uint8Array): Uint8Array {
  return sha256(utf8('streetwatt/enrolment/1'), record);
}

/** The first keys that `recipient` holds of this meter, or why it refuses the record. */
export async function openEnrolment(
  record: EnrolmentRecord,
  recipient: EnrolmentRecipient,
  open: OpenContext,
): Promise<readonly Uint8Array[] | OpenRejection> {
  if (record.networkId !== open.networkId) return 'wrong-network';
  if (!hasSeedsFor(record, open.quorum)) return 'wrong-quorum';
  const context = enrolmentContext(record);
  const seeds = await openSeeds(LABEL, recipient, open, context, record.sealed, 1);
  if (typeof seeds === 'string') return seeds;
  const firstKeys = createFirstKeys(record.networkId, record.firstEpoch);
  const count = record.commitments.length;
  const keys: Uint8Array[] = [];
  for (const [i, place] of recipientSeeds(open.quorum, recipient).entries()) {
    const seed = seeds.subarray(i * SEED_BYTES, (i + 1) * SEED_BYTES);
    const commitment = firstKeys.commitment(record.meter, seedIndex(place, count), seed);
    if (!equalBytes(commitment, record.commitments[place] as Uint8Array)) return 'bad-commitment';
    keys.push(keyOf(firstKeys, record.meter, place, count, seed));
  }
  return keys;
}

/** Whether a record has a commitment for every seed and a message for every recipient of the quorum. */
export function hasSeedsFor(
  record: Pick<EnrolmentRecord, 'commitments' | 'sealed'>,
  quorum: Quorum,
): boolean {
  return (
    isQuorum(quorum) &&
    record.commitments.length === seedCount(quorum) &&
    record.sealed.length === quorum.trusteeCount + 1
  );
}

function seedIndex(place: number, count: number): number {
  return place === count - 1 ? AUTHENTICATION_INDEX : place;
}

function keyOf(
  firstKeys: FirstKeys,
  meter: Uint8Array,
  place: number,
  count: number,
  seed: Uint8Array,
): Uint8Array {
  return place === count - 1
    ? firstKeys.authenticationKey(meter, seed)
    : firstKeys.componentKey(meter, place, seed);
}

function enrolmentContext(record: Omit<EnrolmentRecord, 'sealed'>): Uint8Array {
  const id = utf8(record.networkId);
  return concatBytes(
    record.meter,
    u16(id.length),
    id,
    u32(record.firstEpoch),
    Uint8Array.of(record.commitments.length),
    ...record.commitments,
  );
}
