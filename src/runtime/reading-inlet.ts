// Readings from the bus to the kernel, in batches: what comes in during one turn of the event loop is
// taken in together, or so many bytes of it. That bounds what is held back, and the bus holds the
// sender back while the kernel works. Nothing is copied here: the kernel copies each message once.

import type { BusMessage } from '../bus/port.ts';
import type { AggregatorState } from '../roles/aggregator.ts';
import {
  handleReadings,
  type ReadingMessage,
  type ReadingOutcome,
} from '../roles/aggregator-intake.ts';

const MAX_PENDING_BYTES: number = 2 ** 20;

export class ReadingInlet {
  readonly #state: AggregatorState;
  readonly #onTaken: (outcome: ReadingOutcome) => void;
  #pending: ReadingMessage[] = [];
  #pendingBytes = 0;
  #isTakingSoon = false;

  /** `onTaken` is called behind each batch. */
  constructor(state: AggregatorState, onTaken: (outcome: ReadingOutcome) => void) {
    this.#state = state;
    this.#onTaken = onTaken;
  }

  /** Bytes that have come in and are not taken yet. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** `atSeconds` is when the stream stored it. */
  push(message: BusMessage, atSeconds: number): void {
    const { subject, data } = message;
    this.#pending.push({ subject, data, atSeconds });
    this.#pendingBytes += data.length;
    if (this.#pendingBytes >= MAX_PENDING_BYTES) this.take();
    else if (!this.#isTakingSoon) {
      this.#isTakingSoon = true;
      setImmediate(() => {
        this.#isTakingSoon = false;
        this.take();
      });
    }
  }

  /** Takes in what is pending, now: before anything is closed or told. */
  take(): void {
    const readings = this.#pending;
    if (readings.length === 0) return;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#onTaken(handleReadings(this.#state, readings));
  }
}
