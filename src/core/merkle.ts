// The Merkle tree hash of RFC 6962 section 2.1: leaves and inner nodes are hashed with different
// prefixes, so an inner node cannot pass for a leaf; the split is at the largest power of two below
// the length, so that no padding is needed. Audit paths are those of RFC 9162 section 2.1.3: the
// hashes beside the way from a leaf to the root.

import { DIGEST_BYTES, type HashMany, hashManyPlain, sha256 } from './digest.ts';

const LEAF = 0;
const NODE = 1;
const NODE_BYTES: number = 1 + 2 * DIGEST_BYTES;
const LEAF_PREFIX: Uint8Array = Uint8Array.of(LEAF);
const NODE_PREFIX: Uint8Array = Uint8Array.of(NODE);

/** A path is at most as long as a tree of 2^32 leaves is high. */
export const MAX_PATH_NODES = 32;

/** A leaf, whole or in pieces. */
export type Leaf = Uint8Array | readonly Uint8Array[];

/** The root over the leaves, in order; of no leaves it is SHA-256 of the empty string. */
export function merkleRoot(
  leaves: readonly Leaf[],
  hashMany: HashMany = hashManyPlain,
): Uint8Array {
  if (leaves.length === 0) return sha256();
  let level = hashLeaves(leaves, hashMany);
  while (level.length > DIGEST_BYTES) level = levelAbove(level, hashMany);
  return level;
}

export interface AuditedTree {
  readonly root: Uint8Array;
  /** By leaf: its path from the bottom up, 32 bytes a node, back to back. */
  readonly paths: readonly Uint8Array[];
}

/** The root over at least one leaf, and every leaf's audit path. */
export function auditPaths(
  leaves: readonly Uint8Array[],
  hashMany: HashMany = hashManyPlain,
): AuditedTree {
  if (leaves.length === 0) throw new RangeError('leaves: expected at least one, found 0');
  const levels = [hashLeaves(leaves, hashMany)];
  for (let level = levels[0] as Uint8Array; level.length > DIGEST_BYTES; ) {
    level = levelAbove(level, hashMany);
    levels.push(level);
  }
  const paths = leaves.map((_, index) => {
    const path = new Uint8Array(DIGEST_BYTES * pathNodeCount(index, leaves.length));
    let at = 0;
    for (const [height, level] of levels.entries()) {
      const from = DIGEST_BYTES * ((index >>> height) ^ 1);
      if (from >= level.length) continue;
      path.set(level.subarray(from, from + DIGEST_BYTES), at);
      at += DIGEST_BYTES;
    }
    return path;
  });
  return { root: levels[levels.length - 1] as Uint8Array, paths };
}

/** How many nodes the path of leaf `index` among `count` has: none beside a node that is carried up. */
export function pathNodeCount(index: number, count: number): number {
  let nodeCount = 0;
  for (let width = count, at = index; width > 1; width = Math.ceil(width / 2), at >>>= 1)
    if ((at ^ 1) >>> 0 < width) nodeCount++;
  return nodeCount;
}

/**
 * The root of the tree of `count` leaves in which this one stands at `index` beside this path (RFC
 * 9162 section 2.1.3.2); undefined where no such path has this length or there is no such place.
 */
export function rootOfPath(
  leaf: Uint8Array,
  {
    index,
    count,
    path,
  }: { readonly index: number; readonly count: number; readonly path: Uint8Array },
): Uint8Array | undefined {
  if (index >= count || path.length !== DIGEST_BYTES * pathNodeCount(index, count))
    return undefined;
  let node = sha256(LEAF_PREFIX, leaf);
  let from = 0;
  for (let width = count, at = index; width > 1; width = Math.ceil(width / 2), at >>>= 1) {
    if ((at ^ 1) >>> 0 >= width) continue;
    const beside = path.subarray(from, from + DIGEST_BYTES);
    from += DIGEST_BYTES;
    node = at % 2 === 1 ? sha256(NODE_PREFIX, beside, node) : sha256(NODE_PREFIX, node, beside);
  }
  return node;
}

/** Pairing neighbours and carrying an odd last node up gives the same tree as the recursive split. */
function levelAbove(level: Uint8Array, hashMany: HashMany): Uint8Array {
  const count = level.length / DIGEST_BYTES;
  const pairs = count >>> 1;
  const nodes = new Uint8Array(NODE_BYTES * pairs);
  // Byte by byte: a view of each pair costs twice as much.
  for (let pair = 0, from = 0, to = 0; pair < pairs; pair++) {
    nodes[to++] = NODE;
    for (let i = 0; i < 2 * DIGEST_BYTES; i++) nodes[to++] = level[from++] as number;
  }
  const above = new Uint8Array(DIGEST_BYTES * (count - pairs));
  above.set(hashMany(nodes, new Uint32Array(pairs).fill(NODE_BYTES)));
  if (count % 2 === 1) above.set(level.subarray(level.length - DIGEST_BYTES), DIGEST_BYTES * pairs);
  return above;
}

function hashLeaves(leaves: readonly Leaf[], hashMany: HashMany): Uint8Array {
  const lengths = new Uint32Array(leaves.length);
  let byteCount = 0;
  for (let i = 0; i < leaves.length; i++) {
    let length = 1;
    for (const piece of piecesOf(leaves[i] as Leaf)) length += piece.length;
    lengths[i] = length;
    byteCount += length;
  }
  const messages = new Uint8Array(byteCount);
  let at = 0;
  for (const leaf of leaves) {
    messages[at++] = LEAF;
    for (const piece of piecesOf(leaf)) {
      messages.set(piece, at);
      at += piece.length;
    }
  }
  return hashMany(messages, lengths);
}

function piecesOf(leaf: Leaf): readonly Uint8Array[] {
  return leaf instanceof Uint8Array ? [leaf] : leaf;
}
