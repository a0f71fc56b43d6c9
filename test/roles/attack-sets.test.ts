// Two sets for one cell and interval: whoever gets both learns their difference, one household. An
// aggregator may seal what it likes; here it tries, and here cheating trustees help it.

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { NET } from '../../src/core/channel.ts';
import { componentHolders, isQuorum, type Quorum } from '../../src/core/components.ts';
import { addMask, unmask } from '../../src/core/mask.ts';
import type { SealedArea } from '../../src/roles/aggregator-seal.ts';
import {
  createUnmaskRequest,
  handleAnswer,
  handleTotal,
  openInterval,
} from '../../src/roles/monitor.ts';
import type { TrusteeState } from '../../src/roles/trustee.ts';
import { createLedgerEntry, handleLedgerEntry } from '../../src/roles/trustee-ledger.ts';
import { handleSeal, type SealOutcome } from '../../src/roles/trustee-seal.ts';
import { handleUnmaskRequest } from '../../src/roles/trustee-unmask.ts';
import { testBytes } from '../support/enrolment.ts';
import {
  createMonitorOf,
  createNodes,
  createTrusteeOf,
  createWorld,
  NOON,
  plainSums,
  powersOfTwo,
  sendFrames,
  type World,
} from '../support/world.ts';
import { sealOf } from './forge.ts';

const STREET = 'es/m/s';
const SEALED_AT = (NOON + 1) * 900 + 60;
/** One street of ten: any eight are enough. */
const ONE_STREET = { streets: { [STREET]: { meters: 10 } } };
let world: World;

beforeAll(async () => {
  world = await createWorld(ONE_STREET);
});

/** A valid seal of the street’s parent, of all meters but some. */
function sealWithout(of: World, ...left: readonly number[]): SealedArea {
  const messages = sendFrames(of, createNodes(of), NOON, { drop: new Set(left) });
  return sealOf(of, 'es/m', NOON, messages);
}

function reasonOf(outcome: SealOutcome): string {
  return outcome.kind === 'rejected' ? outcome.reason : outcome.kind;
}

/** What a monitor that holds this seal’s total opens from these trustees. */
function openWith(of: World, sealed: SealedArea, trustees: readonly TrusteeState[]) {
  const monitor = createMonitorOf(of);
  handleTotal(monitor, sealed.total);
  const request = createUnmaskRequest(monitor, NOON, testBytes(sealed.header.area, 16));
  for (const trustee of trustees) {
    const outcome = handleUnmaskRequest(trustee, request);
    if (outcome.kind === 'answered') handleAnswer(monitor, NOON, trustee.index, outcome.answer);
  }
  const target = monitor.plan.targets.findIndex(({ kind }) => kind === 'cell');
  return openInterval(monitor, NOON).figures[target];
}

describe('a second, different set for one cell and interval', () => {
  it('is refused by a trustee that has summed the first, which it keeps answering for', () => {
    const trustees = [0, 1, 2].map((index) => createTrusteeOf(world, index));
    const all = sealWithout(world);
    const allButOne = sealWithout(world, 3);
    for (const trustee of trustees) {
      expect(reasonOf(handleSeal(trustee, all.seal, SEALED_AT))).toBe('summed');
      expect(reasonOf(handleSeal(trustee, allButOne.seal, SEALED_AT))).toBe('conflicting-seal');
      expect(reasonOf(handleSeal(trustee, all.seal, SEALED_AT))).toBe('summed');
    }
    const energyWh = plainSums(world, STREET)[NET];
    expect(openWith(world, all, trustees)).toMatchObject({ kind: 'released', energyWh });
    const withheld = { kind: 'withheld', reason: 'mismatch' };
    expect(openWith(world, allButOne, trustees)).toEqual(withheld);
  });

  it('is refused in either order, and both figures never open', () => {
    const trustees = [0, 1, 2].map((index) => createTrusteeOf(world, index));
    const [all, allButOne] = [sealWithout(world), sealWithout(world, 3)];
    for (const { seal } of [allButOne, all])
      for (const trustee of trustees) handleSeal(trustee, seal, SEALED_AT);
    const energyWh = plainSums(world, STREET, { without: new Set([3]) })[NET];
    expect(openWith(world, allButOne, trustees)).toMatchObject({ kind: 'released', energyWh });
    expect(openWith(world, all, trustees)).toMatchObject({ kind: 'withheld' });
  });

  it('is refused also where the ledger alone remembers the first', () => {
    const before = createTrusteeOf(world, 0);
    const all = sealWithout(world);
    const outcome = handleSeal(before, all.seal, SEALED_AT);
    if (outcome.kind !== 'summed') throw new Error(outcome.reason);
    // A restart: what was bound is put back, sums and seals in memory are gone.
    const after = createTrusteeOf(world, 0);
    for (const [key, digest] of before.ledger) after.ledger.set(key, digest);
    const other = handleSeal(after, sealWithout(world, 3).seal, SEALED_AT);
    expect(reasonOf(other)).toBe('conflicting-seal');
    expect(handleSeal(after, all.seal, SEALED_AT)).toEqual({ ...outcome, isNew: false });
  });
});

