// The clock that the demo's map shows. The network's own jumps through an interval's protocol as fast
// as the machine works, and stands still until the next; between the two this one flows.

import type { VirtualClock } from './clock.ts';

interface Rest {
  readonly fromMs: number;
  readonly toMs: number;
  readonly startMs: number;
  readonly forMs: number;
}

export class DemoClock {
  readonly #network: VirtualClock;
  readonly #realNowMs: () => number;
  #rest: Rest | undefined;

  constructor(network: VirtualClock, realNowMs: () => number = () => performance.now()) {
    this.#network = network;
    this.#realNowMs = realNowMs;
  }

  /** Unix milliseconds, never backwards. */
  nowMs(): number {
    const atMs = this.#network.nowMs();
    if (this.#rest === undefined || atMs > this.#rest.fromMs) return atMs;
    const { fromMs, toMs, startMs, forMs } = this.#rest;
    const share = Math.min(1, Math.max(0, (this.#realNowMs() - startMs) / forMs));
    return fromMs + share * (toMs - fromMs);
  }

  /** Nothing happens for `forMs` of our time; then the network's clock goes on from `toMs`. */
  rest(toMs: number, forMs: number): void {
    const fromMs = this.#network.nowMs();
    if (forMs <= 0) return;
    this.#rest = { fromMs, toMs: Math.max(fromMs, toMs), startMs: this.#realNowMs(), forMs };
  }
}
