// When people use electricity: H25 over one UTC day in Spanish time, less the base load, as the
// density from which the starts of appliances are drawn. The same for all homes, so made once.

import { localTime, SECONDS_PER_DAY } from './calendar.ts';
import { H25_MEAN, h25Value } from './h25.ts';
import { BASE_LOAD_SHARE } from './home.ts';
import { STEP_SECONDS, STEPS_PER_DAY } from './weather.ts';

/**
 * Spain gets up, cooks and goes to bed later by the clock than the German homes behind H25: its
 * peak is at 21 to 22 h instead of 19 h, half of it because its clock runs ahead of the sun.
 */
export const SPANISH_DELAY_HOURS = 2;

export interface DayShape {
  /** H25 per step, as a multiple of the year's mean. */
  readonly relativeLoad: Float64Array;
  /** Of the part above the base load: running sum over the steps, the last one the whole day. */
  readonly cumulativeActivity: Float64Array;
}

export function createDayShape(day: number): DayShape {
  const relativeLoad = new Float64Array(STEPS_PER_DAY);
  const cumulativeActivity = new Float64Array(STEPS_PER_DAY);
  let sum = 0;
  for (let step = 0; step < STEPS_PER_DAY; step++) {
    const unixSeconds = day * SECONDS_PER_DAY + (step + 0.5) * STEP_SECONDS;
    const { day: localDay, hour } = localTime(unixSeconds - SPANISH_DELAY_HOURS * 3600);
    const load = h25Value(localDay, hour) / H25_MEAN;
    relativeLoad[step] = load;
    sum += Math.max(0, load - BASE_LOAD_SHARE);
    cumulativeActivity[step] = sum;
  }
  return { relativeLoad, cumulativeActivity };
}

/** Second of the day at `share` (0 to 1) of the day's activity. */
export function timeOfActivity({ cumulativeActivity }: DayShape, share: number): number {
  const target = share * (cumulativeActivity[STEPS_PER_DAY - 1] as number);
  let low = 0;
  let high = STEPS_PER_DAY - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cumulativeActivity[middle] as number) < target) low = middle + 1;
    else high = middle;
  }
  const before = low === 0 ? 0 : (cumulativeActivity[low - 1] as number);
  const here = (cumulativeActivity[low] as number) - before;
  return (low + (here > 0 ? (target - before) / here : 0.5)) * STEP_SECONDS;
}
