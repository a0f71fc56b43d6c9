// Spain out of es-atlas (IGN, CC BY 4.0): its municipalities, and what they make up. The atlas lies on
// a grid of about 200 m, on which some municipalities and many islets have no area left; the first are
// opened again, the second left out. Lands that municipalities share (53xxx) belong to their province
// but to no municipality, and Gibraltar (54, region 20) to neither.

import { geoCentroid, geoContains } from 'd3-geo';
import type { Feature, Position } from 'geojson';
import type { GeometryCollection, Topology } from 'topojson-specification';
import { type Areal, rewindForD3, ringArea } from '../../src/geo/rewind.ts';
import {
  type ArealObject,
  absoluteArcs,
  isAreal,
  mergeObjects,
  polygonsOf,
  ringPositions,
  toFeature,
  windTopology,
} from '../../src/geo/topology.ts';

export type AtlasTopology = Topology<Record<string, GeometryCollection>>;
export type Named = Feature<Areal, { name: string }>;

export interface Spain {
  readonly nation: Feature<Areal>;
  /** The id of each is its code in the atlas: "13", "28", "28079". */
  readonly regions: readonly Named[];
  readonly provinces: readonly (Named & { readonly region: string })[];
  /** The first two digits of the id are the province's. */
  readonly municipalities: readonly Named[];
}

const REGION_COUNT = 19;
const PROVINCE_COUNT = 52;
const MUNICIPALITY_COUNT = 8131;
/** Their middle lies in the sea. */
const CANARY_PROVINCES = new Set(['35', '38']);
const CANARY_REGION = '05';

export function readSpain(atlas: AtlasTopology): Spain {
  const { transform: _, ...rest } = { ...atlas, arcs: absoluteArcs(atlas) };
  const opened = { ...rest, arcs: openFlatMunicipalities(rest) };
  const clean: AtlasTopology = windTopology(opened);

  const named = (layer: string, isWanted: (id: string) => boolean): Named[] =>
    geometriesOf(clean, layer)
      .filter(({ id }) => isWanted(String(id)))
      .map((object) => {
        const { name } = object.properties as { name: string };
        const id = String(object.id);
        return { ...toFeature(clean, object), id, properties: { name: cleanName(name) } };
      })
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));

  const regions = named('autonomous_regions', (id) => id !== '20');
  const provinces = named('provinces', (id) => id !== '54').map((province) => ({
    ...province,
    region: regionOf(province, regions),
  }));
  const municipalities = named('municipalities', (id) => Number(id.slice(0, 2)) <= PROVINCE_COUNT);
  expectCount('regions', regions.length, REGION_COUNT);
  expectCount('provinces', provinces.length, PROVINCE_COUNT);
  expectCount('municipalities', municipalities.length, MUNICIPALITY_COUNT);
  const parts = geometriesOf(clean, 'autonomous_regions').filter(({ id }) => id !== '20');
  return {
    nation: toFeature(clean, mergeObjects(clean, parts, 'es')),
    regions,
    provinces,
    municipalities,
  };
}

function geometriesOf(topology: AtlasTopology, layer: string): ArealObject[] {
  const collection = topology.objects[layer];
  if (collection === undefined) throw new Error(`es-atlas: expected an object "${layer}"`);
  return collection.geometries.filter(isAreal);
}

function expectCount(what: string, found: number, expected: number): void {
  if (found !== expected) throw new Error(`es-atlas: expected ${expected} ${what}, found ${found}`);
}

function cleanName(name: string): string {
  return name.normalize('NFC').replace(/\s+/g, ' ').trim();
}

function regionOf(province: Named, regions: readonly Named[]): string {
  if (CANARY_PROVINCES.has(String(province.id))) return CANARY_REGION;
  const center = geoCentroid(rewindForD3(province));
  const found = regions.filter((region) => geoContains(rewindForD3(region), center));
  if (found.length !== 1) {
    throw new Error(
      `es-atlas: expected province ${province.id} in one region, not ${found.length}`,
    );
  }
  return String((found[0] as Named).id);
}

/** Half the width of what a flat municipality is opened to: about 300 m. */
const HALF_WIDTH_LON_DEG = 0.004;
const HALF_WIDTH_LAT_DEG = 0.003;

/**
 * The arcs, with those of every municipality that has no area moved apart. Its neighbours share the
 * arcs, so they lose what it gains.
 */
function openFlatMunicipalities(topology: AtlasTopology): Position[][] {
  const arcs = [...(topology.arcs as Position[][])];
  for (const object of geometriesOf(topology, 'municipalities')) {
    if (String(object.id).startsWith('53')) continue;
    const exteriors = polygonsOf(object).map(([ring]) => ring as number[]);
    if (exteriors.some((ring) => ringArea(ringPositions(arcs, ring)) !== 0)) continue;
    const length = (ring: number[]) => pathLength(ringPositions(arcs, ring));
    const longest = exteriors.toSorted((a, b) => length(b) - length(a))[0] as number[];
    for (const number of longest) {
      const index = number < 0 ? ~number : number;
      const arc = arcs[index] as Position[];
      arcs[index] = longest.length === 1 ? diamond(arc) : bend(arc, number < 0);
    }
  }
  return arcs;
}

function pathLength(path: readonly Position[]): number {
  let sum = 0;
  for (let i = 1; i < path.length; i++) {
    const [ax, ay] = path[i - 1] as [number, number];
    const [bx, by] = path[i] as [number, number];
    sum += Math.hypot(bx - ax, by - ay);
  }
  return sum;
}

/** Around an enclave that has shrunk to a point. */
function diamond(arc: readonly Position[]): Position[] {
  const [x, y] = arc[0] as [number, number];
  const top = [x, y + HALF_WIDTH_LAT_DEG];
  return [
    top,
    [x + HALF_WIDTH_LON_DEG, y],
    [x, y - HALF_WIDTH_LAT_DEG],
    [x - HALF_WIDTH_LON_DEG, y],
    top,
  ];
}

/**
 * An arc of a municipality that has shrunk to a line between two neighbours, bent to the left as the
 * ring runs: exterior rings of the atlas run clockwise, so the inside is to the right.
 */
function bend(arc: readonly Position[], isBackwards: boolean): Position[] {
  const [ax, ay] = arc[0] as [number, number];
  const [bx, by] = arc.at(-1) as [number, number];
  const length = Math.hypot(bx - ax, by - ay);
  const side = (isBackwards ? -1 : 1) / length;
  const middle = [
    (ax + bx) / 2 - side * (by - ay) * HALF_WIDTH_LON_DEG,
    (ay + by) / 2 + side * (bx - ax) * HALF_WIDTH_LAT_DEG,
  ];
  return [[ax, ay], middle, [bx, by]];
}
