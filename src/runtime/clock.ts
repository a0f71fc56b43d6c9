// Time, injected: the system's for a running node, a virtual one that a driver moves for replays,
// the accelerated demo and tests. Timers fire in order of their time; a virtual clock waits for each.

export interface Clock {
  nowMs(): number;
  /** Calls once at or after `timeMs`, at once if that has passed. The returned function cancels. */
  at(timeMs: number, callback: () => void | Promise<void>): () => void;
  /** A virtual clock's time stands for the streams' time as well: they stamp with another. */
  readonly isVirtual: boolean;
}

/** `onError` gets what a timer's callback throws: nobody awaits it. */
export function createSystemClock(onError: (error: unknown) => void): Clock {
  return {
    isVirtual: false,
    nowMs: () => Date.now(),
    at: (timeMs, callback) => {
      // setTimeout overflows past 2^31 ms, and drifts from the wall clock: look again in an hour.
      let handle: NodeJS.Timeout;
      const arm = (): void => {
        const waitMs = Math.min(timeMs - Date.now(), 3_600_000);
        handle = setTimeout(() => (Date.now() >= timeMs ? run() : arm()), Math.max(0, waitMs));
      };
      const run = (): void => {
        void Promise.resolve().then(callback).catch(onError);
      };
      arm();
      return () => clearTimeout(handle);
    },
  };
}

interface VirtualTimer {
  readonly timeMs: number;
  readonly order: number;
  readonly callback: () => void | Promise<void>;
}

export class VirtualClock implements Clock {
  readonly isVirtual = true;
  #nowMs: number;
  #order = 0;
  readonly #timers: VirtualTimer[] = [];

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  at(timeMs: number, callback: () => void | Promise<void>): () => void {
    const timer = { timeMs, order: this.#order++, callback };
    let index = this.#timers.length;
    while (index > 0 && isAfter(this.#timers[index - 1] as VirtualTimer, timer)) index--;
    this.#timers.splice(index, 0, timer);
    return () => {
      const at = this.#timers.indexOf(timer);
      if (at >= 0) this.#timers.splice(at, 1);
    };
  }

  /** Moves forward, firing what falls due and waiting for each callback. */
  async advanceTo(timeMs: number): Promise<void> {
    for (;;) {
      const next = this.#timers[0];
      if (next === undefined || next.timeMs > timeMs) break;
      this.#timers.shift();
      this.#nowMs = Math.max(this.#nowMs, next.timeMs);
      await next.callback();
    }
    this.#nowMs = Math.max(this.#nowMs, timeMs);
  }
}

function isAfter(a: VirtualTimer, b: VirtualTimer): boolean {
  return a.timeMs > b.timeMs || (a.timeMs === b.timeMs && a.order > b.order);
}
