// Deliveries of the memory bus: never inside the publisher's call, first in first out, many per turn
// of the event loop.

import type { BusMessage } from './port.ts';

/** Sends one answer, or refuses, to whoever requested. */
export interface Reply {
  answer(data: Uint8Array): void;
  refuse(message: string): void;
}

export interface Receiver {
  receive(message: BusMessage, reply: Reply | undefined): void;
  /** Deliveries that are queued for it. */
  queuedCount: number;
  /** Set while somebody waits for `queuedCount` to become 0. */
  onDrained: (() => void) | undefined;
}

interface Delivery {
  readonly receiver: Receiver;
  readonly message: BusMessage;
  readonly reply: Reply | undefined;
}

/** After this many, timers and sockets get a turn. */
const TURN_COUNT = 4096;

const QUIET_TURNS = 6;

export class DeliveryQueue {
  readonly #later = new Map<number, Delivery[]>();
  #queue: Delivery[] = [];
  #head = 0;
  #turn = 0;
  #isScheduled = false;
  #busyCount = 0;

  push(
    receiver: Receiver,
    message: BusMessage,
    reply: Reply | undefined,
    delayTurns: number,
  ): void {
    receiver.queuedCount++;
    const delivery = { receiver, message, reply };
    if (delayTurns === 0) {
      this.#queue.push(delivery);
    } else {
      const dueTurn = this.#turn + delayTurns;
      const due = this.#later.get(dueTurn);
      if (due) due.push(delivery);
      else this.#later.set(dueTurn, [delivery]);
    }
    this.#schedule();
  }

  /** Counts work that deliveries have started: `idle` waits for it. */
  changeBusy(change: 1 | -1): void {
    this.#busyCount += change;
  }

  /** Resolves when nothing is queued or under way, and what that led to is done as well. */
  async idle(): Promise<void> {
    // A continuation that the last delivery resolved runs before the next turn; what a node puts off to
    // the end of its turn (taking readings in, then sealing) runs in the one behind.
    for (let quietTurns = 0; quietTurns < QUIET_TURNS; ) {
      await new Promise((done) => setImmediate(done));
      const isQuiet =
        this.#head === this.#queue.length && this.#later.size === 0 && this.#busyCount === 0;
      quietTurns = isQuiet ? quietTurns + 1 : 0;
    }
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#runTurn());
  }

  #runTurn(): void {
    this.#isScheduled = false;
    this.#turn++;
    const due = this.#later.get(this.#turn);
    if (due !== undefined) {
      this.#later.delete(this.#turn);
      this.#queue.push(...due);
    }
    // Only what stood in the queue when the turn began: an answer belongs to the next turn.
    const end = Math.min(this.#queue.length, this.#head + TURN_COUNT);
    while (this.#head < end) {
      const { receiver, message, reply } = this.#queue[this.#head++]!;
      try {
        receiver.receive(message, reply);
      } catch (error) {
        // A handler that throws is a fault of ours: as loud as it can be, but the others get theirs.
        queueMicrotask(() => {
          throw error;
        });
      }
      if (--receiver.queuedCount === 0) receiver.onDrained?.();
    }
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    } else if (this.#head >= TURN_COUNT && this.#head * 2 >= this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    if (this.#queue.length > 0 || this.#later.size > 0) this.#schedule();
  }
}
