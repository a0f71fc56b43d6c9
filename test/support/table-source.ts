// A map in memory for the server's tests: a small tree of areas whose figures are made from a hash,
// with exact sums, one merged cell, one street withheld, one late, one zero and one not connected.
// The clock stands still until the test moves it.

import { type AreaId, areaId, isWithin, lastToken, parentArea } from '../../src/core/area.ts';
import { type IntervalIndex, intervalIndex } from '../../src/core/interval.ts';
import type { Frame, MapRow } from '../../src/map/frame.ts';
import type { MapArea } from '../../src/map/map-area.ts';
import type { Geometry, MapEvent, MapSource } from '../../src/map/map-source.ts';
import { ENERGY_METRICS, type EnergyMetric, METRICS } from '../../src/map/metric.ts';
import { maySeeInside, type Viewer } from '../../src/map/viewer.ts';
import { buildAreas, LEVELS, siblingsOf, squares } from './table-areas.ts';
import { type Energy, leafEnergy, tableEvidence } from './table-figures.ts';

const INTERVAL_SECONDS = 900;

export interface TableSource extends MapSource {
  /** Moves the clock, publishes what has ended by then, and says so. */
  advanceTo(nowMs: number): void;
  /** New figures in an interval that was shown. */
  revise(area: AreaId, interval: IntervalIndex): void;
  /** How many are subscribed: none, once every stream is closed. */
  listenerCount(): number;
  /** Calls of `frame` and `series` that have not been answered. */
  openCount(): number;
  readonly allAreas: readonly AreaId[];
}

export interface TableSourceOptions {
  readonly nowMs: number;
  readonly historyIntervals?: number;
  readonly hasEvidence?: boolean;
  /** How long a frame takes; it ends at once when the request is aborted. */
  readonly frameDelayMs?: number;
  readonly clockSpeed?: number;
  /** Nothing is published yet. */
  readonly isEmpty?: boolean;
}

