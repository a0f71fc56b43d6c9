import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { dayNumber, SECONDS_PER_DAY } from '../../src/sim/calendar.ts';
import { createHouseholds } from '../../src/sim/neighbourhood.ts';
import { createStreets, placeNames, planPilots } from '../../src/sim/places.ts';
import { createSimulator } from '../../src/sim/simulator.ts';

const START_SECONDS = dayNumber(2026, 5, 14) * SECONDS_PER_DAY;

describe('createHouseholds', () => {
  const households = createHouseholds({ meters: 3000, seed: 'demo' });
  const meterCounts = new Map<string, number>();
  for (const { area } of households) meterCounts.set(area, (meterCounts.get(area) ?? 0) + 1);

  it('gives exactly as many meters as asked for, each with its own id', () => {
    expect(new Set(households.map(({ meter }) => meter)).size).toBe(3000);
    for (const meters of [1, 7, 100]) {
      expect(createHouseholds({ meters, seed: 'x' })).toHaveLength(meters);
    }
    expect(() => createHouseholds({ meters: 0, seed: 'x' })).toThrow(RangeError);
  });

  it('puts suburbs and streets into municipalities of three regions of Spain', () => {
    const areasAt = (depth: number): number =>
      new Set(households.map(({ area }) => area.split('/').slice(0, depth).join('/'))).size;
    for (const { area } of households)
      expect(area).toMatch(/^eu\/es\/\d\d\/\d\d\/\d{5}\/s(\d+)\/s\1-\d\d$/);
    expect([1, 2, 3, 4, 5].map(areasAt)).toEqual([1, 1, 3, 3, 3]);
    const streets = createStreets(4000, 'demo');
    const pilots = planPilots(streets);
    expect(pilots.map(({ name }) => name)).toEqual(['Alcobendas', 'Paterna', 'Gijón']);
    for (const { suburbs } of pilots) {
      expect(suburbs.length).toBeGreaterThanOrEqual(4);
      expect(suburbs.length).toBeLessThanOrEqual(6);
    }
    const names = placeNames(pilots);
    for (const { area, name, suburb } of streets) {
      expect(names.get(area)).toBe(name);
      expect(names.get(suburb.area)).toMatch(/^Suburb \d, (dense|mixed|low-rise)$/);
    }
  });

  it('knows its pilots by the ids that the atlas gives them', async () => {
    const file = new URL(import.meta.resolve('es-atlas/es/municipalities.json'));
    const atlas = JSON.parse(await readFile(file, 'utf8')) as {
      objects: {
        municipalities: { geometries: { id: string; properties: { name: string } }[] };
        provinces: { geometries: { id: string; properties: { name: string } }[] };
      };
    };
    for (const { id, name } of planPilots(createStreets(4000, 'demo'))) {
      const [, , , province, municipality] = id.split('/');
      const found = atlas.objects.municipalities.geometries.find((one) => one.id === municipality);
      expect(found?.properties.name).toBe(name);
      expect(municipality?.startsWith(province!)).toBe(true);
    }
  });

  it('has streets of 25 to 60 meters mostly, and some too small to stand alone', () => {
    const sizes = [...meterCounts.values()];
    const large = sizes.filter((size) => size >= 25 && size <= 60).length;
    expect(large / sizes.length).toBeGreaterThan(0.7);
    expect(sizes.filter((size) => size < 20).length).toBeGreaterThan(2);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(60);
  });

  it('has many solar roofs where houses are low, few where they are dense', () => {
    const kinds = new Map(
      createStreets(3000, 'demo').map((street) => [street.area, street.suburb]),
    );
    const roofShare = (kind: string): number => {
      const homes = households.filter(({ area }) => kinds.get(area)?.kind === kind);
      return homes.filter(({ home }) => home.roof !== undefined).length / homes.length;
    };
    expect(roofShare('low-rise')).toBeGreaterThan(0.25);
    expect(roofShare('dense')).toBeLessThan(0.08);
  });

  it('declares export for roofs, and production for those that have a meter of it', () => {
    for (const { channels, home } of households) {
      expect(channels[0]).toBe('net');
      expect(channels.includes('export')).toBe(home.roof !== undefined);
      expect(channels.includes('production')).toBe(home.roof?.hasProductionMeter === true);
    }
    expect(new Set(households.map(({ channels }) => channels.join('+'))).size).toBe(3);
  });

  it('meters every roof where it is asked to, so that consumption is known', () => {
    const metered = createHouseholds({ meters: 3000, seed: 'demo', meteredRoofShare: 1 });
    expect(new Set(metered.map(({ channels }) => channels.join('+')))).toEqual(
      new Set(['net', 'net+export+production']),
    );
  });

  it('is another neighbourhood for another seed', () => {
    const other = createHouseholds({ meters: 3000, seed: 'other' });
    expect(other.map(({ area }) => area)).not.toEqual(households.map(({ area }) => area));
    expect(createHouseholds({ meters: 3000, seed: 'demo' })).toEqual(households);
  });
});

