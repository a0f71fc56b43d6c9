// Where the demo's homes stand: made-up suburbs and streets inside real municipalities of Spain, the
// pilots, at the places of the map's tree: `eu/es/13/28/28006/s2/s2-07`. No name pretends to be a
// real street. Most streets have 25 to 60 meters; some are too small to stand alone, so that merging
// is seen; suburbs are dense, mixed or low-rise, and with that have few or many solar roofs.

import { type AreaId, areaId } from '../core/area.ts';
import { createRandom, seedOf, uniform } from './random.ts';
import type { Municipality } from './weather.ts';

export type SuburbKind = 'dense' | 'mixed' | 'low-rise';

export interface Suburb {
  readonly area: AreaId;
  readonly name: string;
  readonly kind: SuburbKind;
  readonly municipality: Municipality;
}

export interface Street {
  readonly area: AreaId;
  readonly name: string;
  readonly suburb: Suburb;
  readonly meterCount: number;
}

/** A pilot municipality as it is divided: what its geometry and its names are made of. */
export interface PilotPlan {
  readonly id: AreaId;
  readonly name: string;
  readonly suburbs: readonly {
    readonly id: AreaId;
    readonly name: string;
    readonly kind: SuburbKind;
    readonly streets: readonly { readonly id: AreaId; readonly name: string }[];
  }[];
}

/** Names of the levels of these ids, by depth. */
export const PLACE_LEVELS: readonly string[] = [
  'continent',
  'nation',
  'region',
  'province',
  'municipality',
  'suburb',
  'street',
];
/** Number of tokens of a pilot's id. */
export const PILOT_DEPTH = 5;

interface Pilot extends Municipality {
  readonly area: AreaId;
  readonly name: string;
}

// Ids as in es-atlas: autonomous region, province, municipality. Yearly means of AEMET's nearest station.
const PILOTS: readonly Pilot[] = [
  {
    area: areaId('eu/es/13/28/28006'),
    name: 'Alcobendas',
    latDeg: 40.54,
    lonDeg: -3.64,
    meanTemperatureC: 14.5,
    cloudiness: 0,
  },
  {
    area: areaId('eu/es/10/46/46190'),
    name: 'Paterna',
    latDeg: 39.5,
    lonDeg: -0.44,
    meanTemperatureC: 17.8,
    cloudiness: -0.1,
  },
  {
    area: areaId('eu/es/03/33/33024'),
    name: 'Gijón',
    latDeg: 43.53,
    lonDeg: -5.66,
    meanTemperatureC: 14,
    cloudiness: 0.8,
  },
];
const SUBURB_KINDS: readonly SuburbKind[] = [
  'dense',
  'low-rise',
  'mixed',
  'low-rise',
  'mixed',
  'dense',
];
const STREETS_PER_SUBURB = 7;
/** A pilot has at least so many, or there are fewer pilots. */
const SUBURBS_PER_PILOT = 4;
const MAX_SMALL_DEMO_SUBURBS = 18;

/** Streets whose meters add up to `meterCount` exactly, pilot by pilot and suburb by suburb. */
export function createStreets(meterCount: number, seed: string): readonly Street[] {
  const random = createRandom(seedOf(`${seed}/places`), 0);
  const sizes = streetSizes(meterCount, random);
  const suburbs = createSuburbs(suburbCountOf(sizes.length));
  const numbers = new Map<Suburb, number>();
  const digits = sizes.length / suburbs.length > 90 ? 3 : 2;
  return sizes.map((size, i) => {
    const suburb = suburbs[Math.floor((i * suburbs.length) / sizes.length)] as Suburb;
    const number = (numbers.get(suburb) ?? 0) + 1;
    numbers.set(suburb, number);
    const token = suburb.area.slice(suburb.area.lastIndexOf('/') + 2);
    const name = `${token}-${String(number).padStart(digits, '0')}`;
    return {
      area: areaId(`${suburb.area}/s${name}`),
      name: `Street ${name}`,
      suburb,
      meterCount: size,
    };
  });
}

/** The pilots that these streets lie in, with their suburbs, in order. */
export function planPilots(streets: readonly Street[]): readonly PilotPlan[] {
  const bySuburb = Map.groupBy(streets, (street) => street.suburb);
  const byPilot = Map.groupBy(bySuburb.keys(), (suburb) => suburb.municipality.area);
  return PILOTS.flatMap(({ area, name }) => {
    const suburbs = byPilot.get(area);
    if (suburbs === undefined) return [];
    return {
      id: area,
      name,
      suburbs: suburbs.map((suburb) => ({
        id: suburb.area,
        name: suburb.name,
        kind: suburb.kind,
        streets: (bySuburb.get(suburb) ?? []).map((street) => ({
          id: street.area,
          name: street.name,
        })),
      })),
    };
  });
}

/** What people call the areas of these pilots. */
export function placeNames(pilots: readonly PilotPlan[]): ReadonlyMap<AreaId, string> {
  const names = new Map<AreaId, string>();
  for (const pilot of pilots) {
    names.set(pilot.id, pilot.name);
    for (const suburb of pilot.suburbs) {
      names.set(suburb.id, suburb.name);
      for (const street of suburb.streets) names.set(street.id, street.name);
    }
  }
  return names;
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

/** Of a large demo both the suburbs and their streets become more: the map draws one level at a time. */
function suburbCountOf(streetCount: number): number {
  const few = Math.max(1, Math.round(streetCount / STREETS_PER_SUBURB));
  if (few <= MAX_SMALL_DEMO_SUBURBS) return few;
  return Math.round(Math.sqrt((MAX_SMALL_DEMO_SUBURBS * streetCount) / STREETS_PER_SUBURB));
}

function createSuburbs(suburbCount: number): Suburb[] {
  const pilotCount = Math.min(
    PILOTS.length,
    Math.max(1, Math.floor(suburbCount / SUBURBS_PER_PILOT)),
  );
  const numbers = new Map<Pilot, number>();
  return Array.from({ length: suburbCount }, (_, i) => {
    const pilot = PILOTS[Math.floor((i * pilotCount) / suburbCount)] as Pilot;
    const number = (numbers.get(pilot) ?? 0) + 1;
    numbers.set(pilot, number);
    const kind = SUBURB_KINDS[(number - 1) % SUBURB_KINDS.length] as SuburbKind;
    return {
      area: areaId(`${pilot.area}/s${number}`),
      name: `Suburb ${number}, ${kind}`,
      kind,
      municipality: pilot,
    };
  });
}
