// HPKE (RFC 9180) in base mode, one message per encapsulation: KEM X-Wing (0x647a, hybrid of
// ML-KEM-768 and X25519, draft-connolly-cfrg-xwing-kem-08), KDF HKDF-SHA256 (0x0001), AEAD
// ChaCha20-Poly1305 (0x0003): design.md section 6. Sealed seeds stay closed for a meter's 15 years
// as long as either half of the KEM does.
//
// Secret: a key pair's seed, the plaintext, the ephemeral seed. Base mode does not say who sealed:
// every caller's message is signed as a whole. Randomness is an argument, so that a vector rebuilds
// a whole transcript; an ephemeral seed is used once. The libraries copy secrets, and a copy lives
// until it is collected: what must not be seized later is a key pair that has been rotated away.

import { Chacha20Poly1305 } from '@hpke/chacha20poly1305';
import { CipherSuite, HkdfSha256 } from '@hpke/core';
import { XWing } from '@hpke/hybridkem-x-wing';
import { x25519 } from '@noble/curves/ed25519.js';
import { sha256 } from './digest.ts';

export const HPKE_SEED_BYTES = 32;
export const HPKE_PUBLIC_KEY_BYTES = 1216;
/** 32 bytes of ML-KEM randomness, then the 32-byte X25519 secret. */
export const HPKE_EPHEMERAL_SEED_BYTES = 64;
export const HPKE_ENC_BYTES = 1120;
export const HPKE_KEY_ID_BYTES = 8;
export const HPKE_TAG_BYTES = 16;

const MLKEM_COEFFICIENT_BYTES = 1152;
const MLKEM_PUBLIC_KEY_BYTES = 1184;
const MLKEM_MODULUS = 3329;
const ANY_SCALAR: Uint8Array = new Uint8Array(32).fill(0x55);

const suite: CipherSuite = new CipherSuite({
  kem: new XWing(),
  kdf: new HkdfSha256(),
  aead: new Chacha20Poly1305(),
});

export interface HpkeKeyPair {
  /** First 8 bytes of SHA-256(public key): names the key in a message, so that keys can rotate. */
  readonly keyId: Uint8Array;
  readonly publicKey: Uint8Array;
  /** Not enumerable, so that no log, JSON or spread carries it by accident. */
  readonly seed: Uint8Array;
}

export interface HpkeSealed {
  /** The encapsulated key, 1120 bytes. */
  readonly enc: Uint8Array;
  /** Plaintext length plus 16 bytes. */
  readonly ciphertext: Uint8Array;
}

export interface HpkeSealInput {
  readonly recipientPublicKey: Uint8Array;
  readonly info: Uint8Array;
  readonly aad: Uint8Array;
  readonly plaintext: Uint8Array;
  /** 64 random bytes, never used twice. */
  readonly ephemeralSeed: Uint8Array;
}

export interface HpkeOpenInput extends HpkeSealed {
  readonly keyPair: HpkeKeyPair;
  readonly info: Uint8Array;
  readonly aad: Uint8Array;
}

export function hpkeKeyId(publicKey: Uint8Array): Uint8Array {
  return sha256(publicKey).slice(0, HPKE_KEY_ID_BYTES);
}

/** The key pair that X-Wing derives from a 32-byte seed (the draft's decapsulation key). About 2 ms. */
export async function createHpkeKeyPair(seed: Uint8Array): Promise<HpkeKeyPair> {
  checkLength('seed', seed, HPKE_SEED_BYTES);
  const kept = seed.slice();
  const pair = await (suite.kem as XWing).generateKeyPairDerand(kept);
  const publicKey = new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey));
  const named = { keyId: hpkeKeyId(publicKey), publicKey };
  return Object.defineProperty(named, 'seed', { value: kept }) as HpkeKeyPair;
}

/**
 * Whether `bytes` are a key that can be sealed to: FIPS 203's modulus check of the ML-KEM half, and
 * an X25519 half that is no point of small order. For keys from outside; sealing to others throws.
 */
