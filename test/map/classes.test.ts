import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Classes,
  classCount,
  classesFor,
  classOf,
  classRange,
  displayValue,
  type Scale,
} from '../../src/map/classes.ts';
import { METRICS } from '../../src/map/metric.ts';

const SCALES: readonly Scale[] = ['meter', 'km2', 'abs'];
const REGIONS = [
  { meterCount: 3_200_000, areaKm2: 8_028 },
  { meterCount: 410_000, areaKm2: 94_226 },
  { meterCount: 1_600_000, areaKm2: 23_255 },
  { meterCount: 3_600_000, areaKm2: 32_114 },
];
const STREETS = [18, 25, 30, 31, 44, 60].map((meterCount) => ({
  meterCount,
  areaKm2: meterCount / 4000,
}));

const siblings = fc.array(
  fc.record({
    meterCount: fc.integer({ min: 0, max: 50_000_000 }),
    areaKm2: fc.option(fc.double({ min: 0, max: 1e6 })),
  }),
  { maxLength: 40 },
);
const query = fc.record({
  metric: fc.constantFrom(...METRICS),
  scale: fc.constantFrom(...SCALES),
  level: fc.constantFrom('street', 'suburb', 'region', ''),
  children: siblings,
});

describe('the classes of the map', () => {
  it('are 5 to 7, in ascending order, whatever the siblings', () => {
    fc.assert(
      fc.property(query, (asked) => {
        const { thresholds, ...classes } = classesFor(asked);
        expect(classCount({ thresholds, ...classes })).toBeGreaterThanOrEqual(5);
        expect(classCount({ thresholds, ...classes })).toBeLessThanOrEqual(7);
        expect([...new Set(thresholds)].sort((a, b) => a - b)).toEqual(thresholds);
        expect(thresholds.every(Number.isFinite)).toBe(true);
      }),
      { seed: 3 },
    );
  });

  it('per meter do not follow the siblings, so that towns and years compare', () => {
    for (const metric of METRICS)
      expect(classesFor({ metric, scale: 'meter', level: 'region', children: REGIONS })).toEqual(
        classesFor({ metric, scale: 'meter', level: 'municipality', children: [] }),
      );
  });

  it('are wider for streets, and wider yet for nations, whose means vary more', () => {
    const of = (level: string) =>
      classesFor({ metric: 'consumption', scale: 'meter', level, children: [] }).thresholds;
    expect(of('street').at(-1)).toBeGreaterThan(of('suburb').at(-1)!);
    expect(of('nation').at(-1)).toBeGreaterThan(of('street').at(-1)!);
  });

  it.each([
    ['at night', [210, 215, 225, 240]],
    ['in the morning', [240, 255, 270, 290]],
    ['at noon', [290, 310, 330, 360]],
    ['in the evening', [450, 470, 495, 540]],
    ['late in the morning', [272, 291, 302, 314]],
  ])('tell the regions of one nation apart %s', (_, loadsW) => {
    const classes = classesFor({
      metric: 'consumption',
      scale: 'meter',
      level: 'region',
      children: REGIONS,
    });
    const shown = new Set(loadsW.map((powerW) => classOf(powerW, classes)));
    expect(shown.size).toBeGreaterThanOrEqual(2);
  });

  it('step by 1, 2 and 5 where they follow from the sizes of the siblings', () => {
    for (const scale of ['km2', 'abs'] as const)
      for (const children of [REGIONS, STREETS]) {
        const { thresholds } = classesFor({
          metric: 'consumption',
          scale,
          level: 'x',
          children,
        });
        for (const threshold of thresholds)
          expect(threshold.toExponential()).toMatch(/^[125]e[+-]\d+$/);
      }
  });

  it('spread ordinary loads of siblings over several classes', () => {
    for (const scale of SCALES) {
      const classes = classesFor({
        metric: 'consumption',
        scale,
        level: 'region',
        children: REGIONS,
      });
      const shown = REGIONS.flatMap(({ meterCount, areaKm2 }) =>
        [180, 320, 550].map((powerW) => {
          const divisor = { meter: meterCount, km2: areaKm2, abs: 1 }[scale];
          return classOf((powerW * meterCount) / divisor, classes);
        }),
      );
      expect(new Set(shown).size).toBeGreaterThanOrEqual(3);
    }
  });

  it('of net mirror each other around a neutral class that holds zero', () => {
    fc.assert(
      fc.property(
        query.map((asked) => ({ ...asked, metric: 'net' as const })),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        (asked, value) => {
          const classes = classesFor(asked);
          const neutral = (classCount(classes) - 1) / 2;
          expect(classOf(0, classes)).toBe(neutral);
          expect(classOf(-value, classes)! - neutral).toBe(
            value === 0 ? 0 : neutral - classOf(value, classes)!,
          );
        },
      ),
      { seed: 4 },
    );
  });

  it('put a value on a threshold into the class further from zero', () => {
    const net: Classes = { kind: 'diverging', unit: 'W', thresholds: [-20, -10, 10, 20] };
    expect([-21, -20, -19, -10, -9, 0, 9, 10, 20].map((value) => classOf(value, net))).toEqual([
      0, 0, 1, 1, 2, 2, 2, 3, 4,
    ]);
    const load: Classes = { kind: 'sequential', unit: 'W', thresholds: [10, 20] };
    expect([-5, 0, 10, 19, 20].map((value) => classOf(value, load))).toEqual([0, 0, 1, 1, 2]);
  });

  it('have none for what is not there', () => {
    const classes = classesFor({ metric: 'net', scale: 'meter', level: 'street', children: [] });
    for (const value of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY])
      expect(classOf(value, classes)).toBeUndefined();
  });

  it('tell their bounds, open at both ends', () => {
    const classes: Classes = { kind: 'sequential', unit: 'W', thresholds: [10, 20] };
    expect([0, 1, 2].map((index) => classRange(classes, index))).toEqual([
      [undefined, 10],
      [10, 20],
      [20, undefined],
    ]);
  });

  it('of coverage are the steps in which it is told', () => {
    const classes = classesFor({ metric: 'coverage', scale: 'abs', level: 'street', children: [] });
    expect([0, 0.5, 0.8, 0.9, 0.99, 1].map((value) => classOf(value, classes))).toEqual([
      0, 1, 2, 3, 3, 4,
    ]);
  });
});