describe('createSimulator', () => {
  const households = createHouseholds({ meters: 400, seed: 'balance' });

  it('balances exactly, within every fuse, in whole watt-hours', () => {
    const simulate = createSimulator(households);
    let exportingAndImporting = 0;
    for (let interval = 0; interval < 96; interval++) {
      for (const [i, reading] of simulate(START_SECONDS + interval * 900).entries()) {
        const { importWh, exportWh, productionWh } = reading;
        const { maxWh, home, channels } = households[i]!;
        for (const energyWh of [importWh, exportWh, productionWh]) {
          expect(Number.isSafeInteger(energyWh) && energyWh >= 0 && energyWh <= maxWh).toBe(true);
        }
        const consumptionWh = importWh + productionWh - exportWh;
        expect(consumptionWh).toBeGreaterThanOrEqual(0);
        if (home.roof === undefined) expect(exportWh + productionWh).toBe(0);
        if (channels.includes('export') && importWh > 0 && exportWh > 0) exportingAndImporting++;
      }
    }
    expect(exportingAndImporting).toBeGreaterThan(0);
  });

  it('gives the same readings in any order, and after a restart', () => {
    const forward = createSimulator(households);
    const backward = createSimulator(createHouseholds({ meters: 400, seed: 'balance' }));
    const starts = Array.from({ length: 40 }, (_, i) => START_SECONDS + i * 7 * 900);
    const expected = starts.map((start) => forward(start));
    const found = starts.toReversed().map((start) => backward(start));
    expect(found.toReversed()).toEqual(expected);
    expect(createSimulator(households)(starts[20]!)).toEqual(expected[20]);
  });

  it('does not change a home when others join', () => {
    const alone = createSimulator(households.slice(0, 1));
    const together = createSimulator(households);
    expect(alone(START_SECONDS)[0]).toEqual(together(START_SECONDS)[0]);
  });

  it('gives an hour as the sum of its quarters, but for rounding', () => {
    const quarters = createSimulator(households);
    const hours = createSimulator(households, 3600);
    const start = START_SECONDS + 12 * 3600;
    const parts = [0, 900, 1800, 2700].map((shift) => quarters(start + shift));
    for (const [i, hour] of hours(start).entries()) {
      const importWh = parts.reduce((sum, readings) => sum + readings[i]!.importWh, 0);
      expect(Math.abs(hour.importWh - importWh)).toBeLessThanOrEqual(3);
    }
  });

  it('lets a charge that began before midnight go on after it', () => {
    const car = households.filter(({ home }) => home.charger !== undefined);
    const simulate = createSimulator(car);
    let goesOn = 0;
    for (let day = 0; day < 20; day++) {
      const midnight = START_SECONDS + day * SECONDS_PER_DAY;
      const before = simulate(midnight - 900);
      const after = simulate(midnight);
      for (const i of car.keys()) {
        const least = car[i]!.home.charger!.powerW / 4;
        if (before[i]!.importWh >= least && after[i]!.importWh >= least) goesOn++;
      }
    }
    expect(goesOn).toBeGreaterThan(5);
  });

  it('refuses an interval that is off its grid', () => {
    expect(() => createSimulator(households)(START_SECONDS + 60)).toThrow(RangeError);
    expect(() => createSimulator(households, 420)).toThrow(RangeError);
  });
});
