// What is written down of an area beside its shape: how large it is, where it is, and a point in it.

import type { Feature, Position } from 'geojson';
import { type Areal, rewindForD3 } from './rewind.ts';
import { ringCentroid } from './ring-centroid.ts';

/** Mean radius (IUGG). */
const EARTH_RADIUS_KM = 6371.0088;

export interface Measures {
  /** Inside the largest part. */
  readonly center: readonly [lonDeg: number, latDeg: number];
  readonly bbox: readonly [west: number, south: number, east: number, north: number];
  readonly areaKm2: number;
}

/** Undefined where the feature encloses nothing. Not for areas across the antimeridian. */
export function measureFeature(feature: Feature<Areal>): Measures | undefined {
  const { geometry } = rewindForD3(feature);
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  const parts = polygons.filter((rings) => rings.length > 0);
  const sizes = parts.map((rings) => sphereArea(rings));
  const largest = parts[sizes.indexOf(Math.max(...sizes))];
  if (largest === undefined) return undefined;
  const bbox: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of parts.flatMap((rings) => rings[0] as [number, number][])) {
    bbox[0] = Math.min(bbox[0], x);
    bbox[1] = Math.min(bbox[1], y);
    bbox[2] = Math.max(bbox[2], x);
    bbox[3] = Math.max(bbox[3], y);
  }
  const steradians = sizes.reduce((sum, size) => sum + size, 0);
  return {
    center: roundPoint(pointInside(largest)),
    bbox: bbox.map(roundDegrees) as typeof bbox,
    areaKm2: Number((steradians * EARTH_RADIUS_KM ** 2).toPrecision(8)),
  };
}

/**
 * In steradians. Edges are straight in degrees (RFC 7946, section 3.1.1), not great circles: then a
 * corner more on an edge changes nothing, and parts add up to their whole. Along an edge the sine of the
 * latitude has the mean sin(middle) * sin(half) / half, where half is half the edge's latitudes.
 */
function sphereArea(rings: readonly Position[][]): number {
  const radians = Math.PI / 180;
  let sum = 0;
  for (const ring of rings) {
    const base = Math.sin((ring[0] as Position)[1]! * radians);
    for (let i = 1; i < ring.length; i++) {
      const [lon1, lat1] = ring[i - 1] as [number, number];
      const [lon2, lat2] = ring[i] as [number, number];
      const half = ((lat2 - lat1) / 2) * radians;
      const mean =
        Math.sin(((lat1 + lat2) / 2) * radians) * (half === 0 ? 1 : Math.sin(half) / half);
      // Exterior rings run clockwise here, so this is positive, and that of holes negative.
      sum += (lon2 - lon1) * radians * (mean - base);
    }
  }
  return sum;
}

/** The centre of mass where it is inside, else the middle of the widest stretch beside it. */
function pointInside(rings: readonly Position[][]): [number, number] {
  const [lon, lat] = ringCentroid(rings[0] as Position[]);
  // Half a hundred-millionth of a degree off: a parallel through a corner would count it twice.
  const y = lat + 5e-9;
  const crossings: number[] = [];
  for (const ring of rings) {
    for (let i = 1; i < ring.length; i++) {
      const [x1, y1] = ring[i - 1] as [number, number];
      const [x2, y2] = ring[i] as [number, number];
      if (y1 > y !== y2 > y) crossings.push(x1 + ((y - y1) / (y2 - y1)) * (x2 - x1));
    }
  }
  crossings.sort((a, b) => a - b);
  let best: [number, number] = [lon, lat];
  let widest = 0;
  for (let i = 0; i + 1 < crossings.length; i += 2) {
    const [from, to] = crossings.slice(i, i + 2) as [number, number];
    if (from <= lon && lon <= to) return [lon, lat];
    if (to - from > widest) {
      widest = to - from;
      best = [(from + to) / 2, lat];
    }
  }
  return best;
}

/** To about a tenth of a metre. */
function roundDegrees(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}

function roundPoint([x, y]: readonly [number, number]): [number, number] {
  return [roundDegrees(x), roundDegrees(y)];
}
