// The tree of the made-up map and its shapes: boxes in boxes, so that areas and edges are exact.

import { createHash } from 'node:crypto';
import { type AreaId, areaDepth, areaId, lastToken, parentArea } from '../../src/core/area.ts';
import type { MapArea } from '../../src/map/map-area.ts';
import type { Geometry } from '../../src/map/map-source.ts';

export const LEVELS: readonly string[] = [
  'continent',
  'nation',
  'region',
  'province',
  'municipality',
  'suburb',
  'street',
];

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

/** Two regions; two pilot municipalities with suburbs and streets; the rest are plain sums. */
export function buildAreas(): Map<AreaId, MapArea> {
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

export function siblingsOf(areas: ReadonlyMap<AreaId, MapArea>, id: AreaId): readonly MapArea[] {
  const parent = parentArea(id);
  return [...areas.values()].filter((area) => area.parent === parent && area.id !== id);
}

/** One ring an area, clockwise as TopoJSON of d3 has it. */
export function squares(
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
