// One level as it is drawn at one size: the children's shapes in pixels, the outline, the ghosts
// around it. Made anew for a new area or size, never for new figures.

import { type GeoProjection, geoBounds, geoConicEqualArea, geoMercator, geoPath } from 'd3-geo';
import type { Feature, FeatureCollection } from 'geojson';
import type { Areal } from '../../../src/geo/rewind.ts';
import type { AreaDocument } from '../../../src/server/wire.ts';
import { type Anchor, anchorOf, type Box, boxOf, isInside } from './anchor.ts';
import type { MapGeometry } from './geometry.ts';
import { farAway, type Placed } from './insets.ts';
import { levelFrame } from './level-margin.ts';
import { RingRecorder } from './ring-recorder.ts';
import { layOutTiles } from './tiles.ts';

export interface Shape {
  readonly d: string;
  readonly rings: readonly Float64Array[];
  readonly box: Box;
  readonly anchor: Anchor;
}

export interface Scene {
  readonly area: string;
  readonly width: number;
  readonly height: number;
  readonly kind: 'shapes' | 'tiles';
  readonly outline: string;
  readonly siblings: string;
  /** Frame of what is drawn apart. */
  readonly inset: Box | undefined;
  /** The children that have a shape, in the document's order. */
  readonly children: readonly string[];
  /** The shape of some of the children as one; undefined where none of them has one. */
  shape(members: readonly string[]): Shape | undefined;
  /** Which of the members is at the point. */
  memberAt(members: readonly string[], x: number, y: number): string | undefined;
}

/** A span of more degrees of latitude than this is drawn on a cone, so that the north is not larger. */
const MAX_MERCATOR_SPAN_DEG = 12;
/** Pixels that the frame of what is drawn apart keeps from the rest. */
const INSET_GAP = 6;

export function sceneOf(
  area: AreaDocument,
  geometry: MapGeometry | undefined,
  width: number,
  height: number,
): Scene {
  return geometry === undefined || geometry.children.size === 0
    ? tileScene(area, width, height)
    : shapeScene(area, geometry, width, height);
}

function shapeScene(
  area: AreaDocument,
  geometry: MapGeometry,
  width: number,
  height: number,
): Scene {
  const children = area.children.map(({ id }) => id).filter((id) => geometry.children.has(id));
  const boxes = new Map(area.children.map(({ id, bbox }) => [id, bbox]));
  const places = children.map((id): Placed => {
    const known = boxes.get(id);
    return { id, bbox: known ?? boundsOf(geometry.children.get(id) as Feature<Areal>) };
  });
  const apart = farAway(places);
  const main = children.filter((id) => !apart.has(id));
  const frame = levelFrame(width, height);
  const fitted = collection(geometry, main);
  const outlines =
    apart.size === 0 ? geometry.outline : [geometry.union(main)].flatMap((f) => f ?? []);
  const projection = fitTo(fitted, frame);
  const ringsOf = (id: string) =>
    record(projection, geometry.children.get(id) as Feature<Areal>)?.rings ?? [];
  const inset = apart.size === 0 ? undefined : insetBox(frame, main.flatMap(ringsOf));
  const insetProjection =
    inset === undefined ? undefined : fitTo(collection(geometry, [...apart]), shrink(inset, 6));

  const shapes = new Map<string, Shape | undefined>();
  const draw = (members: readonly string[]): Shape | undefined => {
    const feature =
      members.length === 1 ? geometry.children.get(members[0] as string) : geometry.union(members);
    if (feature === undefined) return undefined;
    const isApart = members.every((id) => apart.has(id));
    return record(isApart ? (insetProjection as GeoProjection) : projection, feature);
  };
  const shape = (members: readonly string[]): Shape | undefined => {
    const key = members.join(' ');
    if (!shapes.has(key)) shapes.set(key, draw(members));
    return shapes.get(key);
  };
  return {
    area: area.id,
    width,
    height,
    kind: 'shapes',
    outline: plainPath(projection, outlines),
    siblings: ghosts(projection, geometry.siblings, width, height),
    inset,
    children,
    shape,
    memberAt: (members, x, y) =>
      members.find((id) => {
        const found = shape([id]);
        return found !== undefined && isInside(found.rings, x, y);
      }),
  };
}

