import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import { concatBytes } from '../../src/core/bytes.ts';
import { channelCount, channelIndices, channelSet } from '../../src/core/channel.ts';
import {
  decodeFrame,
  encodeFrame,
  frameBytes,
  frameContext,
  isFrameTagValid,
  splitFrames,
} from '../../src/core/frame.ts';
import { intervalIndex } from '../../src/core/interval.ts';
import { slot } from '../../src/core/roster.ts';

const u32 = fc.integer({ min: 0, max: 0xffffffff });
const word = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const frameBody = fc
  .record({
    bits: fc.integer({ min: 1, max: 255 }),
    at: u32,
    time: u32,
    words: fc.array(word, { minLength: 8, maxLength: 8 }),
  })
  .map(({ bits, at, time, words }) => ({
    channels: channelSet(bits),
    slot: slot(at),
    interval: intervalIndex(time),
    words: BigUint64Array.from(words.slice(0, channelCount(channelSet(bits)))),
  }));

describe('a frame', () => {
  it('is 34 bytes for one channel and 50 for three', () => {
    expect(frameBytes(channelSet(0b001))).toBe(34);
    expect(frameBytes(channelSet(0b100))).toBe(34);
    expect(frameBytes(channelSet(0b111))).toBe(50);
    expect(frameBytes(channelSet(0xff))).toBe(90);
  });

  it('decodes to what was encoded, and its tag holds under its own key and context alone', () => {
    fc.assert(
      fc.property(frameBody, bytes(32), bytes(16), bytes(32), (body, key, context, otherKey) => {
        const frame = encodeFrame(body, key, context);
        expect(frame.length).toBe(frameBytes(body.channels));
        expect(decodeFrame(frame)).toEqual(body);
        expect(isFrameTagValid(frame, key, context)).toBe(true);
        expect(isFrameTagValid(frame, otherKey, context)).toBe(false);
        const other = context.map((byte) => byte ^ 1);
        expect(isFrameTagValid(frame, key, other)).toBe(false);
      }),
      { numRuns: 100, seed: 21 },
    );
  });

  it('is valid with no other bit anywhere', () => {
    fc.assert(
      fc.property(frameBody, bytes(32), fc.nat(), (body, key, where) => {
        const context = new Uint8Array(16);
        const frame = encodeFrame(body, key, context);
        frame[(where >> 3) % frame.length]! ^= 1 << (where & 7);
        expect(isFrameTagValid(frame, key, context)).toBe(false);
      }),
      { numRuns: 200, seed: 22 },
    );
  });

  it('splits again out of any message of whole frames', () => {
    fc.assert(
      fc.property(fc.array(frameBody, { minLength: 1, maxLength: 6 }), (bodies) => {
        const frames = bodies.map((body) =>
          encodeFrame(body, new Uint8Array(32), new Uint8Array(16)),
        );
        expect(splitFrames(concatBytes(...frames))).toEqual({ frames });
      }),
      { seed: 23 },
    );
  });
});

describe('a frame’s context', () => {
  it('is another for another street or another policy', () => {
    const contexts = [
      frameContext(new Uint8Array(32), areaId('es/s1')),
      frameContext(new Uint8Array(32), areaId('es/s2')),
      frameContext(new Uint8Array(32).fill(1), areaId('es/s1')),
    ];
    expect(new Set(contexts.map(String)).size).toBe(3);
    for (const context of contexts) expect(context).toHaveLength(16);
  });
});

describe('a channel set', () => {
  it('lists its channels ascending, and refuses what is no byte', () => {
    expect(channelIndices(channelSet(0b10100101))).toEqual([0, 2, 5, 7]);
    for (const bits of [-1, 256, 1.5, Number.NaN])
      expect(() => channelSet(bits)).toThrow(RangeError);
  });
});
