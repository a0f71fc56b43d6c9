// What a street's seal says of its frames: the root of a Merkle tree whose nodes have sixteen children,
// leaves and inner nodes hashed with different prefixes as in RFC 6962. A frame costs an aggregator one
// SHA-256 block as a leaf and little more than half a block above; with two children a node it would be
// two blocks, and hashing is most of what a seal costs. Nobody needs short audit paths here: who checks
// the root has all frames.

import { DIGEST_BYTES, sha256 } from './digest.ts';

const WIDTH = 16;
const LEAF_PREFIX: Uint8Array = Uint8Array.of(0);
const NODE_PREFIX: Uint8Array = Uint8Array.of(1);

/** A frame as a leaf: SHA-256(0x00 || frame). */
export function frameDigest(frame: Uint8Array): Uint8Array {
  return sha256(LEAF_PREFIX, frame);
}

/**
 * The root over a street's frames, given their digests in slot order: as long as there are several,
 * each sixteen neighbours, and what is left at the end, become SHA-256(0x01 || all of them). Of none it
 * is SHA-256 of the empty string.
 */
export function framesRoot(digests: readonly Uint8Array[]): Uint8Array {
  if (digests.length === 0) return sha256();
  let level = digests;
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let at = 0; at < level.length; at += WIDTH)
      above.push(sha256(NODE_PREFIX, ...level.slice(at, at + WIDTH)));
    level = above;
  }
  return (level[0] as Uint8Array).slice(0, DIGEST_BYTES);
}
