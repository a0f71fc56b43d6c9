// What leaves a meter looks random: bytes of masked words against the uniform distribution, by
// Pearson's chi-square at fixed seeds. A test can only find what is wrong, so each has a control
// that it does find.

import { describe, expect, it } from 'vitest';
import { u32, utf8 } from '../../src/core/bytes.ts';
import { sha256 } from '../../src/core/digest.ts';
import { type IntervalIndex, intervalIndex } from '../../src/core/interval.ts';
import { addMask } from '../../src/core/mask.ts';
import { bytesOfWords } from '../../src/core/words.ts';

const CELLS = 256;
/** Chi-square of 255 degrees of freedom has mean 255 and deviation 22.6: within 6 of them. */
const BOUNDS = { low: 255 - 6 * 22.6, high: 255 + 6 * 22.6 };

/** The three component keys of a meter. */
function keysOf(meter: number): Uint8Array[] {
  return [0, 1, 2].map((component) => sha256(utf8('meter'), u32(meter), u32(component)));
}

function maskedWord(meter: number, interval: IntervalIndex, valueWh: number): Uint8Array {
  const words = new BigUint64Array([BigInt(valueWh)]);
  for (const key of keysOf(meter)) addMask(words, key, interval);
  return bytesOfWords(words);
}

/** By byte position of the word, how often each value stood there. */
function histograms(words: readonly Uint8Array[]): Uint32Array[] {
  const counts = Array.from({ length: 8 }, () => new Uint32Array(CELLS));
  for (const word of words) for (const [at, byte] of word.entries()) counts[at]![byte]! += 1;
  return counts;
}

function chiSquare(counts: Uint32Array): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const expected = total / CELLS;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** Two samples of the same size: whether they may come from one distribution, whatever it is. */
function twoSampleChiSquare(a: Uint32Array, b: Uint32Array): number {
  return a.reduce((sum, count, cell) => {
    const both = count + b[cell]!;
    return both === 0 ? sum : sum + (count - b[cell]!) ** 2 / both;
  }, 0);
}

function expectUniform(words: readonly Uint8Array[]): void {
  for (const counts of histograms(words)) {
    expect(chiSquare(counts)).toBeGreaterThan(BOUNDS.low);
    expect(chiSquare(counts)).toBeLessThan(BOUNDS.high);
  }
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index);
const interval = (index: number) => intervalIndex(1_920_000 + index);

describe('masked words', () => {
  it('of one meter over many intervals are uniform, byte by byte', () => {
    expectUniform(range(8000).map((index) => maskedWord(1, interval(index), 350)));
  });

  it('of many meters in one interval are uniform, byte by byte', () => {
    expectUniform(range(8000).map((meter) => maskedWord(meter, interval(0), 350)));
  });

  it('of one meter do not tell from one interval what stands in the next', () => {
    const words = range(8001).map((index) => maskedWord(1, interval(index), 350));
    const steps = words.slice(1).map((word, at) => word.map((byte, i) => byte ^ words[at]![i]!));
    expectUniform(steps);
  });

  it('lose that once a component is missing from the mask: the test would see it', () => {
    const unmasked = range(8000).map((index) =>
      bytesOfWords(new BigUint64Array([BigInt(300 + (index % 100))])),
    );
    for (const counts of histograms(unmasked))
      expect(chiSquare(counts)).toBeGreaterThan(BOUNDS.high);
  });
});

describe('three meters', () => {
  const sample = (valueWh: number, first: number) =>
    histograms(
      range(2700).flatMap((index) =>
        [0, 1, 2].map((meter) => maskedWord(first + meter, interval(index), valueWh)),
      ),
    );

  it('that read 0 cannot be told from three that read 5,000', () => {
    const zeros = sample(0, 0);
    const loads = sample(5000, 3);
    for (const at of range(8)) {
      const chi = twoSampleChiSquare(zeros[at]!, loads[at]!);
      expect(chi).toBeGreaterThan(BOUNDS.low);
      expect(chi).toBeLessThan(BOUNDS.high);
    }
  });

  it('could be told were the values sent as they are', () => {
    const plain = (valueWh: number) =>
      histograms(range(8100).map(() => bytesOfWords(new BigUint64Array([BigInt(valueWh)]))));
    expect(twoSampleChiSquare(plain(0)[0]!, plain(5000)[0]!)).toBeGreaterThan(BOUNDS.high);
  });
});
