// The fast kernel against its plain twin, and both against published vectors.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, fromHex, toHex } from '../../../src/core/bytes.ts';
import { type ChannelSet, channelCount } from '../../../src/core/channel.ts';
import { sha256 } from '../../../src/core/digest.ts';
import { decodeFrame, encodeFrame, isFrameTagValid } from '../../../src/core/frame.ts';
import type { IntervalIndex } from '../../../src/core/interval.ts';
import type { FrameBatch } from '../../../src/core/kernel/kernel.ts';
import { maskWords } from '../../../src/core/mask.ts';
import { nextEpochKey } from '../../../src/core/ratchet.ts';
import type { Slot } from '../../../src/core/roster.ts';
import { chacha20Block } from '../../reference/chacha20.ts';
import { KERNELS } from '../../support/kernels.ts';

const [plain, simd] = KERNELS as [(typeof KERNELS)[number], (typeof KERNELS)[number]];
const INTERVAL = 1_957_000 as IntervalIndex;
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const set = fc.integer({ min: 1, max: 255 });

describe.each(KERNELS)('the $name kernel', (kernel) => {
  it('ratchets keys to the first half of ChaCha20 block 0 with the nonce "streetwatt/r"', () => {
    const key = Uint8Array.from({ length: 32 }, (_, i) => i);
    const keys = key.slice();
    kernel.ratchetKeys(keys);
    const nonce = new TextEncoder().encode('streetwatt/r');
    expect(toHex(keys)).toBe(toHex(chacha20Block(key, 0, nonce).subarray(0, 32)));
  });

  it('leaves a key of zeros, which stands for none, as it is', () => {
    const keys = new Uint8Array(5 * 32);
    keys.fill(7, 64, 96);
    kernel.ratchetKeys(keys);
    const expected = new Uint8Array(5 * 32);
    expected.set(nextEpochKey(new Uint8Array(32).fill(7)), 64);
    expect(toHex(keys)).toBe(toHex(expected));
  });

  it('makes the tag of RFC 8439 for a frame: checked by the plain AEAD', () => {
    const batch = batchOf({
      sets: [7, 1, 3, 255, 129, 7, 7],
      seed: 5,
      channelCount: 8,
      componentCount: 3,
    });
    const out = kernel.maskFrames(batch);
    let at = 0;
    for (const [index, channels] of batch.sets.entries()) {
      const frame = out.subarray(at, at + 26 + 8 * channelCount(channels as ChannelSet));
      const key = batch.authenticationKeys.subarray(32 * index, 32 * index + 32);
      expect(isFrameTagValid(frame, key, batch.context)).toBe(true);
      expect(decodeFrame(frame).slot).toBe(batch.slots[index]);
      at += frame.length;
    }
    expect(at).toBe(out.length);
  });

  it('masks with keystream block i of RFC 8439: the words of the mask are the block', () => {
    const key = fromHex('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');
    const block = chacha20Block(key, INTERVAL, new TextEncoder().encode('streetwatt/m'));
    const sums = kernel.sumMasks({
      streets: [{ keys: key, contributors: Uint8Array.of(1), sets: Uint8Array.of(255) }],
      componentCount: 1,
      channelCount: 8,
      interval: INTERVAL,
    });
    expect(toHex(new Uint8Array(sums.buffer))).toBe(toHex(block));
    expect(sums).toEqual(maskWords(key, INTERVAL));
  });

  it('sums nothing for nobody', () => {
    const nothing = new Uint8Array(0);
    const query = {
      streets: [{ keys: nothing, contributors: nothing, sets: nothing }],
      componentCount: 2,
      channelCount: 3,
      interval: INTERVAL,
    };
    expect([...kernel.sumMasks(query)]).toEqual([0n, 0n, 0n, 0n, 0n, 0n]);
    expect([...kernel.sumMasks({ ...query, streets: [] })]).toEqual([]);
    expect(
      kernel.maskFrames(batchOf({ sets: [], seed: 1, channelCount: 3, componentCount: 3 })),
    ).toEqual(new Uint8Array(0));
  });
});

