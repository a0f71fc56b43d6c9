import { describe, expect, it } from 'vitest';
import { neighbourOf, type Point } from '../../../web/src/map/neighbour.ts';

const GRID: Point[] = [];
for (let row = 0; row < 3; row++) {
  for (let column = 0; column < 3; column++) {
    GRID.push({ id: `${column},${row}`, x: column * 10, y: row * 10 });
  }
}
const at = (id: string): Point => GRID.find((point) => point.id === id) as Point;

describe('the neighbour that an arrow goes to', () => {
  it('is the next one in that direction', () => {
    expect(neighbourOf(at('1,1'), GRID, 'ArrowLeft')).toBe('0,1');
    expect(neighbourOf(at('1,1'), GRID, 'ArrowRight')).toBe('2,1');
    expect(neighbourOf(at('1,1'), GRID, 'ArrowUp')).toBe('1,0');
    expect(neighbourOf(at('1,1'), GRID, 'ArrowDown')).toBe('1,2');
  });

  it('is none at the edge', () => {
    expect(neighbourOf(at('0,0'), GRID, 'ArrowLeft')).toBeUndefined();
    expect(neighbourOf(at('0,0'), GRID, 'ArrowUp')).toBeUndefined();
  });

  it('prefers what lies straight ahead over what is nearer but aside', () => {
    const points = [
      { id: 'here', x: 0, y: 0 },
      { id: 'ahead', x: 30, y: 2 },
      { id: 'aside', x: 8, y: 16 },
    ];
    expect(neighbourOf(points[0] as Point, points, 'ArrowRight')).toBe('ahead');
  });

  it('stays rather than jump to what lies almost wholly aside', () => {
    const points = [
      { id: 'here', x: 0, y: 0 },
      { id: 'far', x: 500, y: 20 },
    ];
    expect(neighbourOf(points[0] as Point, points, 'ArrowDown')).toBeUndefined();
  });

  it('never is the cell itself, nor one at the same place', () => {
    const points = [
      { id: 'here', x: 5, y: 5 },
      { id: 'same', x: 5, y: 5 },
    ];
    for (const arrow of ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'] as const) {
      expect(neighbourOf(points[0] as Point, points, arrow)).toBeUndefined();
    }
  });
});
