// What differs from region to region: warmth, clouds, solar roofs, and when people have dinner.

import { SPANISH_DELAY_HOURS } from '../day-shape.ts';

export interface Climate {
  readonly meanTemperatureC: number;
  /** In standard deviations of the cloud process; 0 for central Spain. */
  readonly cloudiness: number;
  /** How many of a village's homes have a solar roof, before the village's own factor. */
  readonly roofShare: number;
  /** From H25's clock, which is Germany's, to that of the people who live there. */
  readonly delayHours: number;
}

type Row = readonly [meanTemperatureC: number, cloudiness: number, roofShare: number];

/** By es-atlas' code of the autonomous region. Made up, along the known climate. */
const REGIONS: Readonly<Record<string, Row>> = {
  '01': [17.8, -0.2, 0.28],
  '02': [13.5, 0, 0.24],
  '03': [13.2, 0.8, 0.08],
  '04': [17.2, -0.1, 0.2],
  '05': [20.5, -0.1, 0.14],
  '06': [13.5, 0.9, 0.07],
  '07': [11.8, 0.1, 0.22],
  '08': [14.3, -0.1, 0.34],
  '09': [15, 0.1, 0.17],
  10: [17.2, -0.1, 0.25],
  11: [16.6, -0.2, 0.36],
  12: [13.8, 0.8, 0.09],
  13: [14.3, 0, 0.22],
  14: [18, -0.3, 0.3],
  15: [12.8, 0.5, 0.16],
  16: [13.2, 0.8, 0.08],
  17: [13.2, 0.2, 0.18],
  18: [18.3, -0.1, 0.05],
  19: [18.8, -0.1, 0.05],
};
const CANARIES = '05';

export function regionClimate(regionCode: string): Climate {
  const [meanTemperatureC, cloudiness, roofShare] = REGIONS[regionCode] ?? [15, 0, 0.2];
  // Everything there happens at the mainland's time by the clock, which is an hour behind.
  const delayHours = SPANISH_DELAY_HOURS + (regionCode === CANARIES ? 1 : 0);
  return { meanTemperatureC, cloudiness, roofShare, delayHours };
}

/** Colder and cloudier towards the north; later dinners towards the south. */
export function nationClimate(latDeg: number, utcOffsetHours: number, roofShare: number): Climate {
  const dinnerDelay = latDeg < 45 ? 1 : 0;
  return {
    meanTemperatureC: Math.max(1, 35 - 0.5 * latDeg),
    cloudiness: Math.min(1.2, Math.max(0, (latDeg - 40) / 8)),
    roofShare,
    // H25's clock is UTC + 1.
    delayHours: dinnerDelay + 1 - utcOffsetHours,
  };
}
