// The health document in the words of its view: how each interval of the last day came in, and what
// each trustee did.

import type { HealthDocument } from '../../../src/server/wire.ts';

type IntervalItem = HealthDocument['intervals'][number];

/** `withheld`: on time, with cells withheld, as the rules ask. `disputed`: trustees or auditor object. */
export type StripState = 'on-time' | 'withheld' | 'disputed' | 'late' | 'waiting' | 'missing';

export interface StripItem {
  readonly startSeconds: number;
  readonly state: StripState;
  readonly publishedAfterSeconds: number | null;
  readonly withheldCount: number;
  readonly findingCount: number;
}

/** Oldest first, as in the document. */
export function healthStrip(
  health: HealthDocument,
  publishWithinSeconds: number,
  intervalSeconds: number,
): StripItem[] {
  const nowSeconds = Date.parse(health.now) / 1000;
  return health.intervals.map((item) => {
    const startSeconds = Date.parse(item.start) / 1000;
    const dueAt = startSeconds + intervalSeconds + publishWithinSeconds;
    const withheldCount = total(item.cellsWithheld);
    const findingCount = item.auditFindings?.length ?? 0;
    return {
      startSeconds,
      state: stripState(item, publishWithinSeconds, nowSeconds <= dueAt, withheldCount),
      publishedAfterSeconds: item.publishedAfterSeconds,
      withheldCount,
      findingCount,
    };
  });
}

function stripState(
  item: IntervalItem,
  publishWithinSeconds: number,
  isStillDue: boolean,
  withheldCount: number,
): StripState {
  if (item.publishedAfterSeconds === null) return isStillDue ? 'waiting' : 'missing';
  if (item.publishedAfterSeconds > publishWithinSeconds) return 'late';
  if (item.disagreementCount > 0 || (item.auditFindings?.length ?? 0) > 0) return 'disputed';
  return withheldCount > 0 ? 'withheld' : 'on-time';
}

export interface TrusteeTally {
  readonly name: string;
  readonly answeredCount: number;
  /** Why it did not, with how often; most frequent first. */
  readonly otherwise: readonly (readonly [reason: string, count: number])[];
}

export function trusteeTallies(health: HealthDocument): TrusteeTally[] {
  return health.trusteeNames.map((name, i) => {
    const said: Record<string, number> = {};
    let answeredCount = 0;
    for (const interval of health.intervals) {
      const word = interval.trustees[i];
      if (word === 'answered') answeredCount++;
      else if (word !== undefined) said[word] = (said[word] ?? 0) + 1;
    }
    return { name, answeredCount, otherwise: byCount(said) };
  });
}

/** Sums of one record of counts over all intervals; most frequent first. */
export function countsOverDay(
  health: HealthDocument,
  key: 'framesRejected' | 'cellsWithheld',
): (readonly [reason: string, count: number])[] {
  const sums: Record<string, number> = {};
  for (const interval of health.intervals)
    for (const [reason, count] of Object.entries(interval[key]))
      sums[reason] = (sums[reason] ?? 0) + count;
  return byCount(sums);
}

export function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function byCount(counts: Readonly<Record<string, number>>): (readonly [string, number])[] {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .sort((a, b) => b[1] - a[1]);
}
