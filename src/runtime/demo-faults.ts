// What goes wrong on the way of the demo's frames, so that its health has something to say: seeded,
// and the same for the same meter and interval whatever happened before.

import type { IntervalIndex } from '../core/interval.ts';
import { hashUnit, seedOf } from '../sim/random.ts';

/** `resent`: lost at first, there after the meter saw no receipt; `late`: there after the close. */
export type Fate = 'delivered' | 'resent' | 'late' | 'lost';

/** Of one interval, by meter. */
export type Fates = (meter: number) => Fate;

/** Of a street's hours: its concentrator is silent, or its radio is poor. Most hours of a town are whole. */
const OUTAGE_SHARE = 0.002;
const POOR_SHARE = 0.004;
const HOUR_INTERVALS = 4;
/** Of the frames in a poor hour. */
const LOST_SHARE = 0.05;
const LATE_SHARE = 0.03;
/** Of the frames in any other. */
const RESENT_SHARE = 0.01;

/** `streetOf` numbers each meter's street. */
export function createFates(
  seed: string,
  streetOf: readonly number[],
): (interval: IntervalIndex) => Fates {
  return (interval) => {
    const frames = seedOf(`${seed}/frames/${interval}`);
    const hours = seedOf(`${seed}/hours/${Math.floor(interval / HOUR_INTERVALS)}`);
    return (meter) => {
      const hour = hashUnit(hours, streetOf[meter] as number);
      if (hour < OUTAGE_SHARE) return 'lost';
      const draw = hashUnit(frames, meter);
      if (hour < OUTAGE_SHARE + POOR_SHARE) {
        if (draw < LOST_SHARE) return 'lost';
        if (draw < LOST_SHARE + LATE_SHARE) return 'late';
      }
      return draw > 1 - RESENT_SHARE ? 'resent' : 'delivered';
    };
  };
}
