// Moves of the shown time: along the intervals there are, and back to live at their end.

import { sameLocalTime } from './local-time.ts';

export interface TimeBounds {
  /** Starts of the oldest and the newest interval with figures. */
  readonly firstSeconds: number;
  readonly newestSeconds: number;
  readonly intervalSeconds: number;
}

/**
 * The shown start after `stepCount` intervals; undefined is live. Stepping past the newest goes live:
 * there is nothing later to show, and the next interval is what one waits for.
 */
export function stepIntervals(
  shownSeconds: number | undefined,
  stepCount: number,
  bounds: TimeBounds,
): number | undefined {
  const from = shownSeconds ?? bounds.newestSeconds;
  return settle(from + stepCount * bounds.intervalSeconds, bounds);
}

/** The same local time some days away; across a skipped hour, the instant 24 hours away. */
export function stepDays(
  shownSeconds: number | undefined,
  dayCount: number,
  bounds: TimeBounds,
  timeZone: string,
): number | undefined {
  const from = shownSeconds ?? bounds.newestSeconds;
  return settle(sameLocalTime(from, dayCount, timeZone) ?? from + dayCount * 86_400, bounds);
}

/** The shown start for an instant somebody pointed at. */
export function showAt(atSeconds: number, bounds: TimeBounds): number | undefined {
  const start = Math.floor(atSeconds / bounds.intervalSeconds) * bounds.intervalSeconds;
  // Pointing at the newest interval shows that interval and stays there: only beyond it is live.
  return start === bounds.newestSeconds ? start : settle(start, bounds);
}

function settle(startSeconds: number, bounds: TimeBounds): number | undefined {
  if (startSeconds > bounds.newestSeconds) return undefined;
  return Math.max(startSeconds, bounds.firstSeconds);
}
