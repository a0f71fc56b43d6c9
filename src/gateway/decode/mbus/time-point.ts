// Points in time, EN 13757-3:2018 annex A: type G (16 bit, date), F (32 bit, to the minute), J
// (24 bit, time of day), I (48 bit, to the second). Types K and M are not read. All
// are the meter's clock, with no offset to UTC told; the standard recommends local winter time.

import { isoTime } from '../time.ts';

export interface TimePoint {
  /** `2007-12-31`, `2011-10-25T15:43:00` or `15:43:07`; undefined where it is none. */
  readonly text?: string;
  /** The meter says itself that the time is invalid: it was never set, or lost. */
  readonly isInvalid: boolean;
  /** The meter adds an hour for the summer, and did so here. */
  readonly isSummer: boolean;
}

const NO_TIME: TimePoint = { isInvalid: true, isSummer: false };

/** By the length alone, as the standard has it. undefined where no type has that length. */
export function readTimePoint(bytes: Uint8Array): TimePoint | undefined {
  if (bytes.length === 2) return typeG(bytes);
  if (bytes.length === 3) return typeJ(bytes);
  if (bytes.length === 4) return typeF(bytes);
  if (bytes.length === 6) return typeI(bytes);
  return undefined;
}

function typeG(bytes: Uint8Array): TimePoint {
  const [low = 0, high = 0] = bytes;
  const text = dateText(low, high);
  return text === undefined ? NO_TIME : { text, isInvalid: false, isSummer: false };
}

function typeF(bytes: Uint8Array): TimePoint {
  const [minute = 0, hour = 0, low = 0, high = 0] = bytes;
  // Bits 5 and 6 of the hour: the hundreds of the year, for meters that count from 1900.
  return pointOf(low, high, {
    hundreds: (hour >>> 5) & 3,
    hour: hour & 0x1f,
    minute: minute & 0x3f,
    second: 0,
    isInvalid: (minute & 0x80) !== 0,
    isSummer: (hour & 0x80) !== 0,
  });
}

function typeI(bytes: Uint8Array): TimePoint {
  const [second = 0, minute = 0, hour = 0, low = 0, high = 0] = bytes;
  return pointOf(low, high, {
    hundreds: 0,
    hour: hour & 0x1f,
    minute: minute & 0x3f,
    second: second & 0x3f,
    isInvalid: (minute & 0x80) !== 0,
    isSummer: (second & 0x40) !== 0,
  });
}

function typeJ(bytes: Uint8Array): TimePoint {
  const [second = 0, minute = 0, hour = 0] = bytes.map((byte) => byte & 0x3f);
  const text = isoTime({ year: 2000, month: 1, day: 1, hour: hour & 0x1f, minute, second });
  return text === undefined ? NO_TIME : { text: text.slice(11), isInvalid: false, isSummer: false };
}

interface Clock {
  readonly hundreds: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly isInvalid: boolean;
  readonly isSummer: boolean;
}

function pointOf(low: number, high: number, clock: Clock): TimePoint {
  const { isInvalid, isSummer } = clock;
  const text = isoTime({ ...dateOf(low, high, clock.hundreds), ...timeOf(clock) });
  return text === undefined ? NO_TIME : { text, isInvalid, isSummer };
}

function timeOf({ hour, minute, second }: Clock): Pick<Clock, 'hour' | 'minute' | 'second'> {
  return { hour, minute, second };
}

interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Two-digit years without hundreds: 81 to 99 are the twentieth century's. */
function dateOf(low: number, high: number, hundreds: number): Day {
  const twoDigits = (low >>> 5) | ((high & 0xf0) >>> 1);
  const year =
    hundreds === 0 && twoDigits <= 80 ? 2000 + twoDigits : 1900 + 100 * hundreds + twoDigits;
  return { year, month: high & 0x0f, day: low & 0x1f };
}

function dateText(low: number, high: number): string | undefined {
  const text = isoTime({ ...dateOf(low, high, 0), hour: 0, minute: 0, second: 0 });
  return text?.slice(0, 10);
}
