// Seeded places of the demo's streets within an outline: denser about a middle, as in a town, then
// moved apart by two steps of Lloyd's method.

import type { Random } from '../sim/random.ts';
import { cutCells, type Point, type Shape } from './cell-shapes.ts';
import { ringArea } from './rewind.ts';
import { ringCentroid } from './ring-centroid.ts';

const LLOYD_STEPS = 2;
/** How likely a place far from the middle is kept, where one in the middle always is. */
const DENSITY_AT_RIM = 0.12;

export function scatterPoints(count: number, outline: Shape, random: Random): Point[] {
  const largest = outline.toSorted((a, b) => sizeOf(b) - sizeOf(a))[0] ?? [];
  const [middle, reach] = middleOf(largest[0] ?? []);
  const xs = outline.flat(2).map(([x]) => x);
  const ys = outline.flat(2).map(([, y]) => y);
  const [west, south] = [Math.min(...xs), Math.min(...ys)];
  const [width, height] = [Math.max(...xs) - west, Math.max(...ys) - south];
  let points: Point[] = [];
  while (points.length < count) {
    const point: Point = [west + width * random(), south + height * random()];
    const distance = Math.hypot(point[0] - middle[0], point[1] - middle[1]) / reach;
    const density = DENSITY_AT_RIM + (1 - DENSITY_AT_RIM) * Math.exp(-4 * distance * distance);
    if (random() < density && isInside(point, outline)) points.push(point);
  }
  for (let step = 0; step < LLOYD_STEPS; step++) {
    points = cutCells(points, outline).map((cell, i) => {
      const center = cell.length === 1 ? ringCentroid(cell[0]?.[0] ?? []) : undefined;
      // The middle of a cell bent by the outline may lie outside: it stays where it was.
      return center !== undefined && isInside(center, outline) ? center : (points[i] as Point);
    });
  }
  return points;
}

export function isInside([x, y]: Point, shape: Shape): boolean {
  let inside = false;
  for (const ring of shape.flat()) {
    for (let i = 1; i < ring.length; i++) {
      const [x1, y1] = ring[i - 1] as Point;
      const [x2, y2] = ring[i] as Point;
      if (y1 > y !== y2 > y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) inside = !inside;
    }
  }
  return inside;
}

function sizeOf([exterior]: readonly Point[][]): number {
  return Math.abs(ringArea(exterior ?? []));
}

/** The middle of a ring, and how far it reaches from it. */
function middleOf(ring: readonly Point[]): [Point, number] {
  const middle = ringCentroid(ring);
  const reach = Math.max(...ring.map(([x, y]) => Math.hypot(x - middle[0], y - middle[1])));
  return [middle, reach];
}
