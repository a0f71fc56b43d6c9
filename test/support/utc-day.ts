// Rosters, keys and networks change with the day in UTC. A test on the system's clock that crosses
// midnight would meet a day that its network was not made for.

import { setTimeout as sleep } from 'node:timers/promises';

const DAY_MS = 86_400_000;
/** What such a test takes at the most. */
const NEEDED_MS = 300_000;

/** For `beforeAll`: the wait, and what a busy machine is late by. */
export const UTC_DAY_TIMEOUT_MS: number = NEEDED_MS + 60_000;

/** Until the next day has begun, where less than `NEEDED_MS` of this one is left; otherwise 0. */
export function waitForUtcDayMs(nowMs: number): number {
  const leftMs = DAY_MS - (nowMs % DAY_MS);
  return leftMs < NEEDED_MS ? leftMs : 0;
}

/** Resolves where five minutes of the day in UTC are left. */
export async function utcDay(): Promise<void> {
  // Again where a timer was early, by a clock that was set meanwhile.
  for (;;) {
    const waitMs = waitForUtcDayMs(Date.now());
    if (waitMs === 0) return;
    process.stderr.write(`waiting ${Math.ceil(waitMs / 1000)} s for the next day in UTC\n`);
    await sleep(waitMs);
  }
}
