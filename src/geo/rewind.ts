// The winding of rings. RFC 7946 (section 3.1.6) turns an exterior ring counterclockwise, which is what
// is stored and served; d3-geo works on a sphere and turns it clockwise, and fills the rest of the globe
// with a ring that turns the other way. Both sides are made here, from the ring's plane area, whatever
// its winding was. Pure: the page uses it too.

import type { Feature, MultiPolygon, Polygon, Position } from 'geojson';

export type Areal = Polygon | MultiPolygon;

/** Exterior rings clockwise, as d3-geo wants them, without the rings that enclose nothing. */
export function rewindForD3<P>(feature: Feature<Areal, P>): Feature<Areal, P> {
  return { ...feature, geometry: rewindGeometry(feature.geometry, true) };
}

/** Exterior rings counterclockwise, as RFC 7946 wants them, without the rings that enclose nothing. */
export function rewindForGeoJson<P>(feature: Feature<Areal, P>): Feature<Areal, P> {
  return { ...feature, geometry: rewindGeometry(feature.geometry, false) };
}

function rewindGeometry(geometry: Areal, isClockwise: boolean): Areal {
  if (geometry.type === 'Polygon') {
    return { ...geometry, coordinates: rewindPolygon(geometry.coordinates, isClockwise) };
  }
  const polygons = geometry.coordinates.map((rings) => rewindPolygon(rings, isClockwise));
  return { ...geometry, coordinates: polygons.filter((rings) => rings.length > 0) };
}

function rewindPolygon(rings: readonly Position[][], isClockwise: boolean): Position[][] {
  const out: Position[][] = [];
  for (const [i, ring] of rings.entries()) {
    const area = ringArea(ring);
    // A ring of no area floods the globe in d3-geo: an exterior one takes its holes with it.
    if (area === 0) {
      if (i === 0) return [];
      continue;
    }
    const wantsClockwise = (i === 0) === isClockwise;
    out.push(area < 0 === wantsClockwise ? ring : [...ring].reverse());
  }
  return out;
}

/**
 * The plane area in square degrees, positive where the ring turns
 * counterclockwise. A step of more than half the globe is one across the antimeridian.
 */
export function ringArea(ring: readonly Position[]): number {
  const first = ring[0];
  if (first === undefined) return 0;
  const [x0, y0] = first as [number, number];
  let sum = 0;
  let shift = 0;
  let x = 0;
  let y = 0;
  let before = x0;
  // From the first point on, so that a small ring far from 0, 0 does not lose its digits.
  for (let i = 1; i < ring.length; i++) {
    const [lon, lat] = ring[i] as [number, number];
    if (lon - before > 180) shift -= 360;
    else if (before - lon > 180) shift += 360;
    before = lon;
    const nextX = lon + shift - x0;
    const nextY = lat - y0;
    sum += x * nextY - nextX * y;
    x = nextX;
    y = nextY;
  }
  return sum / 2;
}
