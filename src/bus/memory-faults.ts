// Seeded faults for tests: what a network may do to messages that nothing acknowledges, and to
// publishers that wait for an acknowledgement. What a stream has acknowledged is never touched.

export interface FaultPlan {
  /** The same seed and the same calls give the same faults. */
  readonly seed: number;
  /** Deliveries wait this many turns of the queue. */
  readonly delayTurns?: number;
  readonly lossRate?: number;
  readonly duplicateRate?: number;
  /** Share of deliveries that wait 1 to 4 turns more, and so are overtaken. */
  readonly reorderRate?: number;
}

export type AppendFault = 'none' | 'lost' | 'ack-lost' | 'duplicated';

const NO_FAULT: readonly number[] = [0];
const NOTHING: readonly number[] = [];

export class Faults {
  readonly #plan: FaultPlan | undefined;
  #state: number;

  constructor(plan: FaultPlan | undefined) {
    this.#plan = plan;
    this.#state = plan?.seed ?? 0;
  }

  /** For each copy to deliver, the turns that it waits. */
  deliveryDelays(): readonly number[] {
    const plan = this.#plan;
    if (plan === undefined) return NO_FAULT;
    if (this.#happens(plan.lossRate)) return NOTHING;
    const delays = [this.#delayTurns(plan)];
    if (this.#happens(plan.duplicateRate)) delays.push(this.#delayTurns(plan));
    return delays;
  }

  appendFault(): AppendFault {
    const plan = this.#plan;
    if (plan === undefined) return 'none';
    if (this.#happens(plan.lossRate)) return this.#random() < 0.5 ? 'lost' : 'ack-lost';
    return this.#happens(plan.duplicateRate) ? 'duplicated' : 'none';
  }

  #delayTurns(plan: FaultPlan): number {
    const extra = this.#happens(plan.reorderRate) ? 1 + Math.floor(this.#random() * 4) : 0;
    return (plan.delayTurns ?? 0) + extra;
  }

  #happens(rate = 0): boolean {
    return rate > 0 && this.#random() < rate;
  }

  /** mulberry32: repeatable, and of no use for secrets. */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let word = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  }
}
