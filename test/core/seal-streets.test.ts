import { describe, expect, it } from 'vitest';
import { concatBytes, u32 } from '../../src/core/bytes.ts';
import { MAX_ROSTER_SLOTS } from '../../src/core/roster.ts';
import { type StreetFields, streetFields, streetsOf } from '../../src/core/seal-streets.ts';
import { threadMs } from '../support/thread-time.ts';

const digest = (fill: number) => new Uint8Array(32).fill(fill);
const STREETS = [
  { contributors: Uint8Array.of(0b101), framesRoot: digest(1), contested: [] },
  {
    contributors: Uint8Array.of(0, 0b11),
    framesRoot: digest(2),
    contested: [
      { slot: 8, frameDigest: digest(3) },
      { slot: 9, frameDigest: digest(4) },
    ],
  },
  { contributors: new Uint8Array(0), framesRoot: digest(5), contested: [] },
];
const [CONTRIBUTORS, ROOTS, CONTESTED] = streetFields(STREETS);
const entry = (street: number, slot: number) => concatBytes(u32(street), u32(slot), digest(6));

describe('the streets of a seal', () => {
  it('come back from three byte strings', () => {
    expect(streetsOf([CONTRIBUTORS, ROOTS, CONTESTED])).toEqual(STREETS);
    expect(streetsOf(streetFields([]))).toEqual([]);
  });

  const wrong: readonly (readonly [string, StreetFields])[] = [
    ['a bitmap cut short', [CONTRIBUTORS.subarray(0, -3), ROOTS, CONTESTED]],
    ['a length cut short', [CONTRIBUTORS.subarray(0, -1), ROOTS, CONTESTED]],
    ['a byte behind the last bitmap', [concatBytes(CONTRIBUTORS, digest(0)), ROOTS, CONTESTED]],
    ['a root cut short', [CONTRIBUTORS, ROOTS.subarray(1), CONTESTED]],
    ['a root less than bitmaps', [CONTRIBUTORS, ROOTS.subarray(32), CONTESTED]],
    ['a contested slot cut short', [CONTRIBUTORS, ROOTS, CONTESTED.subarray(1)]],
    ['a contested slot of a street that is not there', [CONTRIBUTORS, ROOTS, entry(3, 0)]],
    ['a contested slot that did not contribute', [CONTRIBUTORS, ROOTS, entry(1, 0)]],
    ['a slot that passes for another street’s', [CONTRIBUTORS, ROOTS, entry(0, MAX_ROSTER_SLOTS)]],
    ['contested slots twice', [CONTRIBUTORS, ROOTS, concatBytes(entry(1, 8), entry(1, 8))]],
    [
      'contested streets not in order',
      [CONTRIBUTORS, ROOTS, concatBytes(entry(1, 8), entry(0, 0))],
    ],
  ];
  it.each(wrong)('with %s are malformed', (_, fields) => {
    expect(streetsOf(fields)).toBeUndefined();
  });

  it('with every slot contested are read in a moment', () => {
    const contributors = new Uint8Array(MAX_ROSTER_SLOTS / 8).fill(0xff);
    const contested = Array.from({ length: MAX_ROSTER_SLOTS }, (_, slot) => ({
      slot,
      frameDigest: digest(slot & 0xff),
    }));
    const street = { contributors, framesRoot: digest(1), contested };
    const fields = streetFields([street]);
    const start = threadMs();
    expect(streetsOf(fields)?.[0]?.contested.length).toBe(MAX_ROSTER_SLOTS);
    expect(threadMs() - start).toBeLessThan(2000);
  });
});
