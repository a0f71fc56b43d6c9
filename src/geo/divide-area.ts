// Suburbs and streets that are invented, for the demo: points in a real municipality, their Voronoi
// cells cut to it as streets, and suburbs that are unions of streets. Nesting is exact: a suburb's
// boundary is made of its streets', the outline of the suburbs'. The same seed gives the same bytes.

import type { Feature, Position } from 'geojson';
import { neighbors as neighborsOf } from 'topojson-client';
import { topology as toTopology } from 'topojson-server';
import type { GeometryCollection, Topology } from 'topojson-specification';
import { type AreaId, areaDepth, parentArea } from '../core/area.ts';
import type { Geometry } from '../map/map-source.ts';
import { createRandom, seedOf } from '../sim/random.ts';
import { cutCells, type Point, type Shape } from './cell-shapes.ts';
import { drawLevel } from './draw-level.ts';
import { createGeography, type GeoArea, type Geography } from './geography.ts';
import { countPieces, groupCells } from './group-cells.ts';
import { measureFeature } from './measure.ts';
import { type Areal, rewindForGeoJson } from './rewind.ts';
import { scatterPoints } from './scatter-points.ts';
import { type ArealObject, isAreal, mergeObjects, toFeature } from './topology.ts';

export interface Subarea {
  readonly id: AreaId;
  readonly name: string;
}

export interface Suburb extends Subarea {
  readonly streets: readonly Subarea[];
}

export interface Division {
  readonly parent: GeoArea;
  readonly outline: Feature<Areal>;
  /** Each with at least one street. */
  readonly suburbs: readonly Suburb[];
  readonly seed: string;
  /** The names of the levels, down to that of the streets. */
  readonly levels: readonly string[];
  /** What lies around the parent, as faint context. */
  readonly siblings?: readonly Feature<Areal>[];
}

/** How often other places are tried where a division fails or leaves a suburb in pieces. */
const MAX_ATTEMPTS = 8;
const GRID_STEPS = 20_000;

/** The areas below the parent, with the files of the parent and of each suburb. */
export function divideArea(division: Division): Geography {
  const { parent, suburbs, levels, siblings = [] } = division;
  if (suburbs.length === 0 || suburbs.some(({ streets }) => streets.length === 0)) {
    throw new RangeError(`${parent.id}: expected suburbs with at least one street each`);
  }
  const { topology, groups } = layOut(division);
  const objects = (topology.objects.cells as GeometryCollection).geometries as ArealObject[];

  const areas: GeoArea[] = [];
  const files = new Map<AreaId, Geometry>();
  const add = ({ id, name }: Subarea, cells: readonly ArealObject[]): Feature<Areal> => {
    const feature = { ...toFeature(topology, mergeObjects(topology, cells, id)), id };
    const measures = measureFeature(feature);
    if (measures === undefined) throw new Error(`${id}: has no area`);
    const depth = areaDepth(id);
    areas.push({
      ...{ id, name, depth, parent: parentArea(id), level: levels[depth - 1] ?? '' },
      ...measures,
    });
    return feature;
  };
  const exact = { toleranceDeg2: 0, siblingToleranceDeg2: 0, gridSteps: GRID_STEPS };
  const drawn = suburbs.map((suburb, i) => {
    const cells = (groups[i] as number[]).map((cell) => objects[cell] as ArealObject);
    const feature = add(suburb, cells);
    const streets = suburb.streets.map((street, j) => add(street, [cells[j] as ArealObject]));
    return { id: suburb.id, feature, streets };
  });
  const outline = {
    ...toFeature(topology, mergeObjects(topology, objects, parent.id)),
    id: parent.id,
  };
  const features = drawn.map(({ feature }) => feature);
  files.set(parent.id, drawLevel({ ...exact, outline, children: features, siblings }));
  for (const { id, feature, streets } of drawn) {
    const around = [...siblings, ...features.filter((other) => other !== feature)];
    files.set(id, drawLevel({ ...exact, outline: feature, children: streets, siblings: around }));
  }
  return createGeography({ levels, areas, read: async (id) => files.get(id) });
}

interface Layout {
  /** With the object `cells`. */
  readonly topology: Topology;
  /** Cells of each suburb, in the order of its streets. */
  readonly groups: readonly (readonly number[])[];
}

function layOut({ parent, outline, suburbs, seed }: Division): Layout {
  const { geometry } = rewindForGeoJson(outline);
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  // A plane in which a circle is nearly one: points are spread evenly over ground, not over degrees.
  const [lon0, lat0] = parent.center;
  const narrowing = Math.cos((lat0 * Math.PI) / 180);
  const shape = polygons.map((rings) =>
    rings.map((ring) =>
      ring.map((at): Point => [((at[0] as number) - lon0) * narrowing, (at[1] as number) - lat0]),
    ),
  );
  const toDegrees = ([x, y]: Point): Position => [x / narrowing + lon0, y + lat0];
  const sizes = suburbs.map(({ streets }) => streets.length);
  const count = sizes.reduce((sum, size) => sum + size, 0);

  let best: Layout | undefined;
  let fewestPieces = Infinity;
  let cause: unknown;
  for (let attempt = 0; attempt < MAX_ATTEMPTS && fewestPieces > suburbs.length; attempt++) {
    const random = createRandom(seedOf(`${seed}/${parent.id}`), attempt);
    let points: Point[];
    let cells: Shape[];
    try {
      points = scatterPoints(count, shape, random);
      cells = cutCells(points, shape);
    } catch (error) {
      // polygon-clipping gives up on some nearly parallel edges; other points have others.
      cause = error;
      continue;
    }
    const features = cells.map((cell) => toCellFeature(cell, toDegrees));
    const collection = { type: 'FeatureCollection' as const, features };
    const topology = toTopology({ cells: collection }) as Topology;
    const objects = (topology.objects.cells as GeometryCollection).geometries;
    if (cells.some((cell) => cell.length === 0) || !objects.every(isAreal)) continue;
    const neighbors = neighborsOf(objects);
    const groups = groupCells(points, neighbors, sizes);
    const pieces = groups.reduce((sum, group) => sum + countPieces(group, neighbors), 0);
    if (pieces < fewestPieces) {
      fewestPieces = pieces;
      best = { topology, groups };
    }
  }
  if (best === undefined) throw new Error(`${parent.id}: could not be divided`, { cause });
  return best;
}

function toCellFeature(cell: Shape, toDegrees: (point: Point) => Position): Feature<Areal> {
  const coordinates = cell.map((rings) => rings.map((ring) => ring.map(toDegrees)));
  return { type: 'Feature', properties: {}, geometry: { type: 'MultiPolygon', coordinates } };
}