describe('the two kernels', () => {
  it('hash the same messages to the same digests, whatever their lengths', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 13 });
    fc.assert(
      fc.property(messages, (parts) => {
        const lengths = Uint32Array.from(parts, (part) => part.length);
        const all = concatBytes(...parts);
        const expected = concatBytes(...parts.map((part) => sha256(part)));
        for (const kernel of KERNELS)
          expect(toHex(kernel.hashMany(all, lengths))).toBe(toHex(expected));
      }),
    );
  });

  it('pad messages of every length around a block as FIPS 180-4 does', () => {
    const lengths = Uint32Array.from({ length: 131 }, (_, length) => length);
    const all = Uint8Array.from({ length: lengths.reduce((a, b) => a + b, 0) }, (_, i) => i * 31);
    expect(toHex(simd.hashMany(all, lengths))).toBe(toHex(plain.hashMany(all, lengths)));
  });

  it('ratchet any number of keys alike', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 40 }).chain((n) => bytes(32 * n)),
        (keys) => {
          const [a, b] = [keys.slice(), keys.slice()];
          plain.ratchetKeys(a);
          simd.ratchetKeys(b);
          expect(toHex(b)).toBe(toHex(a));
        },
      ),
      { numRuns: 60 },
    );
    const many = new Uint8Array(32 * 4100).map((_, i) => (i * 31) >>> 3);
    const [a, b] = [many.slice(), many.slice()];
    plain.ratchetKeys(a);
    simd.ratchetKeys(b);
    expect(b).toEqual(a);
  });

  it('sum the masks of any streets, contributors, sets, components and channels alike', () => {
    const query = fc
      .record({
        slotCounts: fc.array(fc.integer({ min: 0, max: 70 }), { maxLength: 5 }),
        componentCount: fc.integer({ min: 1, max: 6 }),
        channelCount: fc.integer({ min: 1, max: 8 }),
        interval: fc.integer({ min: 0, max: 2 ** 32 - 2 }),
      })
      .chain(({ slotCounts, componentCount, channelCount, interval }) =>
        fc.record({
          streets: fc.tuple(
            ...slotCounts.map((slotCount) =>
              fc.record({
                keys: bytes(slotCount * componentCount * 32),
                contributors: bytes(Math.ceil(slotCount / 8)),
                sets: bytes(slotCount),
              }),
            ),
          ),
          componentCount: fc.constant(componentCount),
          channelCount: fc.constant(channelCount),
          interval: fc.constant(interval as IntervalIndex),
        }),
      );
    fc.assert(
      fc.property(query, (asked) => {
        const before = asked.streets.map(({ keys }) => toHex(keys));
        expect(simd.sumMasks(asked)).toEqual(plain.sumMasks(asked));
        expect(asked.streets.map(({ keys }) => toHex(keys))).toEqual(before);
      }),
      { numRuns: 80 },
    );
  });

  it('sum the masks of streets beyond one batch, and of a street beyond one, alike', () => {
    const street = (slotCount: number) => ({
      keys: new Uint8Array(slotCount * 64).map((_, i) => (i * 37) >>> 2),
      contributors: new Uint8Array(Math.ceil(slotCount / 8)).fill(0xb7),
      sets: new Uint8Array(slotCount).map((_, i) => i),
    });
    const asked = {
      streets: [street(30), street(4100), street(2100), street(1990), street(9)],
      componentCount: 2,
      channelCount: 3,
      interval: INTERVAL,
    };
    expect(simd.sumMasks(asked)).toEqual(plain.sumMasks(asked));
  });

  it('mask and tag any batch into the same bytes', () => {
    const shape = fc.record({
      sets: fc.array(set, { maxLength: 30 }),
      seed: fc.integer({ min: 0, max: 2 ** 30 }),
      componentCount: fc.integer({ min: 1, max: 10 }),
    });
    fc.assert(
      fc.property(shape, (asked) => {
        const batch = batchOf({ ...asked, channelCount: 8 });
        expect(toHex(simd.maskFrames(batch))).toBe(toHex(plain.maskFrames(batch)));
      }),
      { numRuns: 40 },
    );
    const long = batchOf({
      sets: new Array(4200).fill(7),
      seed: 9,
      channelCount: 3,
      componentCount: 3,
    });
    const frames = simd.maskFrames(long);
    expect(toHex(frames.subarray(-50))).toBe(toHex(plain.maskFrames(long).subarray(-50)));
  });

  it('agree with a frame that a meter makes', () => {
    const batch = batchOf({ sets: [5], seed: 3, channelCount: 3, componentCount: 1 });
    const mask = maskWords(batch.componentKeys, INTERVAL);
    const word = (channel: number) =>
      BigInt.asUintN(64, (batch.values[channel] as bigint) + (mask[channel] as bigint));
    const frame = encodeFrame(
      {
        channels: 5 as ChannelSet,
        slot: batch.slots[0] as Slot,
        interval: INTERVAL,
        words: BigUint64Array.of(word(0), word(2)),
      },
      batch.authenticationKeys,
      batch.context,
    );
    expect(toHex(simd.maskFrames(batch))).toBe(toHex(frame));
  });
});

function batchOf(shape: {
  readonly sets: readonly number[];
  readonly seed: number;
  readonly channelCount: number;
  readonly componentCount: number;
}): FrameBatch {
  const { sets, seed, channelCount, componentCount } = shape;
  let state = seed;
  const fill = (length: number) =>
    Uint8Array.from({ length }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    });
  const count = sets.length;
  const values = new BigInt64Array(fill(8 * count * channelCount).buffer as ArrayBuffer);
  return {
    slots: Uint32Array.from({ length: count }, (_, i) => (i * 7919 + seed) >>> 0),
    sets: Uint8Array.from(sets),
    channelCount,
    values,
    componentCount,
    componentKeys: fill(32 * count * componentCount),
    authenticationKeys: fill(32 * count),
    context: fill(16),
    interval: INTERVAL,
  };
}
