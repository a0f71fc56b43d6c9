// A made-up piece of Spain for the demo: `es/<region>/<city>/<suburb>/<street>`. Nothing in it is a
// real street. Most streets have 25 to 60 meters; some are too small to stand alone, so that
// merging is seen; suburbs are dense, mixed or low-rise, and with that have few or many solar roofs.

import { type AreaId, areaId } from '../core/area.ts';
import { createRandom, pick, seedOf, uniform } from './random.ts';
import type { Municipality } from './weather.ts';

export type SuburbKind = 'dense' | 'mixed' | 'low-rise';

export interface Suburb {
  readonly area: AreaId;
  readonly kind: SuburbKind;
  readonly municipality: Municipality;
}

export interface Street {
  readonly area: AreaId;
  readonly suburb: Suburb;
  readonly meterCount: number;
}

const STREETS_PER_SUBURB = 8;
const SUBURBS_PER_CITY = 3.5;
const CITIES_PER_REGION = 2.5;

interface Region {
  readonly name: string;
  readonly latDeg: number;
  readonly lonDeg: number;
  readonly meanTemperatureC: number;
  readonly cloudiness: number;
}

const REGIONS: readonly Region[] = [
  { name: 'meseta', latDeg: 40.4, lonDeg: -3.7, meanTemperatureC: 14.5, cloudiness: 0 },
  { name: 'levante', latDeg: 39.3, lonDeg: -0.6, meanTemperatureC: 17.5, cloudiness: -0.1 },
  { name: 'costa-verde', latDeg: 43.2, lonDeg: -5.5, meanTemperatureC: 13.5, cloudiness: 0.8 },
  { name: 'campina-sur', latDeg: 37.6, lonDeg: -5.2, meanTemperatureC: 18.5, cloudiness: -0.2 },
];
const CITIES: readonly string[] = [
  'valdemora',
  'puentelargo',
  'altoriega',
  'robledal',
  'marisma',
  'torrequinta',
  'fuenteclara',
  'olmedilla',
  'sotoverde',
  'aldanueva',
];
const SUBURBS: readonly (readonly [name: string, kind: SuburbKind])[] = [
  ['centro', 'dense'],
  ['los-olivos', 'low-rise'],
  ['ensanche', 'mixed'],
  ['la-vega', 'low-rise'],
  ['estacion', 'dense'],
  ['el-mirador', 'mixed'],
];
const STREET_KINDS: readonly string[] = ['calle', 'calle', 'calle', 'avenida', 'camino', 'plaza'];
const STREET_NAMES: readonly string[] = [
  'mayor',
  'del-molino',
  'de-la-fuente',
  'del-roble',
  'nueva',
  'del-sol',
  'de-las-eras',
  'del-rio',
  'del-olivo',
  'de-la-luna',
  'del-pozo',
  'alta',
  'baja',
  'de-la-encina',
  'del-viento',
  'de-los-almendros',
];

/** Streets whose meters add up to `meterCount` exactly. */
export function createStreets(meterCount: number, seed: string): readonly Street[] {
  const random = createRandom(seedOf(`${seed}/places`), 0);
  const sizes = streetSizes(meterCount, random);
  const suburbs = createSuburbs(Math.max(1, Math.round(sizes.length / STREETS_PER_SUBURB)), random);
  const taken = new Set<string>();
  return sizes.map((size, i) => {
    const suburb = suburbs[Math.floor((i * suburbs.length) / sizes.length)] as Suburb;
    const name = freeName(
      taken,
      suburb.area,
      `${pick(random, STREET_KINDS)}-${pick(random, STREET_NAMES)}`,
    );
    return { area: name, suburb, meterCount: size };
  });
}

function streetSizes(meterCount: number, random: () => number): number[] {
  const sizes: number[] = [];
  for (let left = meterCount; left > 0; ) {
    const isSmall = random() < 0.15;
    const size = Math.floor(isSmall ? uniform(random, 3, 18) : uniform(random, 25, 61));
    sizes.push(Math.min(size, left));
    left -= size;
  }
  return sizes;
}

function createSuburbs(suburbCount: number, random: () => number): Suburb[] {
  const cityCount = Math.max(1, Math.round(suburbCount / SUBURBS_PER_CITY));
  const regionCount = Math.max(1, Math.round(cityCount / CITIES_PER_REGION));
  const taken = new Set<string>();
  const nation = areaId('es');
  const regions = Array.from({ length: regionCount }, (_, i) => {
    const region = REGIONS[i % REGIONS.length] as Region;
    return { ...region, area: freeName(taken, nation, region.name) };
  });
  const cities = Array.from({ length: cityCount }, (_, i): Municipality & { area: AreaId } => {
    const region = regions[Math.floor((i * regionCount) / cityCount)] as (typeof regions)[number];
    return {
      area: freeName(taken, region.area, CITIES[i % CITIES.length] as string),
      latDeg: region.latDeg + uniform(random, -0.4, 0.4),
      lonDeg: region.lonDeg + uniform(random, -0.4, 0.4),
      meanTemperatureC: region.meanTemperatureC + uniform(random, -1, 1),
      cloudiness: region.cloudiness + uniform(random, -0.1, 0.1),
    };
  });
  return Array.from({ length: suburbCount }, (_, i) => {
    const municipality = cities[
      Math.floor((i * cityCount) / suburbCount)
    ] as (typeof cities)[number];
    const [name, kind] = SUBURBS[i % SUBURBS.length] as (typeof SUBURBS)[number];
    return { area: freeName(taken, municipality.area, name), kind, municipality };
  });
}

/** `parent/name`, or `parent/name-2` and so on where that is taken. */
function freeName(taken: Set<string>, parent: AreaId, name: string): AreaId {
  let area = areaId(`${parent}/${name}`);
  for (let number = 2; taken.has(area); number++) area = areaId(`${parent}/${name}-${number}`);
  taken.add(area);
  return area;
}
