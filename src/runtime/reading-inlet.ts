// Readings from the bus to the kernel, in batches: what comes in during one turn of the event loop is
// taken in together, or so many bytes of it as the kernel's tray has room for. That bounds what waits
// here, and the bus holds the sender back while the kernel works. Each message is copied once, when it
// comes in, into the kernel's memory; nothing else is made of it.

import type { BusMessage } from '../bus/port.ts';
import type { MessageTray } from '../core/kernel/kernel.ts';
import type { AggregatorState } from '../roles/aggregator.ts';
import {
  handleReadings,
  layReading,
  type ReadingOutcome,
  takeTray,
} from '../roles/aggregator-intake.ts';

/** The most that waits: what a tray holds, and no message of the bus is larger. */
export const MAX_PENDING_BYTES: number = 2 ** 20;

export class ReadingInlet implements Disposable {
  readonly #state: AggregatorState;
  readonly #onTaken: (outcome: ReadingOutcome) => void;
  readonly #tray: MessageTray;
  #isTakingSoon = false;
  #isPending = false;
  #peakPendingBytes = 0;

  /** `onTaken` is called behind each batch. */
  constructor(state: AggregatorState, onTaken: (outcome: ReadingOutcome) => void) {
    this.#state = state;
    this.#onTaken = onTaken;
    this.#tray = state.kernel.createTray();
  }

  /** Bytes that have come in and are not taken yet; at most `MAX_PENDING_BYTES`. */
  get pendingBytes(): number {
    return this.#tray.byteCount;
  }

  /** The most that has waited at a time since this was last asked. */
  takePeakPendingBytes(): number {
    const peak = Math.max(this.#peakPendingBytes, this.pendingBytes);
    this.#peakPendingBytes = 0;
    return peak;
  }

  /** `atSeconds` is when the stream stored it. */
  push(message: BusMessage, atSeconds: number): void {
    if (!layReading(this.#state, this.#tray, message, atSeconds)) {
      this.take();
      if (!layReading(this.#state, this.#tray, message, atSeconds)) {
        const { subject, data } = message;
        this.#onTaken(handleReadings(this.#state, [{ subject, data, atSeconds }]));
      }
    }
    this.#isPending = true;
    if (this.#isTakingSoon) return;
    this.#isTakingSoon = true;
    setImmediate(() => {
      this.#isTakingSoon = false;
      this.take();
    });
  }

  /** Takes in what is pending, now: before anything is closed or told. */
  take(): void {
    if (!this.#isPending) return;
    this.#isPending = false;
    this.#peakPendingBytes = Math.max(this.#peakPendingBytes, this.pendingBytes);
    this.#onTaken(takeTray(this.#state, this.#tray));
  }

  [Symbol.dispose](): void {
    this.#isPending = false;
    this.#tray[Symbol.dispose]();
  }
}
