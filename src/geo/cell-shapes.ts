// Voronoi cells of points, cut to an outline, in one plane. Cells that meet have the very same corners,
// so that what is put together of them has no seams.

import { Delaunay } from 'd3-delaunay';
import polygonClipping from 'polygon-clipping';

export type Point = [x: number, y: number];
export type Rings = Point[][];
export type Shape = Rings[];

/** Closer than this, in the plane's degrees, two corners are one: a tenth of a millimetre. */
const SNAP = 1e-9;

/** One shape for each point; exterior rings in any winding. All points are inside the outline. */
export function cutCells(points: readonly Point[], outline: Shape): Shape[] {
  const corners = outline.flat(2);
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  const [west, south, east, north] = [
    Math.min(...xs),
    Math.min(...ys),
    Math.max(...xs),
    Math.max(...ys),
  ];
  const reach = 4 * Math.max(east - west, north - south);
  const [cx, cy] = [(west + east) / 2, (south + north) / 2];
  // Far points all around close every cell by corners that it shares with its neighbours: the ends of
  // open cells are rounded differently on each side.
  const far = Array.from({ length: 16 }, (_, i): Point => {
    const angle = (2 * Math.PI * i) / 16 + 0.1;
    return [cx + reach * Math.cos(angle), cy + reach * Math.sin(angle)];
  });
  const bounds: [number, number, number, number] = [
    cx - 4 * reach,
    cy - 4 * reach,
    cx + 4 * reach,
    cy + 4 * reach,
  ];
  const voronoi = Delaunay.from([...points, ...far]).voronoi(bounds);
  const snap = createSnapper();
  for (const corner of corners) snap(corner);
  return points.map((_, i) => {
    const cell = voronoi.cellPolygon(i) as Point[] | null;
    // Two points in one place: the second has no cell.
    if (cell === null) return [];
    const cut = polygonClipping.intersection([cell], outline) as Shape;
    return cut.map((rings) => rings.map((ring) => snapRing(ring, snap))).filter(hasExterior);
  });
}

function hasExterior([exterior]: Rings): boolean {
  return exterior !== undefined && exterior.length >= 4;
}

function snapRing(ring: readonly Point[], snap: (point: Point) => Point): Point[] {
  const snapped = ring.map(snap);
  return snapped.filter((point, i) => i === 0 || point !== snapped[i - 1]);
}

/** The first point that was seen where this one is. */
function createSnapper(): (point: Point) => Point {
  const seen = new Map<string, Point>();
  return (point) => {
    const column = Math.floor(point[0] / SNAP);
    const row = Math.floor(point[1] / SNAP);
    for (let x = column - 1; x <= column + 1; x++) {
      for (let y = row - 1; y <= row + 1; y++) {
        const near = seen.get(`${x},${y}`);
        if (near !== undefined) return near;
      }
    }
    seen.set(`${column},${row}`, point);
    return point;
  };
}
