import { describe, expect, it } from 'vitest';
import { layOutTiles } from '../../../web/src/map/tiles.ts';

const ids = (count: number): string[] => Array.from({ length: count }, (_, i) => `a${i}`);

describe('tiles for an area without shapes', () => {
  it('are equal squares inside the frame that do not overlap', () => {
    for (const count of [1, 2, 5, 17, 100, 371]) {
      const tiles = [...layOutTiles(ids(count), 800, 500).values()];
      expect(tiles).toHaveLength(count);
      const side = (tiles[0]?.x1 ?? 0) - (tiles[0]?.x0 ?? 0);
      expect(side).toBeGreaterThan(10);
      for (const { x0, y0, x1, y1 } of tiles) {
        expect(x1 - x0).toBeCloseTo(side);
        expect(y1 - y0).toBeCloseTo(side);
        expect(Math.min(x0, y0)).toBeGreaterThanOrEqual(0);
        expect(x1).toBeLessThanOrEqual(800);
        expect(y1).toBeLessThanOrEqual(500);
      }
      const places = new Set(tiles.map(({ x0, y0 }) => `${x0.toFixed(3)} ${y0.toFixed(3)}`));
      expect(places.size).toBe(count);
    }
  });

  it('are none where there is nothing to lay out, or no room', () => {
    expect(layOutTiles([], 800, 500).size).toBe(0);
    expect(layOutTiles(ids(3), 0, 500).size).toBe(0);
  });
});
