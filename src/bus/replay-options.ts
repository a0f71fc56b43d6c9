import { checkPattern } from './check-subject.ts';
import type { ReplayOptions } from './port.ts';

/** Misuse is told at the call, the same by every bus. */
export function checkReplayOptions(options: ReplayOptions): void {
  if (options.pattern !== undefined) checkPattern(options.pattern);
  const { fromSeq, fromTimeMs } = options;
  if (fromSeq !== undefined && fromTimeMs !== undefined) {
    throw new TypeError('replay: give fromSeq or fromTimeMs, not both');
  }
  if (fromSeq !== undefined && !(Number.isSafeInteger(fromSeq) && fromSeq >= 1)) {
    throw new RangeError(`replay: fromSeq is a whole number from 1 on, not ${fromSeq}`);
  }
  if (fromTimeMs !== undefined && !(fromTimeMs >= 0 && fromTimeMs <= 8.64e15)) {
    throw new RangeError(`replay: fromTimeMs is a time in milliseconds, not ${fromTimeMs}`);
  }
}
