// The households over time. A day of a home is made whole when it is first asked for
// and kept while a running clock asks for the other intervals.

import { withBattery } from './battery.ts';
import { SECONDS_PER_DAY } from './calendar.ts';
import { createDayShape } from './day-shape.ts';
import { type Surroundings, simulateHomeDay } from './home-day.ts';
import { meterDay, type SimulatedReading } from './metered-day.ts';
import type { Household } from './neighbourhood.ts';
import { createWeather, STEP_SECONDS } from './weather.ts';

/** Readings of all households, in their order, for the interval that starts at this Unix time. */
export type Simulator = (intervalStartSeconds: number) => readonly SimulatedReading[];

/** A running clock and its late readings. */
const KEPT_HOME_DAYS = 2;
/** Events spill over midnight and a battery looks back a day: days -2 to +1 around the clock's. */
const KEPT_SHARED_DAYS = 5;
const DEFAULT_INTERVAL_SECONDS = 900;

/** The same readings for the same households and interval, in whatever order they are asked for. */
export function createSimulator(
  households: readonly Household[],
  intervalSeconds: number = DEFAULT_INTERVAL_SECONDS,
): Simulator {
  if (intervalSeconds % STEP_SECONDS !== 0 || SECONDS_PER_DAY % intervalSeconds !== 0) {
    throw new RangeError(
      `intervalSeconds: expected a multiple of ${STEP_SECONDS} that divides a day, found ${intervalSeconds}`,
    );
  }
  const shape = keepDays(KEPT_SHARED_DAYS, createDayShape);
  const surroundings = new Map<string, Surroundings>();
  for (const { municipality, weatherSeed } of households) {
    if (surroundings.has(municipality.area)) continue;
    const weather = keepDays(KEPT_SHARED_DAYS, createWeather(municipality, weatherSeed));
    surroundings.set(municipality.area, { shape, weather });
  }
  const meteredDays = households.map((household) => {
    const { home, seed, municipality } = household;
    const around = surroundings.get(municipality.area) as Surroundings;
    const simulate = (day: number) => simulateHomeDay(home, seed, day, around);
    return keepDays(KEPT_HOME_DAYS, (day) => {
      const today = simulate(day);
      const metered =
        home.battery === undefined ? today : withBattery(home.battery, simulate(day - 1), today);
      return meterDay(metered, intervalSeconds);
    });
  });
  return (intervalStartSeconds) => {
    const day = Math.floor(intervalStartSeconds / SECONDS_PER_DAY);
    const interval = (intervalStartSeconds - day * SECONDS_PER_DAY) / intervalSeconds;
    if (!Number.isInteger(interval)) {
      throw new RangeError(
        `intervalStartSeconds: expected a multiple of ${intervalSeconds}, found ${intervalStartSeconds}`,
      );
    }
    return meteredDays.map((meteredDay): SimulatedReading => {
      const { importWh, exportWh, productionWh } = meteredDay(day);
      return {
        importWh: importWh[interval] as number,
        exportWh: exportWh[interval] as number,
        productionWh: productionWh[interval] as number,
      };
    });
  };
}

/** Only remembers: the answer is the same without. */
function keepDays<Value>(
  keptCount: number,
  create: (day: number) => Value,
): (day: number) => Value {
  const days = new Map<number, Value>();
  return (day) => {
    const known = days.get(day);
    if (known !== undefined) return known;
    const value = create(day);
    if (days.size >= keptCount) days.delete(days.keys().next().value as number);
    days.set(day, value);
    return value;
  };
}
