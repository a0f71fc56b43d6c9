// Time as the protocol counts it (design.md section 2): intervals of UTC, and epochs of one UTC
// day. Interval 0 starts at the Unix epoch. An interval's epoch is that of its start.

/** u32: floor(unixSeconds / intervalSeconds). */
export type IntervalIndex = number & { readonly __brand: 'IntervalIndex' };
/** u32: floor(unixSeconds / 86400). */
export type Epoch = number & { readonly __brand: 'Epoch' };

export const SECONDS_PER_EPOCH = 86_400;
export const DEFAULT_INTERVAL_SECONDS = 900;

export function isU32(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 0xffffffff;
}

/** @throws RangeError unless `value` is an unsigned 32-bit integer. */
export function intervalIndex(value: number): IntervalIndex {
  if (!isU32(value))
    throw new RangeError(`intervalIndex: expected an unsigned 32-bit integer, found ${value}`);
  return value as IntervalIndex;
}

/** @throws RangeError unless `value` is an unsigned 32-bit integer. */
export function epoch(value: number): Epoch {
  if (!isU32(value))
    throw new RangeError(`epoch: expected an unsigned 32-bit integer, found ${value}`);
  return value as Epoch;
}

export function intervalAt(unixSeconds: number, intervalSeconds: number): IntervalIndex {
  return intervalIndex(Math.floor(unixSeconds / intervalSeconds));
}

export function intervalStartSeconds(index: IntervalIndex, intervalSeconds: number): number {
  return index * intervalSeconds;
}

export function intervalEndSeconds(index: IntervalIndex, intervalSeconds: number): number {
  return (index + 1) * intervalSeconds;
}

export function epochAt(unixSeconds: number): Epoch {
  return epoch(Math.floor(unixSeconds / SECONDS_PER_EPOCH));
}

export function epochOfInterval(index: IntervalIndex, intervalSeconds: number): Epoch {
  return epochAt(intervalStartSeconds(index, intervalSeconds));
}

/** An interval length is whole seconds and divides the day, so that no interval spans two epochs. */
export function isIntervalSeconds(value: number): boolean {
  return Number.isInteger(value) && value >= 60 && SECONDS_PER_EPOCH % value === 0;
}
