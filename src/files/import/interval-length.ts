// The one interval length that readings.csv can have, out of the lengths that the files have.

import { isIntervalSeconds } from '../../core/interval.ts';
import { FileError } from '../file-error.ts';
import type { Place } from './imported-values.ts';

const QUARTER_SECONDS = 900;

export interface FoundLength {
  readonly seconds: number;
  /** Where it was found first. */
  readonly place: Place;
  readonly meter: string;
}

/**
 * `chosenSeconds` where the user chose; else 15 minutes for 15 and what adds up to it, and longer
 * lengths as they are. Every length found divides it.
 *
 * @throws FileError `mixed-lengths` where none fits all.
 */
export function commonIntervalSeconds(
  found: readonly FoundLength[],
  chosenSeconds: number | undefined,
): number {
  let seconds = chosenSeconds;
  let first: FoundLength | undefined;
  for (const length of found) {
    const own = chosenSeconds ?? wanted(length.seconds);
    seconds ??= own;
    first ??= length;
    const fits = seconds % length.seconds === 0 && own === seconds && isIntervalSeconds(seconds);
    // 10 minutes do not add up to 15, and a network of theirs is the user's to choose.
    if (fits && (chosenSeconds !== undefined || seconds >= QUARTER_SECONDS)) continue;
    throw mixed(length, first, chosenSeconds);
  }
  return seconds ?? QUARTER_SECONDS;
}

function wanted(seconds: number): number {
  return seconds < QUARTER_SECONDS && QUARTER_SECONDS % seconds === 0 ? QUARTER_SECONDS : seconds;
}

function mixed(length: FoundLength, first: FoundLength, chosen: number | undefined): FileError {
  let expected = 'one length of intervals that divides a day';
  if (chosen !== undefined) expected = `intervals that add up to ${minutes(chosen)}`;
  else if (first.seconds !== length.seconds) {
    const both = leastCommonMultiple(wanted(first.seconds), wanted(length.seconds));
    const way = isIntervalSeconds(both) ? ` or --interval-minutes ${both / 60}` : '';
    expected = `one length of intervals, ${minutes(first.seconds)} as in ${first.place.file} for meter ${first.meter},${way === '' ? ' everywhere' : way}`;
  } else if (length.seconds < QUARTER_SECONDS) {
    const both = leastCommonMultiple(QUARTER_SECONDS, length.seconds);
    if (isIntervalSeconds(both)) expected += `, or --interval-minutes ${both / 60}`;
  }
  return new FileError('mixed-lengths', {
    ...length.place,
    expected,
    found: `${minutes(length.seconds)} for meter ${length.meter}`,
  });
}

function minutes(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60} minutes` : `${seconds} seconds`;
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
