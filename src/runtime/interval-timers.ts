// Calls back once for each interval, so that a node can set the timers of that interval's end: as
// time passes, or when a driver says which intervals there are. Forgets them all when it is disposed.

import {
  epochOfInterval,
  type IntervalIndex,
  intervalAt,
  intervalStartSeconds,
} from '../core/interval.ts';
import type { Clock } from './clock.ts';

export interface IntervalTimersOptions {
  readonly clock: Clock;
  readonly intervalSeconds: number;
  /** A driver calls `expect` for each interval; nothing happens by itself. */
  readonly isDriven: boolean;
  readonly onInterval: (interval: IntervalIndex) => void;
  /** Intervals of earlier epochs belong to an earlier network document: they are passed over. */
  readonly fromEpoch?: number;
}

export class IntervalTimers implements Disposable {
  readonly #options: IntervalTimersOptions;
  #cancels: (() => void)[] = [];
  #isDisposed = false;

  constructor(options: IntervalTimersOptions) {
    this.#options = options;
  }

  /** Begins with the interval before the running one: its close may still be ahead. */
  start(): void {
    if (this.#options.isDriven) return;
    const running = intervalAt(this.#options.clock.nowMs() / 1000, this.#options.intervalSeconds);
    if (running > 0) this.expect((running - 1) as IntervalIndex);
    this.#follow(running);
  }

  expect(interval: IntervalIndex): void {
    const { intervalSeconds, fromEpoch = 0, onInterval } = this.#options;
    if (epochOfInterval(interval, intervalSeconds) < fromEpoch) return;
    if (!this.#isDisposed) onInterval(interval);
  }

  at(timeMs: number, callback: () => void | Promise<void>): void {
    this.#cancels.push(this.#options.clock.at(timeMs, callback));
    // Fired timers cancel to nothing; the list must not grow for years.
    if (this.#cancels.length > 4096) this.#cancels = this.#cancels.slice(-1024);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    for (const cancel of this.#cancels) cancel();
  }

  #follow(interval: IntervalIndex): void {
    if (this.#isDisposed) return;
    this.expect(interval);
    const next = (interval + 1) as IntervalIndex;
    this.at(intervalStartSeconds(next, this.#options.intervalSeconds) * 1000, () =>
      this.#follow(next),
    );
  }
}
