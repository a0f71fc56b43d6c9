// Replicated secret sharing of the masks (design.md section 4; Ito, Saito, Nishizeki 1989): with n
// trustees and quorum t there is one component for every subset of n - t + 1 trustees, and exactly
// that subset holds its key. Any t trustees hold every component; any t - 1 miss at least one: the
// one whose subset is made of the others.

export const MAX_TRUSTEES = 5;

export interface Quorum {
  /** n: how many trustees there are. */
  readonly trusteeCount: number;
  /** t: how many must answer. */
  readonly quorum: number;
}

/** 1 <= t <= n <= 5 and 2t > n: two disjoint quorums could answer for two different sets. */
export function isQuorum({ trusteeCount: n, quorum: t }: Quorum): boolean {
  return (
    Number.isInteger(n) && Number.isInteger(t) && t >= 1 && t <= n && n <= MAX_TRUSTEES && 2 * t > n
  );
}

/**
 * The holders of each component: trustee indices ascending, subsets in lexicographic order, which
 * is the components' numbering on the wire. (3, 2) gives [[0,1],[0,2],[1,2]].
 *
 * @throws RangeError where the quorum is refused.
 */
export function componentHolders(quorum: Quorum): readonly (readonly number[])[] {
  if (!isQuorum(quorum)) {
    throw new RangeError(
      `quorum: expected 1 <= quorum <= trustees <= ${MAX_TRUSTEES} with 2 * quorum > trustees, found ${quorum.quorum} of ${quorum.trusteeCount}`,
    );
  }
  const size = quorum.trusteeCount - quorum.quorum + 1;
  const subsets: number[][] = [];
  const extend = (subset: readonly number[], next: number): void => {
    if (subset.length === size) {
      subsets.push([...subset]);
      return;
    }
    for (let i = next; i < quorum.trusteeCount; i++) extend([...subset, i], i + 1);
  };
  extend([], 0);
  return subsets;
}

/** The components that one trustee holds, ascending. */
export function heldComponents(quorum: Quorum, trusteeIndex: number): readonly number[] {
  return componentHolders(quorum).flatMap((holders, component) =>
    holders.includes(trusteeIndex) ? [component] : [],
  );
}
