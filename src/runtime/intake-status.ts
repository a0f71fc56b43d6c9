// How an aggregator's intake went since it last told: what was taken in and refused, and how much
// waited at most, of the queue behind the bus and of the bytes in front of the kernel, beside their
// bounds. A queue near its bound says that the process is too slow for its areas.

import { MAX_QUEUED_COUNT } from '../bus/nats-replay.ts';
import type { AggregatorState } from '../roles/aggregator.ts';
import type { Rejections } from '../roles/rejections.ts';
import { MAX_PENDING_BYTES, type ReadingInlet } from './reading-inlet.ts';

export interface IntakeStatus {
  readonly acceptedCount: number;
  readonly rejected: Rejections;
  readonly peakPendingBytes: number;
  readonly peakQueuedCount: number;
}

export class IntakeReporter {
  readonly #state: AggregatorState;
  readonly #inlet: ReadingInlet;
  #acceptedCount = 0;
  #rejected: Rejections = new Map();
  #peakQueuedCount = 0;

  constructor(state: AggregatorState, inlet: ReadingInlet) {
    this.#state = state;
    this.#inlet = inlet;
  }

  /** Of the messages that wait behind the bus, whenever one is handed over. */
  noteQueued(count: number): void {
    if (count > this.#peakQueuedCount) this.#peakQueuedCount = count;
  }

  /** Since the last call. */
  take(): IntakeStatus {
    const { acceptedCount, rejected } = this.#state;
    const status = {
      acceptedCount: acceptedCount - this.#acceptedCount,
      rejected: new Map(
        [...rejected]
          .map(([reason, count]) => [reason, count - (this.#rejected.get(reason) ?? 0)] as const)
          .filter(([, count]) => count > 0),
      ),
      peakPendingBytes: this.#inlet.takePeakPendingBytes(),
      peakQueuedCount: this.#peakQueuedCount,
    };
    this.#acceptedCount = acceptedCount;
    this.#rejected = new Map(rejected);
    this.#peakQueuedCount = 0;
    return status;
  }
}

/** A line for the log. */
export function formatIntakeStatus(status: IntakeStatus): string {
  const { acceptedCount, rejected, peakPendingBytes, peakQueuedCount } = status;
  const refused = [...rejected].map(([reason, count]) => `${reason} ${count}`).join(', ');
  return [
    `${acceptedCount} frames taken in`,
    `refused: ${refused || 'none'}`,
    `waited at most: ${peakQueuedCount} of ${MAX_QUEUED_COUNT} messages, ${peakPendingBytes} of ${MAX_PENDING_BYTES} bytes`,
  ].join('; ');
}