describe('the value that a row is coloured by', () => {
  const row = {
    energyWh: { net: -500, consumption: 0, production: null, import: 250, export: 750 },
    absent: {},
    status: 'published',
    reason: null,
    coverage: 1,
    meterCount: 20,
  } as const;

  it('is mean power over the interval, whole, per meter or per square kilometre', () => {
    expect(displayValue(row, 'net', 'abs', 0.5, 900)).toBe(-2000);
    expect(displayValue(row, 'net', 'meter', 0.5, 900)).toBe(-100);
    expect(displayValue(row, 'net', 'km2', 0.5, 900)).toBe(-4000);
    expect(displayValue(row, 'import', 'abs', 0.5, 300)).toBe(3000);
  });

  it('is per meter that is counted, where it is known how many are', () => {
    const large = { ...row, meterCount: 10_000, coverage: 0.5 };
    expect(displayValue(large, 'net', 'meter', 1, 900)).toBe(-2000 / 5000);
    expect(displayValue({ ...row, coverage: 0.5 }, 'net', 'meter', 1, 900)).toBe(-100);
    expect(displayValue({ ...large, coverage: 0 }, 'net', 'meter', 1, 900)).toBe(-0.2);
  });

  it('is zero where zero was measured and null where nothing was', () => {
    expect(displayValue(row, 'consumption', 'meter', 1, 900)).toBe(0);
    expect(displayValue(row, 'production', 'meter', 1, 900)).toBeNull();
  });

  it('is null where there is nothing to divide by', () => {
    expect(displayValue({ ...row, meterCount: 0 }, 'net', 'meter', 1, 900)).toBeNull();
    for (const areaKm2 of [null, undefined, 0])
      expect(displayValue(row, 'net', 'km2', areaKm2, 900)).toBeNull();
  });

  it('is the share for coverage on every scale', () => {
    for (const scale of SCALES) expect(displayValue(row, 'coverage', scale, null, 900)).toBe(1);
  });
});
