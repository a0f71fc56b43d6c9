// Bitmaps over slots: bit s of a street's contributor bitmap is slot s, least significant bit
// first. The length is exactly ceil(slotCount / 8) bytes and spare bits are zero, so that one set
// has one encoding and one digest.

export function bitmapBytes(bitCount: number): number {
  return Math.ceil(bitCount / 8);
}

export function hasBit(bitmap: Uint8Array, index: number): boolean {
  return (((bitmap[index >>> 3] ?? 0) >>> (index & 7)) & 1) === 1;
}

export function setBit(bitmap: Uint8Array, index: number): void {
  bitmap[index >>> 3] = (bitmap[index >>> 3] as number) | (1 << (index & 7));
}

export function isCanonicalBitmap(bitmap: Uint8Array, bitCount: number): boolean {
  if (bitmap.length !== bitmapBytes(bitCount)) return false;
  const spareBits = bitmap.length * 8 - bitCount;
  return spareBits === 0 || (bitmap[bitmap.length - 1] as number) >>> (8 - spareBits) === 0;
}

export function* bitIndices(bitmap: Uint8Array): Generator<number> {
  for (let byteIndex = 0; byteIndex < bitmap.length; byteIndex++) {
    for (let bits = bitmap[byteIndex] as number; bits !== 0; bits &= bits - 1) {
      yield byteIndex * 8 + (31 - Math.clz32(bits & -bits));
    }
  }
}

export function countBits(bitmap: Uint8Array): number {
  return countCommonBits(bitmap, bitmap);
}

/** How many bits are set in both. */
export function countCommonBits(a: Uint8Array, b: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < a.length; at += 4) count += bitsOf(wordAt(a, at) & wordAt(b, at));
  return count;
}

/** Four bytes from `at` on, zero behind the end: a street's slots are two words. */
function wordAt(bitmap: Uint8Array, at: number): number {
  if (at + 4 <= bitmap.length)
    return (
      (bitmap[at] as number) |
      ((bitmap[at + 1] as number) << 8) |
      ((bitmap[at + 2] as number) << 16) |
      ((bitmap[at + 3] as number) << 24)
    );
  let word = 0;
  for (let i = at; i < bitmap.length; i++) word |= (bitmap[i] as number) << (8 * (i - at));
  return word;
}

/** Of a word: pairs, nibbles, bytes and then the whole are added up in place. */
function bitsOf(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
