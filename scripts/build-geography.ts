// Builds build/geography: Spain (es-atlas) down to its municipalities inside Europe (world-atlas), one
// file of shapes for each area that has children, and an index. Checks what it made, and fails loudly.
//   node scripts/build-geography.ts            builds where its inputs have changed

import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { geoArea } from 'd3-geo';
import type { Feature } from 'geojson';
import { areaId } from '../src/core/area.ts';
import { drawLevel } from '../src/geo/draw-level.ts';
import type { GeographyIndex } from '../src/geo/geography.ts';
import { parseGeometry } from '../src/geo/geometry-file.ts';
import { type Measures, measureFeature } from '../src/geo/measure.ts';
import { type Areal, rewindForD3 } from '../src/geo/rewind.ts';
import { isAreal, toFeature } from '../src/geo/topology.ts';
import type { Geometry } from '../src/map/map-source.ts';
import { type Box, cutToBox, EUROPE_WINDOW, readWorld } from './geography/europe.ts';
import { type Named, readSpain } from './geography/spain.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const GEOGRAPHY_DIRECTORY: string = join(ROOT, 'build/geography');

const MUNICIPALITIES = 'node_modules/es-atlas/es/municipalities.json';
/** For the continent's map. */
const COUNTRIES_COARSE = 'node_modules/world-atlas/countries-50m.json';
/** For the neighbours of Spain and its parts. */
const COUNTRIES_FINE = 'node_modules/world-atlas/countries-10m.json';
const ATLASES = [MUNICIPALITIES, COUNTRIES_COARSE, COUNTRIES_FINE];

const LEVELS = ['continent', 'nation', 'region', 'province', 'municipality'];

/** How each map is drawn, by its parent's level. Sizes are of uncompressed JSON. */
const DRAWN = {
  continent: {
    toleranceDeg2: 2e-3,
    siblingToleranceDeg2: 1e-2,
    gridSteps: 20_000,
    maxBytes: 120e3,
  },
  nation: { toleranceDeg2: 2e-5, siblingToleranceDeg2: 8e-3, gridSteps: 20_000, maxBytes: 100e3 },
  region: { toleranceDeg2: 2e-6, siblingToleranceDeg2: 3e-4, gridSteps: 20_000, maxBytes: 150e3 },
  province: { toleranceDeg2: 0, siblingToleranceDeg2: 2e-4, gridSteps: 10_000, maxBytes: 150e3 },
} as const;

/** Context reaches this many widths and heights of an area beyond it on each side. */
const CONTEXT_REACH = 0.75;

interface Place {
  readonly id: string;
  readonly name: string;
  readonly feature: Feature<Areal>;
  readonly measures: Measures;
}

/** Whether it built, or found what it would build. */
export async function buildGeography(directory: string = GEOGRAPHY_DIRECTORY): Promise<boolean> {
  const inputs = await digestInputs();
  if ((await readInputsDigest(directory)) === inputs) return false;

  const read = async (path: string) => JSON.parse(await readFile(join(ROOT, path), 'utf8'));
  const spain = readSpain(await read(MUNICIPALITIES));
  const { nations, otherLand } = readWorld(await read(COUNTRIES_COARSE), EUROPE_WINDOW);
  const europe = unite([...nations]);

  const es = place('eu/es', 'Spain', spain.nation);
  const regions = spain.regions.map((region) => placeNamed('eu/es', region));
  const provinces = spain.provinces.map((province) =>
    placeNamed(`eu/es/${province.region}`, province),
  );
  const provincePath = new Map(provinces.map(({ id }) => [id.slice(-2), id]));
  const municipalities = spain.municipalities.map((municipality) =>
    placeNamed(`${provincePath.get(String(municipality.id).slice(0, 2))}`, municipality),
  );
  const drawnNations = nations.map((nation) => placeNamed('eu', nation));
  const others = drawnNations.filter(({ id }) => id !== es.id);
  const eu = place('eu', 'Europe', europe);

  const fine = readWorld(await read(COUNTRIES_FINE), widen(es.measures.bbox, CONTEXT_REACH));
  const abroad = [
    ...fine.nations
      .filter(({ id }) => id !== 'es')
      .map((nation) => ({ ...nation, id: `eu/${nation.id}` })),
    ...fine.otherLand,
  ];
  const files = new Map<string, Geometry>();
  files.set(
    eu.id,
    drawLevel({
      ...DRAWN.continent,
      outline: withId(eu),
      children: drawnNations.map(withId),
      siblings: otherLand,
    }),
  );
  const draw = (parents: Place[], children: Place[], level: 'nation' | 'region' | 'province') => {
    for (const parent of parents) {
      const near = widen(parent.measures.bbox, CONTEXT_REACH);
      files.set(
        parent.id,
        drawLevel({
          ...DRAWN[level],
          outline: withId(parent),
          children: children.filter(({ id }) => id.startsWith(`${parent.id}/`)).map(withId),
          siblings: [
            ...parents
              .filter(({ id, measures }) => id !== parent.id && overlaps(measures.bbox, near))
              .map(withId),
            ...abroad.map((land) => cutToBox(land, near)).filter((land) => land !== undefined),
          ],
        }),
      );
      check(parent, files.get(parent.id) as Geometry, DRAWN[level].maxBytes, children);
    }
  };
  check(eu, files.get(eu.id) as Geometry, DRAWN.continent.maxBytes, drawnNations);
  draw([es], regions, 'nation');
  draw(regions, provinces, 'region');
  draw(provinces, municipalities, 'province');

  const index: GeographyIndex = {
    version: 1,
    inputs,
    levels: LEVELS,
    areas: [eu, es, ...others, ...regions, ...provinces, ...municipalities].map(
      ({ id, name, measures: { center, bbox, areaKm2 } }) => [
        areaId(id),
        name,
        center,
        bbox,
        areaKm2,
      ],
    ),
    files: Object.fromEntries([...files].map(([id, { hash }]) => [id, hash])),
  };
  await write(directory, index, [...files.values()]);
  return true;
}

