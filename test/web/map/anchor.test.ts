import { describe, expect, it } from 'vitest';
import { anchorOf, boxOf, isInside } from '../../../web/src/map/anchor.ts';

const ring = (...points: number[]): Float64Array => Float64Array.from(points);

describe('the anchor of a shape', () => {
  it('is the middle of a square, with its whole width as room', () => {
    const anchor = anchorOf([ring(0, 0, 10, 0, 10, 10, 0, 10)]);
    expect(anchor).toMatchObject({ x: 5, y: 5, roomWidth: 10, roomHeight: 10, areaPx: 100 });
  });

  it('lies inside a horseshoe, whose middle does not', () => {
    const horseshoe = [ring(0, 0, 30, 0, 30, 30, 20, 30, 20, 10, 10, 10, 10, 30, 0, 30)];
    const anchor = anchorOf(horseshoe);
    expect(isInside(horseshoe, anchor?.x ?? 0, anchor?.y ?? 0)).toBe(true);
  });

  it('keeps out of a hole', () => {
    const holed = [ring(0, 0, 30, 0, 30, 30, 0, 30), ring(5, 5, 5, 25, 25, 25, 25, 5)];
    const anchor = anchorOf(holed);
    expect(isInside(holed, anchor?.x ?? 15, anchor?.y ?? 15)).toBe(true);
    expect(anchor?.areaPx).toBe(500);
  });

  it('is none of a shape without area', () => {
    expect(anchorOf([])).toBeUndefined();
    expect(anchorOf([ring(1, 1, 1, 1, 1, 1)])).toBeUndefined();
  });

  it('knows the box of several rings', () => {
    expect(boxOf([ring(0, 0, 1, 0, 1, 1), ring(5, 5, 6, 5, 6, 9)])).toEqual({
      x0: 0,
      y0: 0,
      x1: 6,
      y1: 9,
    });
  });
});
