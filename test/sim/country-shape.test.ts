import { describe, expect, it } from 'vitest';
import { localTime } from '../../src/sim/calendar.ts';
import { SPANISH_DELAY_HOURS } from '../../src/sim/day-shape.ts';
import { h25Value } from '../../src/sim/h25.ts';
import { at, countryAt, SIGNAL, viewerOf } from './country-places.ts';

const { source } = countryAt(at('2026-12-01T00:00Z'));

async function seriesOf(id: string, from: string, until: string) {
  const series = await source.series({
    area: id as never,
    id,
    from: at(from),
    until: at(until),
    viewer: viewerOf(),
    signal: SIGNAL,
  });
  if (series === undefined) throw new Error(`no series of ${id}`);
  return series;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((x, y) => x + y, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  const product = a.map((value, i) => (value - meanA) * ((b[i] as number) - meanB));
  const square = (values: readonly number[], m: number) =>
    Math.sqrt(mean(values.map((value) => (value - m) ** 2)));
  return mean(product) / (square(a, meanA) * square(b, meanB));
}

describe('the simulated country', () => {
  it.each([
    ['2026-01-12T00:00Z', '2026-01-19T00:00Z'],
    ['2026-07-06T00:00Z', '2026-07-13T00:00Z'],
    // The clock goes back an hour on the 25th.
    ['2026-10-21T00:00Z', '2026-10-28T00:00Z'],
  ])('consumes like H25 in Spanish time, in the week from %s', async (from, until) => {
    const { energyWh } = await seriesOf('eu/es', from, until);
    const consumption = energyWh.consumption.map((value) => value ?? Number.NaN);
    const shape = consumption.map((_, i) => {
      const unixSeconds = (at(from) + i + 0.5) * 900 - SPANISH_DELAY_HOURS * 3600;
      const { day, hour } = localTime(unixSeconds);
      return h25Value(day, hour);
    });
    expect(correlation(consumption, shape)).toBeGreaterThan(0.9);
  });

  it('has its peak at 20 to 23 h of the local clock, summer time or not', async () => {
    for (const [day, offset] of [
      ['2026-01-14', 1],
      ['2026-07-08', 2],
    ] as const) {
      const { energyWh } = await seriesOf('eu/es', `${day}T00:00Z`, `${day}T23:45Z`);
      const values = energyWh.consumption.map(Number);
      const hour = values.indexOf(Math.max(...values)) / 4 + offset;
      expect(hour).toBeGreaterThanOrEqual(20);
      expect(hour).toBeLessThanOrEqual(23);
    }
  });

  it('exports at noon where it is sunny and rural, and never in the cloudy north as much', async () => {
    const noons = ['06', '07', '08', '09', '10', '11', '12'].map((day) => `2026-07-${day}T12:00Z`);
    const perMeter = async (id: string): Promise<number> => {
      const meters = source.area(id as never)?.meterCount ?? 0;
      const nets = await Promise.all(
        noons.map(
          async (noon) => (await seriesOf(id, noon, noon.replace('12:00', '12:15'))).energyWh.net,
        ),
      );
      return Math.min(...nets.flat().map((net) => Number(net) / meters));
    };
    const [badajoz, cuenca, asturias] = await Promise.all(
      ['eu/es/11/06', 'eu/es/08/16', 'eu/es/03/33'].map(perMeter),
    );
    expect(badajoz).toBeLessThan(0);
    expect(cuenca).toBeLessThan(0);
    expect(asturias).toBeGreaterThan(0);
  });

  it('produces nothing at night: a true zero, and not a gap', async () => {
    const { energyWh, status } = await seriesOf('eu/es', '2026-06-21T00:00Z', '2026-06-21T01:00Z');
    expect(energyWh.production).toEqual([0, 0, 0, 0]);
    expect(energyWh.export).toEqual([0, 0, 0, 0]);
    expect(status.every((value) => value === 'published' || value === 'partial')).toBe(true);
  });

  it('uses between 2,500 and 5,000 kWh a year in the mean Spanish home', async () => {
    let wh = 0;
    for (let month = 1; month <= 12; month++) {
      const day = `2026-${String(month).padStart(2, '0')}-15`;
      const next = `2026-${String(month).padStart(2, '0')}-16`;
      const { energyWh } = await seriesOf('eu/es', `${day}T00:00Z`, `${next}T00:00Z`);
      wh += energyWh.consumption.reduce<number>((sum, value) => sum + (value ?? 0), 0);
    }
    const meters = source.area('eu/es' as never)?.meterCount ?? 0;
    const annualKwh = (wh / 12 / meters / 1000) * 365;
    expect(annualKwh).toBeGreaterThan(2500);
    expect(annualKwh).toBeLessThan(5000);
  });
});
