import { geoArea } from 'd3-geo';
import type { Feature, Polygon, Position } from 'geojson';
import { describe, expect, it } from 'vitest';
import { rewindForD3, rewindForGeoJson, ringArea } from '../../src/geo/rewind.ts';

const SQUARE: Position[] = [
  [0, 0],
  [2, 0],
  [2, 2],
  [0, 2],
  [0, 0],
];
const HOLE: Position[] = [
  [0.5, 0.5],
  [1, 0.5],
  [1, 1],
  [0.5, 1],
  [0.5, 0.5],
];

const polygon = (...rings: Position[][]): Feature<Polygon> => ({
  type: 'Feature',
  properties: {},
  geometry: { type: 'Polygon', coordinates: rings },
});

describe('rewindForD3', () => {
  it.each([
    [SQUARE, HOLE],
    [SQUARE.toReversed(), HOLE],
    [SQUARE, HOLE.toReversed()],
    [SQUARE.toReversed(), HOLE.toReversed()],
  ])('makes d3 fill the area and not the globe, whatever the winding was', (exterior, hole) => {
    const area = geoArea(rewindForD3(polygon(exterior, hole)));
    expect(area).toBeCloseTo((3.75 * Math.PI ** 2) / 180 ** 2, 6);
  });

  it('leaves out rings that enclose nothing, and with an exterior ring its holes', () => {
    const line: Position[] = [
      [5, 5],
      [6, 6],
      [5, 5],
    ];
    const feature: Feature = {
      type: 'Feature',
      properties: {},
      geometry: {
        type: 'MultiPolygon',
        coordinates: [
          [line, HOLE],
          [SQUARE, line],
        ],
      },
    };
    const { geometry } = rewindForD3(feature as Parameters<typeof rewindForD3>[0]);
    expect(geometry.coordinates).toEqual([[SQUARE.toReversed()]]);
  });

  it('keeps id and properties, and does not write into its argument', () => {
    const feature = { ...polygon(SQUARE), id: 'a', properties: { name: 'A' } };
    const before = structuredClone(feature);
    expect(rewindForD3(feature)).toMatchObject({ id: 'a', properties: { name: 'A' } });
    expect(feature).toEqual(before);
  });
});

describe('rewindForGeoJson', () => {
  it('turns exterior rings counterclockwise and holes clockwise', () => {
    const { geometry } = rewindForGeoJson(polygon(SQUARE.toReversed(), HOLE));
    const [exterior, hole] = geometry.coordinates as Position[][];
    expect(ringArea(exterior as Position[])).toBe(4);
    expect(ringArea(hole as Position[])).toBe(-0.25);
  });
});

describe('ringArea', () => {
  it('measures a ring across the antimeridian by its short side', () => {
    const ring: Position[] = [
      [179, 0],
      [-179, 0],
      [-179, 1],
      [179, 1],
      [179, 0],
    ];
    expect(ringArea(ring)).toBeCloseTo(2, 12);
  });
});
