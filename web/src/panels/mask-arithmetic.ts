// The arithmetic of unmasking, done again in the reader's browser: words of 64 bits, modulo 2^64, read
// as two's complement. `bigint`, since a masked word is any of 2^64 values.

const WORD = 1n << 64n;
const HEX_WORD = /^[0-9a-f]{16}$/i;

/** Undefined where the text is not 16 hex digits. */
export function parseWord(hex: string): bigint | undefined {
  return HEX_WORD.test(hex) ? BigInt(`0x${hex}`) : undefined;
}

export function wordHex(word: bigint): string {
  return BigInt.asUintN(64, word).toString(16).padStart(16, '0');
}

export interface Unmasked {
  readonly masked: bigint;
  readonly maskSum: bigint;
  /** `masked - maskSum` modulo 2^64. */
  readonly word: bigint;
  /** The same, read as a signed number: watt-hours. */
  readonly energyWh: bigint;
  /** 2^64 was added, since the mask sum is the larger of the two. */
  readonly hasWrapped: boolean;
}

/** Undefined where either is not a word. */
export function unmask(maskedHex: string, maskSumHex: string): Unmasked | undefined {
  const masked = parseWord(maskedHex);
  const maskSum = parseWord(maskSumHex);
  if (masked === undefined || maskSum === undefined) return undefined;
  const word = BigInt.asUintN(64, masked - maskSum);
  return {
    masked,
    maskSum,
    word,
    energyWh: BigInt.asIntN(64, word),
    hasWrapped: maskSum > masked,
  };
}

/** Modulo 2^64, in hex; undefined where one is not a word or there is none. */
export function sumWords(hexes: readonly string[]): string | undefined {
  if (hexes.length === 0) return undefined;
  let sum = 0n;
  for (const hex of hexes) {
    const word = parseWord(hex);
    if (word === undefined) return undefined;
    sum = (sum + word) % WORD;
  }
  return wordHex(sum);
}

/** `e41f0b92` as `e41f 0b92`: groups of four digits, which a narrow screen can break between. */
export function groupHex(hex: string): string {
  return hex.replace(/(.{4})(?=.)/g, '$1 ');
}
