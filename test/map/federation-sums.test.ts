import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import { areaPlace, emptyRow } from '../../src/map/empty-row.ts';
import type { MapRow } from '../../src/map/frame.ts';
import { blankUngranted, grantedMetrics } from '../../src/map/granted-metrics.ts';
import { ENERGY_METRICS } from '../../src/map/metric.ts';
import { statusOfCoverage } from '../../src/map/ordinary-coverage.ts';
import { coarseCoverage, sumRows } from '../../src/map/sum-rows.ts';

const PLACE = areaPlace(areaId('eu/es'), 'Spain');

/** A row whose figures balance. */
const published = fc
  .record({
    selfUse: fc.nat(1_000_000),
    imported: fc.nat(1_000_000),
    exported: fc.nat(1_000_000),
    meterCount: fc.integer({ min: 1, max: 100_000 }),
    coverage: fc.constantFrom(1, 0.9, 0.8, 0.5),
  })
  .map(
    ({ selfUse, imported, exported, meterCount, coverage }): MapRow => ({
      ...PLACE,
      meterCount,
      energyWh: {
        net: imported - exported,
        consumption: selfUse + imported,
        production: selfUse + exported,
        import: imported,
        export: exported,
      },
      absent: {},
      coverage,
      status: statusOfCoverage(coverage),
      reason: coverage === 1 ? null : 'low-presence',
      isChecked: true,
      origin: 'network',
    }),
  );
const empty = fc
  .record({
    meterCount: fc.nat(100_000),
    kind: fc.constantFrom(
      ['late', 'late'] as const,
      ['withheld', 'too-few'] as const,
      ['not-connected', 'not-connected'] as const,
    ),
  })
  .map(({ meterCount, kind: [status, reason] }) =>
    emptyRow(PLACE, status === 'not-connected' ? 0 : meterCount, 'simulated', status, reason),
  );
/** A street whose homes export without a production meter. */
const unmetered = published.map((row) =>
  blankUngranted({ ...row, reason: 'unmetered-production' }, ['net', 'import', 'export']),
);
const rows = fc.array(fc.oneof(published, empty, unmetered), { maxLength: 12 });

describe('sums of rows', () => {
  it('are the same however the rows are grouped and ordered', () => {
    fc.assert(
      fc.property(rows, fc.array(fc.nat(3), { minLength: 12, maxLength: 12 }), (all, groups) => {
        const direct = sumRows(PLACE, all, ENERGY_METRICS);
        const grouped = sumRows(
          PLACE,
          [3, 1, 0, 2].map((group) =>
            sumRows(PLACE, all.filter((_, i) => groups[i] === group).reverse(), ENERGY_METRICS),
          ),
          ENERGY_METRICS,
        );
        expect(grouped.energyWh).toEqual(direct.energyWh);
        expect(grouped.meterCount).toBe(direct.meterCount);
        expect(grouped.status).toBe(direct.status);
        expect(grouped.isChecked).toBe(direct.isChecked);
        // Rounded down once more.
        expect(grouped.coverage).toBeLessThanOrEqual(direct.coverage);
      }),
    );
  });

  it('balance, and never make a zero of a null', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const { energyWh, absent, coverage, status, reason } = sumRows(PLACE, all, ENERGY_METRICS);
        const whole = all.filter(
          (row) => row.meterCount > 0 && ENERGY_METRICS.every((m) => row.energyWh[m] !== null),
        );
        if (whole.length === 0) {
          for (const metric of ENERGY_METRICS) {
            expect(energyWh[metric]).toBeNull();
            expect(absent[metric]).toBeDefined();
          }
          expect(coverage).toBe(0);
          expect(['late', 'withheld', 'not-connected']).toContain(status);
          return;
        }
        const figures = energyWh as Record<string, number>;
        expect(figures.production! + figures.import!).toBe(figures.consumption! + figures.export!);
        expect(figures.net).toBe(figures.consumption! - figures.production!);
        for (const metric of ENERGY_METRICS) {
          const sum = whole.reduce((total, row) => total + (row.energyWh[metric] as number), 0);
          expect(energyWh[metric]).toBe(sum);
        }
        const isAll = whole.length === all.filter(({ meterCount }) => meterCount > 0).length;
        const isFull = isAll && whole.every((row) => row.coverage === 1);
        expect(status).toBe(statusOfCoverage(coverage));
        if (!isFull) expect(reason).not.toBeNull();
        expect(coverage === 1).toBe(isFull);
      }),
    );
  });

  it('count for a viewer what it may see, and blank the rest', () => {
    fc.assert(
      fc.property(rows, (all) => {
        const granted = grantedMetrics(['net', 'export']);
        expect(granted).toEqual(['net', 'import', 'export']);
        const { energyWh, absent } = sumRows(
          PLACE,
          all.map((row) => blankUngranted(row, granted)),
          granted,
        );
        expect([energyWh.consumption, energyWh.production]).toEqual([null, null]);
        expect([absent.consumption, absent.production]).toEqual(['not-granted', 'not-granted']);
        const there = all.filter((row) => row.meterCount > 0 && row.energyWh.net !== null);
        const sum = there.reduce((total, row) => total + (row.energyWh.net as number), 0);
        expect(energyWh.net).toBe(there.length === 0 ? null : sum);
      }),
    );
  });
});

describe('coarseCoverage', () => {
  it('rounds down, in steps of no fewer than 20 meters', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 1_000_000 }),
        (share, meterCount) => {
          const coarse = coarseCoverage(share, meterCount);
          expect(coarse).toBeLessThanOrEqual(share + 1e-9);
          expect(coarseCoverage(coarse, meterCount)).toBe(coarse);
          if (meterCount >= 200) expect(coarse).toBeGreaterThan(share - 20 / 199 - 1e-9);
        },
      ),
    );
  });

  it.each([
    [1, 30, 1],
    [0.99, 30, 0.9],
    [0.7, 30, 0.5],
    [0.4, 30, 0],
    [0.999, 1000, 0.9],
    [0.999, 5000, 0.99],
    [0.9999, 5_000_000, 0.999],
    [Number.NaN, 100, 0],
    [-1, 100, 0],
  ])('makes of %f of %i meters %f', (share, meterCount, coverage) => {
    expect(coarseCoverage(share, meterCount)).toBe(coverage);
  });
});
