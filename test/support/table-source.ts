// A map in memory for the server's tests: a small tree of areas whose figures are made from a hash,
// with exact sums, one merged cell, one street withheld, one late, one zero and one not connected.
// The clock stands still until the test moves it.

import { createHash } from 'node:crypto';
import {
  type AreaId,
  areaDepth,
  areaId,
  isWithin,
  lastToken,
  parentArea,
} from '../../src/core/area.ts';
import { type IntervalIndex, intervalIndex } from '../../src/core/interval.ts';
import type { Frame, MapRow } from '../../src/map/frame.ts';
import type { MapArea } from '../../src/map/map-area.ts';
import type { Geometry, MapEvent, MapSource } from '../../src/map/map-source.ts';
import { ENERGY_METRICS, type EnergyMetric, METRICS } from '../../src/map/metric.ts';
import { maySeeInside, type Viewer } from '../../src/map/viewer.ts';

const LEVELS = ['continent', 'nation', 'region', 'province', 'municipality', 'suburb', 'street'];
const INTERVAL_SECONDS = 900;
type Energy = Record<EnergyMetric, number>;

const NAMES: Readonly<Record<string, string>> = {
  eu: 'Europe',
  'eu/es': 'España',
  'eu/es/13': 'Comunidad de Madrid',
  'eu/es/09': 'Cataluña',
  'eu/es/13/28': 'Madrid',
  'eu/es/09/08': 'Barcelona',
  'eu/es/13/28/28006': 'Alcobendas',
  'eu/es/13/28/28079': 'Madrid (municipio)',
  'eu/es/09/08/08019': 'Barcelona (municipio)',
};

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
  if (options.hasEvidence === true) source.evidence = evidence;
  return source;
}

const evidence: NonNullable<MapSource['evidence']> = async ({ area, interval }) => {
  if (areaDepth(area) !== LEVELS.length) return undefined;
  const word = (channel: string) => ({ channel, hex: '00000000000002a7' });
  return {
    area,
    interval,
    cell: { name: area, members: [area] },
    bus: { subject: 'sw.v1.reading.x', frameCount: 1, frames: ['01'.repeat(34)] },
    aggregator: { maskedTotals: [word('net')] },
    trustees: [{ name: 'trustee-0', maskSums: [{ component: 0, words: [word('net')] }] }],
    monitor: {
      maskedTotals: [word('net')],
      maskSums: [word('net')],
      energyWh: [{ channel: 'net', energyWh: 525 }],
    },
    household: undefined,
    notes: ['Made up.'],
  };
};

function leafEnergy(id: AreaId, meterCount: number, interval: number): Energy {
  if (meterCount === 0 || id.endsWith('/s1-08'))
    return { net: 0, consumption: 0, production: 0, import: 0, export: 0 };
  const seed = createHash('sha256').update(`${id}@${interval}`).digest();
  const hour = ((interval % 96) / 96) * 24;
  const sun = Math.max(0, Math.cos(((hour - 13) / 12) * Math.PI));
  const consumption = Math.round(
    meterCount * (60 + 40 * Math.sin(hour / 4) + (seed[0] as number) / 8),
  );
  const production = Math.round(meterCount * sun * (100 + (seed[1] as number)) * 0.6);
  const exported = Math.round(Math.max(0, production - consumption / 2));
  const imported = consumption - production + exported;
  return {
    net: consumption - production,
    consumption,
    production,
    import: imported,
    export: exported,
  };
}