describe('trustees that are told different sets', () => {
  function split(): { trustees: TrusteeState[]; seals: SealedArea[]; entries: Uint8Array[] } {
    const trustees = [0, 1, 2].map((index) => createTrusteeOf(world, index));
    const seals = [sealWithout(world), sealWithout(world, 3), sealWithout(world, 4)];
    const entries = trustees.map((trustee, index) => {
      const outcome = handleSeal(trustee, seals[index]!.seal, SEALED_AT);
      if (outcome.kind !== 'summed') throw new Error(outcome.reason);
      return createLedgerEntry(trustee, [outcome.binding]);
    });
    return { trustees, seals, entries };
  }

  it('open nothing: the monitor never combines answers for different sets', () => {
    const { trustees, seals } = split();
    for (const sealed of seals)
      expect(openWith(world, sealed, trustees)).toMatchObject({ kind: 'withheld' });
  });

  it('open nothing either where a trustee claims the set digest that the others have', () => {
    const { trustees, seals } = split();
    // The liar’s own sums are of another set, so its components differ from the other holder’s.
    const claimed = createTrusteeOf(world, 0);
    handleSeal(claimed, seals[1]!.seal, SEALED_AT);
    const sum = claimed.intervals.get(NOON)?.cells.get(0);
    const own = trustees[0]!.intervals.get(NOON)?.cells.get(0);
    trustees[0]!.intervals.get(NOON)?.cells.set(0, { ...sum!, sums: own!.sums });
    const figure = openWith(world, seals[1]!, trustees.slice(0, 2));
    expect(figure).toEqual({ kind: 'withheld', reason: 'mismatch' });
  });

  it('see it in the ledger stream, each of them, with the name of the other', () => {
    const { trustees, entries } = split();
    for (const trustee of trustees) {
      const found = entries.flatMap((entry) => {
        const outcome = handleLedgerEntry(trustee, entry);
        return outcome.kind === 'conflict' ? [outcome.trustee] : [];
      });
      expect(found).toEqual([0, 1, 2].filter((index) => index !== trustee.index));
    }
  });

  it('see nothing where all were told the same', () => {
    const trustees = [0, 1, 2].map((index) => createTrusteeOf(world, index));
    const { seal } = sealWithout(world);
    for (const trustee of trustees) {
      const outcome = handleSeal(trustee, seal, SEALED_AT);
      if (outcome.kind !== 'summed') throw new Error(outcome.reason);
      const entry = createLedgerEntry(trustee, [outcome.binding]);
      for (const other of trustees)
        expect(handleLedgerEntry(other, entry)).toEqual({ kind: 'taken' });
    }
  });
});

describe('the linear combination of three sets (correction 3)', () => {
  const a = [0, 1, 2, 3, 4];
  const b = [5, 6, 7, 8, 9];

  it('would open half a cell without any trustee cheating, were halves approved', () => {
    // T0 approves A and B together, T1 only A, T2 only B; no component of A is answered by both.
    const [c0, c1, c2] = [0, 1, 2];
    const sumOf = (component: number, meters: readonly number[]) => {
      const sum = new BigUint64Array(1);
      for (const meter of meters)
        addMask(sum, world.meters[meter]!.keys.componentKeys[component]!, NOON);
      return sum[0]!;
    };
    const t0 = { [c0]: sumOf(c0, [...a, ...b]), [c1]: sumOf(c1, [...a, ...b]) };
    const t1 = { [c0]: sumOf(c0, a), [c2]: sumOf(c2, a) };
    const t2 = { [c1]: sumOf(c1, b), [c2]: sumOf(c2, b) };
    const masked = maskedTotalOf(a);
    const opened = unmask(masked, t1[c0]! + (t0[c1]! - t2[c1]!) + t1[c2]!);
    expect(Number(opened)).toBe(plainSums(world, STREET, { without: new Set(b) })[NET]);
  });

  it('fails since no two approvable sets of a cell are disjoint: halves are low-presence', () => {
    const trustees = [0, 1, 2].map((index) => createTrusteeOf(world, index));
    const told = [sealWithout(world), sealWithout(world, ...b), sealWithout(world, ...a)];
    for (const [index, trustee] of trustees.entries()) {
      expect(reasonOf(handleSeal(trustee, told[index]!.seal, SEALED_AT))).toBe('summed');
      const sum = trustee.intervals.get(NOON)?.cells.get(0);
      expect(sum?.status).toBe(index === 0 ? 'released' : 'low-presence');
      expect(sum?.sums.length).toBe(index === 0 ? 2 : 0);
    }
  });

  it('fails also where the aggregator says that half a cell is enough', () => {
    const policy = { ...world.policy, minPresencePermille: 400 };
    const lax = {
      ...world,
      network: { ...world.network, document: { ...world.network.document, ...policy } },
    };
    const { seal } = sealWithout(lax, ...b);
    const trustee = createTrusteeOf(world, 1);
    expect(reasonOf(handleSeal(trustee, seal, SEALED_AT))).toBe('wrong-decision');
  });

  function maskedTotalOf(meters: readonly number[]): bigint {
    const sum = new BigUint64Array(1);
    for (const index of meters) {
      const meter = world.meters[index]!;
      sum[0]! += BigInt(powersOfTwo(meter, index)[NET]!);
      for (const key of meter.keys.componentKeys) addMask(sum, key, NOON);
    }
    return sum[0]!;
  }
});

