import { describe, expect, it } from 'vitest';
import type { MapRow } from '../../src/map/frame.ts';
import type { MapEvent } from '../../src/map/map-source.ts';
import { ENERGY_METRICS } from '../../src/map/metric.ts';
import { ABOUT, at, countryAt, SIGNAL, viewerOf } from './country-places.ts';

const LATEST = at('2026-11-21T12:00Z');

describe('the simulated country', () => {
  it('shows every state within a day, as it would have been seen', async () => {
    const country = countryAt(LATEST);
    const states = new Map<string, number>();
    for (let interval = LATEST - 95; interval <= LATEST; interval++) {
      country.moveTo(interval);
      const areas = ['eu', 'eu/es/08', 'eu/es/08/16', 'eu/es/07', 'eu/es/07/09', 'eu/es/07/42'];
      for (const area of areas) {
        for (const row of (await country.frame(area, interval))?.rows ?? []) {
          const isZero = ENERGY_METRICS.every((metric) => row.energyWh[metric] === 0);
          const state = isZero && row.status === 'published' ? 'zero' : row.status;
          states.set(state, (states.get(state) ?? 0) + 1);
        }
      }
    }
    expect([...states.keys()].sort()).toEqual([
      'late',
      'not-connected',
      'partial',
      'published',
      'withheld',
      'zero',
    ]);
    const rows = [...states.values()].reduce((sum, count) => sum + count, 0);
    expect((states.get('published') ?? 0) / rows).toBeGreaterThan(0.9);
  });

  it('fills a late province in, tells so, and leaves it out of the sums until then', async () => {
    const country = countryAt(LATEST - 96);
    const events: MapEvent[] = [];
    using _ = country.source.subscribe((event) => events.push(event));
    let late: { row: MapRow; interval: number } | undefined;
    for (let interval = LATEST - 95; late === undefined; interval++) {
      country.moveTo(interval);
      country.source.poll();
      expect(events).toContainEqual(expect.objectContaining({ area: 'eu', interval }));
      events.length = 0;
      const frame = await country.frame('eu/es/08', interval);
      const row = frame?.rows.find(({ status }) => status === 'late');
      if (row === undefined) continue;
      late = { row, interval };
      expect(row.reason).toBe('late');
      expect(Object.values(row.energyWh)).toEqual([null, null, null, null, null]);
      expect(frame?.self).toMatchObject({ status: 'partial', reason: 'late' });
      const inside = await country.frame(row.id, interval);
      expect(inside?.rows.every(({ status }) => status === 'late')).toBe(true);
      const before = frame?.revision ?? 0;

      country.moveTo(interval + 2);
      country.source.poll();
      expect(events).toContainEqual(expect.objectContaining({ area: row.id, interval }));
      const after = await country.frame('eu/es/08', interval);
      expect(after?.rows.find(({ id }) => id === row.id)?.energyWh.net).not.toBeNull();
      expect(after?.revision).toBeGreaterThan(before);
      const sequences = events.map(({ sequence }) => sequence);
      expect(sequences).toEqual(sequences.map((_value, i) => (sequences[0] as number) + i));
    }
  });

  it('publishes small villages only together with their neighbours', async () => {
    const { source, frame } = countryAt(LATEST);
    const area = 'eu/es/07/09';
    const rows = (await frame(area, LATEST))?.rows ?? [];
    const members = rows.flatMap((row) => row.members);
    expect(members.toSorted()).toEqual(source.children(area as never).map(({ id }) => id));
    expect(Math.min(...rows.map(({ meterCount }) => meterCount))).toBeGreaterThanOrEqual(
      ABOUT.minMeters,
    );
    const cell = rows.find(({ kind }) => kind === 'cell') as MapRow;
    expect(cell.name).toMatch(/ \+ \d+ more$/);
    for (const member of cell.members) {
      const self = (await frame(member, LATEST))?.self;
      expect(self).toMatchObject({ status: 'withheld', reason: 'too-few', layers: [] });
      expect(Object.values(self?.energyWh ?? {})).toEqual([null, null, null, null, null]);
      const query = { area: member, id: member, from: LATEST, until: (LATEST + 1) as never };
      const series = await source.series({ ...query, viewer: viewerOf(), signal: SIGNAL });
      expect(series?.energyWh.net).toEqual([null]);
      expect(series?.status).toEqual(['withheld']);
    }
  });

  it('leaves out what is handed over, and the meters with it', async () => {
    const pilot = 'eu/es/13/28/28006';
    const all = countryAt(LATEST);
    const rest = countryAt(LATEST, [pilot]);
    expect(rest.source.area(pilot as never)).toBeUndefined();
    expect(await rest.frame(pilot, LATEST)).toBeUndefined();
    const meters = all.source.area(pilot as never)?.meterCount ?? 0;
    for (const area of ['eu', 'eu/es', 'eu/es/13', 'eu/es/13/28']) {
      const whole = all.source.area(area as never)?.meterCount ?? 0;
      expect(rest.source.area(area as never)?.meterCount).toBe(whole - meters);
    }
    const rows = (await rest.frame('eu/es/13/28', LATEST))?.rows ?? [];
    expect(rows.flatMap(({ members }) => members)).not.toContain(pilot);
  });

  it('knows nothing of other ids', async () => {
    const { source, frame } = countryAt(LATEST);
    for (const id of ['', 'es', 'eu/xx', 'eu/es/99', 'eu/es/13/28/28001/s1', '__proto__']) {
      expect(source.area(id as never)).toBeUndefined();
      expect(source.children(id as never)).toEqual([]);
      expect(await frame(id, LATEST)).toBeUndefined();
      const query = { area: id as never, id, from: LATEST, until: LATEST };
      expect(await source.series({ ...query, viewer: viewerOf(), signal: SIGNAL })).toBeUndefined();
    }
    const query = { area: 'eu/es/13' as never, from: LATEST, until: LATEST, viewer: viewerOf() };
    for (const id of ['eu/es/08', 'eu/es', 'nothing+1']) {
      expect(await source.series({ ...query, id, signal: SIGNAL })).toBeUndefined();
    }
  });

  it('says of what lies ahead that it is late, and never a zero', async () => {
    const frame = await countryAt(LATEST).frame('eu/es', LATEST + 1);
    for (const row of [frame?.self, ...(frame?.rows ?? [])]) {
      expect(row).toMatchObject({ status: 'late', reason: 'late' });
      expect(Object.values(row?.energyWh ?? {})).toEqual([null, null, null, null, null]);
    }
    expect(frame?.publishedAtMs).toBeUndefined();
  });

  it('blanks what the viewer has no channel for', async () => {
    const { source } = countryAt(LATEST);
    const query = { area: 'eu/es' as never, interval: LATEST, signal: SIGNAL };
    const frame = await source.frame({ ...query, viewer: viewerOf(['net']) });
    for (const row of [frame?.self, ...(frame?.rows ?? [])]) {
      if (row?.status === 'late') continue;
      expect(row?.energyWh.net).not.toBeNull();
      expect(row?.absent).toEqual({
        consumption: 'not-granted',
        production: 'not-granted',
        import: 'not-granted',
        export: 'not-granted',
      });
    }
    const shallow = await source.frame({ ...query, viewer: viewerOf(['net'], 2) });
    expect(shallow?.rows).toEqual([]);
  });

  it('finds places by name, accents and case aside, beginnings first', () => {
    const { source } = countryAt(LATEST);
    const names = (text: string, within = 'eu') =>
      source.search(text, within as never, 3).map(({ name }) => name);
    expect(names('provincia 1')).toEqual(['Província 16']);
    expect(names('ALDEA 16001')).toEqual(['Áldea 16001']);
    expect(names('16001')).toEqual(['Áldea 16001']);
    expect(names('region')).toHaveLength(3);
    expect(names('aldea', 'eu/es/13').every((name) => name.startsWith('Áldea 28'))).toBe(true);
    expect(names('')).toEqual([]);
    expect(names('%_*(')).toEqual([]);
  });

  it('reports the age and the gaps of its monitors', async () => {
    const report = await countryAt(LATEST).source.health('eu/es' as never, viewerOf());
    expect(report.intervals).toHaveLength(96);
    expect(report.intervals.at(-1)?.interval).toBe(LATEST);
    expect(report.sources).toHaveLength(9);
    expect(report.withheld.every(({ reason }) => reason === 'low-presence')).toBe(true);
    expect(report.trusteeNames).toEqual([]);
  });
});
