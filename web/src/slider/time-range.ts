// The stretch of time on the slider and in the charts: whole local days, as intervals of UTC.

import { addLocalDays, startOfLocalDay, zoneOffsetSeconds } from './local-time.ts';
import type { TimeBounds } from './step-time.ts';

export type RangePreset = 'day' | 'week';

/** Half-open, Unix seconds, whole intervals. */
export interface TimeRange {
  readonly fromSeconds: number;
  readonly untilSeconds: number;
}

export interface TimeTick {
  readonly atSeconds: number;
  /** A local midnight rather than an hour within a day. */
  readonly isDay: boolean;
}

const DAYS_BACK: Readonly<Record<RangePreset, number>> = { day: 0, week: 6 };

/** The local day of the instant, or the seven local days that end with it. */
export function rangeAround(
  atSeconds: number,
  preset: RangePreset,
  timeZone: string,
  intervalSeconds: number,
): TimeRange {
  // Offsets are multiples of 15 minutes, but an interval may be longer: then the day begins with the
  // first interval that starts in it.
  const aligned = (seconds: number): number =>
    Math.ceil(seconds / intervalSeconds) * intervalSeconds;
  return {
    fromSeconds: aligned(addLocalDays(atSeconds, -DAYS_BACK[preset], timeZone)),
    untilSeconds: aligned(addLocalDays(atSeconds, 1, timeZone)),
  };
}

export function intervalCount(range: TimeRange, intervalSeconds: number): number {
  return Math.round((range.untilSeconds - range.fromSeconds) / intervalSeconds);
}

/** Local midnights of a week; of a day, every `everyHours` hours of its wall clock. */
export function timeTicks(range: TimeRange, everyHours: number, timeZone: string): TimeTick[] {
  const ticks: TimeTick[] = [];
  const stepSeconds = everyHours * 3600;
  let day = startOfLocalDay(range.fromSeconds, timeZone);
  while (day < range.untilSeconds) {
    const nextDay = addLocalDays(day, 1, timeZone);
    const dayOffset = zoneOffsetSeconds(day, timeZone);
    for (let wall = 0; wall < 86_400; wall += stepSeconds) {
      // An hour's place moves where the clocks were changed earlier in the day.
      const guess = day + wall;
      const at = guess - (zoneOffsetSeconds(guess, timeZone) - dayOffset);
      if (at >= range.fromSeconds && at < Math.min(nextDay, range.untilSeconds))
        ticks.push({ atSeconds: at, isDay: wall === 0 });
    }
    day = nextDay;
  }
  return ticks;
}

/** What a screen can hold without its labels touching. */
export function hoursPerTick(preset: RangePreset, widthPx: number): number {
  const dayCount = DAYS_BACK[preset] + 1;
  const labels = Math.max(1, widthPx / 46);
  const hours = (24 * dayCount) / labels;
  return [1, 2, 3, 6, 12].find((step) => step >= hours) ?? 24;
}

/** The part of the range that has figures; at least one interval. Of what is to come, nobody has any. */
export function knownPart(range: TimeRange, bounds: TimeBounds): TimeRange {
  const end = bounds.newestSeconds + bounds.intervalSeconds;
  const untilSeconds = Math.min(range.untilSeconds, end);
  const fromSeconds = Math.max(range.fromSeconds, bounds.firstSeconds);
  return {
    fromSeconds: Math.min(fromSeconds, untilSeconds - bounds.intervalSeconds),
    untilSeconds,
  };
}

/** The interval that holds the instant, kept inside the range. */
export function clampToRange(atSeconds: number, range: TimeRange, intervalSeconds: number): number {
  const start = Math.floor(atSeconds / intervalSeconds) * intervalSeconds;
  return Math.min(Math.max(start, range.fromSeconds), range.untilSeconds - intervalSeconds);
}