export function isHpkePublicKey(bytes: Uint8Array): boolean {
  if (bytes.length !== HPKE_PUBLIC_KEY_BYTES) return false;
  for (let i = 0; i < MLKEM_COEFFICIENT_BYTES; i += 3) {
    const [a, b, c] = [bytes[i], bytes[i + 1], bytes[i + 2]] as [number, number, number];
    if ((a | ((b & 15) << 8)) >= MLKEM_MODULUS || ((b >>> 4) | (c << 4)) >= MLKEM_MODULUS)
      return false;
  }
  try {
    x25519.getSharedSecret(ANY_SCALAR, bytes.subarray(MLKEM_PUBLIC_KEY_BYTES));
    return true;
  } catch {
    return false;
  }
}

/**
 * Seals one message to a public key. About 3 ms.
 *
 * @throws RangeError where a length is wrong or the public key is not one (`isHpkePublicKey`).
 */
export async function hpkeSeal(input: HpkeSealInput): Promise<HpkeSealed> {
  checkLength('ephemeralSeed', input.ephemeralSeed, HPKE_EPHEMERAL_SEED_BYTES);
  checkLength('recipientPublicKey', input.recipientPublicKey, HPKE_PUBLIC_KEY_BYTES);
  const recipientPublicKey = await suite.kem.deserializePublicKey(input.recipientPublicKey);
  const params = { recipientPublicKey, info: input.info, ekm: input.ephemeralSeed };
  try {
    const { ct, enc } = await suite.seal(params, input.plaintext, input.aad);
    return { enc: new Uint8Array(enc), ciphertext: new Uint8Array(ct) };
  } catch (cause) {
    throw new RangeError('recipientPublicKey: expected an X-Wing public key', { cause });
  }
}

/** The plaintext, or undefined where anything at all is not as it was sealed. About 3 ms. */
export async function hpkeOpen(input: HpkeOpenInput): Promise<Uint8Array | undefined> {
  if (input.enc.length !== HPKE_ENC_BYTES || input.ciphertext.length < HPKE_TAG_BYTES)
    return undefined;
  try {
    const recipientKey = await suite.kem.deserializePrivateKey(input.keyPair.seed);
    const params = { recipientKey, enc: input.enc, info: input.info };
    return new Uint8Array(await suite.open(params, input.ciphertext, input.aad));
  } catch {
    return undefined;
  }
}

/** A secret that sender and recipient share and nobody else has (RFC 9180 section 5.3). 32 bytes. */
export async function hpkeSendExport(input: {
  readonly recipientPublicKey: Uint8Array;
  readonly info: Uint8Array;
  readonly exporterContext: Uint8Array;
  /** 64 random bytes, never used twice. */
  readonly ephemeralSeed: Uint8Array;
}): Promise<{ readonly enc: Uint8Array; readonly secret: Uint8Array }> {
  checkLength('ephemeralSeed', input.ephemeralSeed, HPKE_EPHEMERAL_SEED_BYTES);
  checkLength('recipientPublicKey', input.recipientPublicKey, HPKE_PUBLIC_KEY_BYTES);
  const recipientPublicKey = await suite.kem.deserializePublicKey(input.recipientPublicKey);
  const params = { recipientPublicKey, info: input.info, ekm: input.ephemeralSeed };
  const sender = await suite.createSenderContext(params);
  const secret = new Uint8Array(await sender.export(input.exporterContext, EXPORT_BYTES));
  return { enc: new Uint8Array(sender.enc), secret };
}

/** The same secret at the recipient; undefined where `enc` is malformed. */
export async function hpkeReceiveExport(input: {
  readonly keyPair: HpkeKeyPair;
  readonly info: Uint8Array;
  readonly exporterContext: Uint8Array;
  readonly enc: Uint8Array;
}): Promise<Uint8Array | undefined> {
  if (input.enc.length !== HPKE_ENC_BYTES) return undefined;
  try {
    const recipientKey = await suite.kem.deserializePrivateKey(input.keyPair.seed);
    const params = { recipientKey, enc: input.enc, info: input.info };
    const recipient = await suite.createRecipientContext(params);
    return new Uint8Array(await recipient.export(input.exporterContext, EXPORT_BYTES));
  } catch {
    return undefined;
  }
}

const EXPORT_BYTES = 32;

function checkLength(name: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length)
    throw new RangeError(`${name}: expected ${length} bytes, found ${bytes.length}`);
}
