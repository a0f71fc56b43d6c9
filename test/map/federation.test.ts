import { describe, expect, it } from 'vitest';
import type { AreaId } from '../../src/core/area.ts';
import { createFederation } from '../../src/map/federation.ts';
import type { MapRow } from '../../src/map/frame.ts';
import type { MapEvent, MapSource } from '../../src/map/map-source.ts';
import { ENERGY_METRICS } from '../../src/map/metric.ts';
import { isWhole } from '../../src/map/sum-rows.ts';
import {
  ABOUT,
  at,
  type Country,
  countryAt,
  rowFaults,
  SIGNAL,
  viewerOf,
} from '../sim/country-places.ts';
import { createPart, type Part } from './federation-part.ts';

const LATEST = at('2026-11-21T12:00Z');
const MADRID = 'eu/es/13/28/28006';
const GIJON = 'eu/es/03/33/33024';
const ABOVE_MADRID = ['eu', 'eu/es', 'eu/es/13', 'eu/es/13/28'];

interface Joined {
  readonly federation: MapSource;
  readonly base: Country;
  readonly madrid: Part;
  readonly gijon: Part;
}

function join(): Joined {
  const base = countryAt(LATEST, [MADRID, GIJON]);
  const madrid = createPart(MADRID, LATEST);
  const gijon = createPart(GIJON, LATEST, 2);
  const parts = [madrid.source, gijon.source];
  return {
    federation: createFederation({ base: base.source, parts, about: ABOUT }),
    base,
    madrid,
    gijon,
  };
}

async function frameOf(source: MapSource, area: string, viewer = viewerOf(), interval = LATEST) {
  const frame = await source.frame({ area: area as AreaId, interval, viewer, signal: SIGNAL });
  if (frame === undefined) throw new Error(`no frame of ${area}`);
  return frame;
}

function expectSums(self: MapRow, rows: readonly MapRow[]): void {
  expect([self, ...rows].flatMap(rowFaults)).toEqual([]);
  for (const metric of ENERGY_METRICS) {
    const whole = rows.filter((row) => isWhole(row, ENERGY_METRICS));
    const sum = whole.reduce((total, row) => total + (row.energyWh[metric] as number), 0);
    expect(self.energyWh[metric]).toBe(whole.length === 0 ? null : sum);
  }
}

