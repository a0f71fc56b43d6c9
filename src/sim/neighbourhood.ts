// Homes over places: the households of the demo. Everything is a function of (seed, home, day), so
// a demo that is stopped and resumed continues as if nothing had happened.

import type { AreaId } from '../core/area.ts';
import { createHome, type Home } from './home.ts';
import { createStreets } from './places.ts';
import { createRandom, type Seed, seedOf } from './random.ts';
import type { Municipality } from './weather.ts';

export type SimulatedChannel = 'net' | 'export' | 'production';

export interface Household {
  readonly meter: string;
  /** The street. */
  readonly area: AreaId;
  readonly channels: readonly SimulatedChannel[];
  /** The most that its fuse lets through in 15 minutes; no simulated reading exceeds it. */
  readonly maxWh: number;
  readonly home: Home;
  readonly municipality: Municipality;
  /** Of the whole neighbourhood: the weather's. */
  readonly weatherSeed: string;
  readonly seed: Seed;
}

export interface HouseholdsOptions {
  readonly meters: number;
  readonly seed: string;
  /**
   * Share of the solar roofs with a production meter, 0.6 by default. One roof without blanks the
   * consumption of every area above it, so networks that are to show consumption take 1.
   */
  readonly meteredRoofShare?: number;
}

const METERED_ROOF_SHARE = 0.6;

/** Exactly `meters` households, street by street; meter ids are `m00001` and so on. */
export function createHouseholds(options: HouseholdsOptions): Household[] {
  const { meters, seed } = options;
  if (!Number.isSafeInteger(meters) || meters < 1) {
    throw new RangeError(`meters: expected a whole number from 1, found ${meters}`);
  }
  const households: Household[] = [];
  const meteredRoofShare = options.meteredRoofShare ?? METERED_ROOF_SHARE;
  for (const { area, suburb, meterCount } of createStreets(meters, seed)) {
    for (let i = 0; i < meterCount; i++) {
      const meter = `m${String(households.length + 1).padStart(5, '0')}`;
      const homeSeed = seedOf(`${seed}/${meter}`);
      const home = createHome(createRandom(homeSeed, 0), suburb.kind, meteredRoofShare);
      households.push({
        meter,
        area,
        channels: channelsOf(home),
        maxWh: Math.ceil(home.fuseW / 4),
        home,
        municipality: suburb.municipality,
        weatherSeed: seed,
        seed: homeSeed,
      });
    }
  }
  return households;
}

function channelsOf({ roof }: Home): readonly SimulatedChannel[] {
  if (roof === undefined) return ['net'];
  return roof.hasProductionMeter ? ['net', 'export', 'production'] : ['net', 'export'];
}
