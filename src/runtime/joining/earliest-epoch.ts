// When a change of a network may take effect. Rosters change at epoch boundaries only, and nobody may
// be told of one that has passed: what was masked and sealed under the document before stays under it.

import { type Epoch, epochAt, SECONDS_PER_EPOCH } from '../../core/interval.ts';
import type { VerifiedNetwork } from '../../core/network-bundle.ts';
import { FileError } from '../../files/file-error.ts';
import { hasMeters } from '../network-chain.ts';

/** What files need to reach every party, at the least. */
const LEAD_SECONDS = 60;

/**
 * The first epoch that a successor may name: the next one, and one more in the last minute of the
 * day. In a network that has no meters yet nothing was masked: there it may be the running one.
 */
export function earliestEpoch(before: VerifiedNetwork, nowSeconds: number): Epoch {
  const next = hasMeters(before)
    ? epochAt(nowSeconds + LEAD_SECONDS + SECONDS_PER_EPOCH)
    : epochAt(nowSeconds);
  return Math.max(next, before.document.fromEpoch + 1) as Epoch;
}

/** @throws FileError where the boundary has come, or is about to */
export function checkEpoch(
  file: string,
  fromEpoch: Epoch,
  before: VerifiedNetwork,
  nowSeconds: number,
): void {
  const earliest = earliestEpoch(before, nowSeconds);
  if (fromEpoch >= earliest) return;
  throw new FileError('bad-value', {
    file,
    expected: `a change from ${dayOf(earliest)} on or later; take the records again`,
    found: `one from ${dayOf(fromEpoch)} on`,
  });
}

/** The day that an epoch is. */
export function dayOf(epoch: Epoch): string {
  return new Date(epoch * SECONDS_PER_EPOCH * 1000).toISOString().slice(0, 10);
}
