// The Merkle tree hash of RFC 6962 section 2.1, as it is written: split at the largest power of two
// below the length.

import { sha256 } from '../../src/core/digest.ts';

/** The root over at least one leaf. */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves;
  if (only === undefined) throw new RangeError('leaves: expected at least one, found 0');
  if (leaves.length === 1) return sha256(Uint8Array.of(0), only);
  let split = 1;
  while (2 * split < leaves.length) split *= 2;
  const left = merkleRoot(leaves.slice(0, split));
  return sha256(Uint8Array.of(1), left, merkleRoot(leaves.slice(split)));
}
