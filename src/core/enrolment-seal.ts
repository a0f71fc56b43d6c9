// What the single enrolment record and the factory batch share: the recipients, and the HPKE
// message that carries the seeds of one recipient (design.md section 6, correction 6).
//
//   info = label || u16 length || network id || u8 role (0 trustee, 1 aggregator) || u8 index || key id[8]
//
// The label is "streetwatt/v1 enrol" or "streetwatt/v1 enrol-batch"; an aggregator's index is 0. The
// record builds the associated data: identity, network, epoch and every commitment, so that a
// message copied into another record does not open.

import { z } from 'zod';
import { concatBytes, equalBytes, u16, utf8 } from './bytes.ts';
import { componentHolders, heldComponents, type Quorum } from './components.ts';
import { bytesOf, bytesUpTo } from './fields.ts';
import { SEED_BYTES } from './first-keys.ts';
import {
  HPKE_ENC_BYTES,
  HPKE_EPHEMERAL_SEED_BYTES,
  HPKE_KEY_ID_BYTES,
  HPKE_TAG_BYTES,
  type HpkeKeyPair,
  type HpkeSealed,
  hpkeKeyId,
  hpkeOpen,
  hpkeSeal,
} from './hpke.ts';

export type EnrolmentLabel = 'streetwatt/v1 enrol' | 'streetwatt/v1 enrol-batch';

/** Who opens a sealed message. */
export type EnrolmentRecipient =
  | { readonly kind: 'trustee'; readonly index: number }
  | { readonly kind: 'aggregator' };

/** The HPKE public keys that the seeds are sealed to. */
export interface EnrolmentRecipientKeys {
  /** By trustee index. */
  readonly trustees: readonly Uint8Array[];
  readonly aggregator: Uint8Array;
}

export interface SealedSeeds extends HpkeSealed {
  readonly keyId: Uint8Array;
}

/** Why a record that is well-formed and signed gives this recipient no keys. */
export type OpenRejection =
  | 'wrong-network'
  | 'wrong-quorum'
  | 'unknown-key'
  | 'bad-seal'
  | 'bad-commitment';

export interface OpenContext {
  readonly networkId: string;
  readonly quorum: Quorum;
  /** The recipient's current keys and those that still open older records. */
  readonly keyPairs: readonly HpkeKeyPair[];
}

export type SealedFields = readonly (readonly [Uint8Array, Uint8Array, Uint8Array])[];

/** Key id, encapsulated key and ciphertext of one message per trustee, then the aggregator's. */
export function sealedField(maxMeters: number, maxMessages: number): z.ZodType<SealedFields> {
  const maxBytes = maxMeters * 32 * SEED_BYTES + HPKE_TAG_BYTES;
  const message = z.tuple([
    bytesOf(HPKE_KEY_ID_BYTES),
    bytesOf(HPKE_ENC_BYTES),
    bytesUpTo(maxBytes),
  ]);
  return z.array(message).min(2).max(maxMessages);
}

export function sealedFields(sealed: readonly SealedSeeds[]): SealedFields {
  return sealed.map(({ keyId, enc, ciphertext }) => [keyId, enc, ciphertext]);
}

export function sealedSeeds(fields: SealedFields): readonly SealedSeeds[] {
  return fields.map(([keyId, enc, ciphertext]) => ({ keyId, enc, ciphertext }));
}

/** Every recipient of a record, in the order of its sealed messages. */
export function enrolmentRecipients(quorum: Quorum): readonly EnrolmentRecipient[] {
  const trustees = Array.from({ length: quorum.trusteeCount }, (_, index) => index);
  return [
    ...trustees.map((index) => ({ kind: 'trustee', index }) as const),
    { kind: 'aggregator' } as const,
  ];
}

/** The places of a recipient's seeds among a meter's seeds: components, then the authentication seed. */
export function recipientSeeds(quorum: Quorum, recipient: EnrolmentRecipient): readonly number[] {
  return recipient.kind === 'trustee'
    ? heldComponents(quorum, recipient.index)
    : [componentHolders(quorum).length];
}

/** Seeds of one meter: one per component and the authentication seed. */
export function seedCount(quorum: Quorum): number {
  return componentHolders(quorum).length + 1;
}

/** Seals one recipient's seeds; `context` is the associated data. */
export async function sealSeeds(
  label: EnrolmentLabel,
  networkId: string,
  recipient: EnrolmentRecipient,
  keys: EnrolmentRecipientKeys,
  context: Uint8Array,
  seeds: Uint8Array,
  ephemeralSeed: Uint8Array,
): Promise<SealedSeeds> {
  const recipientPublicKey =
    recipient.kind === 'trustee' ? (keys.trustees[recipient.index] as Uint8Array) : keys.aggregator;
  const keyId = hpkeKeyId(recipientPublicKey);
  const sealed = await hpkeSeal({
    recipientPublicKey,
    info: enrolmentInfo(label, networkId, recipient, keyId),
    aad: context,
    plaintext: seeds,
    ephemeralSeed,
  });
  return { keyId, ...sealed };
}

/** The recipient's seeds of `meterCount` meters, meter by meter. */
export async function openSeeds(
  label: EnrolmentLabel,
  recipient: EnrolmentRecipient,
  open: OpenContext,
  context: Uint8Array,
  sealed: readonly SealedSeeds[],
  meterCount: number,
): Promise<Uint8Array | 'unknown-key' | 'bad-seal'> {
  const message = sealed[recipient.kind === 'trustee' ? recipient.index : sealed.length - 1];
  if (message === undefined) return 'bad-seal';
  const keyPair = open.keyPairs.find(({ keyId }) => equalBytes(keyId, message.keyId));
  if (keyPair === undefined) return 'unknown-key';
  const info = enrolmentInfo(label, open.networkId, recipient, keyPair.keyId);
  const seeds = await hpkeOpen({ keyPair, info, aad: context, ...message });
  const held = recipientSeeds(open.quorum, recipient).length;
  return seeds?.length === meterCount * held * SEED_BYTES ? seeds : 'bad-seal';
}

export function enrolmentInfo(
  label: EnrolmentLabel,
  networkId: string,
  recipient: EnrolmentRecipient,
  keyId: Uint8Array,
): Uint8Array {
  const id = utf8(networkId);
  const place =
    recipient.kind === 'trustee' ? Uint8Array.of(0, recipient.index) : Uint8Array.of(1, 0);
  return concatBytes(utf8(label), u16(id.length), id, place, keyId);
}

/** @throws RangeError where a caller's own input does not fit its quorum. */
export function checkEnrolmentInput(
  networkId: string,
  quorum: Quorum,
  keys: EnrolmentRecipientKeys,
  meterCount: number,
  random: Uint8Array,
): void {
  if (networkId.length < 1 || networkId.length > 64)
    throw new RangeError(`networkId: expected 1 to 64 characters, found ${networkId.length}`);
  if (keys.trustees.length !== quorum.trusteeCount)
    throw new RangeError(
      `recipients.trustees: expected ${quorum.trusteeCount} keys, found ${keys.trustees.length}`,
    );
  const expected = randomBytesOf(quorum, meterCount);
  if (random.length !== expected)
    throw new RangeError(`random: expected ${expected} bytes, found ${random.length}`);
}

/** The randomness of a record: every meter's seeds, then one ephemeral seed per recipient. */
export function randomBytesOf(quorum: Quorum, meterCount: number): number {
  return (
    meterCount * seedCount(quorum) * SEED_BYTES +
    (quorum.trusteeCount + 1) * HPKE_EPHEMERAL_SEED_BYTES
  );
}