export function createTableSource(options: TableSourceOptions): TableSource {
  const areas = buildAreas();
  const childrenOf = (id: AreaId): MapArea[] =>
    [...areas.values()].filter((area) => area.parent === id);
  const intervalOf = (ms: number): number => Math.floor(ms / 1000 / INTERVAL_SECONDS);
  let nowMs = options.nowMs;
  let latest = intervalOf(nowMs) - 1;
  const first = latest - (options.historyIntervals ?? 192);
  const listeners = new Set<(event: MapEvent) => void>();
  const revisions = new Map<string, number>();
  let sequence = 0;
  let openCount = 0;

  const say = (area: AreaId, interval: IntervalIndex): void => {
    sequence++;
    for (const listener of [...listeners]) listener({ sequence, area, interval });
  };
  const energy = (id: AreaId, interval: number): Energy => {
    const children = childrenOf(id);
    if (children.length === 0) return leafEnergy(id, areas.get(id)?.meterCount ?? 0, interval);
    const sum: Energy = { net: 0, consumption: 0, production: 0, import: 0, export: 0 };
    for (const child of children) {
      const part = energy(child.id, interval);
      for (const metric of ENERGY_METRICS) sum[metric] += part[metric];
    }
    return sum;
  };
  const row = (id: AreaId, interval: number): MapRow => {
    const area = areas.get(id) as MapArea;
    const name = lastToken(id);
    const base = {
      id,
      name: area.name,
      kind: 'area',
      members: [id],
      layers: METRICS,
      meterCount: area.meterCount,
      absent: {},
      isChecked: true,
      origin: area.origin,
    } as const;
    const nothing = { net: null, consumption: null, production: null, import: null, export: null };
    const none = (reason: 'too-few' | 'late' | 'not-connected'): MapRow => ({
      ...base,
      energyWh: nothing,
      absent: Object.fromEntries(ENERGY_METRICS.map((metric) => [metric, reason])),
      coverage: 0,
      status: reason === 'too-few' ? 'withheld' : reason,
      reason,
    });
    if (area.meterCount === 0) return none('not-connected');
    if (name === 's1-05') return none('too-few');
    if (interval > latest || (name === 's1-06' && interval === latest)) return none('late');
    const energyWh = energy(id, interval);
    if (name === 's1-07') {
      return {
        ...base,
        energyWh: { ...energyWh, consumption: null, production: null },
        absent: { consumption: 'unmetered-production', production: 'too-few' },
        coverage: 0.9,
        status: 'partial',
        reason: 'unmetered-production',
      };
    }
    return { ...base, energyWh, coverage: 1, status: 'published', reason: null };
  };
  const rowsOf = (id: AreaId, interval: number): MapRow[] => {
    const rows = childrenOf(id).map((child) => row(child.id, interval));
    if (lastToken(id) !== 's1' || rows.length < 2) return rows;
    const [a, b] = rows.slice(0, 2) as [MapRow, MapRow];
    const energyWh = Object.fromEntries(
      ENERGY_METRICS.map((metric) => [
        metric,
        (a.energyWh[metric] ?? 0) + (b.energyWh[metric] ?? 0),
      ]),
    ) as Energy;
    const cell: MapRow = {
      ...a,
      id: `${a.id}+1`,
      name: `${a.name} + 1 more`,
      kind: 'cell',
      members: [...a.members, ...b.members],
      meterCount: a.meterCount + b.meterCount,
      energyWh: a.status === 'late' ? a.energyWh : energyWh,
    };
    return [cell, ...rows.slice(2)];
  };
  const frameOf = (id: AreaId, interval: IntervalIndex, viewer: Viewer): Frame => ({
    area: id,
    interval,
    publishedAtMs:
      interval > latest ? undefined : (interval + 1) * INTERVAL_SECONDS * 1000 + 60_000,
    revision: revisions.get(`${id}@${interval}`) ?? 0,
    self: row(id, interval),
    rows: maySeeInside(viewer, id) ? rowsOf(id, interval) : [],
  });
  const wait = async (signal: AbortSignal): Promise<void> => {
    openCount++;
    try {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(resolve, options.frameDelayMs ?? 0);
        signal.addEventListener('abort', () => {
          clearTimeout(timer);
          reject(signal.reason as Error);
        });
      });
    } finally {
      openCount--;
    }
  };
  const geometries = new Map<AreaId, Geometry>();

  const source: TableSource = {
    about: {
      title: 'Streetwatt test map',
      intervalSeconds: INTERVAL_SECONDS,
      levels: LEVELS,
      metrics: ENERGY_METRICS,
      minMeters: 20,
      simulationNote: 'All figures are made up.',
      attributions: [{ text: 'Nobody', url: 'https://example.org/', licence: 'CC0-1.0' }],
      dataLicence: 'CC0-1.0',
      timeZone: 'Europe/Madrid',
      clockSpeed: options.clockSpeed ?? 1,
      publishWithinSeconds: 90,
    },
    roots: [areaId('eu')],
    allAreas: [...areas.keys()],
    nowMs: () => nowMs,
    area: (id) => areas.get(id),
    children: childrenOf,
    search: (text, within, limit) => {
      const plain = (s: string): string =>
        s.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
      return [...areas.values()]
        .filter((area) => isWithin(area.id, within))
        .filter((area) => plain(`${area.name} ${area.id}`).includes(plain(text)))
        .slice(0, limit);
    },
    geometry: async (id) => {
      const children = childrenOf(id);
      if (children.length === 0) return undefined;
      let geometry = geometries.get(id);
      if (geometry === undefined) {
        geometry = squares(areas.get(id) as MapArea, children, siblingsOf(areas, id));
        geometries.set(id, geometry);
      }
      return geometry;
    },
    latestInterval: () => (options.isEmpty === true ? undefined : intervalIndex(latest)),
    firstInterval: () => (options.isEmpty === true ? undefined : intervalIndex(first)),
    frame: async ({ area, interval, viewer, signal }) => {
      if (!areas.has(area)) return undefined;
      await wait(signal);
      return frameOf(area, interval, viewer);
    },
    series: async ({ area, id, from, until, signal }) => {
      if (!areas.has(area)) return undefined;
      await wait(signal);
      const found: (MapRow | undefined)[] = [];
      for (let interval = from as number; interval < until; interval++) {
        const rows = [row(area, interval), ...rowsOf(area, interval)];
        found.push(rows.find((candidate) => candidate.id === id));
      }
      const named = found[0];
      if (named === undefined) return undefined;
      const shown = found.map((one, i) =>
        from + i < first || from + i > latest ? undefined : one,
      );
      const column = (metric: EnergyMetric): (number | null)[] =>
        shown.map((one) => one?.energyWh[metric] ?? null);
      return {
        id,
        name: named.name,
        from,
        energyWh: {
          net: column('net'),
          consumption: column('consumption'),
          production: column('production'),
          import: column('import'),
          export: column('export'),
        },
        coverage: shown.map((one) => one?.coverage ?? null),
        status: shown.map((one) => one?.status ?? null),
        origin: shown.map((one) => one?.origin ?? null),
        pendingCount: 0,
      };
    },
    health: async (area) => ({
      intervals: [latest - 1, latest].map((interval) => ({
        interval: intervalIndex(interval),
        publishedAfterSeconds: 60,
        cellsPublished: 12,
        cellsWithheld: { 'too-few': 1 },
        framesAccepted: 4000,
        framesRejected: { 'bad-tag': 2 },
        trustees: ['answered', 'answered', 'answered'],
        disagreementCount: 0,
        auditFindings: interval === latest ? undefined : [],
      })),
      withheld: [...areas.values()]
        .filter(({ id }) => id.endsWith('/s1-05'))
        .map(({ id, name }) => ({ id, name, area: id, reason: 'too-few' as const }))
        .filter((one) => isWithin(one.area, area)),
      late: [],
      trusteeNames: ['trustee-0', 'trustee-1', 'trustee-2'],
      sources: [
        {
          area: areaId('eu'),
          name: 'simulated',
          origin: 'simulated' as const,
          newestInterval: intervalIndex(latest),
        },
        {
          area: areaId('eu/es/13/28/28006'),
          name: 'pilot',
          origin: 'network' as const,
          newestInterval: intervalIndex(latest),
        },
      ],
    }),
    subscribe: (listener) => {
      // A copy: the same function may be subscribed twice.
      const own = (event: MapEvent): void => listener(event);
      listeners.add(own);
      return { [Symbol.dispose]: () => void listeners.delete(own) };
    },
    advanceTo: (toMs) => {
      nowMs = toMs;
      while (latest < intervalOf(nowMs) - 1) {
        latest++;
        say(areaId('eu'), intervalIndex(latest));
      }
    },
    revise: (area, interval) => {
      for (let id: AreaId | undefined = area; id !== undefined; id = parentArea(id)) {
        const key = `${id}@${interval}`;
        revisions.set(key, (revisions.get(key) ?? 0) + 1);
      }
      say(area, interval);
    },
    listenerCount: () => listeners.size,
    openCount: () => openCount,
  };
  if (options.hasEvidence === true) source.evidence = tableEvidence;
  return source;
}
