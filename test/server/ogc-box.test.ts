import type { Polygon } from 'geojson';
import { describe, expect, it } from 'vitest';
import { boxesMeet, boxHolds, parseBox, shapeMeetsBox } from '../../src/server/ogc/box.ts';

/** A triangle with its right angle at 0, 0 and a hole near it. */
const TRIANGLE: Polygon = {
  type: 'Polygon',
  coordinates: [
    [
      [0, 0],
      [10, 0],
      [0, 10],
      [0, 0],
    ],
    [
      [1, 1],
      [1, 3],
      [3, 3],
      [3, 1],
      [1, 1],
    ],
  ],
};

describe('a shape and a box', () => {
  it.each([
    ['around it', [-1, -1, 11, 11], true],
    ['over a corner of it', [-1, -1, 1, 1], true],
    ['wholly inside it', [4, 1, 5, 2], true],
    ['in its bounding box only', [8, 8, 9, 9], false],
    ['in its hole', [1.5, 1.5, 2.5, 2.5], false],
    ['over the rim of its hole', [1.5, 1.5, 3.5, 2.5], true],
    ['crossed by an edge without a corner in it', [4, 4, 6, 5.5], true],
    ['touching an edge', [-1, 2, 0, 3], true],
    ['elsewhere', [20, 20, 30, 30], false],
    ['of no extent, inside', [5, 1, 5, 1], true],
    ['of no extent, outside', [9, 9, 9, 9], false],
    ['across the antimeridian, with it', [170, -1, 5, 1], true],
    ['across the antimeridian, without it', [170, -1, -170, 1], false],
  ] as const)('%s', (_name, box, meets) => {
    expect(shapeMeetsBox(TRIANGLE, box)).toBe(meets);
    const many = { type: 'MultiPolygon', coordinates: [TRIANGLE.coordinates] } as const;
    expect(shapeMeetsBox({ ...many, coordinates: [...many.coordinates] }, box)).toBe(meets);
  });
});

describe('boxes', () => {
  it('meet over the antimeridian and at their edges', () => {
    expect(boxesMeet([170, 0, -170, 10], [-175, 5, -174, 6])).toBe(true);
    expect(boxesMeet([0, 0, 1, 1], [1, 1, 2, 2])).toBe(true);
    expect(boxesMeet([0, 0, 1, 1], [1.1, 0, 2, 1])).toBe(false);
  });

  it('hold one another only as a whole', () => {
    expect(boxHolds([170, 0, -170, 10], [175, 1, -175, 2])).toBe(true);
    expect(boxHolds([0, 0, 10, 10], [5, 5, 11, 6])).toBe(false);
    expect(boxHolds([0, 0, 10, 10], [0, 0, 10, 10])).toBe(true);
  });

  it('are read with or without heights', () => {
    expect(parseBox('-3.9,40.3,-3.5,40.6')).toEqual([-3.9, 40.3, -3.5, 40.6]);
    expect(parseBox('-3.9, 40.3, 0, -3.5, 40.6, 99')).toEqual([-3.9, 40.3, -3.5, 40.6]);
    expect(parseBox('170,0,-170,1')).toEqual([170, 0, -170, 1]);
    for (const text of ['', '1,2,3,NaN', '1,2,3,Infinity', '0x1,2,3,4', '1,2,3,4,5,6,7'])
      expect(parseBox(text)).toBeUndefined();
  });
});
