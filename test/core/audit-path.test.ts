import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, u32 } from '../../src/core/bytes.ts';
import { sha256 } from '../../src/core/digest.ts';
import { auditPaths, MAX_PATH_NODES, pathNodeCount, rootOfPath } from '../../src/core/merkle.ts';
import { merkleRoot } from '../reference/merkle-root.ts';

const leavesOf = (count: number) => Array.from({ length: count }, (_, index) => u32(index));

/** RFC 9162 section 2.1.3.1, as it is written. */
function recursivePath(index: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length < 2) return [];
  let split = 1;
  while (2 * split < leaves.length) split *= 2;
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return index < split
    ? [...recursivePath(index, left), merkleRoot(right)]
    : [...recursivePath(index - split, right), merkleRoot(left)];
}

describe('an audit path', () => {
  it('is that of RFC 9162, and leads to the root, for every leaf of trees of 1 to 70', () => {
    for (let count = 1; count <= 70; count++) {
      const leaves = leavesOf(count);
      const { root, paths } = auditPaths(leaves);
      expect(root).toEqual(merkleRoot(leaves));
      for (const [index, leaf] of leaves.entries()) {
        const path = paths[index]!;
        expect(path).toEqual(concatBytes(...recursivePath(index, leaves)));
        expect(rootOfPath(leaf, { index, count, path })).toEqual(root);
      }
    }
  });

  it('leads nowhere else from another place, in a tree of another size, or with another node', () => {
    for (let count = 2; count <= 20; count++) {
      const leaves = leavesOf(count);
      const { root, paths } = auditPaths(leaves);
      for (const [index, path] of paths.entries()) {
        for (let other = 0; other < count; other++) {
          if (other === index) continue;
          expect(rootOfPath(leaves[index]!, { index: other, count, path })).not.toEqual(root);
          expect(rootOfPath(leaves[other]!, { index, count, path })).not.toEqual(root);
        }
        const flipped = path.slice();
        flipped[path.length - 1]! ^= 1;
        expect(rootOfPath(leaves[index]!, { index, count, path: flipped })).not.toEqual(root);
      }
    }
  });

  it('of another length than its place implies is none', () => {
    const { paths } = auditPaths(leavesOf(5));
    const path = paths[1]!;
    const leaf = u32(1);
    const others = [
      path.subarray(32),
      path.subarray(0, -1),
      concatBytes(path, path.subarray(0, 32)),
    ];
    for (const other of others)
      expect(rootOfPath(leaf, { index: 1, count: 5, path: other })).toBeUndefined();
    // The last of five is carried up twice: its path has one node.
    expect(paths[4]).toHaveLength(32);
    expect(rootOfPath(u32(4), { index: 4, count: 5, path })).toBeUndefined();
  });

  it('has no place at or beyond the end, and none in an empty tree', () => {
    const path = new Uint8Array(0);
    for (const [index, count] of [
      [0, 0],
      [1, 1],
      [5, 5],
      [2 ** 32 - 1, 7],
    ] as const)
      expect(rootOfPath(u32(0), { index, count, path })).toBeUndefined();
  });

  it('takes no inner node for a leaf', () => {
    const leaves = leavesOf(4);
    const { root, paths } = auditPaths(leaves);
    const [a, b] = leaves.map((leaf) => sha256(Uint8Array.of(0), leaf));
    const upper = { index: 0, count: 2, path: paths[0]!.subarray(32) };
    expect(rootOfPath(concatBytes(a!, b!), upper)).not.toEqual(root);
  });

  it('has at most 32 nodes, and as many as levels with a node beside', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 - 1 }), fc.nat(2 ** 32 - 1), (count, at) => {
        const nodeCount = pathNodeCount(at % count, count);
        expect(nodeCount).toBeLessThanOrEqual(Math.ceil(Math.log2(count)));
        expect(nodeCount).toBeLessThanOrEqual(MAX_PATH_NODES);
      }),
    );
    expect(pathNodeCount(2 ** 32 - 2, 2 ** 32 - 1)).toBe(31);
    expect(pathNodeCount(0, 2 ** 32 - 1)).toBe(32);
  });
});
