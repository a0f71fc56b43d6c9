import { describe, expect, it } from 'vitest';
import { concatBytes, toHex, u32 } from '../../src/core/bytes.ts';
import { sha256 } from '../../src/core/digest.ts';
import { merkleRoot } from '../../src/core/merkle.ts';

/** RFC 6962 section 2.1, as it is written: split at the largest power of two below the length. */
function recursiveRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(Uint8Array.of(0), leaves[0]!);
  let split = 1;
  while (2 * split < leaves.length) split *= 2;
  const left = recursiveRoot(leaves.slice(0, split));
  return sha256(Uint8Array.of(1), left, recursiveRoot(leaves.slice(split)));
}

const leavesOf = (count: number) => Array.from({ length: count }, (_, index) => u32(index));

describe('the Merkle root', () => {
  it('is that of RFC 6962, for every number of leaves', () => {
    for (let count = 0; count <= 70; count++)
      expect(merkleRoot(leavesOf(count))).toEqual(recursiveRoot(leavesOf(count)));
  });

  it('of no leaves is SHA-256 of nothing', () => {
    expect(toHex(merkleRoot([]))).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
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
    const roots = [leaves, ...others].map((list) => toHex(merkleRoot(list)));
    expect(new Set(roots).size).toBe(roots.length);
  });

  it('of two leaves is not that of one leaf made of their hashes', () => {
    const [a, b] = leavesOf(2) as [Uint8Array, Uint8Array];
    const hashes = [a, b].map((leaf) => sha256(Uint8Array.of(0), leaf));
    expect(merkleRoot([concatBytes(...hashes)])).not.toEqual(merkleRoot([a, b]));
  });
});
