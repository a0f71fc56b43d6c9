// A grid of equal squares for an area that has no shapes: the same cells, in the document's order.

import type { Box } from './anchor.ts';

const GAP = 3;
const MAX_SIDE = 150;

export function layOutTiles(
  ids: readonly string[],
  width: number,
  height: number,
): ReadonlyMap<string, Box> {
  const count = ids.length;
  if (count === 0 || width <= 0 || height <= 0) return new Map();
  let columns = 1;
  let side = 0;
  // The number of columns that leaves the largest squares.
  for (let tried = 1; tried <= count; tried++) {
    const fits = Math.min(width / tried, height / Math.ceil(count / tried), MAX_SIDE);
    if (fits > side) {
      side = fits;
      columns = tried;
    }
  }
  const rows = Math.ceil(count / columns);
  const left = (width - columns * side) / 2;
  const top = (height - rows * side) / 2;
  return new Map(
    ids.map((id, i): [string, Box] => {
      const x0 = left + (i % columns) * side + GAP / 2;
      const y0 = top + Math.floor(i / columns) * side + GAP / 2;
      return [id, { x0, y0, x1: x0 + side - GAP, y1: y0 + side - GAP }];
    }),
  );
}
