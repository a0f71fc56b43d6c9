// Signed messages, each alone or one of a batch that shares a signature:
//
//   u8 version = 1 | u8 kind | signature[64] | body
//   u8 version = 2 | u8 kind | u32 index | u32 count | u8 path nodes | blind[16] | signature[64]
//     | path | body
//
// The signature is Ed25519 (RFC 8032): of version 1 over "streetwatt/1 " || kind name || 0x00 || body,
// so that a signature of one kind of message is worth nothing on another; of version 2 over
// "streetwatt/1 batch" || 0x00 || u32 count || root, where the root is that of the Merkle tree
// (merkle.ts) whose leaf `index` is blind || what version 1 would have signed, beside its audit path.
// No kind is named "batch". Each message of a batch is whole by itself: whoever has one needs no other.
//
// A path shows hashes of messages that the reader may not have, such as who reported in the next
// street: the blind, which is secret but for its own message, keeps them from being guessed. What a
// batch does tell is how many messages it has.
//
// Who may have signed follows from the message's place, never from the message: the caller gives the
// key.

import { ed25519 } from '@noble/curves/ed25519.js';
import { concatBytes, readU32, u32, utf8, writeU32 } from './bytes.ts';
import { DIGEST_BYTES } from './digest.ts';
import { MAX_PATH_NODES, pathNodeCount, rootOfPath } from './merkle.ts';

export const SIGNED_VERSION = 1;
export const BATCHED_VERSION = 2;
export const SIGNATURE_BYTES = 64;
const HEADER_BYTES = 2 + SIGNATURE_BYTES;
export const BLIND_BYTES = 16;
const BATCHED_HEADER_BYTES: number = 11 + BLIND_BYTES + SIGNATURE_BYTES;
const BATCH_LABEL: Uint8Array = utf8('streetwatt/1 batch\0');

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

const LABELS = Object.fromEntries(
  Object.keys(MESSAGE_KINDS).map((kind) => [kind, utf8(`streetwatt/1 ${kind}\0`)]),
) as Record<MessageKind, Uint8Array>;

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
  return concatBytes(LABELS[kind], body);
}

export function signMessage(kind: MessageKind, body: Uint8Array, signer: Signer): Uint8Array {
  return joinSigned(kind, body, signer.sign(signingInput(kind, body)));
}

export function joinSigned(kind: MessageKind, body: Uint8Array, signature: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(SIGNED_VERSION, MESSAGE_KINDS[kind]), signature, body);
}

/** Where a message stands in the batch that was signed. */
export interface BatchPlace {
  readonly index: number;
  /** At least 2: one message alone has version 1 and no other form. */
  readonly count: number;
  readonly blind: Uint8Array;
  /** The audit path of RFC 9162, from the bottom up, 32 bytes a node. */
  readonly path: Uint8Array;
}

export interface SignedParts {
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
  /** Undefined where the signature is of this message alone. */
  readonly place: BatchPlace | undefined;
}

export function joinBatched(
  kind: MessageKind,
  body: Uint8Array,
  signature: Uint8Array,
  { index, count, blind, path }: BatchPlace,
): Uint8Array {
  const head = new Uint8Array(11);
  head[0] = BATCHED_VERSION;
  head[1] = MESSAGE_KINDS[kind];
  writeU32(head, 2, index);
  writeU32(head, 6, count);
  head[10] = path.length / DIGEST_BYTES;
  return concatBytes(head, blind, signature, path, body);
}

/** The leaf of a message in its batch. */
export function batchLeaf(kind: MessageKind, body: Uint8Array, blind: Uint8Array): Uint8Array {
  return concatBytes(blind, LABELS[kind], body);
}

/** What the signature of a batch is over. */
export function batchInput(count: number, root: Uint8Array): Uint8Array {
  return concatBytes(BATCH_LABEL, u32(count), root);
}

/** The parts of a message of this kind, unverified; undefined where the header is wrong. */
export function splitSigned(kind: MessageKind, bytes: Uint8Array): SignedParts | undefined {
  if (bytes.length < HEADER_BYTES || bytes[1] !== MESSAGE_KINDS[kind]) return undefined;
  if (bytes[0] === BATCHED_VERSION) return splitBatched(bytes);
  if (bytes[0] !== SIGNED_VERSION) return undefined;
  return {
    signature: bytes.subarray(2, HEADER_BYTES),
    body: bytes.subarray(HEADER_BYTES),
    place: undefined,
  };
}

function splitBatched(bytes: Uint8Array): SignedParts | undefined {
  if (bytes.length < BATCHED_HEADER_BYTES) return undefined;
  const index = readU32(bytes, 2);
  const count = readU32(bytes, 6);
  const nodeCount = bytes[10] as number;
  if (count < 2 || index >= count || nodeCount > MAX_PATH_NODES) return undefined;
  const bodyAt = BATCHED_HEADER_BYTES + DIGEST_BYTES * nodeCount;
  // Another length would be no path of this tree, and would move the body.
  if (nodeCount !== pathNodeCount(index, count) || bytes.length < bodyAt) return undefined;
  return {
    signature: bytes.subarray(11 + BLIND_BYTES, BATCHED_HEADER_BYTES),
    body: bytes.subarray(bodyAt),
    place: {
      index,
      count,
      blind: bytes.subarray(11, 11 + BLIND_BYTES),
      path: bytes.subarray(BATCHED_HEADER_BYTES, bodyAt),
    },
  };
}

/** Whether one of `publicKeys` has signed these parts as a message of this kind. */
export function isSignedBy(
  kind: MessageKind,
  { body, signature, place }: SignedParts,
  publicKeys: readonly Uint8Array[],
  verify: VerifySignature,
): boolean {
  const signed = place === undefined ? signingInput(kind, body) : inputOfBatch(kind, body, place);
  return signed !== undefined && publicKeys.some((key) => verify(signature, signed, key));
}

function inputOfBatch(
  kind: MessageKind,
  body: Uint8Array,
  place: BatchPlace,
): Uint8Array | undefined {
  const root = rootOfPath(batchLeaf(kind, body, place.blind), place);
  return root && batchInput(place.count, root);
}

/** The body where the signature is that of one of `publicKeys`; undefined otherwise. */
export function openSigned(
  kind: MessageKind,
  bytes: Uint8Array,
  publicKeys: readonly Uint8Array[],
  verify: VerifySignature,
): Uint8Array | undefined {
  const parts = splitSigned(kind, bytes);
  return parts !== undefined && isSignedBy(kind, parts, publicKeys, verify)
    ? parts.body
    : undefined;
}
