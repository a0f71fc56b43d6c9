// Bounding boxes in degrees, as queries have them: west may be east of east, across the antimeridian.

import type { Position } from 'geojson';
import type { Shape } from '../export/area-shapes.ts';

export type Box = readonly [west: number, south: number, east: number, north: number];

/** Undefined unless it is 4 numbers, or 6 of which the heights are dropped. */
export function parseBox(text: string): Box | undefined {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.some((part) => !/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,2})?$/i.test(part)))
    return undefined;
  const numbers = parts.map(Number);
  const [west, south, east, north] =
    numbers.length === 6 ? [0, 1, 3, 4].map((i) => numbers[i]!) : numbers;
  if (numbers.length !== 4 && numbers.length !== 6) return undefined;
  const box = [west!, south!, east!, north!] as const;
  const isOnGlobe = Math.abs(box[0]) <= 180 && Math.abs(box[2]) <= 180;
  if (!isOnGlobe || box[1] < -90 || box[3] > 90 || box[1] > box[3]) return undefined;
  return box;
}

/** One box, or two where it crosses the antimeridian. */
export function plainBoxes([west, south, east, north]: Box): readonly Box[] {
  if (west <= east) return [[west, south, east, north]];
  return [
    [west, south, 180, north],
    [-180, south, east, north],
  ];
}

export function boxesMeet(a: Box, b: Box): boolean {
  return plainBoxes(a).some((one) =>
    plainBoxes(b).some(
      (other) =>
        one[0] <= other[2] && other[0] <= one[2] && one[1] <= other[3] && other[1] <= one[3],
    ),
  );
}

/** Whether nothing of `inner` lies outside: then its shape need not be looked at. */
export function boxHolds(outer: Box, inner: Box): boolean {
  return plainBoxes(inner).every((part) =>
    plainBoxes(outer).some(
      (box) => box[0] <= part[0] && part[2] <= box[2] && box[1] <= part[1] && part[3] <= box[3],
    ),
  );
}

/** Whether the shape has a point in the box, or on its edge. */
export function shapeMeetsBox(shape: Shape, box: Box): boolean {
  const polygons = shape.type === 'Polygon' ? [shape.coordinates] : shape.coordinates;
  return plainBoxes(box).some((plain) => polygons.some((rings) => polygonMeetsBox(rings, plain)));
}

function polygonMeetsBox(rings: readonly Position[][], box: Box): boolean {
  for (const ring of rings)
    for (let i = 1; i < ring.length; i++)
      if (segmentMeetsBox(ring[i - 1]!, ring[i]!, box)) return true;
  // No edge of it in the box: the box lies wholly inside the polygon, or wholly outside.
  return isInside(rings, box[0], box[1]);
}

/** Liang and Barsky's line clipping (1984): what of the segment is left between the box's sides. */
function segmentMeetsBox(a: Position, b: Position, box: Box): boolean {
  let from = 0;
  let until = 1;
  for (const axis of [0, 1] as const) {
    const start = a[axis]!;
    const step = b[axis]! - start;
    const [low, high] = [box[axis], box[axis + 2]!];
    if (step === 0) {
      if (start < low || start > high) return false;
      continue;
    }
    const [enter, leave] = step > 0 ? [low, high] : [high, low];
    from = Math.max(from, (enter - start) / step);
    until = Math.min(until, (leave - start) / step);
    if (from > until) return false;
  }
  return true;
}

/** Even and odd crossings to the east, over the exterior ring and the holes. */
function isInside(rings: readonly Position[][], lon: number, lat: number): boolean {
  let inside = false;
  for (const ring of rings)
    for (let i = 1; i < ring.length; i++) {
      const [ax, ay] = ring[i - 1] as [number, number];
      const [bx, by] = ring[i] as [number, number];
      if (ay > lat !== by > lat && lon < ax + ((lat - ay) / (by - ay)) * (bx - ax))
        inside = !inside;
    }
  return inside;
}
