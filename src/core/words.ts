// 64-bit words to bytes and back, little-endian: as typed arrays have them on every machine that Node
// and browsers run on.

export function bytesOfWords(words: BigUint64Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength).slice();
}

/** Undefined where the length is no multiple of eight. */
export function wordsOfBytes(bytes: Uint8Array): BigUint64Array | undefined {
  if (bytes.length % 8 !== 0) return undefined;
  const words = new BigUint64Array(bytes.length / 8);
  new Uint8Array(words.buffer).set(bytes);
  return words;
}
