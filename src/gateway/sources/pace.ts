// No meter sends more than a few kilobytes a second. What does is read no faster than this, so that
// decoding it leaves the other sources their time; the rest waits in the kernel's buffers, which are
// bounded.

import { setTimeout as sleep } from 'node:timers/promises';

export const MAX_BYTES_PER_SECOND: number = 256 * 1024;
const WINDOW_MS = 1000;

export interface Pace {
  /** Resolves when the next bytes may be read. */
  took(byteCount: number, signal: AbortSignal): Promise<void>;
}

export function createPace(nowMs: () => number = () => performance.now()): Pace {
  let windowMs = nowMs();
  let taken = 0;
  return {
    took: async (byteCount, signal) => {
      if (nowMs() - windowMs >= WINDOW_MS) {
        windowMs = nowMs();
        taken = 0;
      }
      taken += byteCount;
      if (taken < MAX_BYTES_PER_SECOND) return;
      await sleep(Math.max(0, windowMs + WINDOW_MS - nowMs()), undefined, { signal }).catch(
        () => undefined,
      );
    },
  };
}
