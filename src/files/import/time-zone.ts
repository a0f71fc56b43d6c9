// Local times of an IANA zone to UTC, by the zone data of the runtime (Intl), which has no such
// function of its own: a local time has no instant, one, or two around a change of the clock.

import { SECONDS_PER_EPOCH } from '../../core/interval.ts';

export interface TimeZone {
  readonly name: string;
  /** Local minus UTC at that instant. */
  offsetSecondsAt(unixSeconds: number): number;
  /**
   * The instants at which the zone's clocks show `localSeconds` (a local time read as if it were
   * UTC): none where the clock jumped over it, two where it showed it twice. Ascending.
   */
  instantsOf(localSeconds: number): readonly number[];
}

/** undefined for a name that this runtime's zone data does not have. */
export function createTimeZone(name: string): TimeZone | undefined {
  const format = createFormat(name);
  if (format === undefined) return undefined;
  const ofDay = new Map<number, number | 'changes'>();
  const measure = (unixSeconds: number): number => offsetOf(format, unixSeconds);
  const offsetSecondsAt = (unixSeconds: number): number => {
    // Formatting costs microseconds: once or twice for each day, and not for each value.
    const day = Math.floor(unixSeconds / SECONDS_PER_EPOCH);
    let known = ofDay.get(day);
    if (known === undefined) {
      const atStart = measure(day * SECONDS_PER_EPOCH);
      known = atStart === measure((day + 1) * SECONDS_PER_EPOCH) ? atStart : 'changes';
      ofDay.set(day, known);
    }
    return known === 'changes' ? measure(unixSeconds) : known;
  };
  const instantsOf = (localSeconds: number): readonly number[] => {
    const before = offsetSecondsAt(localSeconds - SECONDS_PER_EPOCH);
    const after = offsetSecondsAt(localSeconds + SECONDS_PER_EPOCH);
    const offsets = before === after ? [before] : [before, after];
    return offsets
      .map((offset) => localSeconds - offset)
      .filter((instant) => offsetSecondsAt(instant) === localSeconds - instant)
      .sort((a, b) => a - b);
  };
  return { name, offsetSecondsAt, instantsOf };
}

/** The first instant of a local day, which is not midnight where the clock jumps over that. */
export function startOfLocalDay(zone: TimeZone, localMidnightSeconds: number): number {
  for (let late = 0; late <= 3 * 3600; late += 900) {
    const [first] = zone.instantsOf(localMidnightSeconds + late);
    if (first !== undefined) return first;
  }
  throw new RangeError(
    `localMidnightSeconds: expected a day of ${zone.name}, found ${localMidnightSeconds}`,
  );
}

function createFormat(name: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
}

function offsetOf(format: Intl.DateTimeFormat, unixSeconds: number): number {
  const part: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(unixSeconds * 1000)) {
    part[type] = Number(value);
  }
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - unixSeconds;
}
