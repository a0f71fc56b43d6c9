// The readings that every scheme adds up: three channels (net, export, production), whole watt-hours
// of a quarter of an hour. Net may be negative.

import { createRandom, seedOf } from '../../src/sim/random.ts';

export const CHANNEL_COUNT = 3;
export const STREET_SLOTS = 50;
/** Homes that the slow schemes encrypt the readings of; a street of them repeats these. */
export const HOME_COUNT = 20;
/** No reading is further from zero: 17 kW on average through a quarter of an hour. */
export const MAX_WH = 4_300;

/** `CHANNEL_COUNT` numbers a home. */
export type Reading = readonly [net: number, exported: number, produced: number];

export function homeReadings(homeCount: number): readonly Reading[] {
  const random = createRandom(seedOf('streetwatt/bench/readings'), 0);
  return Array.from({ length: homeCount }, () => {
    const used = Math.floor(30 + 900 * random() ** 3);
    const produced = Math.floor(Math.max(0, 1500 * random() - 500));
    const net = used - produced;
    return [net, Math.max(0, -net), produced];
  });
}

/** By channel. */
export function sumReadings(readings: readonly Reading[]): number[] {
  const sums = new Array<number>(CHANNEL_COUNT).fill(0);
  for (const reading of readings)
    for (let channel = 0; channel < CHANNEL_COUNT; channel++)
      sums[channel] = (sums[channel] as number) + (reading[channel] as number);
  return sums;
}
