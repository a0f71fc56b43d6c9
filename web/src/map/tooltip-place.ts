// Where a tooltip stands: beside its cell, never over it, inside the map's frame. Where the cell leaves
// no room, in the corner of the frame that is farthest from what the reader looks at.

import type { Box } from './anchor.ts';

const GAP = 10;

export interface Size {
  readonly width: number;
  readonly height: number;
}

export function placeTooltip(
  cell: Box,
  tooltip: Size,
  frame: Size,
): { readonly x: number; readonly y: number } {
  const { width, height } = tooltip;
  const middleX = (cell.x0 + cell.x1) / 2;
  const middleY = (cell.y0 + cell.y1) / 2;
  const besideY = clamp(middleY - height / 2, 0, frame.height - height);
  const besideX = clamp(middleX - width / 2, 0, frame.width - width);
  const right = cell.x1 + GAP;
  const left = cell.x0 - GAP - width;
  const below = cell.y1 + GAP;
  const above = cell.y0 - GAP - height;
  if (right + width <= frame.width && right >= 0) return { x: right, y: besideY };
  if (left >= 0 && left + width <= frame.width) return { x: left, y: besideY };
  if (above >= 0 && above + height <= frame.height) return { x: besideX, y: above };
  if (below + height <= frame.height && below >= 0) return { x: besideX, y: below };
  return {
    x: middleX > frame.width / 2 ? 0 : Math.max(0, frame.width - width),
    y: middleY > frame.height / 2 ? 0 : Math.max(0, frame.height - height),
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
