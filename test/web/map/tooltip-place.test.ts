import { describe, expect, it } from 'vitest';
import type { Box } from '../../../web/src/map/anchor.ts';
import { placeTooltip } from '../../../web/src/map/tooltip-place.ts';

const TOOLTIP = { width: 100, height: 60 };
const FRAME = { width: 400, height: 300 };

function covers(cell: Box, { x, y }: { x: number; y: number }): boolean {
  return x < cell.x1 && x + TOOLTIP.width > cell.x0 && y < cell.y1 && y + TOOLTIP.height > cell.y0;
}

describe('the place of a tooltip', () => {
  it('is inside the frame and beside the cell, wherever a small cell is', () => {
    for (let x = 0; x <= 380; x += 20) {
      for (let y = 0; y <= 280; y += 20) {
        const cell = { x0: x, y0: y, x1: x + 20, y1: y + 20 };
        const place = placeTooltip(cell, TOOLTIP, FRAME);
        expect(covers(cell, place)).toBe(false);
        expect(place.x).toBeGreaterThanOrEqual(0);
        expect(place.y).toBeGreaterThanOrEqual(0);
        expect(place.x + TOOLTIP.width).toBeLessThanOrEqual(FRAME.width);
        expect(place.y + TOOLTIP.height).toBeLessThanOrEqual(FRAME.height);
      }
    }
  });

  it('is above or below a cell that is as wide as the frame', () => {
    const wide = { x0: 0, y0: 0, x1: 400, y1: 100 };
    expect(covers(wide, placeTooltip(wide, TOOLTIP, FRAME))).toBe(false);
  });

  it('is in the farthest corner of a frame that the cell fills', () => {
    const all = { x0: -50, y0: -50, x1: 400, y1: 300 };
    expect(placeTooltip(all, TOOLTIP, FRAME)).toEqual({ x: 300, y: 240 });
  });
});
