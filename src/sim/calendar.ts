// Peninsular Spain's clock and calendar, without Date: the simulator is pure.

import { civilDate } from '../core/civil-date.ts';

export const SECONDS_PER_DAY = 86_400;

export type DayType = 'workday' | 'saturday' | 'sunday';

export interface LocalTime {
  /** Local days since 1970-01-01. */
  readonly day: number;
  /** 0 to 24. */
  readonly hour: number;
}

/** Month and day of the national holidays that never move. */
const HOLIDAYS: readonly string[] = [
  '1-1',
  '1-6',
  '5-1',
  '8-15',
  '10-12',
  '11-1',
  '12-6',
  '12-8',
  '12-25',
];

/** Central European Time; summer time from the last Sunday of March to that of October, 01:00 UTC. */
export function localTime(unixSeconds: number): LocalTime {
  const { year } = civilDate(Math.floor(unixSeconds / SECONDS_PER_DAY));
  const isSummer =
    unixSeconds >= lastSunday(year, 3) * SECONDS_PER_DAY + 3600 &&
    unixSeconds < lastSunday(year, 10) * SECONDS_PER_DAY + 3600;
  const localSeconds = unixSeconds + (isSummer ? 7200 : 3600);
  const day = Math.floor(localSeconds / SECONDS_PER_DAY);
  return { day, hour: (localSeconds - day * SECONDS_PER_DAY) / 3600 };
}

/** Holidays count as Sundays, 24 and 31 December as Saturdays, as BDEW's profiles have it. */
export function dayType(day: number): DayType {
  const { month, dayOfMonth } = civilDate(day);
  const weekday = weekdayOf(day);
  if (weekday === 0 || HOLIDAYS.includes(`${month}-${dayOfMonth}`)) return 'sunday';
  const isEve = month === 12 && (dayOfMonth === 24 || dayOfMonth === 31);
  return weekday === 6 || isEve ? 'saturday' : 'workday';
}

/** 1 to 366. */
export function dayOfYear(day: number): number {
  return day - dayNumber(civilDate(day).year, 1, 1) + 1;
}

/** Date to days since 1970; same source as `civilDate`. */
export function dayNumber(year: number, month: number, dayOfMonth: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const marchMonth = month > 2 ? month - 3 : month + 9;
  const dayOfMarchYear = Math.floor((153 * marchMonth + 2) / 5) + dayOfMonth - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfMarchYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** 0 is Sunday; 1970-01-01 was a Thursday. */
function weekdayOf(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}

function lastSunday(year: number, month: number): number {
  const lastDay = dayNumber(year, month, 31); // March and October both have 31
  return lastDay - weekdayOf(lastDay);
}
