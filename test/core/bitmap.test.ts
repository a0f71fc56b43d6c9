import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bitIndices,
  bitmapBytes,
  countBits,
  countCommonBits,
  hasBit,
  isCanonicalBitmap,
  setBit,
} from '../../src/core/bitmap.ts';

describe('a bitmap over slots', () => {
  it('gives back exactly the slots that were set, ascending, and is canonical', () => {
    const slots = fc.uniqueArray(fc.nat(299), { maxLength: 40 });
    fc.assert(
      fc.property(slots, fc.integer({ min: 300, max: 330 }), (chosen, slotCount) => {
        const bitmap = new Uint8Array(bitmapBytes(slotCount));
        for (const slot of chosen) setBit(bitmap, slot);
        expect([...bitIndices(bitmap)]).toEqual([...chosen].sort((a, b) => a - b));
        for (const slot of [0, 150, 299]) expect(hasBit(bitmap, slot)).toBe(chosen.includes(slot));
        expect(isCanonicalBitmap(bitmap, slotCount)).toBe(true);
      }),
      { seed: 18 },
    );
  });

  it('counts its bits, and those that another has too, whatever their lengths', () => {
    const bitmap = fc.uint8Array({ maxLength: 14 });
    fc.assert(
      fc.property(bitmap, bitmap, (a, b) => {
        expect(countBits(a)).toBe([...bitIndices(a)].length);
        const common = [...bitIndices(a)].filter((slot) => hasBit(b, slot));
        expect(countCommonBits(a, b)).toBe(common.length);
      }),
    );
  });

  it('has no bit beyond its end', () => {
    expect(hasBit(Uint8Array.of(255), 8)).toBe(false);
    expect(hasBit(new Uint8Array(0), 0)).toBe(false);
    expect(hasBit(Uint8Array.of(255), 0xffffffff)).toBe(false);
  });

  it.each([
    [0, [], true],
    [0, [0], false],
    [1, [0b1], true],
    [1, [0b10], false],
    [8, [255], true],
    [8, [255, 0], false],
    [8, [], false],
    [9, [255, 1], true],
    [9, [255, 2], false],
    [9, [255, 255], false],
    [16, [255, 255], true],
  ])('of %i slots as %j is canonical: %s', (slotCount, bytes, isCanonical) => {
    expect(isCanonicalBitmap(Uint8Array.from(bytes), slotCount)).toBe(isCanonical);
  });
});
