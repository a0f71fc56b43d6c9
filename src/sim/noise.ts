// Smooth noise over time that can be asked for at any moment, in any order: normal numbers on a
// lattice, blended so that mean 0 and variance 1 hold between the points too.

import { hashUnit, type Seed, seedOf } from './random.ts';

/** A value around 0 with variance 1, at Unix time. */
export type Noise = (unixSeconds: number) => number;

export function createNoise(seedText: string, periodSeconds: number): Noise {
  const seed = seedOf(seedText);
  return (unixSeconds) => {
    const position = unixSeconds / periodSeconds;
    const index = Math.floor(position);
    const t = position - index;
    const weight = t * t * (3 - 2 * t);
    const blend = (1 - weight) * nearlyNormal(seed, index) + weight * nearlyNormal(seed, index + 1);
    return blend / Math.hypot(1 - weight, weight);
  };
}

/** The sum of three uniforms, scaled: bounded by 3, so no storm of the century comes by chance. */
function nearlyNormal(seed: Seed, index: number): number {
  const sum =
    hashUnit(seed, 3 * index) + hashUnit(seed, 3 * index + 1) + hashUnit(seed, 3 * index + 2);
  return 2 * (sum - 1.5);
}