/** One feature of several that need not touch: only its size and place are asked of it. */
function unite(features: readonly Feature<Areal>[]): Feature<Areal> {
  const coordinates = features.flatMap(({ geometry }) =>
    geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates,
  );
  return { type: 'Feature', properties: {}, geometry: { type: 'MultiPolygon', coordinates } };
}

function placeNamed(parent: string, named: Named): Place {
  return place(`${parent}/${named.id}`, named.properties.name, named);
}

function place(id: string, name: string, feature: Feature<Areal>): Place {
  const measures = measureFeature(feature);
  if (measures === undefined || !(measures.areaKm2 > 0)) throw new Error(`${id}: has no area`);
  return { id, name, feature, measures };
}

function withId({ id, feature: { geometry } }: Place): Feature<Areal> {
  return { type: 'Feature', id, properties: {}, geometry };
}

function widen([west, south, east, north]: Box, times: number): Box {
  const lon = times * (east - west);
  const lat = times * (north - south);
  return [west - lon, south - lat, east + lon, north + lat];
}

function overlaps(a: Box, b: Box): boolean {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}

/** @throws Error where a child is missing, encloses nothing or floods the globe in the page. */
function check(parent: Place, file: Geometry, maxBytes: number, all: readonly Place[]): void {
  const topology = parseGeometry(file);
  const { children, outline } = topology.objects;
  const expected = all.filter(({ id }) => id.startsWith(`${parent.id}/`)).map(({ id }) => id);
  const found = children.geometries.map(({ id }) => String(id));
  if (found.join() !== expected.join()) throw new Error(`${parent.id}: not the expected children`);
  if (outline.geometries.length !== 1) throw new Error(`${parent.id}: has no outline`);
  for (const object of [...children.geometries, ...outline.geometries].filter(isAreal)) {
    const steradians = geoArea(rewindForD3(toFeature(topology, object)));
    if (!(steradians > 0 && steradians < 1)) {
      throw new Error(`${object.id} in ${parent.id}: drawn with ${steradians} sr`);
    }
  }
  if (file.json.length > maxBytes) {
    throw new Error(`${parent.id}: ${file.json.length} bytes of shapes, expected <= ${maxBytes}`);
  }
}

async function digestInputs(): Promise<string> {
  const hash = createHash('sha256');
  const sources = ['scripts/geography', 'src/geo'].map(async (folder) =>
    (await readdir(join(ROOT, folder))).map((name) => `${folder}/${name}`),
  );
  const paths = (await Promise.all(sources)).flat().toSorted();
  for (const path of [...ATLASES, 'scripts/build-geography.ts', ...paths]) {
    hash.update(`${path}\0`).update(await readFile(join(ROOT, path)));
  }
  return hash.digest('hex');
}

/** Undefined where nothing, or nothing whole, has been built. */
async function readInputsDigest(directory: string): Promise<string | undefined> {
  try {
    const index: GeographyIndex = JSON.parse(await readFile(join(directory, 'index.json'), 'utf8'));
    const names = new Set(await readdir(directory));
    const isWhole = Object.values(index.files).every((hash) => names.has(`${hash}.json`));
    return isWhole ? index.inputs : undefined;
  } catch {
    return undefined;
  }
}

/** The index last, so that one that is found is of files that are there. */
async function write(
  directory: string,
  index: GeographyIndex,
  files: readonly Geometry[],
): Promise<void> {
  await mkdir(directory, { recursive: true });
  const names = new Set(['index.json']);
  for (const { hash, json } of files) {
    names.add(`${hash}.json`);
    await replace(join(directory, `${hash}.json`), json);
  }
  await replace(join(directory, 'index.json'), JSON.stringify(index));
  for (const name of await readdir(directory)) {
    if (!names.has(name)) await rm(join(directory, name), { force: true });
  }
}

async function replace(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, content);
  await rename(temporary, path);
}

if (import.meta.main) await buildGeography();
