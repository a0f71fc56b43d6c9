// The Merkle tree hash of RFC 6962 section 2.1: leaves and inner nodes are hashed with different
// prefixes, so an inner node cannot pass for a leaf; the split is at the largest power of two below
// the length, so that no padding is needed.

import { sha256 } from './digest.ts';

const LEAF: Uint8Array = Uint8Array.of(0);
const NODE: Uint8Array = Uint8Array.of(1);

/** The root over the leaves, in order; of no leaves it is SHA-256 of the empty string. */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256();
  let level = leaves.map((leaf) => sha256(LEAF, leaf));
  // Pairing neighbours and carrying an odd last node up gives the same tree as the recursive split.
  while (level.length > 1) {
    const next: Uint8Array[] = [];
    for (let i = 0; i + 1 < level.length; i += 2) {
      next.push(sha256(NODE, level[i] as Uint8Array, level[i + 1] as Uint8Array));
    }
    if (level.length % 2 === 1) next.push(level[level.length - 1] as Uint8Array);
    level = next;
  }
  return level[0] as Uint8Array;
}
