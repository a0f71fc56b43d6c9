// What one home is: its size, its fuse and what it owns. Drawn once, from (seed, home).

import type { SuburbKind } from './places.ts';
import { logNormal, type Random, uniform } from './random.ts';

export interface SolarRoof {
  readonly peakW: number;
  /** Unit vector normal to the modules: east, north, up. */
  readonly normalEast: number;
  readonly normalNorth: number;
  readonly normalUp: number;
  /** Losses of heat, cables, inverter and dirt: 0.75 to 0.85. */
  readonly performanceRatio: number;
  /** Many roofs have no meter of their own: their production, and so consumption, is not known. */
  readonly hasProductionMeter: boolean;
}

export interface Battery {
  readonly capacityWh: number;
  readonly maxPowerW: number;
}

export interface Charger {
  readonly powerW: number;
  /** Waits for the night tariff at 00:00 instead of charging on arrival. */
  readonly isTimed: boolean;
}

export interface HeatPump {
  /** Heat lost per kelvin between inside and outside. */
  readonly lossWPerK: number;
  readonly ratedHeatW: number;
  readonly cycleSeconds: number;
  readonly phaseSeconds: number;
}

export interface Fridge {
  readonly powerW: number;
  readonly duty: number;
  readonly cycleSeconds: number;
  readonly phaseSeconds: number;
}

export interface Home {
  /** Of the household's own load, without car, heat pump and battery. */
  readonly annualKwh: number;
  /** The main fuse: nothing above it flows in or out. */
  readonly fuseW: number;
  readonly standbyW: number;
  readonly fridge: Fridge;
  readonly roof?: SolarRoof;
  readonly battery?: Battery;
  readonly charger?: Charger;
  readonly heatPump?: HeatPump;
}

/** Of a home's mean load: the profile's nights lie at half its mean, so this never exceeds them. */
export const BASE_LOAD_SHARE = 0.35;

/** Mean watts of a kilowatt-hour a year. */
export const W_PER_ANNUAL_KWH: number = 1000 / 8760;

/** Median kWh a year of 1, 2, 3 and 4 persons (BDEW, load-facts section 2). */
const ANNUAL_KWH_MEDIANS: readonly number[] = [1900, 2890, 3720, 4085];
const FUSES_W: readonly number[] = [3450, 4600, 5750, 6900, 9200, 14_490];
const FLAT_PERSONS: readonly number[] = [0.42, 0.75, 0.9, 1];
const HOUSE_PERSONS: readonly number[] = [0.15, 0.5, 0.75, 1];

interface Ownership {
  readonly roof: number;
  readonly charger: number;
  readonly heatPump: number;
}

/** Solar roofs vary most of all between suburbs: 4 % in Rotterdam, 33 % in Zoeterwoude. */
const OWNERSHIP: Readonly<Record<SuburbKind, Ownership>> = {
  dense: { roof: 0.02, charger: 0.03, heatPump: 0.04 },
  mixed: { roof: 0.09, charger: 0.06, heatPump: 0.07 },
  'low-rise': { roof: 0.38, charger: 0.14, heatPump: 0.16 },
};
const BATTERY_SHARE_OF_ROOFS = 0.3;

export function createHome(random: Random, kind: SuburbKind, meteredRoofShare: number): Home {
  const persons = personCount(random, kind);
  const median = ANNUAL_KWH_MEDIANS[persons - 1] as number;
  const annualKwh = Math.min(12_000, Math.max(600, logNormal(random, median, 0.5)));
  const own = OWNERSHIP[kind];
  const roof = random() < own.roof ? createRoof(random, annualKwh, meteredRoofShare) : undefined;
  const battery =
    roof !== undefined && random() < BATTERY_SHARE_OF_ROOFS ? createBattery(random) : undefined;
  const charger = random() < own.charger ? createCharger(random) : undefined;
  const heatPump = random() < own.heatPump ? createHeatPump(random) : undefined;
  const fridge = createFridge(random);
  const baseW = BASE_LOAD_SHARE * annualKwh * W_PER_ANNUAL_KWH;
  const neededW = Math.max(
    annualKwh * 1.2,
    roof?.peakW ?? 0,
    (charger?.powerW ?? 0) + 3000,
    heatPump === undefined ? 0 : 6900,
  );
  return {
    annualKwh,
    fuseW: FUSES_W.find((fuseW) => fuseW >= neededW) ?? 14_490,
    standbyW: Math.max(8, baseW - fridge.powerW * fridge.duty),
    fridge,
    ...(roof === undefined ? {} : { roof }),
    ...(battery === undefined ? {} : { battery }),
    ...(charger === undefined ? {} : { charger }),
    ...(heatPump === undefined ? {} : { heatPump }),
  };
}

/** A plane from its tilt and its azimuth (180 is south). */
export function moduleNormal(
  tiltDeg: number,
  azimuthDeg: number,
): Pick<SolarRoof, 'normalEast' | 'normalNorth' | 'normalUp'> {
  const tilt = (tiltDeg * Math.PI) / 180;
  const azimuth = (azimuthDeg * Math.PI) / 180;
  return {
    normalEast: Math.sin(tilt) * Math.sin(azimuth),
    normalNorth: Math.sin(tilt) * Math.cos(azimuth),
    normalUp: Math.cos(tilt),
  };
}

function personCount(random: Random, kind: SuburbKind): number {
  const shares = kind === 'low-rise' ? HOUSE_PERSONS : FLAT_PERSONS;
  const draw = random();
  return 1 + shares.findIndex((share) => draw < share);
}

/** Mean 4.7 kW, as Spain's residential systems at the end of 2024. */
function createRoof(random: Random, annualKwh: number, meteredRoofShare: number): SolarRoof {
  const peakW = Math.min(9200, Math.max(1500, logNormal(random, 2600 + annualKwh * 0.5, 0.25)));
  return {
    peakW,
    ...moduleNormal(uniform(random, 15, 35), uniform(random, 110, 250)),
    performanceRatio: uniform(random, 0.75, 0.85),
    hasProductionMeter: random() < meteredRoofShare,
  };
}

function createBattery(random: Random): Battery {
  const capacityWh = Math.round(uniform(random, 4, 11)) * 1000;
  return { capacityWh, maxPowerW: capacityWh / 2 };
}

function createCharger(random: Random): Charger {
  return { powerW: random() < 0.6 ? 3600 : 7000, isTimed: random() < 0.6 };
}

function createHeatPump(random: Random): HeatPump {
  const lossWPerK = uniform(random, 120, 260);
  return {
    lossWPerK,
    ratedHeatW: lossWPerK * 30,
    cycleSeconds: uniform(random, 2400, 4800),
    phaseSeconds: uniform(random, 0, 4800),
  };
}

function createFridge(random: Random): Fridge {
  return {
    powerW: uniform(random, 70, 120),
    duty: uniform(random, 0.25, 0.4),
    cycleSeconds: uniform(random, 2400, 4800),
    phaseSeconds: uniform(random, 0, 4800),
  };
}
