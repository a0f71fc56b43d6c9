// SHA-256 as a seal needs it: of long messages one by one, for which a platform may have its own, and of
// many short ones at once, which a kernel does several times faster (kernel/kernel.ts). Nothing secret
// goes through it.

import { DIGEST_BYTES, sha256 } from './digest.ts';

/** The SHA-256 digest of a message. */
export type Hash = (message: Uint8Array) => Uint8Array;

export interface Hasher {
  readonly hash: Hash;
  /**
   * The digests of messages that stand back to back, in their order, back to back. The lengths, in
   * bytes, add up to the messages' own.
   */
  hashMany(messages: Uint8Array, lengths: Uint32Array): Uint8Array;
}

export const PLAIN_HASHER: Hasher = {
  hash: (message) => sha256(message),
  hashMany: (messages, lengths) => {
    const digests = new Uint8Array(DIGEST_BYTES * lengths.length);
    let at = 0;
    for (const [index, length] of lengths.entries()) {
      digests.set(sha256(messages.subarray(at, at + length)), DIGEST_BYTES * index);
      at += length;
    }
    return digests;
  },
};