/** Two regions; two pilot municipalities with suburbs and streets; the rest are plain sums. */
function buildAreas(): Map<AreaId, MapArea> {
  const ids = [
    ...['eu', 'eu/es', 'eu/fr', 'eu/es/13', 'eu/es/09', 'eu/es/01', 'eu/es/13/28', 'eu/es/09/08'],
    ...['eu/es/13/28/28079', 'eu/es/13/28/28006', 'eu/es/09/08/08019', 'eu/es/13/28/28007'],
  ];
  for (const municipality of ['eu/es/13/28/28006', 'eu/es/09/08/08019']) {
    for (let suburb = 1; suburb <= 4; suburb++) {
      ids.push(`${municipality}/s${suburb}`);
      for (let street = 1; street <= 8; street++)
        ids.push(`${municipality}/s${suburb}/s${suburb}-0${street}`);
    }
  }
  const boxes = new Map<string, readonly [number, number, number, number]>();
  boxes.set('eu', [-10, 35, 5, 44]);
  const meterCounts = new Map<string, number>();
  for (const id of ids.toReversed()) {
    const below = ids.filter(
      (other) => other.startsWith(`${id}/`) && !other.slice(id.length + 1).includes('/'),
    );
    const own =
      id === 'eu/fr' ? 0 : id.includes('/s') ? 20 + (id.charCodeAt(id.length - 1) % 7) : 5000;
    meterCounts.set(
      id,
      below.length === 0 ? own : below.reduce((sum, b) => sum + (meterCounts.get(b) ?? 0), 0),
    );
  }
  const areas = new Map<AreaId, MapArea>();
  for (const text of ids) {
    const id = areaId(text);
    const parent = parentArea(id);
    const below = ids.filter(
      (other) => other.startsWith(`${id}/`) && !other.slice(id.length + 1).includes('/'),
    );
    const bbox = boxes.get(id) as readonly [number, number, number, number];
    // Children are a row of boxes in their parent's, with exact common edges.
    below.forEach((child, i) => {
      const [west, south, east, north] = bbox;
      const columns = Math.ceil(Math.sqrt(below.length));
      const lines = Math.ceil(below.length / columns);
      const x = i % columns;
      const y = Math.floor(i / columns);
      const lon = (k: number): number => west + ((east - west) * k) / columns;
      const lat = (k: number): number => south + ((north - south) * k) / lines;
      boxes.set(child, [lon(x), lat(y), lon(x + 1), lat(y + 1)]);
    });
    const depth = areaDepth(id);
    areas.set(id, {
      id,
      name: NAMES[id] ?? `Test ${LEVELS[depth - 1]} ${lastToken(id)}`,
      level: LEVELS[depth - 1] as string,
      depth,
      parent,
      meterCount: meterCounts.get(id) as number,
      areaKm2: (bbox[2] - bbox[0]) * (bbox[3] - bbox[1]) * 9500,
      center: [(bbox[0] + bbox[2]) / 2, (bbox[1] + bbox[3]) / 2],
      bbox,
      childCount: below.length,
      childLevel: below.length === 0 ? undefined : LEVELS[depth],
      origin: id.startsWith('eu/es/13/28/28006') ? 'network' : 'simulated',
    });
  }
  return areas;
}

function siblingsOf(areas: ReadonlyMap<AreaId, MapArea>, id: AreaId): readonly MapArea[] {
  const parent = parentArea(id);
  return [...areas.values()].filter((area) => area.parent === parent && area.id !== id);
}

/** One ring an area, clockwise as TopoJSON of d3 has it. */
function squares(
  area: MapArea,
  children: readonly MapArea[],
  siblings: readonly MapArea[],
): Geometry {
  const arcs: number[][][] = [];
  const polygon = ({ id, bbox }: MapArea) => {
    const [west, south, east, north] = bbox as readonly [number, number, number, number];
    arcs.push([
      [west, south],
      [west, north],
      [east, north],
      [east, south],
      [west, south],
    ]);
    return { type: 'Polygon', id, arcs: [[arcs.length - 1]] };
  };
  const collection = (list: readonly MapArea[]) => ({
    type: 'GeometryCollection',
    geometries: list.map(polygon),
  });
  const objects = {
    children: collection(children),
    outline: collection([area]),
    siblings: collection(siblings),
  };
  const json = new TextEncoder().encode(JSON.stringify({ type: 'Topology', objects, arcs }));
  return { hash: createHash('sha256').update(json).digest('hex').slice(0, 32), json };
}
