// An interval's two ends, as the formats take them.

import { map } from '../state/data.ts';

/** Unix milliseconds of the start and the end. */
export function intervalMs(startSeconds: number): [number, number] {
  const length = map.value?.intervalSeconds ?? 900;
  return [startSeconds * 1000, (startSeconds + length) * 1000];
}
