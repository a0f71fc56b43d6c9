import { describe, expect, it } from 'vitest';
import { concatBytes, toHex, u32 } from '../../src/core/bytes.ts';
import { sha256 } from '../../src/core/digest.ts';
import { auditPaths } from '../../src/core/merkle.ts';
import { merkleRoot } from '../reference/merkle-root.ts';

const leavesOf = (count: number) => Array.from({ length: count }, (_, index) => u32(index));
const rootOf = (leaves: readonly Uint8Array[]) => auditPaths(leaves).root;

describe('the Merkle root', () => {
  it('is that of RFC 6962, for every number of leaves', () => {
    for (let count = 1; count <= 70; count++)
      expect(rootOf(leavesOf(count))).toEqual(merkleRoot(leavesOf(count)));
  });

  it('is of at least one leaf', () => {
    expect(() => rootOf([])).toThrow(RangeError);
  });

  it('differs when a leaf is changed, left out, added, doubled or moved', () => {
    const leaves = leavesOf(7);
    const [first, second, ...rest] = leaves as [Uint8Array, Uint8Array];
    const others = [
      [u32(99), second, ...rest],
      [second, ...rest],
      [...leaves, u32(7)],
      [...leaves, leaves[6]!],
      [second, first, ...rest],
      [concatBytes(first, second), ...rest],
    ];
    const roots = [leaves, ...others].map((list) => toHex(rootOf(list)));
    expect(new Set(roots).size).toBe(roots.length);
  });

  it('of two leaves is not that of one leaf made of their hashes', () => {
    const [a, b] = leavesOf(2) as [Uint8Array, Uint8Array];
    const hashes = [a, b].map((leaf) => sha256(Uint8Array.of(0), leaf));
    expect(rootOf([concatBytes(...hashes)])).not.toEqual(rootOf([a, b]));
  });
});
