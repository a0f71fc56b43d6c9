// One parent's file of shapes out of plain features. Neighbours that have the same coordinates get the
// same arcs, and an arc is simplified once for all who share it: no gaps and no overlaps.

import type { Feature, Position } from 'geojson';
import { topology as toTopology } from 'topojson-server';
import { presimplify } from 'topojson-simplify';
import type { Topology } from 'topojson-specification';
import type { Geometry } from '../map/map-source.ts';
import { encodeGeometry, type GeometryTopology } from './geometry-file.ts';
import { type Areal, ringArea } from './rewind.ts';
import { type ArealObject, collect, isAreal, polygonsOf, ringPositions } from './topology.ts';

export interface LevelDrawing {
  readonly outline: Feature<Areal>;
  readonly children: readonly Feature<Areal>[];
  /** With the ids of areas, or without for land that is none. */
  readonly siblings: readonly Feature<Areal>[];
  /**
   * Square degrees: a corner goes when the triangle with its neighbours is smaller. That of an area so
   * small that little would be left of it stays.
   */
  readonly toleranceDeg2: number;
  readonly siblingToleranceDeg2: number;
  readonly gridSteps: number;
}

/** An area of less than this many tolerances is drawn as fine as it is. */
const SMALL_AREA_TOLERANCES = 400;

/** An island of the context of less than this many tolerances is left out. */
const ISLET_TOLERANCES = 4;

export function drawLevel(drawing: LevelDrawing): Geometry {
  const { toleranceDeg2, siblingToleranceDeg2 } = drawing;
  const collection = (features: readonly Feature<Areal>[]) => ({
    type: 'FeatureCollection' as const,
    // Names and figures come with the areas, not with their shapes.
    features: features.map(({ type, id, geometry }) =>
      id === undefined
        ? { type, properties: {}, geometry }
        : { type, id, properties: {}, geometry },
    ),
  });
  const exact = toTopology({
    children: collection(drawing.children),
    outline: collection([drawing.outline]),
    siblings: collection(drawing.siblings.map((one) => withoutIslets(one, siblingToleranceDeg2))),
  }) as Topology as GeometryTopology;
  const weighed = presimplify(exact) as unknown as GeometryTopology;

  const tolerances = new Float64Array(weighed.arcs.length).fill(Infinity);
  const lower = (object: ArealObject, tolerance: number) => {
    for (const number of polygonsOf(object).flat(2)) {
      const arc = number < 0 ? ~number : number;
      tolerances[arc] = Math.min(tolerances[arc] as number, tolerance);
    }
  };
  const areal = ({ geometries }: GeometryTopology['objects']['children']) =>
    geometries.filter(isAreal);
  for (const object of areal(weighed.objects.siblings)) lower(object, siblingToleranceDeg2);
  for (const object of areal(weighed.objects.outline)) lower(object, toleranceDeg2);
  for (const object of areal(weighed.objects.children)) {
    const isSmall = largestRingDeg2(weighed, object) < SMALL_AREA_TOLERANCES * toleranceDeg2;
    lower(object, isSmall ? 0 : toleranceDeg2);
  }
  const arcs = weighed.arcs.map((arc, i) =>
    arc
      .filter((point) => (point[2] as number) >= (tolerances[i] as number))
      .map(([x, y]) => [x as number, y as number]),
  );
  const bare = ({ geometries }: GeometryTopology['objects']['children']) =>
    collect(areal({ type: 'GeometryCollection', geometries }).map(withoutProperties));
  const objects = {
    children: bare(weighed.objects.children),
    outline: bare(weighed.objects.outline),
    siblings: bare(weighed.objects.siblings),
  };
  return encodeGeometry({ type: 'Topology', objects, arcs }, drawing.gridSteps);
}

/** Context without what would be drawn as a speck: the islands of the world are half of its bytes. */
function withoutIslets(feature: Feature<Areal>, toleranceDeg2: number): Feature<Areal> {
  const { geometry } = feature;
  if (geometry.type === 'Polygon') return feature;
  const isLand = ([exterior]: Position[][]) =>
    Math.abs(ringArea(exterior ?? [])) > ISLET_TOLERANCES * toleranceDeg2;
  return {
    ...feature,
    geometry: { ...geometry, coordinates: geometry.coordinates.filter(isLand) },
  };
}

function withoutProperties({ properties: _, ...object }: ArealObject): ArealObject {
  return object as ArealObject;
}

function largestRingDeg2({ arcs }: GeometryTopology, object: ArealObject): number {
  const sizes = polygonsOf(object).map(([exterior]) =>
    exterior === undefined ? 0 : Math.abs(ringArea(ringPositions(arcs, exterior))),
  );
  return Math.max(0, ...sizes);
}