function tileScene(area: AreaDocument, width: number, height: number): Scene {
  const tiles = layOutTiles(
    area.children.map(({ id }) => id),
    width,
    height,
  );
  const shape = (members: readonly string[]): Shape | undefined => {
    const found = members.flatMap((id) => tiles.get(id) ?? []);
    if (found.length === 0) return undefined;
    const rings = found.map(({ x0, y0, x1, y1 }) =>
      Float64Array.of(x0, y0, x1, y0, x1, y1, x0, y1),
    );
    const d = found.map(({ x0, y0, x1, y1 }) => `M${x0},${y0}H${x1}V${y1}H${x0}Z`).join('');
    return { d, rings, box: boxOf(rings), anchor: anchorOf(rings) as Anchor };
  };
  return {
    area: area.id,
    width,
    height,
    kind: 'tiles',
    outline: '',
    siblings: '',
    inset: undefined,
    children: [...tiles.keys()],
    shape,
    memberAt: (members, x, y) =>
      members.find((id) => {
        const tile = tiles.get(id);
        return tile !== undefined && x >= tile.x0 && x < tile.x1 && y >= tile.y0 && y < tile.y1;
      }),
  };
}

function fitTo(shapes: FeatureCollection, frame: Box): GeoProjection {
  const [[west, south], [east, north]] = geoBounds(shapes);
  const isWide = north - south > MAX_MERCATOR_SPAN_DEG;
  const projection = isWide ? conic(west, south, east, north) : geoMercator();
  return projection.fitExtent(
    [
      [frame.x0, frame.y0],
      [frame.x1, frame.y1],
    ],
    shapes,
  );
}

function conic(west: number, south: number, east: number, north: number): GeoProjection {
  const span = north - south;
  return geoConicEqualArea()
    .rotate([-(west + east) / 2, 0])
    .center([0, (south + north) / 2])
    .parallels([south + span / 6, north - span / 6]);
}

function record(projection: GeoProjection, feature: Feature<Areal>): Shape | undefined {
  const recorder = new RingRecorder();
  geoPath(projection, recorder as unknown as CanvasRenderingContext2D)(feature);
  const { d, rings } = recorder.take();
  const anchor = anchorOf(rings);
  return anchor === undefined ? undefined : { d, rings, box: boxOf(rings), anchor };
}

function plainPath(projection: GeoProjection, features: readonly Feature<Areal>[]): string {
  const path = geoPath(projection).digits(2);
  return features.map((feature) => path(feature) ?? '').join('');
}

/** What lies around, cut off a little beyond the frame: nobody pans farther. */
function ghosts(
  projection: GeoProjection,
  features: readonly Feature<Areal>[],
  width: number,
  height: number,
): string {
  projection.clipExtent([
    [-width, -height],
    [2 * width, 2 * height],
  ]);
  const d = plainPath(projection, features);
  projection.clipExtent(null);
  return d;
}

/** In the corner that hides the least, as large as it can be without hiding anything. */
function insetBox(frame: Box, drawn: readonly Float64Array[]): Box {
  let best: Box | undefined;
  let fewest = Infinity;
  for (const share of [0.28, 0.22, 0.17]) {
    for (const corner of cornersOf(frame, (frame.x1 - frame.x0) * share)) {
      const hidden = countInside(drawn, corner);
      if (hidden === 0) return corner;
      if (hidden < fewest) {
        fewest = hidden;
        best = corner;
      }
    }
  }
  return best as Box;
}

/** Lower left first, where atlases have it. */
function cornersOf({ x0, y0, x1, y1 }: Box, width: number): readonly Box[] {
  const height = Math.min(width * 0.48, (y1 - y0) * 0.3);
  return [
    { x0, y0: y1 - height, x1: x0 + width, y1 },
    { x0: x1 - width, y0: y1 - height, x1, y1 },
  ];
}

function countInside(rings: readonly Float64Array[], { x0, y0, x1, y1 }: Box): number {
  let count = 0;
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i += 2) {
      const x = ring[i] as number;
      const y = ring[i + 1] as number;
      if (x > x0 - INSET_GAP && x < x1 + INSET_GAP && y > y0 - INSET_GAP && y < y1 + INSET_GAP) {
        count++;
      }
    }
  }
  return count;
}

function shrink({ x0, y0, x1, y1 }: Box, by: number): Box {
  return { x0: x0 + by, y0: y0 + by, x1: x1 - by, y1: y1 - by };
}

function collection(geometry: MapGeometry, ids: readonly string[]): FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: ids.flatMap((id) => geometry.children.get(id) ?? []),
  };
}

function boundsOf(feature: Feature<Areal>): Placed['bbox'] {
  const [[west, south], [east, north]] = geoBounds(feature);
  return [west, south, east, north];
}
