// Local days on the clock of UTC. A local day has 92, 96 or 100 quarter-hours, so nothing here adds
// 86,400 seconds to find the next one: it goes through the calendar of the time zone. All instants are
// Unix seconds; time zones are IANA names.

const SECONDS_PER_DAY = 86_400;

/** Local time minus UTC at the instant. */
export function zoneOffsetSeconds(atSeconds: number, timeZone: string): number {
  return localSeconds(atSeconds, timeZone) - Math.floor(atSeconds);
}

/** First instant of the local day that holds the instant. */
export function startOfLocalDay(atSeconds: number, timeZone: string): number {
  return startOfDayNumber(localDayNumber(atSeconds, timeZone), timeZone);
}

/** First instant of the local day `dayCount` days after the one that holds the instant. */
export function addLocalDays(atSeconds: number, dayCount: number, timeZone: string): number {
  return startOfDayNumber(localDayNumber(atSeconds, timeZone) + dayCount, timeZone);
}

/**
 * The same wall-clock time `dayCount` days later (or earlier). Undefined where that clock shows no such
 * time: the hour that spring leaves out. In the hour that autumn repeats, the one with the instant's
 * own offset.
 */
export function sameLocalTime(
  atSeconds: number,
  dayCount: number,
  timeZone: string,
): number | undefined {
  const wall = localSeconds(atSeconds, timeZone) + dayCount * SECONDS_PER_DAY;
  const candidates = instantsOf(wall, timeZone);
  const offset = zoneOffsetSeconds(atSeconds, timeZone);
  return candidates.find((candidate) => wall - candidate === offset) ?? candidates[0];
}

/** Days of the local calendar since 1970-01-01. */
export function localDayNumber(atSeconds: number, timeZone: string): number {
  return Math.floor(localSeconds(atSeconds, timeZone) / SECONDS_PER_DAY);
}

function startOfDayNumber(dayNumber: number, timeZone: string): number {
  const wall = dayNumber * SECONDS_PER_DAY;
  const first = instantsOf(wall, timeZone)[0];
  // Where the clocks skip midnight itself, the day begins at the skip: at the old offset.
  return first ?? wall - zoneOffsetSeconds(wall - SECONDS_PER_DAY, timeZone);
}

/** The instants, in order, at which the zone's clock shows `wall` (seconds of local time): 0, 1 or 2. */
function instantsOf(wall: number, timeZone: string): number[] {
  // Offsets change at most once in two days, so the offsets a day before and after are all there are.
  const found = new Set<number>();
  for (const near of [wall - SECONDS_PER_DAY, wall + SECONDS_PER_DAY]) {
    const candidate = wall - zoneOffsetSeconds(near, timeZone);
    if (localSeconds(candidate, timeZone) === wall) found.add(candidate);
  }
  return [...found].sort((a, b) => a - b);
}

/** What the zone's wall clock shows, written as seconds as if it were UTC. */
function localSeconds(atSeconds: number, timeZone: string): number {
  const parts = partsFormat(timeZone).formatToParts(Math.floor(atSeconds) * 1000);
  const of = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((part) => part.type === type)?.value);
  return (
    Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')) / 1000
  );
}

// Building a formatter takes about a hundred times as long as using one.
const formats = new Map<string, Intl.DateTimeFormat>();

function partsFormat(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: isTimeZone(timeZone) ? timeZone : 'UTC',
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(timeZone, format);
  }
  return format;
}

/** A zone that this browser does not know is read as UTC, as the formatting of times does. */
function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone });
    return true;
  } catch {
    return false;
  }
}