describe('cheating trustees, who answer for every set', () => {
  const quorums: Quorum[] = [1, 2, 3, 4, 5]
    .flatMap((trusteeCount) => [1, 2, 3, 4, 5].map((quorum): Quorum => ({ trusteeCount, quorum })))
    .filter(isQuorum);

  /**
   * Whether some way to split the honest trustees between two sets opens both figures. The first
   * `cheaters` trustees keep a ledger for each set.
   */
  async function opensBoth(quorum: Quorum, cheaters: number): Promise<boolean> {
    const { trusteeCount } = quorum;
    const of = await createWorld({ ...ONE_STREET, quorum });
    const [all, some] = [sealWithout(of), sealWithout(of, 3)] as const;
    const bound = [all, some].map(({ seal }) =>
      of.parties.trustees.map((_, index) => {
        const trustee = createTrusteeOf(of, index);
        expect(reasonOf(handleSeal(trustee, seal, SEALED_AT))).toBe('summed');
        return trustee;
      }),
    );
    const honest = trusteeCount - cheaters;
    for (let split = 0; split < 2 ** honest; split++) {
      const isFor = (index: number, set: number) =>
        index < cheaters || ((split >> (index - cheaters)) & 1) === set;
      const figures = [all, some].map((sealed, set) =>
        openWith(
          of,
          sealed,
          bound[set]!.filter(({ index }) => isFor(index, set)),
        ),
      );
      if (figures.every((figure) => figure?.kind === 'released')) {
        const [whole, rest] = figures.map((f) =>
          f?.kind === 'released' ? f.energyWh : Number.NaN,
        );
        // The difference of the two is what one household used.
        expect(whole! - rest!).toBe(2 ** 3);
        return true;
      }
    }
    return false;
  }

  it.each(quorums)(
    '$quorum of $trusteeCount: 2t - n - 1 open no two sets, 2t - n do',
    async (quorum) => {
      const tolerated = 2 * quorum.quorum - quorum.trusteeCount - 1;
      expect(await opensBoth(quorum, tolerated)).toBe(false);
      expect(await opensBoth(quorum, tolerated + 1)).toBe(true);
    },
  );

  it('are as many as the table of the threat model says', () => {
    const table = quorums.map(({ trusteeCount: n, quorum: t }) => [n, t, t - 1, 2 * t - n - 1]);
    for (const row of [
      [3, 2, 1, 0],
      [3, 3, 2, 2],
      [4, 3, 2, 1],
      [5, 3, 2, 0],
      [5, 4, 3, 2],
    ])
      expect(table).toContainEqual(row);
  });
});

describe('every linear combination of what is released', () => {
  // Meters of a cell fall into blocks that all sets treat alike; a set is a subset of the blocks.
  // Of a component one gets the span of its holders’ sets, and everything where a holder cheats.
  // What opens is what lies in every component’s span.

  it.each([
    [{ trusteeCount: 3, quorum: 2 }, 0],
    [{ trusteeCount: 4, quorum: 3 }, 0],
    [{ trusteeCount: 4, quorum: 3 }, 1],
    [{ trusteeCount: 5, quorum: 4 }, 2],
    [{ trusteeCount: 5, quorum: 3 }, 0],
  ])(
    'of %j with %i cheating opens one approved set at most, and no part of one',
    (quorum, cheaters) => {
      const honest = quorum.trusteeCount - cheaters;
      const weights = [3, 1, 1, 1];
      const sets = subsetsAbove(weights, 501);
      for (const told of multisets(sets, honest)) {
        const opened = openedSpace(quorum, cheaters, told, weights.length);
        expect(opened.length, JSON.stringify(told)).toBeLessThanOrEqual(1);
        const [only] = opened;
        if (only !== undefined) expect(told.map(normalise)).toContainEqual(normalise(only));
      }
    },
  );

  it('of (3, 2) opens half a cell at a presence of one half, so the floor is needed', () => {
    const told = [
      [1, 1],
      [1, 0],
      [0, 1],
    ];
    expect(openedSpace({ trusteeCount: 3, quorum: 2 }, 0, told, 2).length).toBe(2);
  });
});

