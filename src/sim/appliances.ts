// Appliances as events of constant power. One home is spiky, since few of them run at a time; many
// homes add up to H25, since an event covers a moment that is drawn from H25's own shape.

import { localTime, SECONDS_PER_DAY } from './calendar.ts';
import { type DayShape, timeOfActivity } from './day-shape.ts';
import { type Home, W_PER_ANNUAL_KWH } from './home.ts';
import {
  createRandom,
  logNormal,
  normal,
  poisson,
  type Random,
  type Seed,
  uniform,
} from './random.ts';
import { STEP_SECONDS, STEPS_PER_DAY } from './weather.ts';

/** Seconds are those of the day that the event was drawn for; it may begin or end in another. */
export type AddEvent = (startSeconds: number, durationSeconds: number, powerW: number) => void;

interface Appliance {
  readonly powerW: readonly [low: number, high: number];
  readonly minutes: readonly [low: number, high: number];
  /** Of the energy above the base load. */
  readonly energyShare: number;
}

const APPLIANCES: readonly Appliance[] = [
  { powerW: [60, 260], minutes: [50, 200], energyShare: 0.33 }, // light and screens
  { powerW: [900, 2000], minutes: [3, 8], energyShare: 0.1 }, // kettle, microwave, coffee
  { powerW: [1000, 2200], minutes: [15, 45], energyShare: 0.22 }, // hob
  { powerW: [1800, 2400], minutes: [25, 50], energyShare: 0.09 }, // oven
  { powerW: [1800, 2200], minutes: [12, 25], energyShare: 0.18 }, // washing machine, dishwasher
  { powerW: [800, 1800], minutes: [5, 20], energyShare: 0.08 }, // iron, vacuum cleaner, hair dryer
];

const EVENT_WH: readonly number[] = APPLIANCES.map(
  ({ powerW, minutes }) => (mean(powerW) * mean(minutes)) / 60,
);
/** Events per watt-hour of activity, summed up: where a draw falls tells which appliance it is. */
const CUMULATIVE_RATES: readonly number[] = APPLIANCES.map((_, i) =>
  APPLIANCES.slice(0, i + 1).reduce(
    (sum, { energyShare }, j) => sum + energyShare / (EVENT_WH[j] as number),
    0,
  ),
);
const RATE_PER_WH: number = CUMULATIVE_RATES[CUMULATIVE_RATES.length - 1] as number;

/** 12 to 13 sessions a month (load-facts, section 4). */
const CHARGES_PER_DAY = 0.41;

/** All events of one home drawn for `day`, the same whenever and from whichever day it is asked. */
export function addDayEvents(
  home: Home,
  seed: Seed,
  day: number,
  shape: DayShape,
  add: AddEvent,
): void {
  const random = createRandom(seed, 1, day);
  const activity = shape.cumulativeActivity[STEPS_PER_DAY - 1] as number;
  const dayWh = (home.annualKwh * W_PER_ANNUAL_KWH * activity * STEP_SECONDS) / 3600;
  for (let count = poisson(random, dayWh * RATE_PER_WH); count > 0; count--) {
    const draw = random() * RATE_PER_WH;
    const index = CUMULATIVE_RATES.findIndex((rate) => draw < rate);
    const { powerW, minutes } = APPLIANCES[Math.max(0, index)] as Appliance;
    const durationSeconds = uniform(random, minutes[0], minutes[1]) * 60;
    // The drawn moment lies anywhere within the event: the mean load then follows the density
    // itself, blurred by the duration but not late by it.
    const startSeconds = timeOfActivity(shape, random()) - random() * durationSeconds;
    add(startSeconds, durationSeconds, uniform(random, powerW[0], powerW[1]));
  }
  if (home.charger !== undefined) addCharge(home.charger, createRandom(seed, 2, day), day, add);
}

function addCharge(
  { powerW, isTimed }: NonNullable<Home['charger']>,
  random: Random,
  day: number,
  add: AddEvent,
): void {
  if (random() >= CHARGES_PER_DAY) return;
  const energyWh = Math.min(45_000, logNormal(random, 8000, 0.6));
  const arrivalHour = 18.5 + 1.5 * normal(random);
  // A timed charger starts at the tariff's midnight, within its own clock's error.
  const localHour = isTimed ? 24 + Math.abs(normal(random)) / 30 : arrivalHour;
  const noonSeconds = day * SECONDS_PER_DAY + 43_200;
  const utcOffsetHours = localTime(noonSeconds).hour - 12;
  add((localHour - utcOffsetHours) * 3600, (energyWh / powerW) * 3600, powerW);
}

function mean([low, high]: readonly [number, number]): number {
  return (low + high) / 2;
}
