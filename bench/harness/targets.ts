// What the benches are held to, as ratios within one run: a figure alone says something about a
// machine, a ratio says something about the code.

import { PROTOCOLS } from '../../src/gateway/decode/telegram.ts';
import { median, type Samples } from './summarize.ts';

export interface Target {
  /** "ingest.kernel / floor". */
  readonly label: string;
  /** The dividend's and the divisor's id; their seconds per item are divided. By a second where not said. */
  readonly of: string;
  readonly by?: string;
  /** How many of `by` one item of `of` is made of; 1 where not said. */
  readonly per?: number;
  readonly atMost?: number;
  readonly atLeast?: number;
}

/**
 * A core of a small single-board computer (a Cortex-A53 at 1 GHz or so) takes so many times as long as
 * one of the machines that benches run on: assumed, on the slow side, not measured.
 */
export const SMALL_CORE_FACTOR = 20;

const FLOOR = 'chacha20.block.floor';

export const TARGETS: readonly Target[] = [
  { label: 'ingest.kernel / floor', of: 'ingest.kernel', by: FLOOR, atMost: 3 },
  {
    label: 'mask.sum.kernel / floor, a component',
    of: 'mask.sum.kernel',
    by: FLOOR,
    per: 2,
    atMost: 1.2,
  },
  { label: 'ingest.plain / ingest.kernel', of: 'ingest.plain', by: 'ingest.kernel', atLeast: 20 },
  {
    label: 'mask.sum.plain / mask.sum.kernel',
    of: 'mask.sum.plain',
    by: 'mask.sum.kernel',
    atLeast: 20,
  },
  {
    label: 'mask.frame.plain / mask.frame.kernel',
    of: 'mask.frame.plain',
    by: 'mask.frame.kernel',
    atLeast: 20,
  },
  {
    label: 'ratchet.plain / ratchet.kernel',
    of: 'ratchet.plain',
    by: 'ratchet.kernel',
    atLeast: 20,
  },
  {
    label: 'e2e.nats.single / bus.raw.nats',
    of: 'e2e.nats.single',
    by: 'bus.raw.nats',
    atMost: 1 / 0.7,
  },
  { label: 'peer.prio3-sum / streetwatt', of: 'peer.prio3-sum', by: 'streetwatt', atLeast: 1000 },
  {
    label: 'peer.paillier-2048 / streetwatt',
    of: 'peer.paillier-2048',
    by: 'streetwatt',
    atLeast: 100_000,
  },
  ...PROTOCOLS.map((protocol) => ({
    label: `decode.${protocol}, one a second, of a core ${SMALL_CORE_FACTOR} times slower`,
    of: `decode.${protocol}`,
    per: 1 / SMALL_CORE_FACTOR,
    atMost: 0.02,
  })),
];

export interface TargetOutcome {
  readonly target: Target;
  /** How many times the cost. */
  readonly ratio: number;
  readonly isMet: boolean;
}

/** Of the targets whose both sides were timed. The median of the rounds' ratios: noise hit both. */
export function checkTargets(samples: Samples): readonly TargetOutcome[] {
  return TARGETS.flatMap((target) => {
    const of = samples.get(target.of);
    const by = target.by === undefined ? of?.map(() => 1) : samples.get(target.by);
    if (of === undefined || by === undefined) return [];
    const ratio = median(
      of.map((seconds, round) => seconds / (target.per ?? 1) / (by[round] as number)),
    );
    const isMet = ratio <= (target.atMost ?? Infinity) && ratio >= (target.atLeast ?? 0);
    return [{ target, ratio, isMet }];
  });
}
