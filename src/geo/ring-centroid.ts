// The centre of mass of a ring in the plane; not always inside it.

import type { Position } from 'geojson';
import { ringArea } from './rewind.ts';

/** Of a closed ring that encloses something. */
export function ringCentroid(ring: readonly Position[]): [number, number] {
  const [x0, y0] = ring[0] as [number, number];
  let x = 0;
  let y = 0;
  for (let i = 1; i < ring.length; i++) {
    const [ax, ay] = ring[i - 1] as [number, number];
    const [bx, by] = ring[i] as [number, number];
    const cross = (ax - x0) * (by - y0) - (bx - x0) * (ay - y0);
    x += cross * (ax + bx - 2 * x0);
    y += cross * (ay + by - 2 * y0);
  }
  const sixfold = 6 * ringArea(ring);
  return [x0 + x / sixfold, y0 + y / sixfold];
}
