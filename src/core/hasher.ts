// Digests of many messages and the roots over them: what seals are made of, and what a kernel does
// several times faster (kernel/kernel.ts).

import { concatBytes } from './bytes.ts';
import { DIGEST_BYTES, sha256 } from './digest.ts';

export interface Hasher {
  /**
   * The SHA-256 digests of messages that stand back to back, in their order, back to back. The
   * lengths, in bytes, add up to the messages' own.
   */
  hashMany(messages: Uint8Array, lengths: Uint32Array): Uint8Array;
  /**
   * The root over digests that stand back to back: as long as there are several, each sixteen
   * neighbours, and what is left at the end, become SHA-256(0x01 || all of them). Of none it is SHA-256
   * of the empty string. With two children a node, as in RFC 6962, a digest would cost two blocks and
   * not little more than half of one; short audit paths nobody needs: who checks a root has all below it.
   */
  wideRoot(digests: Uint8Array): Uint8Array;
}

const WIDTH_BYTES: number = 16 * DIGEST_BYTES;
const LEAF_PREFIX: Uint8Array = Uint8Array.of(0);
const NODE_PREFIX: Uint8Array = Uint8Array.of(1);

/** What is no digest yet, as a leaf of a wide tree: SHA-256(0x00 || leaf). */
export function leafDigest(leaf: Uint8Array): Uint8Array {
  return sha256(LEAF_PREFIX, leaf);
}

export const PLAIN_HASHER: Hasher = {
  hashMany: (messages, lengths) => {
    const digests = new Uint8Array(DIGEST_BYTES * lengths.length);
    let at = 0;
    for (const [index, length] of lengths.entries()) {
      digests.set(sha256(messages.subarray(at, at + length)), DIGEST_BYTES * index);
      at += length;
    }
    return digests;
  },
  wideRoot: (digests) => {
    if (digests.length === 0) return sha256();
    let level = digests;
    while (level.length > DIGEST_BYTES) {
      const above: Uint8Array[] = [];
      for (let at = 0; at < level.length; at += WIDTH_BYTES)
        above.push(sha256(NODE_PREFIX, level.subarray(at, at + WIDTH_BYTES)));
      level = concatBytes(...above);
    }
    return level.slice();
  },
};
