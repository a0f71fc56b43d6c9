// Times in words: the interval in UTC and in the map's time zone, days of 92, 96 or 100
// quarter-hours, and ages. Instants are Unix milliseconds.

const MINUTE_MS = 60_000;
/** More than a day of 25 hours. */
const MAX_DAY_MINUTES = 30 * 60;

export interface LocalDay {
  readonly startMs: number;
  /** Not included: the start of the next day. */
  readonly endMs: number;
  /** 96 quarter-hours, but 92 and 100 on the days when clocks change. */
  readonly intervalCount: number;
}

export interface TimeFormat {
  /** `06:15–06:30 UTC`. */
  readonly intervalUtc: (startMs: number, endMs: number) => string;
  /** `07:15–07:30 CET`, or `UTC+1`; with both zone names where the clock changes within. */
  readonly intervalLocal: (startMs: number, endMs: number) => string;
  /** `07:15`. */
  readonly clock: (ms: number) => string;
  /** `Sat, 21 Nov 2026`, in the map's time zone. */
  readonly day: (ms: number) => string;
  readonly localDay: (ms: number, intervalSeconds: number) => LocalDay;
}

/** `timeZone` is an IANA name; one that the runtime does not know is read as UTC. */
export function createTimeFormat(timeZone: string, locale?: string): TimeFormat {
  const clockOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const utc = dateFormat(locale, 'UTC', clockOptions);
  const local = dateFormat(locale, timeZone, clockOptions);
  const zone = dateFormat(locale, timeZone, { timeZoneName: 'short' });
  const date = dateFormat(locale, timeZone, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  });
  const plain = dateFormat('en-US-u-ca-gregory-nu-latn', timeZone, {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  // Locales without a short name of their own for a zone give its offset as GMT, which is no time here.
  const zoneName = (ms: number): string =>
    zone
      .formatToParts(ms)
      .find((part) => part.type === 'timeZoneName')
      ?.value.replace(/^GMT(?=$|[+\-−])/, 'UTC')
      .replace('-', '−') ?? '';

  return {
    intervalUtc: (startMs, endMs) => `${utc.format(startMs)}–${utc.format(endMs)} UTC`,
    intervalLocal(startMs, endMs) {
      const [before, after] = [zoneName(startMs), zoneName(endMs)];
      const first = before === after ? '' : ` ${before}`;
      return `${local.format(startMs)}${first}–${local.format(endMs)} ${after}`;
    },
    clock: (ms) => local.format(ms),
    day: (ms) => date.format(ms),
    localDay(ms, intervalSeconds) {
      const today = plain.format(ms);
      const isToday = (instant: number) => plain.format(instant) === today;
      const startMs = edgeOfDay(ms, isToday, -1);
      const endMs = edgeOfDay(ms, isToday, 1) + MINUTE_MS;
      return {
        startMs,
        endMs,
        intervalCount: Math.round((endMs - startMs) / 1000 / intervalSeconds),
      };
    },
  };
}

/** The last minute of the day that `ms` is in, going back or forth; clocks shift by whole minutes. */
function edgeOfDay(ms: number, isToday: (ms: number) => boolean, direction: 1 | -1): number {
  let inside = Math.floor(ms / MINUTE_MS);
  let outside = inside + direction * MAX_DAY_MINUTES;
  while (Math.abs(outside - inside) > 1) {
    const middle = Math.floor((outside + inside) / 2);
    if (isToday(middle * MINUTE_MS)) inside = middle;
    else outside = middle;
  }
  return inside * MINUTE_MS;
}

/** `3 minutes`, `1 hour 5 minutes`, `2 days 3 hours`; two units at most, rounded down. */
export function ageWords(ageSeconds: number | null | undefined): string {
  if (typeof ageSeconds !== 'number' || !Number.isFinite(ageSeconds)) return 'an unknown time';
  const minutes = Math.floor(ageSeconds / 60);
  if (minutes < 1) return 'less than a minute';
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
  if (days > 0) return join(count(days, 'day'), hours, 'hour');
  if (hours > 0) return join(count(hours, 'hour'), minutes % 60, 'minute');
  return count(minutes, 'minute');
}

/** `3 minutes ago`; what lies ahead, by a clock that is a little off, is `just now`. */
export function agoWords(ageSeconds: number | null | undefined): string {
  if (typeof ageSeconds === 'number' && ageSeconds < 60) return 'just now';
  return `${ageWords(ageSeconds)} ago`;
}

function join(first: string, rest: number, unit: string): string {
  return rest === 0 ? first : `${first} ${count(rest, unit)}`;
}

function count(value: number, unit: string): string {
  return `${value} ${unit}${value === 1 ? '' : 's'}`;
}

function dateFormat(
  locale: string | undefined,
  timeZone: string,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat {
  for (const [tag, zone] of [
    [locale, timeZone],
    [undefined, timeZone],
  ] as const) {
    try {
      return new Intl.DateTimeFormat(tag, { ...options, timeZone: zone });
    } catch {
      // Neither a bad locale nor an unknown zone may leave the reader without a time.
    }
  }
  return new Intl.DateTimeFormat(undefined, { ...options, timeZone: 'UTC' });
}
