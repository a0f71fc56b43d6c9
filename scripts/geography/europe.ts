// The continent out of world-atlas (Natural Earth): the countries of Europe, cut to a window. What of
// them lies overseas or behind the window (French Guiana, the Canaries, the Azores, Svalbard, Siberia)
// is not drawn at this level. Other land in the window is for context.

import type { Feature, MultiPolygon, Polygon, Position } from 'geojson';
import polygonClipping from 'polygon-clipping';
import type { GeometryCollection, Topology } from 'topojson-specification';
import { type Areal, rewindForGeoJson, ringArea } from '../../src/geo/rewind.ts';
import {
  type ArealObject,
  absoluteArcs,
  isAreal,
  mergeObjects,
  polygonsOf,
  ringPositions,
  toFeature,
} from '../../src/geo/topology.ts';
import type { AtlasTopology, Named } from './spain.ts';

export type Box = readonly [west: number, south: number, east: number, north: number];

/** From Iceland to the Volga, from Crete to the North Cape. */
export const EUROPE_WINDOW: Box = [-24.7, 34, 50, 72];

/** ISO 3166-1: numeric code, alpha-2 code, name. Kosovo has no code of its own: XK by user assignment. */
const COUNTRIES: readonly (readonly [numeric: string, alpha2: string, name: string])[] = [
  ['008', 'al', 'Albania'],
  ['020', 'ad', 'Andorra'],
  ['040', 'at', 'Austria'],
  ['112', 'by', 'Belarus'],
  ['056', 'be', 'Belgium'],
  ['070', 'ba', 'Bosnia and Herzegovina'],
  ['100', 'bg', 'Bulgaria'],
  ['191', 'hr', 'Croatia'],
  ['196', 'cy', 'Cyprus'],
  ['203', 'cz', 'Czechia'],
  ['208', 'dk', 'Denmark'],
  ['233', 'ee', 'Estonia'],
  ['234', 'fo', 'Faroe Islands'],
  ['246', 'fi', 'Finland'],
  ['250', 'fr', 'France'],
  ['276', 'de', 'Germany'],
  ['300', 'gr', 'Greece'],
  ['831', 'gg', 'Guernsey'],
  ['348', 'hu', 'Hungary'],
  ['352', 'is', 'Iceland'],
  ['372', 'ie', 'Ireland'],
  ['833', 'im', 'Isle of Man'],
  ['380', 'it', 'Italy'],
  ['832', 'je', 'Jersey'],
  ['', 'xk', 'Kosovo'],
  ['428', 'lv', 'Latvia'],
  ['438', 'li', 'Liechtenstein'],
  ['440', 'lt', 'Lithuania'],
  ['442', 'lu', 'Luxembourg'],
  ['470', 'mt', 'Malta'],
  ['498', 'md', 'Moldova'],
  ['492', 'mc', 'Monaco'],
  ['499', 'me', 'Montenegro'],
  ['528', 'nl', 'Netherlands'],
  ['807', 'mk', 'North Macedonia'],
  ['578', 'no', 'Norway'],
  ['616', 'pl', 'Poland'],
  ['620', 'pt', 'Portugal'],
  ['642', 'ro', 'Romania'],
  ['643', 'ru', 'Russia'],
  ['674', 'sm', 'San Marino'],
  ['688', 'rs', 'Serbia'],
  ['703', 'sk', 'Slovakia'],
  ['705', 'si', 'Slovenia'],
  ['724', 'es', 'Spain'],
  ['752', 'se', 'Sweden'],
  ['756', 'ch', 'Switzerland'],
  ['804', 'ua', 'Ukraine'],
  ['826', 'gb', 'United Kingdom'],
  ['336', 'va', 'Vatican City'],
];

/** Drawn apart in the atlas, by name since they have no code of their own there, or one of no state. */
const PART_OF: Readonly<Record<string, string>> = { Åland: 'fi', 'N. Cyprus': 'cy' };

/** In the atlas part of Russia; part of Ukraine by resolution 68/262 of the General Assembly. */
const IN_CRIMEA = [34.2, 45.2] as const;

export interface World {
  /** The id of each is its alpha-2 code in lower case: "pt". */
  readonly nations: readonly Named[];
  readonly otherLand: readonly Feature<Areal>[];
}

