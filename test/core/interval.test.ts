import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  epoch,
  epochAt,
  epochOfInterval,
  intervalAt,
  intervalEndSeconds,
  intervalIndex,
  intervalStartSeconds,
  isIntervalSeconds,
} from '../../src/core/interval.ts';

const LENGTHS = [60, 300, 600, 900, 1800, 3600, 86_400];

describe('an interval', () => {
  it('contains every second from its start up to, but not including, its end', () => {
    const seconds = fc.integer({ min: 0, max: 2 ** 32 });
    fc.assert(
      fc.property(seconds, fc.constantFrom(...LENGTHS), (unixSeconds, length) => {
        const index = intervalAt(unixSeconds, length);
        expect(intervalStartSeconds(index, length)).toBeLessThanOrEqual(unixSeconds);
        expect(intervalEndSeconds(index, length)).toBeGreaterThan(unixSeconds);
        expect(intervalAt(intervalEndSeconds(index, length), length)).toBe(index + 1);
      }),
      { seed: 16 },
    );
  });

  it('lies in one epoch, whole', () => {
    const index = fc.integer({ min: 0, max: 4_000_000 });
    fc.assert(
      fc.property(index, fc.constantFrom(...LENGTHS), (at, length) => {
        const interval = intervalIndex(at);
        const day = epochOfInterval(interval, length);
        expect(epochAt(intervalStartSeconds(interval, length))).toBe(day);
        expect(epochAt(intervalEndSeconds(interval, length) - 1)).toBe(day);
      }),
      { seed: 17 },
    );
  });

  it('at midnight belongs to the day that begins', () => {
    expect(epochOfInterval(intervalIndex(20_000 * 96 - 1), 900)).toBe(19_999);
    expect(epochOfInterval(intervalIndex(20_000 * 96), 900)).toBe(20_000);
  });

  it('has an epoch also at the largest index and length: no hostile frame can make it throw', () => {
    for (const length of LENGTHS)
      expect(epochOfInterval(intervalIndex(0xffffffff), length)).toBeLessThanOrEqual(0xffffffff);
  });
});

describe('an interval length', () => {
  it.each(LENGTHS)('of %i s divides the day', (length) => {
    expect(isIntervalSeconds(length)).toBe(true);
  });

  it.each([0, -900, 1, 59, 61, 700, 901, 86_401, 172_800, 900.5, Number.NaN])(
    'of %d s is refused',
    (length) => {
      expect(isIntervalSeconds(length)).toBe(false);
    },
  );
});

describe('indices out of range', () => {
  it.each([-1, 2 ** 32, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('(%d) throw', (value) => {
    expect(() => intervalIndex(value)).toThrow(RangeError);
    expect(() => epoch(value)).toThrow(RangeError);
  });
});
