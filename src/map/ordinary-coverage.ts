// When a figure counts as one. Some of any street's meters are always silent, and of a nation's
// millions always many: a mark on everything would say nothing. So a figure that covers at least this
// share of its meters is a value, and its coverage is told beside it; below, it is a part.

import type { RowStatus } from './frame.ts';

export const ORDINARY_COVERAGE = 0.9;

/** Of a row that has figures. */
export function statusOfCoverage(coverage: number): RowStatus {
  return coverage >= ORDINARY_COVERAGE ? 'published' : 'partial';
}
