import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planCells } from '../../src/core/plan.ts';
import type { Plan, PlannedCell, PlanStreet } from '../../src/core/plan-types.ts';
import { findSmallFigure, isFigureWithin, projectOn } from '../reference/derivable.ts';
import { arbitraryStreets, EXPORT, NET, policyOf, street } from '../reference/plan-networks.ts';
import { type Day, type DayPublication, publicationOf } from '../reference/plan-publication.ts';

const MIN_METERS = 5;

/** A day on which each street loses its own share of frames, and some cells are lost for good. */
function dayOf(seed: number, dropRate: number, lossRate: number): Day {
  return {
    minMeters: MIN_METERS,
    isPresent: (s, m) => noise(seed, 2 * s, m) >= dropRate * noise(seed, 2 * s, 1 << 20) * 2,
    isLost: (cell) => noise(seed, 1, cell) < lossRate,
  };
}

const days = fc.record({
  seed: fc.integer({ min: 0, max: 0x7fffffff }),
  dropRate: fc.constantFrom(0, 0.05, 0.1, 0.2),
  lossRate: fc.constantFrom(0, 0, 0.2),
});

/** A figure about fewer than the minimum: of all channels, or of one to who knows all the others. */
function findLeak(publication: DayPublication): number[] | undefined {
  const { channels } = publication;
  const views = [NET, EXPORT, 2].map((channel) =>
    projectOn(publication, (column) => channels[column] === channel),
  );
  for (const view of [publication, ...views]) {
    const found = findSmallFigure(view, MIN_METERS);
    if (found !== undefined) return found;
  }
  return undefined;
}

describe('everything published for one interval', () => {
  it('derives no figure about fewer than the minimum, whatever drops out', () => {
    let released = 0;
    let runs = 0;
    fc.assert(
      fc.property(
        arbitraryStreets(30, 14),
        fc.integer({ min: 0, max: 2 }),
        days,
        (streets, marginMeters, { seed, dropRate, lossRate }) => {
          const plan = planCells(streets, policyOf(MIN_METERS, marginMeters));
          const publication = publicationOf(streets, plan, dayOf(seed, dropRate, lossRate));
          released += publication.releasedCells;
          runs++;
          expect(findLeak(publication)).toBeUndefined();
          // The slow twin on what an attacker would ask first: any one home, and any two.
          const homes = [...new Set(publication.owners)];
          for (const home of homes.slice(0, 6)) {
            expect(isFigureWithin(publication, new Set([home]))).toBe(false);
            const other = homes[(home * 7 + seed) % homes.length] as number;
            expect(isFigureWithin(publication, new Set([home, other]))).toBe(false);
          }
        },
      ),
      { numRuns: 300 },
    );
    // A check of nothing would also find nothing.
    expect(released / runs).toBeGreaterThan(5);
  });
});

