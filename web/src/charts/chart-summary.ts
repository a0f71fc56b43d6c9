// A chart in numbers: what its summary sentence says to those who do not see the line.

import type { Column } from './chart-data.ts';

export interface ChartSummary {
  readonly minAt: number;
  readonly min: number;
  readonly maxAt: number;
  readonly max: number;
  /** Intervals with a figure. */
  readonly valueCount: number;
  /** Intervals without one, up to the newest. */
  readonly gapCount: number;
}

/** Undefined where there is no figure at all. `newestSeconds`: what lies after it is no gap. */
export function summarise(
  starts: readonly number[],
  values: Column,
  newestSeconds: number | undefined,
): ChartSummary | undefined {
  let summary: ChartSummary | undefined;
  let gapCount = 0;
  starts.forEach((at, i) => {
    const value = values[i] ?? null;
    if (value === null) {
      if (newestSeconds !== undefined && at <= newestSeconds) gapCount++;
      return;
    }
    const before = summary ?? {
      minAt: at,
      min: value,
      maxAt: at,
      max: value,
      valueCount: 0,
      gapCount: 0,
    };
    summary = {
      ...before,
      ...(value < before.min ? { min: value, minAt: at } : {}),
      ...(value > before.max ? { max: value, maxAt: at } : {}),
      valueCount: before.valueCount + 1,
    };
  });
  return summary === undefined ? undefined : { ...summary, gapCount };
}
