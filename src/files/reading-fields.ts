// The fields of a row of readings.csv as numbers. Pure; a bad field gives a value that says so,
// because the row's place is known only to the reader.

/** Above what any connection delivers, and 2^20 of them still add up exactly. */
export const MAX_READING_WH: number = 2 ** 40;

const START =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]0+)?)?(?:([Zz])|([+-])(\d{2})(?::?(\d{2}))?)?$/;
const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$/;

/**
 * Unix seconds of an ISO 8601 time with offset: `Z`, `+01:00`, `+0100` or `+01`; seconds may be
 * left out. `no-offset` where only that is missing, which would be a guess at the time zone.
 */
export function parseStart(text: string): number | 'no-offset' | 'not-a-time' {
  const match = START.exec(text);
  if (match === null) return 'not-a-time';
  const [, year, month, day, hour, minute, second = '0', utc, sign, offsetHour, offsetMinute] =
    match;
  const hours = Number(hour);
  const minutes = Number(minute);
  const seconds = Number(second);
  const midnightMs = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // Date.UTC rolls 31 February over into March, and reads the years 0 to 99 as 1900 to 1999.
  const isDay =
    new Date(midnightMs).getUTCDate() === Number(day) &&
    Number(month) >= 1 &&
    Number(month) <= 12 &&
    Number(year) >= 1970;
  if (!isDay || hours > 23 || minutes > 59 || seconds > 59) return 'not-a-time';
  const localSeconds = midnightMs / 1000 + hours * 3600 + minutes * 60 + seconds;
  if (utc !== undefined) return localSeconds;
  if (sign === undefined) return 'no-offset';
  const offsetHours = Number(offsetHour);
  const offsetMinutes = Number(offsetMinute ?? '0');
  if (offsetHours > 23 || offsetMinutes > 59) return 'not-a-time';
  const offsetSeconds = offsetHours * 3600 + offsetMinutes * 60;
  const unixSeconds = sign === '-' ? localSeconds + offsetSeconds : localSeconds - offsetSeconds;
  return unixSeconds >= 0 ? unixSeconds : 'not-a-time';
}

/**
 * Watt-hours as the file has them, perhaps with a fraction; NaN where the field is empty (not
 * measured, never zero); undefined where it is no decimal number from 0 to 2^40.
 */
export function parseEnergyWh(text: string): number | undefined {
  if (text === '') return Number.NaN;
  if (!DECIMAL.test(text)) return undefined;
  const energyWh = Number(text) + 0; // -0 is 0
  return energyWh >= 0 && energyWh <= MAX_READING_WH ? energyWh : undefined;
}
