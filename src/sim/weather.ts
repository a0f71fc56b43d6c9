// One temperature and one cloud process per municipality, shared by all its homes: clouds that
// were drawn for each roof alone would make totals far too smooth. Neighbouring municipalities
// share the region's and the nation's part of the weather.

import { dayOfYear, SECONDS_PER_DAY } from './calendar.ts';
import { createNoise } from './noise.ts';
import {
  clearSkyWm2,
  diffuseShare,
  SOLAR_CONSTANT_WM2,
  type SunDirection,
  sunDirection,
} from './sun.ts';

export const STEP_SECONDS = 300;
export const STEPS_PER_DAY: number = SECONDS_PER_DAY / STEP_SECONDS;

export interface Municipality {
  /** Its area id, continent/nation/region/..., of which the weather's seeds are made. */
  readonly area: string;
  readonly latDeg: number;
  readonly lonDeg: number;
  readonly meanTemperatureC: number;
  /** 0 for central Spain; above it cloudier, in standard deviations of the cloud process. */
  readonly cloudiness: number;
}

/** Columns over the steps of one UTC day, each at the middle of its step. */
export interface WeatherDay {
  readonly temperatureC: Float32Array;
  readonly sunEast: Float32Array;
  readonly sunNorth: Float32Array;
  readonly sunUp: Float32Array;
  /** Direct normal irradiance. */
  readonly beamWm2: Float32Array;
  /** Diffuse and global horizontal irradiance. */
  readonly diffuseWm2: Float32Array;
  readonly globalWm2: Float32Array;
}

export type Weather = (day: number) => WeatherDay;

/** Below a solar height of 3 degrees the beam's division by the cosine is meaningless. */
const MIN_COS_ZENITH = 0.05;

export function createWeather(municipality: Municipality, seed: string): Weather {
  const { latDeg, lonDeg } = municipality;
  const process = createWeatherProcess(municipality, seed);
  return (day) => {
    const columns: WeatherDay = {
      temperatureC: new Float32Array(STEPS_PER_DAY),
      sunEast: new Float32Array(STEPS_PER_DAY),
      sunNorth: new Float32Array(STEPS_PER_DAY),
      sunUp: new Float32Array(STEPS_PER_DAY),
      beamWm2: new Float32Array(STEPS_PER_DAY),
      diffuseWm2: new Float32Array(STEPS_PER_DAY),
      globalWm2: new Float32Array(STEPS_PER_DAY),
    };
    const yearDay = dayOfYear(day);
    for (let step = 0; step < STEPS_PER_DAY; step++) {
      const unixSeconds = day * SECONDS_PER_DAY + (step + 0.5) * STEP_SECONDS;
      const sun = sunDirection(unixSeconds, yearDay, latDeg, lonDeg);
      const { clearSkyIndex, temperatureC } = process(unixSeconds, yearDay);
      columns.temperatureC[step] = temperatureC;
      columns.sunEast[step] = sun.east;
      columns.sunNorth[step] = sun.north;
      columns.sunUp[step] = sun.up;
      setIrradiance(columns, step, sun, clearSkyIndex);
    }
    return columns;
  };
}

function setIrradiance(columns: WeatherDay, step: number, sun: SunDirection, index: number): void {
  if (sun.up <= 0) return;
  const globalWm2 = index * clearSkyWm2(sun.up);
  const diffuseWm2 = globalWm2 * diffuseShare(globalWm2 / (SOLAR_CONSTANT_WM2 * sun.up));
  columns.globalWm2[step] = globalWm2;
  columns.diffuseWm2[step] = diffuseWm2;
  columns.beamWm2[step] = (globalWm2 - diffuseWm2) / Math.max(sun.up, MIN_COS_ZENITH);
}

export interface WeatherAt {
  /** Share of the clear sky's irradiance that arrives: 0.15 to 1. */
  readonly clearSkyIndex: number;
  readonly temperatureC: number;
}

/** Clouds and warmth at any one moment, for those who need no whole day of them. */
export function createWeatherProcess(
  { area, lonDeg, meanTemperatureC, cloudiness }: Municipality,
  seed: string,
): (unixSeconds: number, yearDay: number) => WeatherAt {
  // `eu/es/13/...`: what the tree calls a nation and a region.
  const [, nation = '', region = ''] = area.split('/');
  const nationClouds = createNoise(`${seed}/clouds/${nation}`, 2.5 * SECONDS_PER_DAY);
  const regionClouds = createNoise(`${seed}/clouds/${nation}/${region}`, SECONDS_PER_DAY);
  const localClouds = createNoise(`${seed}/clouds/${area}`, 3 * 3600);
  const passingClouds = createNoise(`${seed}/passing/${area}`, 900);
  const nationWarmth = createNoise(`${seed}/warmth/${nation}`, 4 * SECONDS_PER_DAY);
  const localWarmth = createNoise(`${seed}/warmth/${area}`, SECONDS_PER_DAY);
  return (unixSeconds, yearDay) => {
    const winter = Math.cos((2 * Math.PI * (yearDay - 20)) / 365);
    const clouds =
      Math.sqrt(0.5) * nationClouds(unixSeconds) +
      Math.sqrt(0.3) * regionClouds(unixSeconds) +
      Math.sqrt(0.2) * localClouds(unixSeconds);
    // An S-curve makes most hours clear or overcast, few in between. With the offset -0.45 central
    // Spain gets the 0.71 of its clear-sky yield that JRC's bands imply (load-facts, section 3).
    const cover = 1 / (1 + Math.exp(-2.5 * (clouds + cloudiness + 0.4 * winter - 0.45)));
    const flicker = 0.5 * cover * (1 - cover) * passingClouds(unixSeconds);
    const clearSkyIndex = Math.min(1, Math.max(0.15, 1 - 0.7 * cover + flicker));
    const solarHour = (unixSeconds % SECONDS_PER_DAY) / 3600 + lonDeg / 15;
    const warmthOfDay = Math.cos((2 * Math.PI * (solarHour - 15)) / 24);
    const temperatureC =
      meanTemperatureC -
      9.5 * winter +
      (6 - 4 * cover) * warmthOfDay +
      2.5 * nationWarmth(unixSeconds) +
      1.2 * localWarmth(unixSeconds);
    return { clearSkyIndex, temperatureC };
  };
}