/** The countries within `window`, uncut where they lie wholly inside it. */
export function readWorld(atlas: AtlasTopology, window: Box): World {
  const { transform: _, ...rest } = { ...atlas, arcs: absoluteArcs(atlas) };
  const parts = new Map<string, ArealObject[]>();
  const other: ArealObject[] = [];
  const codes = new Map(COUNTRIES.map(([numeric, alpha2]) => [numeric, alpha2]));
  for (const object of (rest.objects.countries as GeometryCollection).geometries.filter(isAreal)) {
    const { name } = object.properties as { name: string };
    const alpha2 =
      name === 'Kosovo' ? 'xk' : (PART_OF[name] ?? codes.get(String(object.id ?? 'none')));
    if (alpha2 === undefined) other.push(object);
    else parts.set(alpha2, [...(parts.get(alpha2) ?? []), object]);
  }
  moveCrimea(rest, parts);

  const nations = COUNTRIES.map(([, alpha2, name]) => {
    const whole = mergeObjects(rest, parts.get(alpha2) ?? [], alpha2);
    const cut = cutToBox(toFeature(rest, whole), window);
    return cut === undefined ? undefined : { ...cut, id: alpha2, properties: { name } };
  });
  const lands = other.map((object) => cutToBox(toFeature(rest, object), window));
  return {
    nations: nations.filter((nation) => nation !== undefined),
    otherLand: lands
      .filter((land) => land !== undefined)
      .map(({ geometry }) => ({ type: 'Feature', properties: {}, geometry })),
  };
}

function moveCrimea(topology: Topology, parts: Map<string, ArealObject[]>): void {
  const arcs = absoluteArcs(topology);
  const polygons = (parts.get('ru') ?? []).flatMap((object) => polygonsOf(object));
  const isCrimea = ([ring]: readonly number[][]) =>
    isInside(ringPositions(arcs, ring as number[]) as [number, number][], IN_CRIMEA);
  const multi = (kept: readonly (readonly number[][])[]) => ({
    type: 'MultiPolygon' as const,
    arcs: kept.map((rings) => [...rings]),
  });
  const moved = polygons.filter((polygon) => isCrimea(polygon));
  if (moved.length !== 1) throw new Error('world-atlas: expected Crimea as one polygon of Russia');
  parts.set('ru', [multi(polygons.filter((polygon) => !isCrimea(polygon)))]);
  parts.set('ua', [...(parts.get('ua') ?? []), multi(moved)]);
}

function isInside(ring: readonly [number, number][], [x, y]: readonly [number, number]): boolean {
  let inside = false;
  for (let i = 1; i < ring.length; i++) {
    const [x1, y1] = ring[i - 1] as [number, number];
    const [x2, y2] = ring[i] as [number, number];
    if (y1 > y !== y2 > y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) inside = !inside;
  }
  return inside;
}

/** Undefined where nothing of it is in the box. Polygons wholly inside keep their very corners. */
export function cutToBox<P>(feature: Feature<Areal, P>, box: Box): Feature<Areal, P> | undefined {
  const [west, south, east, north] = box;
  const { geometry } = rewindForGeoJson(feature);
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  const kept: MultiPolygon['coordinates'] = [];
  for (const polygon of polygons) {
    const rings = polygon.map(unwrapRing);
    const exterior = rings[0] as [number, number][];
    const lons = exterior.map(([lon]) => lon);
    const lats = exterior.map(([, lat]) => lat);
    const [w, s, e, n] = [
      Math.min(...lons),
      Math.min(...lats),
      Math.max(...lons),
      Math.max(...lats),
    ];
    if (e <= west || w >= east || n <= south || s >= north) continue;
    if (w >= west && e <= east && s >= south && n <= north) kept.push(rings);
    else kept.push(...cutPolygon(rings, box));
  }
  if (kept.length === 0) return undefined;
  return { ...feature, geometry: { type: 'MultiPolygon', coordinates: kept } };
}

/** A ring across the antimeridian (Siberia's) as one that runs on beyond 180 degrees. */
function unwrapRing(ring: Position[]): Position[] {
  const crosses = ring.some(([lon], i) => i > 0 && Math.abs(lon! - ring[i - 1]![0]!) > 180);
  return crosses ? ring.map(([lon, lat]) => [lon! < 0 ? lon! + 360 : lon!, lat!]) : ring;
}

function cutPolygon(rings: Polygon['coordinates'], box: Box): MultiPolygon['coordinates'] {
  const [west, south, east, north] = box;
  const frame: [number, number][] = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
  const cut = polygonClipping.intersection(rings as [number, number][][], [frame]);
  return cut.filter(([exterior]) => ringArea(exterior ?? []) !== 0);
}
