// A small network as a part of a federation: written-down figures, and a record of what it was asked.

import { type AreaId, areaDepth, areaId, isWithin, lastToken } from '../../src/core/area.ts';
import { type IntervalIndex, intervalIndex } from '../../src/core/interval.ts';
import { areaPlace, emptyRow } from '../../src/map/empty-row.ts';
import type { MapRow } from '../../src/map/frame.ts';
import { blankUngranted, grantedMetrics } from '../../src/map/granted-metrics.ts';
import type { MapArea } from '../../src/map/map-area.ts';
import type { MapEvent, MapSource } from '../../src/map/map-source.ts';
import { foldText } from '../../src/map/search-names.ts';
import { maySeeInside } from '../../src/map/viewer.ts';
import { ABOUT, LEVELS } from '../sim/country-places.ts';

export interface Part {
  readonly source: MapSource;
  readonly asked: { readonly area: AreaId; readonly deepestDepth: number }[];
  tell(event: MapEvent): void;
  readonly listenerCount: () => number;
  latest: IntervalIndex | undefined;
  /** What the root's row has instead of its usual figures. */
  change: Partial<MapRow>;
  failure: Error | undefined;
}

/** A root with 100 meters, and one street below it; `scale` makes its figures its own. */
export function createPart(root: string, latest: number, scale = 1): Part {
  const rootId = areaId(root);
  const street = areaId(`${root}/s1`);
  const asked: Part['asked'] = [];
  const listeners = new Set<(event: MapEvent) => void>();
  const part: Part = {
    source: undefined as never,
    asked,
    tell: (event) => {
      for (const listener of listeners) listener(event);
    },
    listenerCount: () => listeners.size,
    latest: intervalIndex(latest),
    change: {},
    failure: undefined,
  };

  function area(id: AreaId): MapArea | undefined {
    if (id !== rootId && id !== street) return undefined;
    return {
      id,
      name: id === rootId ? `Pilót ${lastToken(id)}` : 'Street 1',
      level: LEVELS[areaDepth(id) - 1] ?? '',
      depth: areaDepth(id),
      parent: id === rootId ? undefined : rootId,
      meterCount: 100,
      areaKm2: undefined,
      center: undefined,
      bbox: undefined,
      childCount: id === rootId ? 1 : 0,
      childLevel: id === rootId ? 'suburb' : undefined,
      origin: 'network',
    };
  }

  function row(id: AreaId, interval: number): MapRow {
    const place = areaPlace(id, area(id)?.name ?? '');
    if (part.latest === undefined || interval > part.latest) {
      return emptyRow(place, 100, 'network', 'late', 'late');
    }
    const consumption = scale * (1000 + (interval % 96));
    const production = scale * 300;
    const own = scale * 200;
    return {
      ...place,
      meterCount: 100,
      energyWh: {
        net: consumption - production,
        consumption,
        production,
        import: consumption - own,
        export: production - own,
      },
      absent: {},
      coverage: 1,
      status: 'published',
      reason: null,
      isChecked: true,
      origin: 'network',
      ...part.change,
    };
  }

  const source: MapSource = {
    about: ABOUT,
    roots: [rootId],
    nowMs: () => 0,
    area,
    children: (id) => (id === rootId ? [area(street) as MapArea] : []),
    search: (text, within) =>
      [rootId, street]
        .filter((id) => isWithin(id, within))
        .flatMap((id) => area(id) ?? [])
        .filter(({ name }) => foldText(name).includes(foldText(text))),
    geometry: async () => undefined,
    latestInterval: () => part.latest,
    firstInterval: () => intervalIndex(0),
    frame: async ({ area: id, interval, viewer, signal }) => {
      asked.push({ area: id, deepestDepth: viewer.deepestDepth });
      signal.throwIfAborted();
      if (part.failure !== undefined) throw part.failure;
      const granted = grantedMetrics(viewer.channels);
      const rows = id === rootId && maySeeInside(viewer, id) ? [row(street, interval)] : [];
      return {
        area: id,
        interval,
        publishedAtMs: (interval + 1) * 900_000 + 50_000,
        revision: 3,
        self: blankUngranted(row(id, interval), granted),
        rows: rows.map((own) => blankUngranted(own, granted)),
      };
    },
    series: async ({ id, from, until, viewer }) => {
      if (part.failure !== undefined) throw part.failure;
      const granted = grantedMetrics(viewer.channels);
      const rows = Array.from({ length: until - from }, (_, i) =>
        blankUngranted(row(id as AreaId, from + i), granted),
      );
      return {
        id,
        name: area(id as AreaId)?.name ?? '',
        from,
        energyWh: {
          net: rows.map(({ energyWh }) => energyWh.net),
          consumption: rows.map(({ energyWh }) => energyWh.consumption),
          production: rows.map(({ energyWh }) => energyWh.production),
          import: rows.map(({ energyWh }) => energyWh.import),
          export: rows.map(({ energyWh }) => energyWh.export),
        },
        coverage: rows.map(({ coverage }) => coverage),
        status: rows.map(({ status }) => status),
        origin: rows.map(({ origin }) => origin),
        pendingCount: 0,
      };
    },
    health: async (id) => ({
      intervals: [
        {
          interval: intervalIndex(latest),
          publishedAfterSeconds: 20 * scale,
          cellsPublished: 4,
          cellsWithheld: { 'too-few': 1 },
          framesAccepted: 100,
          framesRejected: { 'bad-tag': scale },
          trustees: ['answered', scale === 1 ? 'answered' : 'silent'],
          disagreementCount: 0,
          auditFindings: scale === 1 ? undefined : [{ finding: 'a finding', area: root as AreaId }],
        },
      ],
      withheld: [{ id: 's9', name: 'Street 9', area: id, reason: 'too-few' }],
      late: [],
      trusteeNames: ['ministry', 'university'],
      sources: [{ area: id, name: 'Pilot', origin: 'network', newestInterval: part.latest }],
    }),
    subscribe: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
  return Object.assign(part, { source });
}
