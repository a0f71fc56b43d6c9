// Signed messages: u8 version = 1 | u8 kind | signature[64] | body.
//
// The signature is Ed25519 (RFC 8032) over "streetwatt/1 " || kind name || 0x00 || body, so that a
// signature of one kind of message is worth nothing on another. Who may have signed follows from
// the message's place, never from the message: the caller gives the key.

import { ed25519 } from '@noble/curves/ed25519.js';
import { concatBytes, utf8 } from './bytes.ts';

export const SIGNED_VERSION = 1;
export const SIGNATURE_BYTES = 64;
const HEADER_BYTES = 2 + SIGNATURE_BYTES;

/** The number of each kind on the wire. */
export const MESSAGE_KINDS = {
  network: 1,
  roster: 2,
  attestation: 3,
  enrolment: 4,
  'enrolment-batch': 5,
  seal: 6,
  total: 7,
  grant: 8,
  'unmask-request': 9,
  'unmask-answer': 10,
  ledger: 11,
  receipt: 12,
  alert: 13,
  query: 14,
} as const;

export type MessageKind = keyof typeof MESSAGE_KINDS;

/** Holds a private key: in memory, in a file or in a hardware module. */
export interface Signer {
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

/** Ed25519 verification; false, never an exception, for a malformed key or signature. */
export type VerifySignature = (
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
) => boolean;

/** A signer over a 32-byte Ed25519 seed. */
export function createSigner(seed: Uint8Array): Signer {
  return { publicKey: ed25519.getPublicKey(seed), sign: (message) => ed25519.sign(message, seed) };
}

/** The readable verifier; a node injects its platform's, which is several times faster. */
export const verifyEd25519: VerifySignature = (signature, message, publicKey) => {
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
};

export function signingInput(kind: MessageKind, body: Uint8Array): Uint8Array {
  return concatBytes(utf8(`streetwatt/1 ${kind}\0`), body);
}

export function signMessage(kind: MessageKind, body: Uint8Array, signer: Signer): Uint8Array {
  return joinSigned(kind, body, signer.sign(signingInput(kind, body)));
}

export function joinSigned(kind: MessageKind, body: Uint8Array, signature: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(SIGNED_VERSION, MESSAGE_KINDS[kind]), signature, body);
}

/** The body and signature of a message of this kind, unverified; undefined where the header is wrong. */
export function splitSigned(
  kind: MessageKind,
  bytes: Uint8Array,
): { readonly body: Uint8Array; readonly signature: Uint8Array } | undefined {
  if (
    bytes.length < HEADER_BYTES ||
    bytes[0] !== SIGNED_VERSION ||
    bytes[1] !== MESSAGE_KINDS[kind]
  )
    return undefined;
  return { signature: bytes.subarray(2, HEADER_BYTES), body: bytes.subarray(HEADER_BYTES) };
}

/** The body where the signature is that of one of `publicKeys`; undefined otherwise. */
export function openSigned(
  kind: MessageKind,
  bytes: Uint8Array,
  publicKeys: readonly Uint8Array[],
  verify: VerifySignature,
): Uint8Array | undefined {
  const split = splitSigned(kind, bytes);
  if (split === undefined) return undefined;
  const input = signingInput(kind, split.body);
  return publicKeys.some((key) => verify(split.signature, input, key)) ? split.body : undefined;
}
