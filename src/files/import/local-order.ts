// Which of the two instants a local time means in the hour that the clock shows twice, where the
// export says nothing but its rows' order. One of these for each series of rows (a meter's channel
// in one file), fed with every row of it.

export interface LocalOrder {
  /** `instants`: one or two, ascending. */
  resolve(instants: readonly number[]): number;
}

export function createLocalOrder(): LocalOrder {
  let last = Number.NEGATIVE_INFINITY;
  let isDescending = false;
  /** Whether both hours stand side by side: 02:00, 02:00, 02:15, 02:15. */
  let isPaired = false;
  const used = new Set<number>();
  const choose = (first: number, second: number): number => {
    if (used.has(first) && !used.has(second)) {
      if (last === first) isPaired = true;
      return second;
    }
    if (used.has(second) && !used.has(first)) {
      if (last === second) isPaired = true;
      return first;
    }
    if (isPaired || used.has(first)) return isDescending ? second : first;
    if (isDescending) return second < last ? second : first;
    return first > last ? first : second;
  };
  return {
    resolve(instants) {
      const [first = Number.NaN, second] = instants;
      const chosen = second === undefined ? first : choose(first, second);
      // Only these are ever asked for again: a year has at most a few hours of them.
      if (second !== undefined) used.add(chosen);
      if (chosen !== last && Number.isFinite(last) && !isPaired) isDescending = chosen < last;
      last = chosen;
      return chosen;
    },
  };
}
