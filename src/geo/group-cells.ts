// Cells in groups of exact sizes that hang together: halves, and halves of them, each along the line
// that leaves both sides in one piece and cuts the fewest neighbours apart.

import type { Point } from './cell-shapes.ts';

const ANGLES = 24;

/**
 * `neighbors[i]`: cells that share an edge with cell `i`. `sizes` add up to the number of cells.
 * The groups are in the order of `sizes`; the cells of each from north to south.
 */
export function groupCells(
  centers: readonly Point[],
  neighbors: readonly (readonly number[])[],
  sizes: readonly number[],
): number[][] {
  const count = sizes.reduce((sum, size) => sum + size, 0);
  if (count !== centers.length) {
    throw new RangeError(`sizes: expected a sum of ${centers.length}, got ${count}`);
  }
  const all = centers.map((_, i) => i);
  const southward = (a: number, b: number) => (centers[b] as Point)[1] - (centers[a] as Point)[1];
  return split(all, sizes).map((group) => group.toSorted(southward));

  function split(cells: readonly number[], parts: readonly number[]): number[][] {
    if (parts.length <= 1) return parts.length === 0 ? [] : [[...cells]];
    const half = parts.length >> 1;
    const size = parts.slice(0, half).reduce((sum, one) => sum + one, 0);
    let best: [number[], number[]] | undefined;
    let bestCost = Infinity;
    for (let step = 0; step < ANGLES; step++) {
      const angle = (2 * Math.PI * step) / ANGLES;
      const along = (i: number) => {
        const [x, y] = centers[i] as Point;
        return x * Math.cos(angle) + y * Math.sin(angle);
      };
      const ordered = cells.toSorted((a, b) => along(a) - along(b) || a - b);
      const sides: [number[], number[]] = [ordered.slice(0, size), ordered.slice(size)];
      const cost = 1e6 * (pieces(sides[0]) + pieces(sides[1])) + cutEdges(sides[0], sides[1]);
      if (cost < bestCost) {
        bestCost = cost;
        best = sides;
      }
    }
    const [first, second] = best as [number[], number[]];
    return [...split(first, parts.slice(0, half)), ...split(second, parts.slice(half))];
  }

  function cutEdges(first: readonly number[], second: readonly number[]): number {
    const others = new Set(second);
    let edges = 0;
    for (const i of first) for (const j of neighbors[i] ?? []) if (others.has(j)) edges++;
    return edges;
  }

  function pieces(cells: readonly number[]): number {
    return countPieces(cells, neighbors);
  }
}

/** In how many pieces that do not touch these cells are. */
export function countPieces(
  cells: readonly number[],
  neighbors: readonly (readonly number[])[],
): number {
  const left = new Set(cells);
  let count = 0;
  for (const start of cells) {
    if (!left.delete(start)) continue;
    count++;
    const open = [start];
    for (let i = open.pop(); i !== undefined; i = open.pop()) {
      for (const j of neighbors[i] ?? []) if (left.delete(j)) open.push(j);
    }
  }
  return count;
}
