import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { geoArea, geoContains } from 'd3-geo';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildGeography } from '../../scripts/build-geography.ts';
import { areaId } from '../../src/core/area.ts';
import { type GeoArea, type Geography, loadGeography } from '../../src/geo/geography.ts';
import { parseGeometry } from '../../src/geo/geometry-file.ts';
import { rewindForD3, ringArea } from '../../src/geo/rewind.ts';
import {
  absoluteArcs,
  isAreal,
  polygonsOf,
  ringPositions,
  toFeature,
} from '../../src/geo/topology.ts';
import { type BuiltAtlas, buildAtlas } from './atlas.ts';

let atlas: BuiltAtlas;
let geography: Geography;

beforeAll(async () => {
  atlas = await buildAtlas();
  geography = atlas.geography;
});
afterAll(async () => {
  await atlas[Symbol.asyncDispose]();
});

const ofLevel = (level: string): GeoArea[] =>
  geography.areas.filter((area) => area.level === level);
const sumKm2 = (areas: readonly GeoArea[]) => areas.reduce((sum, { areaKm2 }) => sum + areaKm2, 0);

/** Provinces with much land that several municipalities share and none owns: es-atlas ids 53xxx. */
const WITH_SHARED_LANDS = new Set(['01', '09', '20', '31', '39', '40']);

