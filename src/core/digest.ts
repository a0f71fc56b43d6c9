// SHA-256 over parts, without joining them first; and of many messages at once, which is what seals
// are made of and what a kernel does several times faster (kernel/kernel.ts).

import { sha256 as hash } from '@noble/hashes/sha2.js';

export const DIGEST_BYTES = 32;

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const state = hash.create();
  for (const part of parts) state.update(part);
  return state.digest();
}

/**
 * The digests of messages that stand back to back, in their order, back to back. The lengths, in bytes,
 * add up to the messages' own.
 */
export type HashMany = (messages: Uint8Array, lengths: Uint32Array) => Uint8Array;

export const hashManyPlain: HashMany = (messages, lengths) => {
  const digests = new Uint8Array(DIGEST_BYTES * lengths.length);
  let at = 0;
  for (const [index, length] of lengths.entries()) {
    digests.set(hash(messages.subarray(at, at + length)), DIGEST_BYTES * index);
    at += length;
  }
  return digests;
};
