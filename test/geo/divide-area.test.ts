import { geoContains } from 'd3-geo';
import type { Feature } from 'geojson';
import { neighbors } from 'topojson-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import { divideArea } from '../../src/geo/divide-area.ts';
import { divideAreas } from '../../src/geo/divide-areas.ts';
import type { GeoArea, Geography } from '../../src/geo/geography.ts';
import { parseGeometry } from '../../src/geo/geometry-file.ts';
import { countPieces } from '../../src/geo/group-cells.ts';
import { measureFeature } from '../../src/geo/measure.ts';
import { type Areal, rewindForD3 } from '../../src/geo/rewind.ts';
import { type BuiltAtlas, buildAtlas, madeUpSuburbs, planeArea } from './atlas.ts';

const LEVELS = [
  'continent',
  'nation',
  'region',
  'province',
  'municipality',
  'suburb',
  'street',
] as const;
const ALCOBENDAS = areaId('eu/es/13/28/28006');
const MADRID = areaId('eu/es/13/28/28079');

let atlas: BuiltAtlas;
beforeAll(async () => {
  atlas = await buildAtlas();
});
afterAll(async () => {
  await atlas[Symbol.asyncDispose]();
});

async function divide(
  id: typeof MADRID,
  streetCounts: readonly number[],
  seed = 'test',
): Promise<{ geography: Geography; outline: Feature<Areal> }> {
  const parent = atlas.geography.area(id) as GeoArea;
  const outline = (await atlas.geography.feature(id)) as Feature<Areal>;
  const suburbs = madeUpSuburbs(id, streetCounts);
  return { outline, geography: divideArea({ parent, outline, suburbs, seed, levels: LEVELS }) };
}

const sumKm2 = (areas: readonly GeoArea[]) => areas.reduce((sum, { areaKm2 }) => sum + areaKm2, 0);

