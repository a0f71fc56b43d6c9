// The map's geography: the tree of areas with their places, and one immutable file of shapes for each
// area that has children. What is built from the atlases, what the demo divides and what an operator
// brings as GeoJSON are all one of these.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Feature } from 'geojson';
import { feature as topojsonFeature } from 'topojson-client';
import type { GeometryCollection } from 'topojson-specification';
import { type AreaId, areaDepth, areaId, parentArea } from '../core/area.ts';
import type { Geometry } from '../map/map-source.ts';
import { type GeometryTopology, parseGeometry } from './geometry-file.ts';
import { type Areal, rewindForGeoJson } from './rewind.ts';

export interface GeoArea {
  readonly id: AreaId;
  readonly name: string;
  readonly level: string;
  /** Number of tokens of the id: 1 for a root. */
  readonly depth: number;
  readonly parent: AreaId | undefined;
  /** Inside its largest part. */
  readonly center: readonly [lonDeg: number, latDeg: number];
  /** West, south, east, north, in degrees; west > east across the antimeridian (RFC 7946, 5.2). */
  readonly bbox: readonly [number, number, number, number];
  readonly areaKm2: number;
}

export interface Geography {
  /** Names of the levels: `levels[0]` is that of depth 1. */
  readonly levels: readonly string[];
  /** Every area, parents before their children. */
  readonly areas: readonly GeoArea[];
  area(id: AreaId): GeoArea | undefined;
  children(id: AreaId): readonly GeoArea[];
  /** Undefined where the area has no children. */
  geometry(parent: AreaId): Promise<Geometry | undefined>;
  /** The area's shape, in RFC 7946 winding, as fine as the map ever draws it. */
  feature(id: AreaId): Promise<Feature<Areal> | undefined>;
}

export interface GeographyParts {
  readonly levels: readonly string[];
  /** In any order. */
  readonly areas: readonly GeoArea[];
  /** The file of an area that has children. */
  readonly read: (parent: AreaId) => Promise<Geometry | undefined>;
}

export function createGeography({ levels, areas, read }: GeographyParts): Geography {
  const ordered = areas.toSorted((a, b) => a.depth - b.depth);
  const byId = new Map(ordered.map((area) => [area.id, area]));
  const childrenOf = Map.groupBy(ordered, (area) => area.parent);
  const kept = new Map<AreaId, Promise<Geometry | undefined>>();
  const parsed = new WeakMap<Geometry, GeometryTopology>();

  async function geometry(parent: AreaId): Promise<Geometry | undefined> {
    if (!childrenOf.has(parent)) return undefined;
    let promise = kept.get(parent);
    if (promise === undefined) {
      promise = read(parent);
      kept.set(parent, promise);
      // A file that could not be read is tried again by the next who asks.
      promise.catch(() => kept.delete(parent));
    }
    return await promise;
  }

  async function topology(parent: AreaId | undefined): Promise<GeometryTopology | undefined> {
    const file = parent === undefined ? undefined : await geometry(parent);
    if (file === undefined) return undefined;
    const found = parsed.get(file) ?? parseGeometry(file);
    parsed.set(file, found);
    return found;
  }

  async function feature(id: AreaId): Promise<Feature<Areal> | undefined> {
    // The area's own file has it finer than its parent's.
    const own = await topology(id);
    if (own !== undefined) return areaFeature(own, own.objects.outline, id);
    const above = await topology(parentArea(id));
    return above === undefined ? undefined : areaFeature(above, above.objects.children, id);
  }

  return {
    levels,
    areas: ordered,
    area: (id) => byId.get(id),
    children: (id) => childrenOf.get(id) ?? [],
    geometry,
    feature,
  };
}

function areaFeature(
  topology: GeometryTopology,
  { geometries }: GeometryCollection,
  id: AreaId,
): Feature<Areal> | undefined {
  const object = geometries.find((geometry) => geometry.id === id);
  if (object?.type !== 'Polygon' && object?.type !== 'MultiPolygon') return undefined;
  return rewindForGeoJson(topojsonFeature(topology, object) as Feature<Areal>);
}

/** What `npm run build` writes into build/geography, beside one `<hash>.json` for each parent. */
export interface GeographyIndex {
  readonly version: 1;
  /** Digest of all that it was built from. */
  readonly inputs: string;
  readonly levels: readonly string[];
  readonly areas: readonly (readonly [
    id: string,
    name: string,
    center: readonly [number, number],
    bbox: readonly [number, number, number, number],
    areaKm2: number,
  ])[];
  /** Area id of a parent to its file's hash. */
  readonly files: Readonly<Record<string, string>>;
}

/** @throws Error where the folder is missing or is not what `npm run build` writes. */
export async function loadGeography(directory: string): Promise<Geography> {
  let index: GeographyIndex;
  try {
    index = JSON.parse(await readFile(join(directory, 'index.json'), 'utf8'));
  } catch (cause) {
    throw new Error(`No geography in ${directory}: run \`npm run build\`.`, { cause });
  }
  if (index.version !== 1) {
    throw new Error(`The geography in ${directory} is of another version: run \`npm run build\`.`);
  }
  const areas = index.areas.map(([text, name, center, bbox, areaKm2]): GeoArea => {
    const id = areaId(text);
    const depth = areaDepth(id);
    const level = index.levels[depth - 1] ?? '';
    return { id, name, level, depth, parent: parentArea(id), center, bbox, areaKm2 };
  });
  const read = async (parent: AreaId): Promise<Geometry | undefined> => {
    const hash = index.files[parent];
    if (hash === undefined) return undefined;
    return { hash, json: await readFile(join(directory, `${hash}.json`)) };
  };
  return createGeography({ levels: index.levels, areas, read });
}
