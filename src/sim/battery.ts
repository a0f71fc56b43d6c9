// A home battery: stores what the roof has left over, gives it back before the grid does.

import type { Battery } from './home.ts';
import type { HomeDay } from './home-day.ts';
import { STEP_SECONDS, STEPS_PER_DAY } from './weather.ts';

/** 05:00 UTC: what is left by then is small, and taken as lost. So a day needs only the one before. */
const EMPTY_STEP: number = (5 * 3600) / STEP_SECONDS;
const ONE_WAY_EFFICIENCY = 0.95;
const STEP_HOURS: number = STEP_SECONDS / 3600;

/** `today` as the meter sees it: charging is consumption, and discharging makes consumption less. */
export function withBattery(battery: Battery, yesterday: HomeDay, today: HomeDay): HomeDay {
  const consumptionW = new Float64Array(STEPS_PER_DAY);
  let storedWh = 0;
  for (let step = EMPTY_STEP; step < STEPS_PER_DAY; step++) {
    storedWh += exchange(battery, yesterday, step, storedWh).intoStoreWh;
  }
  for (let step = 0; step < STEPS_PER_DAY; step++) {
    if (step === EMPTY_STEP) storedWh = 0;
    const { intoStoreWh, drawnW } = exchange(battery, today, step, storedWh);
    storedWh += intoStoreWh;
    consumptionW[step] = (today.consumptionW[step] as number) + drawnW;
  }
  return { consumptionW, productionW: today.productionW };
}

/** `drawnW` is negative while the battery feeds the home; it never feeds the grid. */
function exchange(battery: Battery, day: HomeDay, step: number, storedWh: number) {
  const surplusW = (day.productionW[step] as number) - (day.consumptionW[step] as number);
  if (surplusW > 0) {
    const roomW = (battery.capacityWh - storedWh) / ONE_WAY_EFFICIENCY / STEP_HOURS;
    const drawnW = Math.min(surplusW, battery.maxPowerW, roomW);
    return { drawnW, intoStoreWh: drawnW * STEP_HOURS * ONE_WAY_EFFICIENCY };
  }
  const availableW = (storedWh * ONE_WAY_EFFICIENCY) / STEP_HOURS;
  const givenW = Math.min(-surplusW, battery.maxPowerW, availableW);
  return { drawnW: -givenW, intoStoreWh: (-givenW * STEP_HOURS) / ONE_WAY_EFFICIENCY };
}
