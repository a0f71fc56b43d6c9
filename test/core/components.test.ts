import { describe, expect, it } from 'vitest';
import {
  componentHolders,
  heldComponents,
  isQuorum,
  type Quorum,
} from '../../src/core/components.ts';

const ALL: Quorum[] = [0, 1, 2, 3, 4, 5, 6].flatMap((trusteeCount) =>
  [0, 1, 2, 3, 4, 5, 6].map((quorum) => ({ trusteeCount, quorum })),
);
const ALLOWED = ALL.filter(isQuorum);

/** All subsets of trustees of this size. */
function subsets(count: number, size: number): number[][] {
  return Array.from({ length: 2 ** count }, (_, bits) =>
    Array.from({ length: count }, (_, at) => at).filter((at) => (bits >> at) & 1),
  ).filter((subset) => subset.length === size);
}

describe('a quorum', () => {
  it('is t of n with n up to 5 and 2t above n, and nothing else', () => {
    expect(ALLOWED.map(({ trusteeCount: n, quorum: t }) => `${t}/${n}`)).toEqual([
      '1/1',
      '2/2',
      '2/3',
      '3/3',
      '3/4',
      '4/4',
      '3/5',
      '4/5',
      '5/5',
    ]);
    for (const quorum of ALL.filter((candidate) => !isQuorum(candidate)))
      expect(() => componentHolders(quorum)).toThrow(RangeError);
    expect(isQuorum({ trusteeCount: 3, quorum: 2.5 })).toBe(false);
    expect(isQuorum({ trusteeCount: Number.NaN, quorum: 1 })).toBe(false);
  });
});

describe('the components', () => {
  it('of (3, 2) are numbered as on the wire', () => {
    const quorum = { trusteeCount: 3, quorum: 2 };
    expect(componentHolders(quorum)).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
    expect([0, 1, 2].map((trustee) => heldComponents(quorum, trustee))).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
  });

  it.each(ALLOWED)('of $quorum of $trusteeCount: any t hold all, any t - 1 miss one', (quorum) => {
    const { trusteeCount: n, quorum: t } = quorum;
    const holders = componentHolders(quorum);
    const heldBy = (group: readonly number[]) =>
      new Set(group.flatMap((trustee) => heldComponents(quorum, trustee))).size;
    for (const group of subsets(n, t)) expect(heldBy(group)).toBe(holders.length);
    for (const group of subsets(n, t - 1)) expect(heldBy(group)).toBeLessThan(holders.length);
    for (const list of holders) expect(list).toHaveLength(n - t + 1);
    expect(new Set(holders.map(String)).size).toBe(subsets(n, n - t + 1).length);
  });
});