describe('the built geography', () => {
  it('has 8,131 municipalities, 52 provinces, 19 regions and the countries of Europe', () => {
    expect(ofLevel('municipality')).toHaveLength(8131);
    expect(ofLevel('province')).toHaveLength(52);
    expect(ofLevel('region')).toHaveLength(19);
    expect(ofLevel('nation')).toHaveLength(50);
    expect(geography.levels).toEqual(['continent', 'nation', 'region', 'province', 'municipality']);
    expect(geography.area(areaId('eu/es/13/28/28079'))).toMatchObject({
      name: 'Madrid',
      parent: 'eu/es/13/28',
      depth: 5,
    });
    expect(geography.areas.filter(({ id }) => /\/(?:53|54)\d{3}$|\/20\/54/.test(id))).toEqual([]);
  });

  it('puts both provinces of the Canaries into their region', () => {
    const names = geography.children(areaId('eu/es/05')).map(({ name }) => name);
    expect(names).toEqual(['Las Palmas', 'Santa Cruz de Tenerife']);
  });

  it('gives every municipality an area, also those that the atlas has flattened', () => {
    const sizes = ofLevel('municipality').map(({ areaKm2 }) => areaKm2);
    expect(Math.min(...sizes)).toBeGreaterThan(0.05);
    expect(Math.max(...sizes)).toBeLessThan(2000);
    // The three that filled the globe, at about their true size.
    expect(geography.area(areaId('eu/es/10/03/03131'))?.areaKm2).toBeCloseTo(4.8, 0);
    expect(geography.area(areaId('eu/es/16/20/20015'))?.areaKm2).toBeCloseTo(58.7, 0);
    expect(geography.area(areaId('eu/es/09/08/08215'))?.areaKm2).toBeGreaterThan(0.1);
  });

  it('adds up: regions to the nation, provinces to regions, municipalities to provinces', () => {
    const nation = geography.area(areaId('eu/es')) as GeoArea;
    expect(sumKm2(ofLevel('region')) / nation.areaKm2).toBeCloseTo(1, 6);
    expect(nation.areaKm2).toBeGreaterThan(504_000);
    expect(nation.areaKm2).toBeLessThan(507_000);
    for (const region of ofLevel('region')) {
      expect(sumKm2(geography.children(region.id)) / region.areaKm2, region.name).toBeCloseTo(1, 6);
    }
    for (const province of ofLevel('province')) {
      const share = sumKm2(geography.children(province.id)) / province.areaKm2;
      const least = WITH_SHARED_LANDS.has(province.id.slice(-2)) ? 0.94 : 0.995;
      expect(share, province.name).toBeGreaterThan(least);
      expect(share, province.name).toBeLessThan(1 + 1e-6);
    }
  });

  it('keeps every area of Spain within the bounding box of the area above, and its centre within its own', () => {
    for (const area of geography.areas) {
      const [west, south, east, north] = area.bbox;
      const [lon, lat] = area.center;
      expect(lon > west && lon < east && lat > south && lat < north, area.id).toBe(true);
      const parent = area.parent === undefined ? undefined : geography.area(area.parent);
      // The continent is drawn without the Canaries.
      if (parent === undefined || parent.depth < 2) continue;
      const [w, s, e, n] = parent.bbox;
      expect(west >= w && south >= s && east <= e && north <= n, area.id).toBe(true);
    }
  });

  it('lists parents before their children', () => {
    const seen = new Set<string>();
    for (const { id, parent } of geography.areas) {
      expect(parent === undefined || seen.has(parent), id).toBe(true);
      seen.add(id);
    }
  });

  it('draws every child of every parent once, floods nothing and winds as RFC 7946 asks', async () => {
    const parents = geography.areas.filter(({ id }) => geography.children(id).length > 0);
    expect(parents).toHaveLength(1 + 1 + 19 + 52);
    for (const parent of parents) {
      const file = await geography.geometry(parent.id);
      if (file === undefined) throw new Error(`${parent.id}: no file`);
      const topology = parseGeometry(file);
      const { children, outline, siblings } = topology.objects;
      const ids = children.geometries.map(({ id }) => id);
      expect(ids.toSorted()).toEqual(
        geography
          .children(parent.id)
          .map(({ id }) => id)
          .toSorted(),
      );
      expect(outline.geometries.map(({ id }) => id)).toEqual([parent.id]);
      const arcs = absoluteArcs(topology);
      const all = [...children.geometries, ...outline.geometries, ...siblings.geometries];
      for (const object of all.filter(isAreal)) {
        expect(polygonsOf(object).length, String(object.id)).toBeGreaterThan(0);
        for (const rings of polygonsOf(object)) {
          for (const [i, ring] of rings.entries()) {
            const area = ringArea(ringPositions(arcs, ring));
            expect(i === 0 ? area > 0 : area < 0, `${object.id} in ${parent.id}`).toBe(true);
          }
        }
        const steradians = geoArea(rewindForD3(toFeature(topology, object)));
        expect(steradians, `${object.id} in ${parent.id}`).toBeGreaterThan(0);
        expect(steradians, `${object.id} in ${parent.id}`).toBeLessThan(0.5);
      }
    }
  });

  it('draws neighbours without gaps: what two children share is one arc', async () => {
    for (const id of ['eu', 'eu/es', 'eu/es/16', 'eu/es/09/08']) {
      const file = await geography.geometry(areaId(id));
      const topology = parseGeometry(file as NonNullable<typeof file>);
      const { children, outline } = topology.objects;
      const area = (objects: typeof children) =>
        objects.geometries
          .filter(isAreal)
          .reduce((sum, object) => sum + geoArea(rewindForD3(toFeature(topology, object))), 0);
      expect(area(children) / area(outline), id).toBeCloseTo(1, 6);
    }
  });

  it('keeps each file small enough for its zoom', async () => {
    const size = async (id: string) => (await geography.geometry(areaId(id)))?.json.length ?? 0;
    expect(await size('eu')).toBeLessThan(120_000);
    expect(await size('eu/es')).toBeLessThan(100_000);
    for (const { id } of ofLevel('province')) expect(await size(id), id).toBeLessThan(150_000);
  });

  it('draws Crimea in Ukraine, and nothing overseas in France', async () => {
    const ukraine = await geography.feature(areaId('eu/ua'));
    expect(geoContains(rewindForD3(ukraine as NonNullable<typeof ukraine>), [34.2, 45.2])).toBe(
      true,
    );
    expect(geography.area(areaId('eu/fr'))?.bbox[1]).toBeGreaterThan(41);
    expect(geography.area(areaId('eu/ru'))?.bbox).toEqual([
      expect.closeTo(20, 0),
      expect.any(Number),
      50,
      expect.any(Number),
    ]);
  });

  it('gives the shape of an area with and of one without children', async () => {
    const madrid = await geography.feature(areaId('eu/es/13/28/28079'));
    expect(madrid?.id).toBe('eu/es/13/28/28079');
    expect(await geography.feature(areaId('eu/es/13'))).toMatchObject({ id: 'eu/es/13' });
    expect(await geography.feature(areaId('eu/es/99'))).toBeUndefined();
    expect(await geography.geometry(areaId('eu/es/13/28/28079'))).toBeUndefined();
  });
});

describe('buildGeography', () => {
  it('does nothing where its inputs have not changed, and mends what is missing', async () => {
    expect(await buildGeography(atlas.directory)).toBe(false);
    const names = await readdir(atlas.directory);
    const lost = names.find((name) => name !== 'index.json') as string;
    await rm(join(atlas.directory, lost));
    expect(await buildGeography(atlas.directory)).toBe(true);
    expect((await stat(join(atlas.directory, lost))).size).toBeGreaterThan(0);
    expect((await readdir(atlas.directory)).toSorted()).toEqual(names.toSorted());
  });

  it('writes the same bytes twice', async () => {
    await using other = await buildAtlas();
    const names = (await readdir(atlas.directory)).toSorted();
    expect((await readdir(other.directory)).toSorted()).toEqual(names);
    for (const name of names) {
      const [one, two] = [atlas, other].map(({ directory }) => readFile(join(directory, name)));
      expect((await one)?.equals((await two) as Buffer), name).toBe(true);
    }
  });
});

describe('loadGeography', () => {
  it('names the command where nothing has been built', async () => {
    await expect(loadGeography('/nowhere/geography')).rejects.toThrow(
      'No geography in /nowhere/geography: run `npm run build`.',
    );
  });
});
