// A geography out of an operator's own areas: a GeoJSON FeatureCollection with an area id for each
// feature. Areas above them that have no feature are put together of those below.

import { readFile, stat } from 'node:fs/promises';
import type { Feature } from 'geojson';
import { topology as toTopology } from 'topojson-server';
import type { GeometryCollection, Topology } from 'topojson-specification';
import { type AreaId, areaDepth, lastToken, parentArea } from '../core/area.ts';
import { FileError } from '../files/file-error.ts';
import type { Geometry } from '../map/map-source.ts';
import { drawLevel } from './draw-level.ts';
import { createGeography, type GeoArea, type Geography } from './geography.ts';
import { type AreaFeature, readAreaFeatures } from './geojson-features.ts';
import { measureFeature } from './measure.ts';
import type { Areal } from './rewind.ts';
import { isAreal, mergeObjects, toFeature } from './topology.ts';

/** V8's longest string is little more than this. */
export const MAX_GEOJSON_BYTES = 500e6;
const GRID_STEPS = 50_000;
/** An area is drawn on at most about this many pixels. */
const DRAWN_PIXELS = 4000;

/** @throws FileError for a file that is missing, too large, no JSON or no areas. */
export async function readGeoJsonGeography(file: string): Promise<Geography> {
  let text: string;
  try {
    const { size } = await stat(file);
    if (size > MAX_GEOJSON_BYTES) {
      const expected = `at most ${MAX_GEOJSON_BYTES} bytes`;
      throw new FileError('bad-geojson', { file, expected, found: String(size) });
    }
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new FileError(isMissing ? 'file-missing' : 'file-unreadable', {
      file,
      expected: 'a GeoJSON file',
      found: isMissing ? 'no file' : 'one that cannot be read',
      cause,
    });
  }
  let collection: unknown;
  try {
    // RFC 8259, section 8.1: a byte order mark may be ignored.
    collection = JSON.parse(text.replace(/^\u{feff}/u, ''));
  } catch (cause) {
    const found = text.trim() === '' ? 'nothing' : 'something else';
    throw new FileError('bad-geojson', { file, expected: 'JSON', found, cause });
  }
  return geographyFromGeoJson(collection, file);
}

/**
 * `file`: for the sentences of errors.
 * @throws FileError "bad-geojson" for what is not a FeatureCollection of areas.
 */
export function geographyFromGeoJson(collection: unknown, file = 'GeoJSON'): Geography {
  const features = new Map<AreaId, AreaFeature>();
  for (const one of readAreaFeatures(collection, file)) features.set(one.id, one);
  const childrenOf = new Map<AreaId, Feature<Areal>[]>();
  // No spread: there may be more features than a call has room for.
  const deepest = [...features.keys()].reduce((depth, id) => Math.max(depth, areaDepth(id)), 0);
  const atDepth = Array.from({ length: deepest + 1 }, (): AreaFeature[] => []);
  for (const one of features.values()) atDepth[areaDepth(one.id)]?.push(one);

  // From the deepest up: a parent without a feature is made of its children when its turn comes.
  for (let depth = deepest; depth > 1; depth--) {
    const layer = (atDepth[depth] as AreaFeature[]).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    for (const [parent, children] of Map.groupBy(layer, ({ id }) => parentArea(id) as AreaId)) {
      const shapes = children.map(({ feature }) => feature);
      childrenOf.set(parent, shapes);
      if (features.has(parent)) continue;
      const feature = unite(shapes, parent);
      const made: AreaFeature = { id: parent, name: undefined, level: undefined, feature };
      features.set(parent, made);
      atDepth[depth - 1]?.push(made);
    }
  }

  const levels = nameLevels([...features.values()]);
  const areas = [...features.values()].map(({ id, name, level, feature }): GeoArea => {
    const depth = areaDepth(id);
    const measures = measureFeature(feature);
    if (measures === undefined) {
      const found = 'parts that enclose nothing together';
      throw new FileError('bad-geojson', { file, field: id, expected: 'an area', found });
    }
    return {
      ...{ id, name: name ?? lastToken(id), level: level ?? (levels[depth - 1] as string) },
      ...{ depth, parent: parentArea(id), ...measures },
    };
  });
  const byId = new Map(areas.map((area) => [area.id, area]));
  const read = async (parent: AreaId): Promise<Geometry | undefined> => {
    const children = childrenOf.get(parent);
    const area = byId.get(parent);
    if (children === undefined || area === undefined) return undefined;
    const [west, south, east, north] = area.bbox;
    const toleranceDeg2 = (Math.max(east - west, north - south) / DRAWN_PIXELS) ** 2;
    const around = area.parent === undefined ? [] : (childrenOf.get(area.parent) ?? []);
    return drawLevel({
      outline: (features.get(parent) as AreaFeature).feature,
      children,
      siblings: around.filter(({ id }) => id !== parent),
      toleranceDeg2,
      siblingToleranceDeg2: 16 * toleranceDeg2,
      gridSteps: GRID_STEPS,
    });
  };
  return createGeography({ levels, areas, read });
}

function unite(children: readonly Feature<Areal>[], id: AreaId): Feature<Areal> {
  const collection = { type: 'FeatureCollection' as const, features: [...children] };
  const topology = toTopology({ children: collection }) as Topology;
  const { geometries } = topology.objects.children as GeometryCollection;
  return { ...toFeature(topology, mergeObjects(topology, geometries.filter(isAreal), id)), id };
}

/** By depth: the first name that a feature gives, else its number. */
function nameLevels(features: readonly AreaFeature[]): string[] {
  const levels: string[] = [];
  let depth = 0;
  for (const { id, level } of features) {
    depth = Math.max(depth, areaDepth(id));
    levels[areaDepth(id) - 1] ??= level as string;
  }
  return Array.from({ length: depth }, (_, i) => levels[i] ?? `level ${i + 1}`);
}