/** All sets of blocks that hold at least so much of the weight. */
function subsetsAbove(weights: readonly number[], permille: number): number[][] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const sets: number[][] = [];
  for (let bits = 1; bits < 2 ** weights.length; bits++) {
    const set = weights.map((_, block) => (bits >> block) & 1);
    const weight = set.reduce((sum, bit, block) => sum + bit * weights[block]!, 0);
    if (weight * 1000 >= permille * total) sets.push(set);
  }
  return sets;
}

function* multisets<T>(items: readonly T[], size: number, from = 0): Generator<T[]> {
  if (size === 0) yield [];
  else
    for (let first = from; first < items.length; first++)
      for (const rest of multisets(items, size - 1, first)) yield [items[first]!, ...rest];
}

/** A basis of what opens. `told` are the sets of the honest trustees, which stand last. */
function openedSpace(
  quorum: Quorum,
  cheaters: number,
  told: readonly (readonly number[])[],
  blocks: number,
): number[][] {
  // The intersection of spans is the complement of the sum of their complements.
  const constraints: number[][] = [];
  for (const holders of componentHolders(quorum)) {
    if (holders.some((holder) => holder < cheaters)) continue;
    constraints.push(
      ...nullSpace(
        holders.map((holder) => told[holder - cheaters]!),
        blocks,
      ),
    );
  }
  return nullSpace(constraints, blocks);
}

/** A basis of the vectors orthogonal to all rows; exact, modulo a prime far above any minor here. */
function nullSpace(rows: readonly (readonly number[])[], width: number): number[][] {
  const matrix = rows.map((row) => row.map(modPrime));
  const pivots: number[] = [];
  for (let column = 0; column < width; column++) {
    const rank = pivots.length;
    const found = matrix.findIndex((row, index) => index >= rank && row[column] !== 0);
    if (found < 0) continue;
    [matrix[rank], matrix[found]] = [matrix[found]!, matrix[rank]!];
    const inverse = power(matrix[rank]![column]!, PRIME - 2);
    matrix[rank] = matrix[rank]!.map((value) => modPrime(value * inverse));
    for (const [index, row] of matrix.entries()) {
      if (index === rank) continue;
      const factor = row[column]!;
      matrix[index] = row.map((value, at) => modPrime(value - factor * matrix[rank]![at]!));
    }
    pivots.push(column);
  }
  const basis: number[][] = [];
  for (let free = 0; free < width; free++) {
    if (pivots.includes(free)) continue;
    const vector = new Array<number>(width).fill(0);
    vector[free] = 1;
    for (const [index, pivot] of pivots.entries()) vector[pivot] = modPrime(-matrix[index]![free]!);
    basis.push(vector);
  }
  return basis;
}

const PRIME = 1_000_003;

function modPrime(value: number): number {
  return ((value % PRIME) + PRIME) % PRIME;
}

function power(base: number, exponent: number): number {
  let result = 1;
  for (let bits = exponent, square = base; bits > 0; bits = Math.floor(bits / 2)) {
    if (bits % 2 === 1) result = modPrime(result * square);
    square = modPrime(square * square);
  }
  return result;
}

/** The same vector up to a factor. */
function normalise(vector: readonly number[]): number[] {
  const first = vector.find((value) => value !== 0) ?? 1;
  const inverse = power(modPrime(first), PRIME - 2);
  return vector.map((value) => modPrime(value * inverse));
}

describe('what a quorum opens', () => {
  it('is the same whoever answers, and nothing with one fewer, for every n and t', async () => {
    for (const quorum of [
      { trusteeCount: 1, quorum: 1 },
      { trusteeCount: 3, quorum: 2 },
      { trusteeCount: 4, quorum: 3 },
      { trusteeCount: 5, quorum: 3 },
      { trusteeCount: 5, quorum: 5 },
    ]) {
      const of = await createWorld({ ...ONE_STREET, quorum });
      const sealed = sealWithout(of, 7);
      const trustees = of.parties.trustees.map((_, index) => createTrusteeOf(of, index));
      for (const trustee of trustees) handleSeal(trustee, sealed.seal, SEALED_AT);
      const energyWh = plainSums(of, STREET, { without: new Set([7]) })[NET];
      fc.assert(
        fc.property(fc.shuffledSubarray(trustees), (up) => {
          const figure = openWith(of, sealed, up);
          if (up.length >= quorum.quorum)
            expect(figure).toMatchObject({ kind: 'released', energyWh, coverage: 90 });
          else expect(figure).toEqual({ kind: 'withheld', reason: 'no-quorum' });
        }),
        { numRuns: 12, seed: 8 },
      );
    }
  });
});
