// From seconds per item to results: medians, with the best and the worst round beside them.

import type { BenchResult, Measure, TimedSum } from './bench.ts';

export type Samples = ReadonlyMap<string, readonly number[]>;

/** @throws RangeError of no values. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('median: expected values, found none');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** The samples of a sum: its parts', added round by round. */
export function addSamples(samples: Samples, { id, parts }: TimedSum): readonly number[] {
  const all = parts.map((part) => {
    const own = samples.get(part);
    if (own === undefined) throw new RangeError(`${id}: no samples of ${part}`);
    return own;
  });
  return (all[0] ?? []).map((_, round) =>
    all.reduce((sum, own) => sum + (own[round] as number), 0),
  );
}

export function summarize(
  id: string,
  secondsPerItem: readonly number[],
  measure: Measure,
  bytesPerReading?: number,
): BenchResult {
  const values = secondsPerItem.map((seconds) => shownValue(seconds, measure));
  return {
    id,
    unit: unitOf(measure),
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
    ...(bytesPerReading === undefined ? {} : { bytesPerReading }),
  };
}

function shownValue(seconds: number, measure: Measure): number {
  if (measure.kind === 'share') return seconds * measure.factor * 100;
  return measure.kind === 'rate' ? 1 / seconds : seconds * 1e6;
}

function unitOf(measure: Measure): string {
  if (measure.kind === 'rate') return `${measure.item}s/s`;
  return measure.kind === 'cost' ? `us/${measure.item}` : `% at one ${measure.item}/s`;
}
