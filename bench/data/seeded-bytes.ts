// Seeded bytes for keys and blindings of a bench: the ChaCha20 keystream under the label's digest.

import { chacha20 } from '@noble/ciphers/chacha.js';
import { utf8 } from '../../src/core/bytes.ts';
import { sha256 } from '../../src/core/digest.ts';

const NONCE: Uint8Array = new Uint8Array(12);

export function seededBytes(label: string, byteCount: number): Uint8Array {
  return chacha20(sha256(utf8(label)), NONCE, new Uint8Array(byteCount));
}

/** Bytes without an end, drawn in pieces. */
export function seededStream(label: string): (byteCount: number) => Uint8Array {
  let drawn = 0;
  return (byteCount) => seededBytes(`${label}/${drawn++}`, byteCount);
}
