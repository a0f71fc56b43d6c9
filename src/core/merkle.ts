// The Merkle tree hash of RFC 6962 section 2.1: leaves and inner nodes are hashed with different
// prefixes, so an inner node cannot pass for a leaf; the split is at the largest power of two below
// the length, so that no padding is needed.

import { DIGEST_BYTES, type HashMany, hashManyPlain, sha256 } from './digest.ts';

const LEAF = 0;
const NODE = 1;
const NODE_BYTES: number = 1 + 2 * DIGEST_BYTES;

/** The root over the leaves, in order; of no leaves it is SHA-256 of the empty string. */
export function merkleRoot(
  leaves: readonly Uint8Array[],
  hashMany: HashMany = hashManyPlain,
): Uint8Array {
  if (leaves.length === 0) return sha256();
  let level = hashLeaves(leaves, hashMany);
  // Pairing neighbours and carrying an odd last node up gives the same tree as the recursive split.
  for (let count = leaves.length; count > 1; ) {
    const pairs = count >>> 1;
    const nodes = new Uint8Array(NODE_BYTES * pairs);
    for (let pair = 0; pair < pairs; pair++) {
      const from = 2 * DIGEST_BYTES * pair;
      nodes[NODE_BYTES * pair] = NODE;
      nodes.set(level.subarray(from, from + 2 * DIGEST_BYTES), NODE_BYTES * pair + 1);
    }
    const next = new Uint8Array(DIGEST_BYTES * (count - pairs));
    next.set(hashMany(nodes, new Uint32Array(pairs).fill(NODE_BYTES)));
    if (count % 2 === 1)
      next.set(level.subarray(level.length - DIGEST_BYTES), DIGEST_BYTES * pairs);
    level = next;
    count -= pairs;
  }
  return level;
}

function hashLeaves(leaves: readonly Uint8Array[], hashMany: HashMany): Uint8Array {
  const lengths = new Uint32Array(leaves.length);
  let byteCount = 0;
  for (let i = 0; i < leaves.length; i++) {
    lengths[i] = 1 + (leaves[i] as Uint8Array).length;
    byteCount += lengths[i] as number;
  }
  const messages = new Uint8Array(byteCount);
  let at = 0;
  for (const leaf of leaves) {
    messages[at] = LEAF;
    messages.set(leaf, at + 1);
    at += 1 + leaf.length;
  }
  return hashMany(messages, lengths);
}
