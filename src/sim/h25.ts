// BDEW's household profile H25 (2025), the shape that many homes add up to. Values at full hours,
// kWh per quarter-hour for 1,000,000 kWh a year, before the dynamisation; between them a straight
// line. The source has twelve months; January and July are here, the others blend the two.

import { type DayType, dayOfYear, dayType } from './calendar.ts';

/** The mean of a year's quarter-hours: 1,000,000 kWh / 35,040. */
export const H25_MEAN = 28.54;

const JANUARY_WORKDAY: readonly number[] = [
  20.1, 16.6, 15.3, 15.0, 15.2, 16.8, 21.0, 25.0, 24.0, 22.7, 22.6, 24.1, 26.2, 26.1, 25.5, 25.9,
  28.1, 34.8, 41.0, 42.0, 39.5, 34.9, 32.1, 26.0,
];
const JANUARY_SUNDAY: readonly number[] = [
  23.1, 19.7, 17.5, 16.3, 15.6, 15.7, 16.5, 19.5, 24.8, 30.4, 35.3, 40.2, 42.4, 39.3, 36.6, 35.7,
  36.0, 41.0, 45.4, 43.9, 40.3, 34.9, 32.0, 25.9,
];
const JULY_WORKDAY: readonly number[] = [
  26.0, 22.0, 19.9, 19.4, 19.5, 21.1, 24.4, 27.7, 28.0, 28.3, 28.4, 30.3, 33.0, 32.2, 30.9, 30.7,
  31.9, 35.5, 40.5, 43.3, 43.1, 40.9, 40.2, 32.9,
];

/** How much of a day is Sunday: a Saturday lies between the two. */
const SUNDAY_SHARE: Readonly<Record<DayType, number>> = { workday: 0, saturday: 0.5, sunday: 1 };

/** The profile at a local day (since 1970) and hour, dynamisation included: mean of a year ~28.54. */
export function h25Value(day: number, hour: number): number {
  return h25Shape(dayType(day), dayOfYear(day), hour) * dynamisation(dayOfYear(day));
}

/** Before the dynamisation; any hour is taken modulo 24. */
export function h25Shape(type: DayType, yearDay: number, hour: number): number {
  const januaryWeight = (1 + Math.cos((2 * Math.PI * (yearDay - 15)) / 365)) / 2;
  const january = atHour(JANUARY_WORKDAY, hour);
  const workday = january * januaryWeight + atHour(JULY_WORKDAY, hour) * (1 - januaryWeight);
  // July's Sunday is not in our source: it keeps January's proportion of Sunday to workday.
  const sunday = (workday * atHour(JANUARY_SUNDAY, hour)) / january;
  return workday + (sunday - workday) * SUNDAY_SHARE[type];
}

/** BDEW's polynomial of the day of the year: 1.26 in January, 0.79 in July. */
export function dynamisation(yearDay: number): number {
  return (((-3.92e-10 * yearDay + 3.2e-7) * yearDay - 7.02e-5) * yearDay + 2.1e-3) * yearDay + 1.24;
}

function atHour(values: readonly number[], hour: number): number {
  const wrapped = ((hour % 24) + 24) % 24;
  const index = Math.floor(wrapped);
  const low = values[index] as number;
  const high = values[(index + 1) % 24] as number;
  return low + (high - low) * (wrapped - index);
}
