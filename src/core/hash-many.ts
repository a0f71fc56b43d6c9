// SHA-256 of many short messages at once: what seals and batches are made of, and what a kernel does
// several times faster (kernel/kernel.ts). Nothing secret goes through it.

import { DIGEST_BYTES, sha256 } from './digest.ts';

/**
 * The digests of messages that stand back to back, in their order, back to back. The lengths, in bytes,
 * add up to the messages' own.
 */
export type HashMany = (messages: Uint8Array, lengths: Uint32Array) => Uint8Array;

export const hashManyPlain: HashMany = (messages, lengths) => {
  const digests = new Uint8Array(DIGEST_BYTES * lengths.length);
  let at = 0;
  for (const [index, length] of lengths.entries()) {
    digests.set(sha256(messages.subarray(at, at + length)), DIGEST_BYTES * index);
    at += length;
  }
  return digests;
};
