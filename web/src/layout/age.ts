// How old what is on screen is, by the network's clock. A figure that should have been replaced long
// ago must look so: a flat line never passes for live.

export interface AgeQuery {
  readonly nowMs: number;
  readonly intervalSeconds: number;
  readonly publishWithinSeconds: number;
  /** End of the newest interval that the page has. */
  readonly newestEndMs: number;
}

export interface Age {
  readonly nextExpectedMs: number;
  /** How long ago it should have come; below zero it is still ahead. */
  readonly overdueMs: number;
  /** `due`: it should be here, but a little patience is in order. */
  readonly state: 'fresh' | 'due' | 'late';
}

const LATE_AFTER_MS = 15 * 60_000;

export function ageOf(query: AgeQuery): Age {
  const { nowMs, intervalSeconds, publishWithinSeconds, newestEndMs } = query;
  const nextExpectedMs = newestEndMs + (intervalSeconds + publishWithinSeconds) * 1000;
  const overdueMs = nowMs - nextExpectedMs;
  const state = overdueMs > LATE_AFTER_MS ? 'late' : overdueMs > 0 ? 'due' : 'fresh';
  return { nextExpectedMs, overdueMs, state };
}
