import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import type { AttestedStreet } from '../../src/core/attested-street.ts';
import { bitmapBytes, setBit } from '../../src/core/bitmap.ts';
import { channelSet } from '../../src/core/channel.ts';
import { epoch } from '../../src/core/interval.ts';
import { MIN_PRESENCE_PERMILLE_FLOOR } from '../../src/core/network.ts';
import {
  COUNTS,
  COVERAGE_STEPS,
  countPresence,
  coverageStep,
  DECISIONS,
  decideCell,
  decisionOf,
  NO_PRESENCE,
  type Presence,
  PresenceTally,
} from '../../src/core/presence.ts';

const POLICY = { minMeters: 5, minPresencePermille: 800 };

/** By channel: slots declared, slots and points present. */
function countsOf(
  street: AttestedStreet,
  contributors: Uint8Array,
  channelCount: number,
): number[][] {
  const counts = new Uint32Array(COUNTS * channelCount);
  countPresence(street, epoch(15), contributors, channelCount, counts, 0);
  return Array.from({ length: channelCount }, (_, channel) => [
    ...counts.subarray(COUNTS * channel, COUNTS * (channel + 1) - 1),
  ]);
}

function presence(change: Partial<Presence>): Presence {
  return { slotsDeclared: 10, slotsPresent: 10, pointsPresent: 10, isSealed: true, ...change };
}

describe('the decision about a cell', () => {
  it.each<[string, Partial<Presence>, string]>([
    ['everybody', {}, 'included'],
    ['eight of ten', { slotsPresent: 8, pointsPresent: 8 }, 'included'],
    ['seven of ten', { slotsPresent: 7, pointsPresent: 7 }, 'low-presence'],
    ['five of six', { slotsDeclared: 6, slotsPresent: 5, pointsPresent: 5 }, 'included'],
    ['four of four', { slotsDeclared: 4, slotsPresent: 4, pointsPresent: 4 }, 'too-few'],
    ['ten meters of four homes', { pointsPresent: 4 }, 'too-few'],
    ['nobody', { slotsPresent: 0, pointsPresent: 0 }, 'too-few'],
    ['everybody, of which one street is not sealed', { isSealed: false }, 'no-seal'],
  ])('with %s is the right one', (_, change, decision) => {
    expect(decideCell(presence(change), POLICY)).toBe(decision);
  });

  it('never approves two sets of one cell that share no meter', () => {
    const slots = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(slots, fc.nat(60), (slotsDeclared, cut) => {
        const slotsPresent = Math.min(cut, slotsDeclared);
        const policy = { minMeters: 0, minPresencePermille: MIN_PRESENCE_PERMILLE_FLOOR };
        const decide = (count: number) =>
          decideCell(
            presence({ slotsDeclared, slotsPresent: count, pointsPresent: count }),
            policy,
          );
        const both = [slotsPresent, slotsDeclared - slotsPresent].map(decide);
        expect(both.every((decision) => decision === 'included')).toBe(false);
      }),
      { numRuns: 300, seed: 20 },
    );
  });

  it('has a byte on the wire, and no other byte is one', () => {
    for (const [name, byte] of Object.entries(DECISIONS)) expect(decisionOf(byte)).toBe(name);
    for (const byte of [4, 5, 255]) expect(decisionOf(byte)).toBeUndefined();
  });
});

describe('the presence of a street', () => {
  const entry = (channels: number, connectionPoint: number, change = {}) => ({
    meter: new Uint8Array(32),
    channels: channelSet(channels),
    capWh: 1,
    connectionPoint,
    fromEpoch: epoch(10),
    untilEpoch: epoch(20),
    enrolmentDigest: new Uint8Array(32),
    ...change,
  });
  const street: AttestedStreet = {
    roster: {
      networkId: 'n',
      area: areaId('a/s'),
      version: 1,
      entries: [
        entry(1, 0),
        entry(3, 1),
        entry(3, 1),
        entry(3, 2),
        entry(3, 3, { fromEpoch: epoch(16) }),
        entry(3, 4, { untilEpoch: epoch(15) }),
        entry(3, 5),
      ],
    },
    rosterDigest: new Uint8Array(32),
    // The last one is not attested.
    attested: Uint8Array.of(0b0111111),
  };
  const of = (...slots: number[]) => {
    const contributors = new Uint8Array(bitmapBytes(7));
    for (const slot of slots) setBit(contributors, slot);
    return countsOf(street, contributors, 2);
  };

  it('counts active and attested slots that declare the channel, and homes once', () => {
    expect(of(0, 1, 2)).toEqual([
      [4, 3, 2],
      [3, 2, 1],
    ]);
  });

  it('counts nobody who is not yet, no longer, or not attested', () => {
    for (const [, slotsPresent] of of(4, 5, 6)) expect(slotsPresent).toBe(0);
  });

  it('counts homes once in whatever order their meters joined', () => {
    const points = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 24 });
    fc.assert(
      fc.property(points, fc.integer({ min: 0, max: 2 ** 24 - 1 }), (connectionPoints, present) => {
        const contributors = new Uint8Array(bitmapBytes(connectionPoints.length));
        for (const slot of connectionPoints.keys())
          if (((present >>> slot) & 1) === 1) setBit(contributors, slot);
        const entries = connectionPoints.map((connectionPoint) => ({
          ...(street.roster.entries[0] as AttestedStreet['roster']['entries'][number]),
          connectionPoint,
        }));
        const attested = new Uint8Array(contributors.length).fill(0xff);
        const all = { ...street, roster: { ...street.roster, entries }, attested };
        const expected = new Set(
          connectionPoints.filter((_, slot) => ((present >>> slot) & 1) === 1),
        );
        expect(countsOf(all, contributors, 1)[0]?.[2]).toBe(expected.size);
      }),
    );
  });

  it('adds up, and one unsealed street makes the whole unsealed', () => {
    const sum = new PresenceTally();
    sum.add(presence({}));
    sum.add(presence({ slotsPresent: 3 }));
    sum.add(NO_PRESENCE);
    expect({ ...sum }).toEqual({
      slotsDeclared: 20,
      slotsPresent: 13,
      pointsPresent: 20,
      isSealed: true,
    });
    sum.add({ ...NO_PRESENCE, isSealed: false });
    expect(sum.isSealed).toBe(false);
  });
});

describe('coverage', () => {
  it.each([
    [10, 10, 100],
    [199, 200, 90],
    [9, 10, 90],
    [89, 100, 80],
    [8, 10, 80],
    [79, 100, 50],
    [1, 2, 50],
    [49, 100, 0],
    [0, 10, 0],
    [0, 0, 0],
  ])('of %i of %i is told as %i percent', (slotsPresent, slotsDeclared, step) => {
    expect(coverageStep(presence({ slotsPresent, slotsDeclared }))).toBe(step);
    expect(COVERAGE_STEPS).toContain(step);
  });
});
