// One simulated regional monitor: a province of Spain with the cells of its municipalities, or a whole
// other nation as a single cell. It stores nothing: a cell's figures are a seeded function of its
// place and the interval, whole watt-hours, and every sum above is a sum of exactly these.

import type { AreaId } from '../../core/area.ts';
import { createRandom, hashUnit, normal, type Seed, seedOf, uniform } from '../random.ts';
import type { Cell } from './cells.ts';
import { type Climate, nationClimate, regionClimate } from './climate.ts';
import type { Place } from './country-geography.ts';
import { type NationFigures, nationFigures } from './household-counts.ts';

export interface Monitor {
  readonly id: AreaId;
  readonly name: string;
  readonly latDeg: number;
  readonly lonDeg: number;
  readonly climate: Climate;
  readonly meterCount: number;
  readonly seed: Seed;
  readonly cells: readonly Cell[];
  /** By cell, what its figures are made of. */
  readonly factors: CellFactors;
}

/** Columns over the cells. */
export interface CellFactors {
  readonly meters: Float64Array;
  readonly seeds: readonly Seed[];
  /** Mean watts of all its homes, without electric heating and cooling. */
  readonly baseW: Float64Array;
  /** Electric heating and cooling, watts per kelvin. */
  readonly heatWPerK: Float64Array;
  readonly coolWPerK: Float64Array;
  /** Watts of all its solar modules in full sun. */
  readonly solarW: Float64Array;
  /** Share of its homes that have a solar roof. */
  readonly roofShare: Float64Array;
  /** Where it lies in its province, -1 to 1: passing clouds reach the west before the east. */
  readonly east: Float64Array;
  readonly north: Float64Array;
  /** Standard deviation of its consumption around the mean: large where few homes are. */
  readonly spread: Float64Array;
  /** When in a window its faults begin: 0 to 1. */
  readonly phase: Float64Array;
}

const W_PER_ANNUAL_KWH = 1000 / 8760;
/** Spain's mean home has 3,487 kWh a year (IDAE), a sixth of it heating and cooling. */
const SPANISH_ANNUAL_KWH = 2950;
/** Mean of Spain's residential systems at the end of 2024 (APPA). */
const KW_PER_ROOF = 4.7;
/** One home's quarter-hours spread by 0.7 of their mean; of n homes, by the root of n less. */
const HOME_SPREAD = 0.7;

export function createProvinceMonitor(
  province: Place,
  regionCode: string,
  cells: readonly Cell[],
  seed: string,
): Monitor {
  const climate = regionClimate(regionCode);
  return createMonitor(province, cells, climate, seed, (cell, random) => ({
    annualKwh: SPANISH_ANNUAL_KWH * Math.exp(0.12 * normal(random)),
    roofShare: Math.min(0.6, climate.roofShare * ruralFactor(cell.meterCount, random)),
    kwPerRoof: KW_PER_ROOF,
  }));
}

export function createNationMonitor(nation: Place, seed: string): Monitor {
  const code = nation.id.slice(nation.id.lastIndexOf('/') + 1);
  const figures: NationFigures = nationFigures(code, nation.areaKm2);
  const roofShare = figures.solarKwPerHome / KW_PER_ROOF;
  const latDeg = nation.center?.[1] ?? 50;
  const climate = nationClimate(latDeg, figures.utcOffsetHours, roofShare);
  const meterCount = Math.max(20, Math.round(1000 * figures.thousands));
  const cell: Cell = {
    id: nation.id,
    name: nation.name,
    members: [{ place: nation, meterCount }],
    meterCount,
  };
  return createMonitor(nation, [cell], climate, seed, () => ({
    annualKwh: figures.annualKwh,
    roofShare,
    kwPerRoof: KW_PER_ROOF,
  }));
}

interface Homes {
  readonly annualKwh: number;
  readonly roofShare: number;
  readonly kwPerRoof: number;
}

function createMonitor(
  place: Place,
  cells: readonly Cell[],
  climate: Climate,
  seed: string,
  homesOf: (cell: Cell, random: () => number) => Homes,
): Monitor {
  const [lonDeg, latDeg] = place.center ?? [0, 50];
  const column = () => new Float64Array(cells.length);
  const factors: CellFactors = {
    meters: column(),
    seeds: cells.map((cell) => seedOf(`${seed}/cell/${cell.id}`)),
    baseW: column(),
    heatWPerK: column(),
    coolWPerK: column(),
    solarW: column(),
    roofShare: column(),
    east: column(),
    north: column(),
    spread: column(),
    phase: column(),
  };
  for (const [i, cell] of cells.entries()) {
    const cellSeed = factors.seeds[i] as Seed;
    const random = createRandom(cellSeed, 0);
    const homes = homesOf(cell, random);
    const { meterCount } = cell;
    factors.meters[i] = meterCount;
    factors.baseW[i] = meterCount * homes.annualKwh * W_PER_ANNUAL_KWH;
    factors.heatWPerK[i] = meterCount * uniform(random, 6, 14);
    factors.coolWPerK[i] = meterCount * uniform(random, 12, 26);
    factors.roofShare[i] = homes.roofShare;
    factors.solarW[i] = meterCount * homes.roofShare * homes.kwPerRoof * 1000;
    const center = cell.members[0]?.place.center ?? [lonDeg, latDeg];
    factors.east[i] = clampToOne(center[0] - lonDeg);
    factors.north[i] = clampToOne(center[1] - latDeg);
    factors.spread[i] = HOME_SPREAD / Math.sqrt(meterCount);
    factors.phase[i] = hashUnit(cellSeed, 0);
  }
  const meterCount = cells.reduce((sum, cell) => sum + cell.meterCount, 0);
  return {
    id: place.id,
    name: place.name,
    latDeg,
    lonDeg,
    climate,
    meterCount,
    seed: seedOf(`${seed}/monitor/${place.id}`),
    cells,
    factors,
  };
}

/** Flats have no roof of their own: 1 for a village of 200 homes, 0.15 for Madrid. */
function ruralFactor(meterCount: number, random: () => number): number {
  const size = Math.log10(Math.max(200, meterCount) / 200);
  return Math.max(0.15, 1 - 0.25 * size) * Math.exp(0.25 * normal(random));
}

function clampToOne(value: number): number {
  return Math.max(-1, Math.min(1, value));
}