describe('divideArea', () => {
  it('makes exactly the suburbs and streets it is asked for, with their names and levels', async () => {
    const { geography } = await divide(ALCOBENDAS, [3, 8, 1, 20]);
    expect(geography.children(ALCOBENDAS).map(({ name }) => name)).toEqual([
      'Suburb 1',
      'Suburb 2',
      'Suburb 3',
      'Suburb 4',
    ]);
    const counts = geography.children(ALCOBENDAS).map(({ id }) => geography.children(id).length);
    expect(counts).toEqual([3, 8, 1, 20]);
    expect(geography.area(areaId(`${ALCOBENDAS}/s2/s2-8`))).toMatchObject({
      name: 'Street 2-8',
      level: 'street',
      parent: `${ALCOBENDAS}/s2`,
    });
  });

  // A plain one, one with an enclave, one of several parts, an island, and flattened ones.
  it.each([
    'eu/es/13/28/28006',
    'eu/es/09/43/43140',
    'eu/es/09/17/17169',
    'eu/es/10/46/46096',
    'eu/es/04/07/07010',
    'eu/es/09/08/08215',
    'eu/es/09/08/08174',
  ])('nests exactly in %s: streets to suburbs, suburbs to the municipality', async (text) => {
    const id = areaId(text);
    const { geography, outline } = await divide(id, [8, 8, 8, 8]);
    const suburbs = geography.children(id);
    const streets = suburbs.flatMap((suburb) => geography.children(suburb.id));
    expect(sumKm2(streets) / sumKm2(suburbs)).toBeCloseTo(1, 7);
    const parent = atlas.geography.area(id) as GeoArea;
    // The municipality's file is rounded to its grid, its measures are not.
    expect(sumKm2(suburbs) / parent.areaKm2).toBeGreaterThan(0.95);
    expect(sumKm2(suburbs) / parent.areaKm2).toBeLessThan(1.05);
    const shapes = await Promise.all(suburbs.map((suburb) => geography.feature(suburb.id)));
    const drawn = shapes.reduce((sum, shape) => sum + planeArea(shape as Feature<Areal>), 0);
    expect(drawn / planeArea(outline)).toBeCloseTo(1, 4);
  });

  it('differs from the municipality by less than a millionth', async () => {
    const { geography, outline } = await divide(MADRID, [10, 10, 10]);
    const outlineKm2 = measureFeature(outline)?.areaKm2;
    const streets = geography.areas.filter(({ level }) => level === 'street');
    expect(Math.abs(sumKm2(streets) / (outlineKm2 as number) - 1)).toBeLessThan(1e-6);
  });

  it('keeps each suburb in one piece', async () => {
    const { geography } = await divide(MADRID, [8, 9, 10, 11, 12, 13]);
    for (const { id } of geography.children(MADRID)) {
      const file = await geography.geometry(id);
      const { geometries } = parseGeometry(file as NonNullable<typeof file>).objects.children;
      const all = geometries.map((_, i) => i);
      expect(countPieces(all, neighbors(geometries)), id).toBe(1);
    }
  });

  it('puts the centre of each street into the street', async () => {
    const { geography } = await divide(ALCOBENDAS, [8, 8]);
    for (const { id, level, center } of geography.areas) {
      if (level !== 'street') continue;
      const shape = (await geography.feature(id)) as Feature<Areal>;
      expect(geoContains(rewindForD3(shape), [...center]), id).toBe(true);
    }
  });

  it('makes the same bytes of the same seed, and others of another', async () => {
    const [one, two, other] = await Promise.all([
      divide(ALCOBENDAS, [8, 8]),
      divide(ALCOBENDAS, [8, 8]),
      divide(ALCOBENDAS, [8, 8], 'another'),
    ]);
    const hash = async ({ geography }: typeof one) => (await geography.geometry(ALCOBENDAS))?.hash;
    expect(await hash(one)).toBe(await hash(two));
    expect(await hash(one)).not.toBe(await hash(other));
    expect(one.geography.areas).toEqual(two.geography.areas);
  });

  it('divides Madrid into 1,000 streets within a few seconds', async () => {
    const startedMs = performance.now();
    const { geography } = await divide(MADRID, Array(20).fill(50));
    expect(geography.areas).toHaveLength(1020);
    expect(performance.now() - startedMs).toBeLessThan(8000);
  });

  it('refuses a suburb without streets', async () => {
    await expect(divide(ALCOBENDAS, [3, 0])).rejects.toThrow(RangeError);
    await expect(divide(ALCOBENDAS, [])).rejects.toThrow(RangeError);
  });
});

describe('divideAreas', () => {
  it('puts the divided area into the geography, among its neighbours', async () => {
    const base = atlas.geography;
    const suburbs = madeUpSuburbs(ALCOBENDAS, [4, 4]);
    const geography = await divideAreas(base, [{ area: ALCOBENDAS, suburbs }], 'test');
    expect(geography.levels).toEqual(LEVELS);
    expect(geography.areas).toHaveLength(base.areas.length + 10);
    expect(geography.area(MADRID)).toEqual(base.area(MADRID));
    expect(geography.children(areaId('eu/es/13/28'))).toHaveLength(179);
    expect(await geography.geometry(areaId('eu'))).toEqual(await base.geometry(areaId('eu')));
    const file = await geography.geometry(ALCOBENDAS);
    const { siblings } = parseGeometry(file as NonNullable<typeof file>).objects;
    expect(siblings.geometries.map(({ id }) => id)).toContain(MADRID);
    const street = await geography.feature(areaId(`${ALCOBENDAS}/s1/s1-1`));
    expect(street?.id).toBe(`${ALCOBENDAS}/s1/s1-1`);
  });

  it('refuses an area that the geography does not have', async () => {
    const area = areaId('eu/es/13/28/28999');
    const suburbs = madeUpSuburbs(area, [4]);
    await expect(divideAreas(atlas.geography, [{ area, suburbs }], 'test')).rejects.toThrow(
      'area: expected one of the geography, got eu/es/13/28/28999',
    );
  });
});
