// The clock that the demo's map shows. The network's own jumps through an interval's protocol as fast
// as the machine works, and stands still until the next; between the two this one flows.

import type { VirtualClock } from './clock.ts';

interface Rest {
  readonly fromMs: number;
  readonly toMs: number;
  readonly startMs: number;
  readonly forMs: number;
}

/** A network that does nothing for so long after it should have has failed: its map must grow old. */
const STALLED_AFTER_MS = 30_000;
/** Enough to be late beyond doubt; a network that was only paused catches up with it soon. */
const MAX_AHEAD_MS = 3_600_000;

export class DemoClock {
  readonly #network: VirtualClock;
  readonly #realNowMs: () => number;
  #rest: Rest | undefined;
  #lastMs = 0;
  /** The network's time when it was last seen to change, and ours at that moment. */
  #seen: { readonly networkMs: number; readonly realMs: number };

  constructor(network: VirtualClock, realNowMs: () => number = () => performance.now()) {
    this.#network = network;
    this.#realNowMs = realNowMs;
    this.#seen = { networkMs: network.nowMs(), realMs: realNowMs() };
  }

  /** Unix milliseconds, never backwards. */
  nowMs(): number {
    const networkMs = this.#network.nowMs();
    if (networkMs !== this.#seen.networkMs) this.#seen = { networkMs, realMs: this.#realNowMs() };
    this.#lastMs = Math.max(this.#lastMs, this.#flowing(networkMs));
    return this.#lastMs;
  }

  /** Nothing happens for `forMs` of our time; then the network's clock goes on from `toMs`. */
  rest(toMs: number, forMs: number): void {
    const fromMs = this.#network.nowMs();
    if (forMs <= 0) return;
    this.#rest = { fromMs, toMs: Math.max(fromMs, toMs), startMs: this.#realNowMs(), forMs };
  }

  #flowing(networkMs: number): number {
    if (this.#rest === undefined) return networkMs;
    const { fromMs, toMs, startMs, forMs } = this.#rest;
    const pace = (toMs - fromMs) / forMs;
    const isResting = networkMs <= fromMs;
    const restedMs = Math.max(0, this.#realNowMs() - startMs);
    const idleSinceMs = isResting ? startMs + forMs : this.#seen.realMs;
    const stalledMs = Math.max(0, this.#realNowMs() - idleSinceMs - STALLED_AFTER_MS);
    const atMs = isResting ? fromMs + Math.min(restedMs, forMs) * pace : networkMs;
    return atMs + Math.min(stalledMs * pace, MAX_AHEAD_MS);
  }
}
