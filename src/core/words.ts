// 64-bit words to bytes and back, little-endian whatever the machine.

import { readU64, writeU64 } from './bytes.ts';

export function bytesOfWords(words: BigUint64Array): Uint8Array {
  const bytes = new Uint8Array(8 * words.length);
  for (let i = 0; i < words.length; i++) writeU64(bytes, 8 * i, words[i] as bigint);
  return bytes;
}

/** Undefined where the length is no multiple of eight. */
export function wordsOfBytes(bytes: Uint8Array): BigUint64Array | undefined {
  if (bytes.length % 8 !== 0) return undefined;
  const words = new BigUint64Array(bytes.length / 8);
  for (let i = 0; i < words.length; i++) words[i] = readU64(bytes, 8 * i);
  return words;
}
