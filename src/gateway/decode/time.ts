// Times that meters send, as ISO 8601 text. A meter's clock is local more often than not: an offset
// is written only where the telegram tells it, and what is no date at all is no time.

import { civilDate } from '../../core/civil-date.ts';

export interface ClockReading {
  readonly year: number;
  /** 1 to 12 */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const SECONDS_OF_DAY = 86_400;
/** The year 9999. */
const MAX_UNIX_SECONDS = 253_402_300_799;

/** `2020-05-12T13:54:09+02:00`; `offset` as written there, or `Z`. undefined where it cannot be. */
export function isoTime(clock: ClockReading, offset: string = ''): string | undefined {
  const { year, month, day, hour, minute, second } = clock;
  const isDate = month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month);
  if (!isDate || !(hour < 24) || !(minute < 60) || !(second < 60) || !(year <= 9999))
    return undefined;
  const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
  return `${date}T${two(hour)}:${two(minute)}:${two(second)}${offset}`;
}

/** `+02:00` of 120. */
export function isoOffset(minutes: number): string {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** Seconds since 1970 in UTC, with `Z`, or as they are in the zone of `offsetMinutes`. */
export function isoOfUnix(unixSeconds: number, offsetMinutes?: number): string | undefined {
  if (!(unixSeconds >= 0 && unixSeconds <= MAX_UNIX_SECONDS)) return undefined;
  const seconds = unixSeconds + (offsetMinutes ?? 0) * 60;
  const days = Math.floor(seconds / SECONDS_OF_DAY);
  const rest = seconds - days * SECONDS_OF_DAY;
  const { year, month, dayOfMonth } = civilDate(days);
  return isoTime(
    {
      year,
      month,
      day: dayOfMonth,
      hour: Math.floor(rest / 3600),
      minute: Math.floor(rest / 60) % 60,
      second: rest % 60,
    },
    offsetMinutes === undefined ? 'Z' : isoOffset(offsetMinutes),
  );
}

function daysOf(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 && isLeap ? 29 : (DAYS_OF_MONTH[month - 1] as number);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
