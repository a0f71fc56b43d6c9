// The gateway's own clock, held against one that only ever runs forward: boundaries follow it, so a
// step of it makes every interval that it cuts unknown. What a clock that is disciplined does (it
// runs a little faster or slower) is no step.

export interface ClockWatch {
  wallMs: number;
  steadyMs: number;
}

export type ClockVerdict = 'steady' | 'stepped' | 'not-set';

/** More than this between two looks is a step. */
export const STEP_MS = 5000;
/** A machine without a battery starts in 1970, or when its image was made. */
const EARLIEST_MS: number = Date.UTC(2024, 0, 1);

export function createClockWatch(wallMs: number, steadyMs: number): ClockWatch {
  return { wallMs, steadyMs };
}

/** `steadyMs` counts the time that the machine slept, too; where it does not, sleep is a step. */
export function watchClock(watch: ClockWatch, wallMs: number, steadyMs: number): ClockVerdict {
  const stepMs = wallMs - watch.wallMs - (steadyMs - watch.steadyMs);
  watch.wallMs = wallMs;
  watch.steadyMs = steadyMs;
  if (wallMs < EARLIEST_MS) return 'not-set';
  return Math.abs(stepMs) > STEP_MS ? 'stepped' : 'steady';
}
