// What goes wrong on the way of the demo's frames, so that its health has something to say: seeded,
// and the same for the same meter and interval whatever happened before.

import type { IntervalIndex } from '../core/interval.ts';
import { hashUnit, seedOf } from '../sim/random.ts';

/** `resent`: lost at first, there after the meter saw no receipt; `late`: there after the close. */
export type Fate = 'delivered' | 'resent' | 'late' | 'lost';

/** Of one interval, by meter. */
export type Fates = (meter: number) => Fate;

const LOST_SHARE = 0.005;
const LATE_SHARE = 0.002;
const RESENT_SHARE = 0.01;
/** A street's concentrator is silent for an hour, once in 200 hours. */
const OUTAGE_SHARE = 0.005;
const OUTAGE_INTERVALS = 4;

/** `streetOf` numbers each meter's street. */
export function createFates(
  seed: string,
  streetOf: readonly number[],
): (interval: IntervalIndex) => Fates {
  return (interval) => {
    const frames = seedOf(`${seed}/frames/${interval}`);
    const outages = seedOf(`${seed}/outages/${Math.floor(interval / OUTAGE_INTERVALS)}`);
    return (meter) => {
      if (hashUnit(outages, streetOf[meter] as number) < OUTAGE_SHARE) return 'lost';
      const draw = hashUnit(frames, meter);
      if (draw < LOST_SHARE) return 'lost';
      if (draw < LOST_SHARE + LATE_SHARE) return 'late';
      return draw < LOST_SHARE + LATE_SHARE + RESENT_SHARE ? 'resent' : 'delivered';
    };
  };
}
