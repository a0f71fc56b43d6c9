// The Merkle tree hash of RFC 6962 section 2.1: leaves and inner nodes are hashed with different
// prefixes, so an inner node cannot pass for a leaf; the split is at the largest power of two below
// the length, so that no padding is needed. Audit paths are those of RFC 9162 section 2.1.3: the
// hashes beside the way from a leaf to the root.

import { concatBytes } from './bytes.ts';
import { DIGEST_BYTES, sha256 } from './digest.ts';
import { type HashMany, hashManyPlain } from './hash-many.ts';

const NODE = 1;
const NODE_BYTES: number = 1 + 2 * DIGEST_BYTES;
const LEAF_PREFIX: Uint8Array = Uint8Array.of(0);
const NODE_PREFIX: Uint8Array = Uint8Array.of(NODE);

/** A path is at most as long as a tree of 2^32 leaves is high. */
export const MAX_PATH_NODES = 32;

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

function hashLeaves(leaves: readonly Uint8Array[], hashMany: HashMany): Uint8Array {
  const messages = concatBytes(...leaves.flatMap((leaf) => [LEAF_PREFIX, leaf]));
  return hashMany(
    messages,
    Uint32Array.from(leaves, (leaf) => 1 + leaf.length),
  );
}
