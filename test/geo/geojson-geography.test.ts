import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Position } from 'geojson';
import { describe, expect, it } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import { FileError } from '../../src/files/file-error.ts';
import { geographyFromGeoJson, readGeoJsonGeography } from '../../src/geo/geojson-geography.ts';
import { parseGeometry } from '../../src/geo/geometry-file.ts';
import { planeArea } from './atlas.ts';

const cell = (x: number, y: number): Position[] => [
  [x, y],
  [x + 1, y],
  [x + 1, y + 1],
  [x, y + 1],
  [x, y],
];
const feature = (id: unknown, ring: unknown, properties: object = {}) => ({
  type: 'Feature',
  id,
  properties,
  geometry: { type: 'Polygon', coordinates: [ring] },
});
const collection = (...features: unknown[]) => ({ type: 'FeatureCollection', features });

const TOWN = collection(
  feature('town/west/a', cell(0, 0), { name: 'First Street', level: 'street' }),
  feature('town/west/b', cell(1, 0).toReversed()),
  feature('town/east/c', cell(2, 0)),
  { ...feature(undefined, cell(3, 0)), properties: { id: 'town/east/d' } },
);

describe('geographyFromGeoJson', () => {
  it('makes the tree of the ids, and puts parents without a feature together', async () => {
    const geography = geographyFromGeoJson(TOWN);
    expect(geography.areas.map(({ id }) => id).toSorted()).toEqual([
      'town',
      'town/east',
      'town/east/c',
      'town/east/d',
      'town/west',
      'town/west/a',
      'town/west/b',
    ]);
    expect(geography.levels).toEqual(['level 1', 'level 2', 'street']);
    expect(geography.area(areaId('town'))).toMatchObject({ name: 'town', bbox: [0, 0, 4, 1] });
    expect(geography.area(areaId('town/west/a'))?.name).toBe('First Street');
    const west = await geography.feature(areaId('town/west'));
    expect(west?.geometry.coordinates.flat(west.geometry.type === 'Polygon' ? 0 : 1)).toHaveLength(
      1,
    );
    expect(planeArea(west as NonNullable<typeof west>)).toBeCloseTo(2, 3);
  });

  it('repairs the winding', async () => {
    const geography = geographyFromGeoJson(TOWN);
    for (const { id } of geography.areas) {
      const shape = await geography.feature(id);
      if (shape !== undefined) expect(planeArea(shape), id).toBeGreaterThan(0);
    }
  });

  it('draws each parent with its children, its outline and the areas beside it', async () => {
    const file = await geographyFromGeoJson(TOWN).geometry(areaId('town/west'));
    const { children, outline, siblings } = parseGeometry(file as NonNullable<typeof file>).objects;
    expect(children.geometries.map(({ id }) => id)).toEqual(['town/west/a', 'town/west/b']);
    expect(outline.geometries.map(({ id }) => id)).toEqual(['town/west']);
    expect(siblings.geometries.map(({ id }) => id)).toEqual(['town/east']);
  });

  it("keeps a parent's own feature", () => {
    const wide: Position[] = [
      [-1, -1],
      [5, -1],
      [5, 2],
      [-1, 2],
      [-1, -1],
    ];
    const geography = geographyFromGeoJson(
      collection(...TOWN.features, feature('town', wide, { name: 'The Town' })),
    );
    expect(geography.area(areaId('town'))).toMatchObject({
      name: 'The Town',
      bbox: [-1, -1, 5, 2],
    });
  });

  const open = cell(0, 0).slice(0, 4);
  it.each<[string, unknown, string]>([
    ['no object', null, 'GeoJSON: expected a GeoJSON FeatureCollection, found nothing.'],
    ['a lone feature', feature('a', cell(0, 0)), 'found "Feature".'],
    ['no features', collection(), 'features: expected 1 to 100000 features, found 0.'],
    ['a null feature', collection(null), 'feature 1: expected a Feature, found nothing.'],
    ['no id', collection(feature(undefined, cell(0, 0))), 'feature 1, id: expected an area id'],
    ['a number as id', collection(feature(7, cell(0, 0))), 'found 7.'],
    ['an id that is no path', collection(feature('a/../b', cell(0, 0))), 'found "a/../b".'],
    [
      'an id twice',
      collection(feature('a', cell(0, 0)), feature('a', cell(1, 0))),
      'feature 2, id',
    ],
    [
      'a name that moves a cursor',
      collection(feature('a', cell(0, 0), { name: '\u{1b}[2J' })),
      'name',
    ],
    ['no geometry', collection({ ...feature('a', cell(0, 0)), geometry: null }), 'found nothing.'],
    ['a point', collection({ ...feature('a', 0), geometry: { type: 'Point' } }), 'found "Point".'],
    ['a ring that is none', collection(feature('a', 'x')), '4 or more positions'],
    ['an open ring', collection(feature('a', [...open, [0, 0.5]])), 'found an open one.'],
    ['a ring of three', collection(feature('a', open.slice(0, 3))), 'found 3.'],
    ['metres', collection(feature('a', cell(440_000, 4_470_000))), 'found [440000,4470000].'],
    ['text in a position', collection(feature('a', [['0', '0'], ...open])), 'found ["0","0"].'],
    ['NaN', collection(feature('a', [[Number.NaN, 0], ...open])), 'found [null,0].'],
    [
      'a line',
      collection(
        feature('a', [
          [0, 0],
          [1, 1],
          [2, 2],
          [0, 0],
        ]),
      ),
      'encloses nothing',
    ],
    [
      'the antimeridian',
      collection(
        feature('a', [
          [179, 0],
          [-179, 0],
          [-179, 1],
          [179, 0],
        ]),
      ),
      'cut',
    ],
    ['another crs', { ...TOWN, crs: { properties: { name: 'EPSG:25830' } } }, 'crs: expected'],
  ])('refuses %s in one sentence', (_, input, sentence) => {
    let thrown: unknown;
    try {
      geographyFromGeoJson(input);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(FileError);
    expect((thrown as FileError).code).toBe('bad-geojson');
    expect((thrown as FileError).message).toContain(sentence);
  });
});

describe('readGeoJsonGeography', () => {
  it('reads a file, with or without a byte order mark', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'streetwatt-geojson-'));
    try {
      const file = join(folder, 'areas.geojson');
      await writeFile(file, `\u{feff}${JSON.stringify(TOWN)}`);
      expect((await readGeoJsonGeography(file)).areas).toHaveLength(7);
      await writeFile(file, '{"type":');
      await expect(readGeoJsonGeography(file)).rejects.toMatchObject({ code: 'bad-geojson' });
      await expect(readGeoJsonGeography(folder)).rejects.toMatchObject({ code: 'file-unreadable' });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    await expect(readGeoJsonGeography(join(folder, 'none'))).rejects.toMatchObject({
      code: 'file-missing',
    });
  });
});
