// The daily ratchet (design.md section 4): K' = first 32 bytes of ChaCha20 block 0 under K with
// nonce "streetwatt/r". The caller erases K; whoever seizes K' cannot go back. It protects the
// past only: a seized key opens the epochs after it until the meter has a new seed (section 11.8).

import { chacha20 } from '@noble/ciphers/chacha.js';
import { utf8 } from './bytes.ts';
import { KEY_BYTES } from './mask.ts';

const RATCHET_NONCE: Uint8Array = utf8('streetwatt/r');
const ZERO_KEY: Uint8Array = new Uint8Array(KEY_BYTES);

/** The key of the next epoch. */
export function nextEpochKey(key: Uint8Array): Uint8Array {
  return chacha20(key, RATCHET_NONCE, ZERO_KEY, undefined, 0);
}

/** Moves the key forward in place by `epochCount` epochs, so that the old key is gone. */
export function ratchetKey(key: Uint8Array, epochCount: number): void {
  for (let i = 0; i < epochCount; i++) {
    const next = nextEpochKey(key);
    key.set(next);
    next.fill(0);
  }
}
