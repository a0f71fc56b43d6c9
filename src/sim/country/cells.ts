// The municipalities of a province with their meters, merged into cells where they are too small to
// stand alone (design.md section 5): a village with fewer meters than the minimum is published
// together with its nearest neighbours or not at all.

import type { AreaId } from '../../core/area.ts';
import { lastToken } from '../../core/area.ts';
import { createRandom, logNormal, seedOf } from '../random.ts';
import type { Place } from './country-geography.ts';
import { CITY_THOUSANDS, PROVINCE_THOUSANDS } from './household-counts.ts';

export interface Municipality {
  readonly place: Place;
  readonly meterCount: number;
}

export interface Cell {
  /** The area's id, or that of its largest member with `+` and how many more. */
  readonly id: string;
  readonly name: string;
  /** Largest first. */
  readonly members: readonly Municipality[];
  readonly meterCount: number;
}

/** Villages' sizes: a log-normal as wide as this gives Burgos its hundred villages of ten homes. */
const VILLAGE_SIGMA = 1.4;

/** Seeded sizes; known cities are given theirs, the others share what is left of the province. */
export function createMunicipalities(
  province: AreaId,
  places: readonly Place[],
  seed: string,
): Municipality[] {
  const total = 1000 * (PROVINCE_THOUSANDS[lastToken(province)] ?? 100);
  const cityMeters = places.map((place) => 1000 * (CITY_THOUSANDS[lastToken(place.id)] ?? 0));
  const inCities = cityMeters.reduce((sum, meters) => sum + meters, 0);
  const weights = places.map((place, i) => {
    if (cityMeters[i] !== 0) return 0;
    const random = createRandom(seedOf(`${seed}/size/${place.id}`), 0);
    return logNormal(random, 1, VILLAGE_SIGMA) * Math.max(1, place.areaKm2 ?? 1) ** 0.3;
  });
  const weightSum = weights.reduce((sum, weight) => sum + weight, 0);
  const perWeight = Math.max(0.1 * total, total - inCities) / Math.max(weightSum, 1e-9);
  return places.map((place, i) => ({
    place,
    meterCount: cityMeters[i] || Math.max(3, Math.round((weights[i] as number) * perWeight)),
  }));
}

/** Smallest first into the nearest, until every cell has the minimum; in the municipalities' order. */
export function mergeIntoCells(
  municipalities: readonly Municipality[],
  minMeters: number,
): readonly Cell[] {
  const groups = municipalities.map((municipality) => [municipality]);
  for (;;) {
    const small = smallest(groups);
    if (small === undefined || meters(small) >= minMeters || groups.length === 1) break;
    groups.splice(groups.indexOf(small), 1);
    nearest(groups, small).push(...small);
  }
  const order = new Map(municipalities.map(({ place }, i) => [place.id, i]));
  return groups
    .map((group) => group.sort((a, b) => b.meterCount - a.meterCount))
    .map((members): Cell => {
      const { place } = members[0] as Municipality;
      const more = members.length - 1;
      return {
        id: more === 0 ? place.id : `${place.id}+${more}`,
        name: more === 0 ? place.name : `${place.name} + ${more} more`,
        members,
        meterCount: meters(members),
      };
    })
    .sort((a, b) => orderOf(order, a) - orderOf(order, b));
}

function orderOf(order: ReadonlyMap<AreaId, number>, cell: Cell): number {
  return order.get((cell.members[0] as Municipality).place.id) as number;
}

function smallest(groups: readonly Municipality[][]): Municipality[] | undefined {
  let found: Municipality[] | undefined;
  for (const group of groups) {
    if (found === undefined || meters(group) < meters(found)) found = group;
  }
  return found;
}

function nearest(groups: readonly Municipality[][], to: readonly Municipality[]): Municipality[] {
  let found = groups[0] as Municipality[];
  let least = Number.POSITIVE_INFINITY;
  for (const group of groups) {
    const distance = squaredDistance(group, to);
    if (distance < least) {
      least = distance;
      found = group;
    }
  }
  return found;
}

/** In squared degrees of latitude, between the nearest members: enough to tell neighbours. */
function squaredDistance(a: readonly Municipality[], b: readonly Municipality[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (const { place: one } of a) {
    for (const { place: other } of b) {
      if (one.center === undefined || other.center === undefined) continue;
      const north = one.center[1] - other.center[1];
      const east = (one.center[0] - other.center[0]) * Math.cos((one.center[1] * Math.PI) / 180);
      least = Math.min(least, north * north + east * east);
    }
  }
  return least;
}

function meters(group: readonly Municipality[]): number {
  let sum = 0;
  for (const { meterCount } of group) sum += meterCount;
  return sum;
}
