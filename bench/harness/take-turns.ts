// Times everything in rounds, each thing once a round, back and forth, so that whatever else this
// machine does meanwhile hits all of them alike: ratios within a run hold where the figures do not.
// The clock is the processor's time of this process, with its garbage collector's: core-seconds are
// what is asked for, and time that another process had the core for is none of them.

import type { Timed } from './bench.ts';

export interface TurnOptions {
  readonly roundCount: number;
  /** A turn calls again until it has worked for so many milliseconds, after a quarter of that untimed. */
  readonly turnMs: number;
  onRound?(round: number): void;
}

/** Seconds per item, by id, one for each round. A first round warms up and is not among them. */
export async function takeTurns(
  timed: readonly Timed[],
  { roundCount, turnMs, onRound }: TurnOptions,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const samples = new Map<string, number[]>(timed.map(({ id }) => [id, []]));
  const callSeconds = new Map<string, number>();
  for (let round = 0; round <= roundCount; round++) {
    onRound?.(round);
    for (const one of round % 2 === 0 ? timed : timed.toReversed()) {
      // What the neighbours left behind is not collected at this one's cost: `node --expose-gc`.
      // Only the young: a whole collection, each turn, would throw compiled code away as well.
      globalThis.gc?.({ type: 'minor', execution: 'sync' });
      // Their data is in the processor's caches now. A call that outlasts its turn needs no warming.
      if ((callSeconds.get(one.id) ?? 0) * 1000 < turnMs) await work(one, turnMs / 4);
      const secondsPerCall = await work(one, turnMs);
      callSeconds.set(one.id, secondsPerCall);
      if (round > 0) samples.get(one.id)?.push(secondsPerCall / one.itemsPerCall);
    }
  }
  return samples;
}

/** Calls until it has worked for so long, at least once; seconds of processor time a call. */
async function work(one: Timed, forMs: number): Promise<number> {
  let spentUs = 0;
  let calls = 0;
  while (calls === 0 || spentUs < forMs * 1000) {
    one.reset?.();
    const start = process.cpuUsage();
    const answer = one.run();
    // Waiting for what is no promise would cost a turn of the event loop.
    const found = typeof answer === 'number' ? answer : await answer;
    const { user, system } = process.cpuUsage(start);
    spentUs += user + system;
    calls++;
    if (found !== one.expected)
      throw new Error(`${one.id}: wrong answer: expected ${one.expected}, found ${found}`);
  }
  return spentUs / 1e6 / calls;
}