describe('a federation', () => {
  it("adds the parts' figures to every area above them, exactly", async () => {
    const { federation, base, madrid } = join();
    const own = (await frameOf(madrid.source, MADRID)).self;
    for (const area of ABOVE_MADRID) {
      const joined = await frameOf(federation, area);
      expectSums(joined.self, joined.rows);
      if (area === 'eu' || area === 'eu/es') continue;
      const before = await frameOf(base.source, area);
      for (const metric of ENERGY_METRICS) {
        const sum = (before.self.energyWh[metric] as number) + (own.energyWh[metric] as number);
        expect(joined.self.energyWh[metric]).toBe(sum);
      }
      expect(joined.self.meterCount).toBe(before.self.meterCount + 100);
      expect(joined.revision).toBe(before.revision + 3);
    }
  });

  it("shows a part's own row among its siblings, in their order", async () => {
    const { federation, madrid } = join();
    const { rows } = await frameOf(federation, 'eu/es/13/28');
    const own = (await frameOf(madrid.source, MADRID)).self;
    expect(rows.find(({ id }) => id === MADRID)).toEqual(own);
    const firsts = rows.map(({ members }) => members[0]);
    expect(firsts).toEqual(firsts.toSorted());
    expect((await frameOf(federation, 'eu/es/13/28')).self.origin).toBe('simulated');
  });

  it('leaves what is not above a part to the one that has it', async () => {
    const { federation, base, madrid } = join();
    for (const area of ['eu/fr', 'eu/es/08', 'eu/es/08/16']) {
      expect(await frameOf(federation, area)).toEqual(await frameOf(base.source, area));
    }
    for (const area of [MADRID, `${MADRID}/s1`]) {
      expect(await frameOf(federation, area)).toEqual(await frameOf(madrid.source, area));
    }
    expect(federation.evidence).toBeUndefined();
  });

  it('opens nothing below a root for a frame above it', async () => {
    const { federation, madrid } = join();
    await frameOf(federation, 'eu/es');
    expect(madrid.asked).toEqual([{ area: MADRID, deepestDepth: 5 }]);
  });

  it('shows a lagging part as late, and says in the sums what they cover', async () => {
    const { federation, base, madrid } = join();
    madrid.latest = (LATEST - 5) as never;
    for (const area of ABOVE_MADRID) {
      const { self, rows } = await frameOf(federation, area);
      expectSums(self, rows);
      expect(self.reason).not.toBeNull();
      expect(self.coverage).toBeLessThan(1);
    }
    const { rows, self } = await frameOf(federation, 'eu/es/13/28');
    expect(rows.find(({ id }) => id === MADRID)).toMatchObject({ status: 'late', reason: 'late' });
    expect(self.energyWh).toEqual((await frameOf(base.source, 'eu/es/13/28')).self.energyWh);
    expect(madrid.asked).toEqual([]);
  });

  it('leaves a part out wholly where one of its metrics is not known', async () => {
    const { federation, base, madrid } = join();
    const energyWh = { net: 700, consumption: null, production: null, import: 800, export: 100 };
    madrid.change = {
      energyWh,
      absent: { consumption: 'unmetered-production', production: 'unmetered-production' },
    };
    const { self, rows } = await frameOf(federation, 'eu/es/13/28');
    expectSums(self, rows);
    expect(self.energyWh).toEqual((await frameOf(base.source, 'eu/es/13/28')).self.energyWh);
    expect(self.reason).toBe('unmetered-production');
    expect(rows.find(({ id }) => id === MADRID)?.energyWh).toEqual(energyWh);
  });

  it('adds what the viewer may see and says of the rest that it is not granted', async () => {
    const { federation, base, madrid } = join();
    const viewer = viewerOf(['net']);
    const { self } = await frameOf(federation, 'eu/es/13', viewer);
    const before = await frameOf(base.source, 'eu/es/13', viewer);
    const own = (await frameOf(madrid.source, MADRID)).self.energyWh.net as number;
    expect(self.energyWh).toEqual({
      net: (before.self.energyWh.net as number) + own,
      consumption: null,
      production: null,
      import: null,
      export: null,
    });
    expect(self.absent.export).toBe('not-granted');
    const inside = await frameOf(federation, MADRID, viewer);
    expect(inside.rows[0]?.energyWh.export).toBeNull();
    expect((await frameOf(federation, 'eu/es', viewerOf(['net'], 2))).rows).toEqual([]);
  });

  it('goes on where a part fails, and stops where its caller has gone', async () => {
    const { federation, madrid } = join();
    madrid.failure = new Error('the network is down');
    const { self, rows } = await frameOf(federation, 'eu/es/13/28');
    expectSums(self, rows);
    expect(rows.find(({ id }) => id === MADRID)).toMatchObject({
      status: 'late',
      reason: 'missing',
    });
    const signal = AbortSignal.abort();
    const query = { area: 'eu/es' as AreaId, interval: LATEST, viewer: viewerOf(), signal };
    await expect(federation.frame(query)).rejects.toThrow();
  });

  it('has in a series what it has in frames', async () => {
    const { federation, madrid } = join();
    madrid.latest = (LATEST - 1) as never;
    const from = (LATEST - 3) as never;
    const until = (LATEST + 1) as never;
    for (const [area, id] of [
      ...ABOVE_MADRID.map((above) => [above, above] as const),
      ['eu/es', 'eu/es/13'],
      ['eu/es/13/28', MADRID],
      [MADRID, `${MADRID}/s1`],
    ] as const) {
      for (const viewer of [viewerOf(), viewerOf(['net', 'export'])]) {
        const query = { area: area as AreaId, id, from, until, viewer, signal: SIGNAL };
        const series = await federation.series(query);
        for (let i = 0; i < 4; i++) {
          const { self } = await frameOf(federation, id, viewer, (LATEST - 3 + i) as never);
          const at = { id, status: self.status, coverage: self.coverage, net: self.energyWh.net };
          expect({
            id: series?.id,
            status: series?.status[i],
            coverage: series?.coverage[i],
            net: series?.energyWh.net[i],
          }).toEqual(at);
          expect(series?.energyWh.import[i]).toBe(self.energyWh.import);
          expect(series?.energyWh.consumption[i]).toBe(self.energyWh.consumption);
        }
      }
    }
    const query = { area: MADRID as AreaId, from, until, viewer: viewerOf(), signal: SIGNAL };
    expect(await federation.series({ ...query, id: 'eu/es' })).toBeUndefined();
  });

  it('waits with the newest interval for a part, but not for long', () => {
    const { federation, madrid, gijon } = join();
    expect(federation.latestInterval()).toBe(LATEST);
    madrid.latest = (LATEST - 1) as never;
    gijon.latest = undefined;
    expect(federation.latestInterval()).toBe(LATEST - 1);
    madrid.latest = (LATEST - 3) as never;
    expect(federation.latestInterval()).toBe(LATEST);
  });

  it("puts the parts' areas into the tree and the search", () => {
    const { federation, base } = join();
    expect(federation.area(MADRID as AreaId)).toMatchObject({
      parent: 'eu/es/13/28',
      origin: 'network',
    });
    const province = 'eu/es/13/28' as AreaId;
    const before = base.source.area(province);
    expect(federation.area(province)).toMatchObject({
      meterCount: (before?.meterCount ?? 0) + 100,
      childCount: (before?.childCount ?? 0) + 1,
    });
    const ids = federation.children(province).map(({ id }) => id);
    expect(ids).toContain(MADRID);
    expect(ids).toEqual(ids.toSorted());
    expect(federation.children(MADRID as AreaId).map(({ id }) => id)).toEqual([`${MADRID}/s1`]);
    for (const within of ['eu', 'eu/es/13']) {
      const [first] = federation.search('pilot 28', within as AreaId, 5);
      expect(first?.id).toBe(MADRID);
    }
    expect(federation.search('pilot', 'eu/fr' as AreaId, 5)).toEqual([]);
    expect(federation.area('eu/es/13/28/28006/s7' as AreaId)).toBeUndefined();
  });

  it('counts the events of all sources in one sequence, while somebody listens', () => {
    const { federation, madrid, gijon } = join();
    const events: MapEvent[] = [];
    const one = federation.subscribe((event) => events.push(event));
    const two = federation.subscribe(() => {});
    madrid.tell({ sequence: 40, area: MADRID as AreaId, interval: LATEST });
    gijon.tell({ sequence: 7, area: GIJON as AreaId, interval: LATEST });
    expect(events).toEqual([
      { sequence: 1, area: MADRID, interval: LATEST },
      { sequence: 2, area: GIJON, interval: LATEST },
    ]);
    expect(madrid.listenerCount()).toBe(1);
    one[Symbol.dispose]();
    one[Symbol.dispose]();
    madrid.tell({ sequence: 41, area: MADRID as AreaId, interval: LATEST });
    expect(events).toHaveLength(2);
    two[Symbol.dispose]();
    expect(madrid.listenerCount()).toBe(0);
  });

  it("reports all sources' health, the networks' intervals together", async () => {
    const { federation } = join();
    const report = await federation.health('eu/es' as AreaId, viewerOf());
    expect(report.intervals).toEqual([
      {
        interval: LATEST,
        publishedAfterSeconds: 40,
        cellsPublished: 8,
        cellsWithheld: { 'too-few': 2 },
        framesAccepted: 200,
        framesRejected: { 'bad-tag': 3 },
        trustees: ['answered', 'silent'],
        disagreementCount: 0,
        auditFindings: [{ finding: 'a finding', area: GIJON }],
      },
    ]);
    expect(report.sources.filter(({ origin }) => origin === 'network')).toHaveLength(2);
    expect(report.sources.filter(({ origin }) => origin === 'simulated')).toHaveLength(9);
    expect(report.withheld.map(({ id }) => id)).toContain('s9');
  });

  it('counts the intervals of a network with several roots once', async () => {
    const { base, madrid } = join();
    const part: MapSource = { ...madrid.source, roots: [MADRID as AreaId, GIJON as AreaId] };
    const federation = createFederation({ base: base.source, parts: [part], about: ABOUT });
    const report = await federation.health('eu/es' as AreaId, viewerOf());
    expect(report.intervals.map(({ framesAccepted }) => framesAccepted)).toEqual([100]);
  });

  it('refuses sources that would count an area twice', () => {
    const create = (handedOver: string[], roots: string[]) => () =>
      createFederation({
        base: countryAt(LATEST, handedOver).source,
        parts: roots.map((root) => createPart(root, LATEST).source),
        about: ABOUT,
      });
    expect(create([], [MADRID])).toThrow('left out of the base');
    expect(create([MADRID], [MADRID, MADRID])).toThrow('in one part');
    expect(create([MADRID], [MADRID, `${MADRID}/s1`])).toThrow(RangeError);
    expect(create([], ['eu/es/13/99/99001'])).toThrow('the area above');
  });

  it('shows what the parties hold where a part can', async () => {
    const { base, madrid } = join();
    const part: MapSource = { ...madrid.source, evidence: async () => undefined };
    const gijon = createPart(GIJON, LATEST).source;
    const federation = createFederation({ base: base.source, parts: [part, gijon], about: ABOUT });
    const query = { area: 'eu/fr' as AreaId, interval: LATEST, viewer: viewerOf() };
    expect(await federation.evidence?.(query)).toBeUndefined();
    expect(federation.evidence).toBeDefined();
  });
});
