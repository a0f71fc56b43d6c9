import { describe, expect, it } from 'vitest';
import { openHomeStore } from '../../../src/gateway/home-store.ts';
import { Household, type HouseholdOptions } from '../../../src/gateway/node/household.ts';
import { sourceSchema } from '../../../src/gateway/source-config.ts';
import type { Measurement } from '../../../src/gateway/sources/source.ts';

const INTERVAL_MS = 900_000;
const START = Date.UTC(2026, 10, 21, 10);
const FIRST = START / INTERVAL_MS;
const LITRE = 1000;
const WH = 1000;
const KWH = 1000 * WH;

/** A house whose clock is turned by hand. */
function house(sources: readonly object[], more: Partial<HouseholdOptions['config']> = {}) {
  let nowMs = START;
  let steadyMs = 0;
  const refused = new Map<string, string>();
  const store = openHomeStore(':memory:');
  const household = new Household({
    config: {
      ...{ maxPowerW: 17_250, maxGapSeconds: 300, turnsAt: {}, maxPerHour: {} },
      ...{ sources: sources.map((source) => sourceSchema.parse(source)), ...more },
    },
    ...{ intervalSeconds: 900, store, clock: { nowMs: () => nowMs, steadyMs: () => steadyMs } },
    onRefused: (source, reason, detail) => void refused.set(`${source}: ${reason}`, detail),
    onReadings: () => undefined,
  });
  return {
    ...{ household, refused },
    nowMs: () => nowMs,
    pass: (ms: number) => {
      nowMs += ms;
      steadyMs += ms;
    },
    setClock: (ms: number) => {
      nowMs += ms;
    },
    take: (source: string, amounts: Record<string, number>, own: Partial<Measurement> = {}) =>
      household.take(source, {
        ...{ amounts: new Map(Object.entries(amounts)), powersW: new Map(), ...own },
      }),
    readings: (register: string, count: number) =>
      Array.from({ length: count }, (_, at) => household.amountsOf(FIRST + at).get(register)),
  };
}

const P1 = {
  ...{ kind: 'tcp', name: 'grid', host: 'p1', port: 2001, protocol: 'dsmr-p1' },
  takes: { import: 'importWh', gas: '0-1:24.2.1' },
};
const HEAT = {
  ...{ kind: 'tcp', name: 'heat', host: 'mbus', port: 2001, protocol: 'mbus' },
  takes: { heat: 'energy', water: 'volume' },
};

describe('a house with electricity, gas, heat and water', () => {
  it.each([
    ['a clock like ours', 0],
    ['a clock of yesterday', -86_400_000],
    ['a clock that is ahead of ours', 20_000],
  ])('has gas that its own meter tells every five minutes, beside %s', (_, driftMs) => {
    const home = house([P1]);
    // Each second a telegram; what is burnt, 2 m3 an hour, shows in steps of five minutes.
    const gasAt = (ms: number) => 100_000 * LITRE + Math.floor(((ms - START) / 3600) * 2000);
    for (let second = 0; second < 3700; second += 10) {
      // Its telegrams take a second or two.
      const meterTimeMs = home.nowMs() + driftMs - 1000 * ((second / 10) % 3);
      const gasMs = Math.floor(home.nowMs() / 300_000) * 300_000;
      home.take(
        'grid',
        { import: 5000 * KWH + second * 100, gas: gasAt(gasMs) },
        { meterTimeMs, registerTimesMs: new Map([['gas', gasMs + driftMs]]) },
      );
      home.pass(10_000);
    }
    expect([...home.refused]).toEqual([]);
    expect(home.readings('gas', 4)).toEqual([500, 500, 500, 500]);
    expect(home.readings('import', 4)).toEqual([90, 90, 90, 90]);
  });

  it('has no gas where its meter tells only the hour: missing, and not zero', () => {
    const home = house([P1]);
    for (let minute = 0; minute < 190; minute++) {
      const gasMs = Math.floor(home.nowMs() / 3_600_000) * 3_600_000;
      const own = { meterTimeMs: home.nowMs(), registerTimesMs: new Map([['gas', gasMs]]) };
      home.take('grid', { gas: 1000 * LITRE + (gasMs - START) / 2 }, own);
      home.pass(60_000);
    }
    expect(home.readings('gas', 12)).toEqual(Array(12).fill(undefined));
    expect([...home.refused]).toEqual([]);
  });

  it('has gas in steps also where nobody tells when it was measured', () => {
    const home = house([P1]);
    for (let second = 0; second < 3700; second += 10) {
      home.take('grid', { gas: 7000 * LITRE + 117 * LITRE * Math.floor(second / 300) });
      home.pass(10_000);
    }
    expect([...home.refused]).toEqual([]);
    expect(home.readings('gas', 4)).toEqual([351, 351, 351, 351]);
  });

  it('has heat and water, and more heat than the fuse lets through where it says so', () => {
    const configs = [{}, { maxPerHour: { heat: { value: 60, unit: 'kWh' } } }];
    const found = configs.map((config) => {
      const home = house([P1, HEAT], config);
      for (let minute = 0; minute < 50; minute++) {
        home.take('heat', {
          heat: 90_000 * KWH + minute * 667_123,
          water: 250_000 * LITRE + minute * 3 * LITRE,
        });
        home.pass(60_000);
      }
      return [home.readings('heat', 2), home.readings('water', 2), [...home.refused.keys()]];
    });
    expect(found).toEqual([
      [[undefined, undefined], [45, 45], ['heat: above-fuse']],
      [[10_006, 10_007], [45, 45], []],
    ]);
  });
});

describe('a house with two meters below one wildcard', () => {
  const topic = {
    ...{ topic: 'tele/+/SENSOR', meters: ['roof', 'barn'] },
    takes: { production: { path: 'ENERGY.Total', unit: 'kWh' } },
  };
  const plugs = { kind: 'mqtt', name: 'plugs', url: 'mqtt://x', topics: [topic] };

  it('has their sum, and nothing of an interval in which one is missing', () => {
    const home = house([plugs]);
    for (let second = 0; second <= 3610; second += 10) {
      home.take('plugs', { production: 10 * KWH + second * 100 }, { feed: 'roof' });
      if (second <= 1800)
        home.take('plugs', { production: 900 * KWH + second * 50 }, { feed: 'barn' });
      home.pass(10_000);
    }
    expect([...home.refused]).toEqual([]);
    expect(home.readings('production', 4)).toEqual([135, 135, undefined, undefined]);
    expect(home.household.registers).toEqual(['production']);
  });
});

describe('a house whose own clock', () => {
  it('is set measures on, and says nothing of the intervals that it cut', () => {
    const home = house([P1]);
    const live = (seconds: number) => {
      for (let second = 0; second < seconds; second += 10) {
        home.take('grid', { import: 5000 * KWH + (home.nowMs() - START) / 10 });
        home.pass(10_000);
      }
    };
    live(1350);
    home.setClock(60_000);
    live(2300);
    expect(home.household.clockSteps).toBe(1);
    expect(home.readings('import', 4)).toEqual([90, undefined, 90, 90]);
  });

  it('was never set takes nothing', () => {
    const home = house([P1]);
    home.setClock(-START);
    home.take('grid', { import: 1 });
    expect([...home.refused.keys()]).toEqual(['grid: clock-not-set']);
  });
});
