// What the two replays share: a queue of stored messages, handed to the handler one after the other,
// and the promises that tell how it went. Where the messages come from is the `refill` function.

import { BusError } from './errors.ts';
import type { Replay, StoredMessage } from './port.ts';

/** Handled without a wait between them before the event loop gets a turn. */
const BURST_COUNT = 512;

const CAUGHT_UP = Symbol('caught up');

export interface ReplayPumpOptions {
  readonly handler: (message: StoredMessage) => void | Promise<void>;
  readonly signal: AbortSignal | undefined;
  /** Messages before it are not handled, whatever the source offers. */
  readonly fromSeq: number | undefined;
  /** Called when the queue has run low: offer more; true where calling again may bring more at once. */
  readonly refill: () => boolean;
  /** Called once, when the replay ends for whatever reason. */
  readonly onEnd?: () => void;
  /** Called when handling starts (+1) and pauses (-1). */
  readonly onBusy?: (change: 1 | -1) => void;
}

export class ReplayPump implements Replay {
  readonly caughtUp: Promise<void>;
  readonly ended: Promise<void>;
  lastSeq = 0;

  readonly #options: ReplayPumpOptions;
  readonly #settleCaughtUp: PromiseWithResolvers<void>;
  readonly #settleEnded: PromiseWithResolvers<void>;
  readonly #stopOnAbort = () => this.#end(new BusError('aborted', 'the replay was aborted'));
  #queue: (StoredMessage | typeof CAUGHT_UP)[] = [];
  #head = 0;
  #offeredSeq = 0;
  #queuedBytes = 0;
  #isOfferComplete = false;
  #hasCaughtUp = false;
  #isRunning = false;
  #isEnded = false;
  #lateError: { readonly error: unknown } | undefined;
  #running: Promise<void> | undefined;

  constructor(options: ReplayPumpOptions) {
    this.#options = options;
    this.#settleCaughtUp = Promise.withResolvers();
    this.#settleEnded = Promise.withResolvers();
    this.caughtUp = this.#settleCaughtUp.promise;
    this.ended = this.#settleEnded.promise;
    options.signal?.addEventListener('abort', this.#stopOnAbort, { once: true });
    this.#offeredSeq = (options.fromSeq ?? 1) - 1;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Messages that wait for the handler. */
  get queuedCount(): number {
    return this.#queue.length - this.#head;
  }

  /** Of these messages' data. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** The last sequence that was taken into the queue: where a broken source resumes. */
  get offeredSeq(): number {
    return this.#offeredSeq;
  }

  /** Takes a message, unless it was taken before: sources may resend after a reconnect. */
  offer(message: StoredMessage): void {
    if (this.#isEnded || message.seq <= this.#offeredSeq) return;
    this.#offeredSeq = message.seq;
    this.#queue.push(message);
    this.#queuedBytes += message.data.length;
  }

  /** Says that everything that was stored when the replay began has been offered. */
  offerCaughtUp(): void {
    if (this.#isOfferComplete || this.#isEnded) return;
    this.#isOfferComplete = true;
    this.#queue.push(CAUGHT_UP);
  }

  /** Handles what is queued, if that is not under way. */
  wake(): void {
    if (this.#options.signal?.aborted) this.#stopOnAbort();
    if (this.#isRunning || this.#isEnded) return;
    this.#isRunning = true;
    this.#options.onBusy?.(1);
    this.#running = this.#run().catch((error: unknown) => this.#fail(error));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end(new BusError('closed', 'the replay was disposed'));
    await this.#running;
    if (this.#lateError) throw this.#lateError.error;
  }

  async #run(): Promise<void> {
    try {
      // The caller gets its Replay before the first message is handled.
      await nextTurn();
      while (!this.#isEnded && this.#fill()) {
        if (this.queuedCount === 0) await nextTurn();
        else await this.#handleQueued();
      }
    } finally {
      // In the very step that found nothing left: a `wake` in between must not be lost.
      this.#isRunning = false;
      this.#options.onBusy?.(-1);
    }
  }

  /** False where nothing is queued, and nothing comes without a `wake`. */
  #fill(): boolean {
    if (this.queuedCount > 0) return true;
    this.#queue = [];
    this.#head = 0;
    const mayHaveMore = this.#options.refill();
    return this.queuedCount > 0 || mayHaveMore;
  }

  async #handleQueued(): Promise<void> {
    let burst = 0;
    while (this.queuedCount > 0) {
      const next = this.#queue[this.#head++]!;
      if (next === CAUGHT_UP) {
        this.#hasCaughtUp = true;
        this.#settleCaughtUp.resolve();
        continue;
      }
      this.#queuedBytes -= next.data.length;
      const handled = this.#options.handler(next);
      if (handled !== undefined) await handled;
      this.lastSeq = next.seq;
      if (++burst % BURST_COUNT === 0) await nextTurn();
    }
  }

  /** Loud on purpose: whichever promise carries the error, nobody looking at it ends the process. */
  #fail(error: unknown): void {
    if (this.#isEnded) {
      this.#lateError = { error };
      return;
    }
    this.#isEnded = true;
    if (this.#hasCaughtUp) {
      this.#settleEnded.reject(error);
    } else {
      this.#settleCaughtUp.reject(error);
      this.#settleEnded.resolve();
    }
    this.#cleanUp();
  }

  #end(reason: BusError): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    // Ending early is the caller's own wish: nothing to be loud about.
    this.caughtUp.catch(() => {});
    this.#settleCaughtUp.reject(reason);
    this.#settleEnded.resolve();
    this.#cleanUp();
  }

  #cleanUp(): void {
    this.#queue = [];
    this.#head = 0;
    this.#queuedBytes = 0;
    this.#options.signal?.removeEventListener('abort', this.#stopOnAbort);
    this.#options.onEnd?.();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}
