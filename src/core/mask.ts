// The mask of a reading (design.md section 4).
//
// For component key K of the current epoch, the mask block of interval i is keystream block i of
// ChaCha20 (RFC 8439 section 2.3) under K with nonce "streetwatt/m"; word j of the 64-byte block,
// little-endian, is the mask of channel j. A masked word is the value plus one mask word per
// component, mod 2^64.
//
// Secret: keys and mask words. Invariant, kept by the meter role: one value per (key, interval);
// two values under one mask reveal their difference. Keys of two meters are independent, so the
// fixed nonce is never used twice with one (key, counter).

import { chacha20 } from '@noble/ciphers/chacha.js';
import { utf8 } from './bytes.ts';
import { MAX_CHANNELS } from './channel.ts';
import type { IntervalIndex } from './interval.ts';

export const KEY_BYTES = 32;
const MASK_NONCE: Uint8Array = utf8('streetwatt/m');
const ZERO_BLOCK: Uint8Array = new Uint8Array(64);

/** The eight mask words of one component key in one interval; word j masks channel j. */
export function maskWords(key: Uint8Array, interval: IntervalIndex): BigUint64Array {
  const block = chacha20(key, MASK_NONCE, ZERO_BLOCK, undefined, interval);
  // Typed arrays are little-endian on every machine that Node and browsers run on.
  return new BigUint64Array(block.buffer, block.byteOffset, MAX_CHANNELS);
}

/** Adds the mask words of `key` to `words`, channel by channel, mod 2^64 (the typed array wraps). */
export function addMask(words: BigUint64Array, key: Uint8Array, interval: IntervalIndex): void {
  const mask = maskWords(key, interval);
  for (let j = 0; j < words.length; j++) words[j] = (words[j] as bigint) + (mask[j] as bigint);
}

/** A masked total minus its mask sum, read as a signed 64-bit number. */
export function unmask(maskedTotal: bigint, maskSum: bigint): bigint {
  return BigInt.asIntN(64, maskedTotal - maskSum);
}

export function addWords(into: BigUint64Array, words: BigUint64Array): void {
  for (let j = 0; j < into.length; j++) into[j] = (into[j] as bigint) + (words[j] as bigint);
}
