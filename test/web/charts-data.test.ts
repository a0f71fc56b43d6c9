import { describe, expect, it } from 'vitest';
import type { SeriesDocument } from '../../src/server/wire.ts';
import { axisSteps, axisUnit } from '../../web/src/charts/axis-unit.ts';
import {
  assembleColumns,
  comparisonStarts,
  indexAt,
  simulatedBands,
  startsOf,
  valueAt,
} from '../../web/src/charts/chart-data.ts';
import { summarise } from '../../web/src/charts/chart-summary.ts';
import { sameLocalTime } from '../../web/src/slider/local-time.ts';
import { rangeAround } from '../../web/src/slider/time-range.ts';

const MADRID = 'Europe/Madrid';

describe('chart columns', () => {
  it('are mean power at the intervals of the series, and gaps elsewhere', () => {
    const current = series('2026-11-21T00:15Z', [100, null, 300]);
    const starts = [at('2026-11-21T00:00Z'), at('2026-11-21T00:15Z'), at('2026-11-21T00:30Z')];
    const columns = assembleColumns(
      'net',
      { current, yesterday: undefined, lastWeek: undefined },
      { starts, yesterday: [], lastWeek: [] },
    );
    expect(columns.current).toEqual([null, 400, null]);
  });

  it('give coverage as its share', () => {
    const current = series('2026-11-21T00:00Z', [100, null]);
    expect(valueAt(current, 'coverage', at('2026-11-21T00:00Z'))).toBe(0.9);
  });

  it('find nothing between intervals, before or after the series', () => {
    const current = series('2026-11-21T00:00Z', [1, 2]);
    expect(indexAt(current, at('2026-11-21T00:15Z'))).toBe(1);
    for (const time of ['2026-11-21T00:07Z', '2026-11-20T23:45Z', '2026-11-21T00:30Z'])
      expect(indexAt(current, at(time))).toBeUndefined();
  });

  it('stand beside the same local time of yesterday on a day of 100 intervals', () => {
    const range = rangeAround(at('2026-10-25T12:00Z'), 'day', MADRID, 900);
    const starts = startsOf(range, 900);
    const before = comparisonStarts(range, -1, MADRID, 900);
    expect(before).toHaveLength(100);
    // Noon on the wall clock, 11:00 UTC on the day of the change and 10:00 UTC before it.
    expect(before[starts.indexOf(at('2026-10-25T11:00Z'))]).toBe(at('2026-10-24T10:00Z'));
  });

  it('take the short way through plain days to the same instants', () => {
    const range = rangeAround(at('2026-10-27T12:00Z'), 'week', MADRID, 900);
    const slow = startsOf(range, 900).map((start) => sameLocalTime(start, -7, MADRID));
    expect(comparisonStarts(range, -7, MADRID, 900)).toEqual(slow);
  });
});

describe('the origin of a line', () => {
  it('is marked in bands where it is simulated', () => {
    const mixed = {
      ...series('1970-01-01T00:00Z', [1, 2, 3, 4]),
      origin: ['simulated', 'simulated', 'network', 'simulated'] as const,
    };
    expect(simulatedBands(mixed)).toEqual([
      { fromSeconds: 0, untilSeconds: 1800 },
      { fromSeconds: 2700, untilSeconds: 3600 },
    ]);
    expect(simulatedBands(series('1970-01-01T00:00Z', [1]))).toEqual([]);
  });
});

describe('the summary of a chart', () => {
  it('names the extremes and counts gaps up to the newest interval only', () => {
    expect(summarise([0, 900, 1800, 2700, 3600], [5, null, -2, 5, null], 2700)).toEqual({
      min: -2,
      minAt: 1800,
      max: 5,
      maxAt: 0,
      valueCount: 3,
      gapCount: 1,
    });
  });

  it('counts a gap that comes before the first figure', () => {
    expect(summarise([0, 900], [null, 1], 900)?.gapCount).toBe(1);
  });

  it('is none without figures', () => {
    expect(summarise([0, 900], [null, null], 900)).toBeUndefined();
  });
});

describe('an axis', () => {
  it('has one prefix, that of its largest value', () => {
    expect(axisUnit([120, -3_400_000, null], 'W')).toEqual({ unit: 'MW', divisor: 1e6 });
    expect(axisUnit([999], 'W')).toEqual({ unit: 'W', divisor: 1 });
    expect(axisUnit([], 'W')).toEqual({ unit: 'W', divisor: 1 });
  });

  it('has round steps that cover its values', () => {
    expect(axisSteps(0, 950, 3)).toEqual([0, 500, 1000]);
    expect(axisSteps(-120, 340, 4)).toEqual([-200, 0, 200, 400]);
    expect(axisSteps(5, 5, 3)).toEqual([5]);
  });
});

function series(from: string, energyWh: readonly (number | null)[]): SeriesDocument {
  const nothing = energyWh.map(() => null);
  return {
    area: 'eu/es/13',
    row: 'eu/es/13',
    name: 'Madrid',
    from,
    until: from,
    intervalSeconds: 900,
    energyWh: {
      net: energyWh,
      consumption: nothing,
      production: nothing,
      import: nothing,
      export: nothing,
    },
    coverage: energyWh.map((value) => (value === null ? null : 0.9)),
    status: energyWh.map((value) => (value === null ? 'withheld' : 'published')),
    origin: energyWh.map(() => 'network'),
    pendingCount: 0,
  };
}

function at(time: string): number {
  return Date.parse(time) / 1000;
}