describe('the check itself', () => {
  const everyone: Day = { minMeters: MIN_METERS, isPresent: () => true, isLost: () => false };
  const lone = (streets: readonly PlanStreet[], channel: number, homes: number[]): PlannedCell[] =>
    streets.map(({ area }, i) => ({
      channel,
      home: area.slice(0, area.lastIndexOf('/')) as typeof area,
      members: [area],
      streets: [area],
      connectionPoints: homes[i] as number,
      capSumWh: 0,
      reason: 'alone',
    }));
  const planOf = (...cells: PlannedCell[]): Plan => ({ cells, unpublished: [] });

  it('finds a planner that publishes each street regardless', () => {
    const streets = [street('es/a/1', 9), street('es/a/2', 3)];
    const plan = planOf(...lone(streets, NET, [9, 3]));
    const leak = findLeak(publicationOf(streets, plan, everyone, { ignoresMinimum: true }));
    expect(leak).toEqual([9, 10, 11]);
    expect(findLeak(publicationOf(streets, plan, everyone))).toBeUndefined();
  });

  it('finds a parent total that includes a withheld cell: parent minus siblings', () => {
    const streets = [street('es/a/1', 9), street('es/a/2', 5)];
    const plan = planCells(streets, policyOf(MIN_METERS));
    const day: Day = { ...everyone, isPresent: (s, m) => s === 0 || m > 0 };
    const leak = findLeak(publicationOf(streets, plan, day, { totalsIncludeWithheld: true }));
    expect(leak).toEqual([10, 11, 12, 13]);
    expect(findLeak(publicationOf(streets, plan, day))).toBeUndefined();
  });

  it('finds import published beside net, where one roof exports', () => {
    const streets = [street('es/a/1', 9, 1), street('es/a/2', 9, 8)];
    const plan = planCells(streets, policyOf(MIN_METERS));
    expect(findLeak(publicationOf(streets, plan, everyone, { derivesEverywhere: true }))).toEqual([
      0,
    ]);
    expect(findLeak(publicationOf(streets, plan, everyone))).toBeUndefined();
  });

  it('finds cells of one channel that overlap', () => {
    const streets = [street('es/a/1', 9), street('es/a/2', 3), street('es/a/3', 9)];
    const [a, b, c] = lone(streets, NET, [9, 3, 9]) as [PlannedCell, PlannedCell, PlannedCell];
    const join = (x: PlannedCell, y: PlannedCell): PlannedCell => ({
      ...x,
      members: [...x.members, ...y.members],
      streets: [...x.streets, ...y.streets],
    });
    const plan = planOf(join(a, b), c, join(b, c));
    expect(findLeak(publicationOf(streets, plan, everyone))).toEqual([9, 10, 11]);
  });

  it('finds an export cell that cuts a net cell, by the import over its streets', () => {
    // Net over {1, 2}; import over {1, 3} beside net of 3 would give net of 1, so that of 2.
    const streets = [street('es/a/1', 9, 4), street('es/a/2', 3), street('es/a/3', 9, 4)];
    const rows = [
      vector(streets, (s, channel) => channel === NET && s < 2),
      vector(streets, (s, channel) => channel === NET && s === 2),
      vector(streets, (s, channel) => channel === EXPORT && s !== 1),
      vector(streets, (s) => s !== 1),
    ];
    const owners = ownersOf(streets);
    expect(findSmallFigure({ rows, owners }, MIN_METERS)).toEqual([9, 10, 11]);
    expect(findSmallFigure({ rows: rows.slice(0, 3), owners }, MIN_METERS)).toBeUndefined();
  });

  it('finds leaks in random networks as soon as a rule is broken', () => {
    const broken = [{ ignoresMinimum: true }, { totalsIncludeWithheld: true }] as const;
    for (const faults of broken) {
      let leaks = 0;
      for (const [streets, { seed }] of fc.sample(fc.tuple(arbitraryStreets(14, 14), days), {
        numRuns: 150,
        seed: 1,
      })) {
        const plan = planCells(streets, policyOf(MIN_METERS));
        if (findLeak(publicationOf(streets, plan, dayOf(seed, 0.4, 0), faults))) leaks++;
      }
      expect(leaks).toBeGreaterThan(0);
    }
  });

  it('agrees with a look at every subset of a few homes', () => {
    const tables = fc.tuple(
      fc.array(fc.array(fc.integer({ min: -1, max: 1 }), { minLength: 8, maxLength: 8 }), {
        minLength: 1,
        maxLength: 5,
      }),
      fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 8, maxLength: 8 }),
      fc.integer({ min: 1, max: 6 }),
    );
    fc.assert(
      fc.property(tables, ([rows, owners, minimum]) => {
        const homes = [...new Set(owners)];
        let smallest = Number.POSITIVE_INFINITY;
        for (let bits = 1; bits < 1 << homes.length; bits++) {
          const set = new Set(homes.filter((_, i) => (bits >> i) & 1));
          if (set.size < smallest && isFigureWithin({ rows, owners }, set)) smallest = set.size;
        }
        const found = findSmallFigure({ rows, owners }, minimum);
        expect(found !== undefined).toBe(smallest < minimum);
        if (found === undefined) return;
        expect(found.length).toBeLessThan(minimum);
        expect(isFigureWithin({ rows, owners }, new Set(found))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

function vector(
  streets: readonly PlanStreet[],
  isIn: (street: number, channel: number) => boolean,
): number[] {
  return streets.flatMap(({ meters }, s) =>
    meters.flatMap(({ channels }) =>
      [NET, EXPORT].filter((c) => (channels >> c) & 1).map((c) => (isIn(s, c) ? 1 : 0)),
    ),
  );
}

function ownersOf(streets: readonly PlanStreet[]): number[] {
  let owner = -1;
  return streets.flatMap(({ meters }) =>
    meters.flatMap(({ channels }) => {
      owner++;
      return [NET, EXPORT].filter((c) => (channels >> c) & 1).map(() => owner);
    }),
  );
}

/** 0 to 1, a hash of its arguments: a day's dropouts are data of the seed. */
function noise(seed: number, a: number, b: number): number {
  let x = seed ^ Math.imul(a + 1, 0x9e3779b1) ^ Math.imul(b + 1, 0x85ebca6b);
  for (let round = 0; round < 3; round++) x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) ^ (x << 7);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}
