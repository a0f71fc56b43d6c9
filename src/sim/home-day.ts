// One home over one UTC day in steps of 5 minutes, and the same as a meter reports it: whole
// watt-hours per interval. Within an interval a home can both import and export, which netting a
// quarter of an hour would hide.

import { addDayEvents } from './appliances.ts';
import { SECONDS_PER_DAY } from './calendar.ts';
import type { DayShape } from './day-shape.ts';
import { heatPumpW } from './heat-pump.ts';
import type { Home } from './home.ts';
import type { Seed } from './random.ts';
import { roofW } from './roof.ts';
import { STEP_SECONDS, STEPS_PER_DAY, type WeatherDay } from './weather.ts';

/** A longest event is a car's charge of 45 kWh at 3.6 kW: it reaches into the next day, not beyond. */
const EVENT_DAYS: readonly number[] = [-1, 0, 1];

export interface HomeDay {
  /** Mean watts per step. */
  readonly consumptionW: Float64Array;
  readonly productionW: Float64Array;
}

/** What all homes of a municipality share. */
export interface Surroundings {
  readonly shape: (day: number) => DayShape;
  readonly weather: (day: number) => WeatherDay;
}

export function simulateHomeDay(
  home: Home,
  seed: Seed,
  day: number,
  surroundings: Surroundings,
): HomeDay {
  const consumptionW = new Float64Array(STEPS_PER_DAY).fill(home.standbyW);
  for (const offset of EVENT_DAYS) {
    const shiftSeconds = offset * SECONDS_PER_DAY;
    addDayEvents(home, seed, day + offset, surroundings.shape(day + offset), (start, duration, w) =>
      addEvent(consumptionW, start + shiftSeconds, duration, w),
    );
  }
  const weather = surroundings.weather(day);
  const productionW = new Float64Array(STEPS_PER_DAY);
  const { fridge, heatPump, roof, fuseW } = home;
  // A breaker trips above the fuse; 2 % below it leaves room for rounding to whole watt-hours.
  const maxW = 0.98 * fuseW;
  for (let step = 0; step < STEPS_PER_DAY; step++) {
    const unixSeconds = day * SECONDS_PER_DAY + (step + 0.5) * STEP_SECONDS;
    const fridgePhase = ((unixSeconds + fridge.phaseSeconds) / fridge.cycleSeconds) % 1;
    let w = (consumptionW[step] as number) + (fridgePhase < fridge.duty ? fridge.powerW : 0);
    if (heatPump !== undefined) {
      w += heatPumpW(heatPump, weather.temperatureC[step] as number, unixSeconds);
    }
    consumptionW[step] = Math.min(w, maxW);
    if (roof !== undefined) productionW[step] = Math.min(roofW(roof, weather, step), maxW);
  }
  return { consumptionW, productionW };
}

/** Adds the event's power to the steps that it covers, by the share that it covers. */
function addEvent(steps: Float64Array, start: number, duration: number, powerW: number): void {
  const end = Math.min(start + duration, SECONDS_PER_DAY);
  const from = Math.max(start, 0);
  if (from >= end) return;
  const firstStep = Math.floor(from / STEP_SECONDS);
  const endStep = Math.min(STEPS_PER_DAY, Math.ceil(end / STEP_SECONDS));
  for (let step = firstStep; step < endStep; step++) {
    const covered = Math.min(end, (step + 1) * STEP_SECONDS) - Math.max(from, step * STEP_SECONDS);
    steps[step] = (steps[step] as number) + (powerW * covered) / STEP_SECONDS;
  }
}
