// Mask sums from several trustees to one (design.md section 5, corrections 3 and 22): only answers for
// the same set and the same seal are combined, every component is taken from all its holders, and
// where two differ nothing is shown and both are named.

import { equalBytes } from '../core/bytes.ts';
import { componentHolders, type Quorum } from '../core/components.ts';
import type { UnmaskResult } from '../core/unmask.ts';

export type WithheldReason =
  | 'too-few'
  | 'low-presence'
  | 'no-seal'
  | 'no-quorum'
  | 'implausible'
  | 'mismatch';

/** Trustees whose sums for one component differ: at least one of them is wrong. */
export interface Disagreement {
  readonly target: number;
  readonly component: number;
  readonly trustees: readonly number[];
}

export type Combined =
  | {
      readonly kind: 'combined';
      readonly maskSum: bigint;
      readonly coverage: number;
      readonly isChecked: boolean;
    }
  | { readonly kind: 'withheld'; readonly reason: WithheldReason };

/** The mask sum of one target, by its index, from the trustees' answers. `digest` is its home's seal's. */
export function combineAnswers(
  quorum: Quorum,
  answers: ReadonlyMap<number, readonly UnmaskResult[]>,
  digest: Uint8Array,
  index: number,
  disagreements: Disagreement[],
): Combined {
  const holders = componentHolders(quorum);
  const bySet: { readonly setDigest: Uint8Array; readonly group: Map<number, UnmaskResult> }[] = [];
  let refusal: WithheldReason = 'no-quorum';
  for (const [trustee, results] of answers) {
    const result = results[index] as UnmaskResult;
    if (result.status === 'released') {
      if (!equalBytes(result.sealDigest, digest)) {
        refusal = 'mismatch';
        continue;
      }
      // There is one set as long as nobody lies: digests are compared, not spelled out as names.
      const { setDigest } = result;
      const same = bySet.find((other) => equalBytes(other.setDigest, setDigest));
      if (same === undefined) bySet.push({ setDigest, group: new Map([[trustee, result]]) });
      else same.group.set(trustee, result);
    } else if (
      result.status === 'mismatch' ||
      result.status === 'too-few' ||
      result.status === 'low-presence'
    ) {
      refusal = result.status;
    }
  }
  for (const { group } of bySet) {
    let maskSum = 0n;
    let isChecked = true;
    let isCovered = true;
    let hasDisagreement = false;
    for (const [component, trustees] of holders.entries()) {
      const sums = trustees.flatMap((trustee) => {
        const sum = group.get(trustee)?.sums[positionOf(holders, trustee, component)];
        return sum === undefined ? [] : [{ trustee, sum }];
      });
      const first = sums[0];
      if (first === undefined) {
        isCovered = false;
        break;
      }
      if (sums.some(({ sum }) => sum !== first.sum)) {
        hasDisagreement = true;
        disagreements.push({
          target: index,
          component,
          trustees: sums.map(({ trustee }) => trustee),
        });
      }
      if (sums.length === 1) isChecked = false;
      maskSum += first.sum;
    }
    if (hasDisagreement) return { kind: 'withheld', reason: 'mismatch' };
    if (!isCovered) continue;
    const coverage = Math.min(...[...group.values()].map((result) => result.coverage));
    return { kind: 'combined', maskSum, coverage, isChecked };
  }
  return { kind: 'withheld', reason: refusal };
}

/** Where a component stands among those that a trustee holds. */
function positionOf(
  holders: readonly (readonly number[])[],
  trustee: number,
  component: number,
): number {
  let position = 0;
  for (let before = 0; before < component; before++)
    if (holders[before]?.includes(trustee)) position++;
  return position;
}
