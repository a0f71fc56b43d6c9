import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MapRow } from '../../src/map/frame.ts';
import { ENERGY_METRICS } from '../../src/map/metric.ts';
import { at, type Country, countryAt, rowFaults, SIGNAL, viewerOf } from './country-places.ts';

const LATEST = at('2026-11-21T12:00Z');
const country = countryAt(LATEST);

async function checkSums({ source, frame }: Country, interval: number): Promise<MapRow[]> {
  const seen: MapRow[] = [];
  const open = [...source.roots];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const found = await frame(id, interval);
    if (found === undefined) throw new Error(`no frame of ${id}`);
    seen.push(found.self, ...found.rows);
    expect(found.self.id).toBe(id);
    expect([found.self, ...found.rows].flatMap(rowFaults)).toEqual([]);
    if (found.rows.length > 0) {
      const there = found.rows.filter(
        (row) => row.status === 'published' || row.status === 'partial',
      );
      for (const metric of ENERGY_METRICS) {
        const sum = there.reduce((total, row) => total + (row.energyWh[metric] as number), 0);
        expect(found.self.energyWh[metric], `${id} ${metric}`).toBe(there.length > 0 ? sum : null);
      }
      const meters = found.rows.reduce((total, row) => total + row.meterCount, 0);
      expect(found.self.meterCount).toBe(meters);
      const covered = there.reduce((total, row) => total + row.coverage * row.meterCount, 0);
      // The area's own coverage is rounded once, its rows' each: never more than a row's step apart.
      expect(found.self.coverage).toBeLessThanOrEqual(1);
      expect(found.self.coverage).toBeGreaterThan(covered / meters - 0.011);
      if (there.length < found.rows.filter((row) => row.meterCount > 0).length) {
        expect(found.self.reason).not.toBeNull();
        expect(found.self.coverage).toBeLessThan(1);
      }
    }
    open.push(
      ...source
        .children(id)
        .filter(({ depth }) => depth < 5)
        .map((area) => area.id),
    );
  }
  return seen;
}

describe('the simulated country', () => {
  it('adds up exactly at every level, in any interval', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: LATEST - 40_000, max: LATEST }), async (interval) => {
        await checkSums(country, interval);
      }),
      { numRuns: 15, examples: [[LATEST], [LATEST - 1]] },
    );
  });

  it('adds up on the days that clocks change', async () => {
    for (const day of ['2026-03-29', '2026-10-25']) {
      for (const time of ['00:45', '01:00', '01:15', '23:00']) {
        await checkSums(country, at(`${day}T${time}Z`));
      }
    }
  });

  it('says the same in a series as in frames', async () => {
    for (const id of ['eu', 'eu/es', 'eu/es/08', 'eu/es/07/09', 'eu/es/13/28/28001', 'eu/fr']) {
      const from = LATEST - 5;
      const series = await country.source.series({
        area: id as never,
        id,
        from: from as never,
        until: (LATEST + 1) as never,
        viewer: viewerOf(),
        signal: SIGNAL,
      });
      for (let i = 0; i <= 5; i++) {
        const self = (await country.frame(id, from + i))?.self;
        for (const metric of ENERGY_METRICS) {
          expect(series?.energyWh[metric][i]).toBe(self?.energyWh[metric]);
        }
        expect(series?.status[i]).toBe(self?.status);
        expect(series?.coverage[i]).toBe(self?.coverage);
      }
    }
  });

  it('has a series for every merged cell, equal to its row', async () => {
    const area = 'eu/es/07/09';
    const rows = (await country.frame(area, LATEST))?.rows.filter(({ kind }) => kind === 'cell');
    expect(rows?.length).toBeGreaterThan(2);
    for (const row of rows ?? []) {
      const query = { area: area as never, id: row.id, from: LATEST, until: (LATEST + 1) as never };
      const series = await country.source.series({ ...query, viewer: viewerOf(), signal: SIGNAL });
      expect(series?.energyWh.net).toEqual([row.energyWh.net]);
      expect(series?.name).toBe(row.name);
    }
  });

  it('says the same whoever asks first, and something else with another seed', async () => {
    const other = countryAt(LATEST);
    await other.frame('eu', LATEST - 300);
    await other.frame('eu/es/08/16', LATEST - 5);
    for (const area of ['eu', 'eu/es/08/16', 'eu/es/07']) {
      expect(await other.frame(area, LATEST)).toEqual(await country.frame(area, LATEST));
    }
    const elsewhere = await countryAt(LATEST, [], 'other').frame('eu/es', LATEST);
    expect(elsewhere?.self.energyWh).not.toEqual(
      (await country.frame('eu/es', LATEST))?.self.energyWh,
    );
  });
});
