// The bus inside one process: the embedded default of the demo, the tests and the replay command.
// It behaves as the NATS bus does (test/bus/conformance.ts holds both to it), without its latency.

import { checkPattern, checkSubject } from './check-subject.ts';
import type { Receiver, Reply } from './delivery-queue.ts';
import { BusError } from './errors.ts';
import { MAX_ANSWER_BYTES } from './limits.ts';
import { type MemoryBusOptions, MemoryHub } from './memory-hub.ts';
import type {
  AppendOutcome,
  Bus,
  BusMessage,
  Replay,
  ReplayOptions,
  RequestOptions,
  StoredMessage,
  StreamName,
  Subscription,
} from './port.ts';
import { checkReplayOptions } from './replay-options.ts';
import { streamOf } from './streams.ts';

/** `appendAll` lets the event loop turn after this many. */
const APPEND_BURST_COUNT = 1024;

class MemoryConnection implements Bus {
  protected readonly hub: MemoryHub;
  readonly #open = new Set<AsyncDisposable>();
  readonly #requests = new Set<(error: BusError) => void>();
  #state: 'open' | 'draining' | 'closed' = 'open';

  constructor(hub: MemoryHub) {
    this.hub = hub;
  }

  publish(subject: string, data: Uint8Array): void {
    this.#checkNotClosed();
    checkSubject(subject);
    this.hub.publish(subject, data);
  }

  async subscribe(pattern: string, handler: (message: BusMessage) => void): Promise<Subscription> {
    return this.#receive(pattern, handler);
  }

  async respond(
    pattern: string,
    handler: (message: BusMessage) => Promise<Uint8Array>,
  ): Promise<Subscription> {
    const running = new Set<Promise<void>>();
    const answer = async (message: BusMessage, reply: Reply) => {
      try {
        reply.answer(this.hub.own(await handler(message)));
      } catch (error) {
        reply.refuse(error instanceof Error ? error.message : String(error));
      }
    };
    return this.#receive(
      pattern,
      (message, reply) => {
        if (reply === undefined) return; // published, not requested: nobody to answer
        this.hub.queue.changeBusy(1);
        const done = answer(message, reply).finally(() => {
          running.delete(done);
          this.hub.queue.changeBusy(-1);
        });
        running.add(done);
      },
      async () => {
        await Promise.all(running);
      },
    );
  }

  async request(subject: string, data: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    this.#checkOpen();
    checkSubject(subject);
    if (streamOf(subject)) throw new BusError('bad-subject', `${subject} belongs to a stream`);
    if (options.signal?.aborted) throw new BusError('aborted', `request on ${subject} aborted`);
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    const onAbort = () => reject(new BusError('aborted', `request on ${subject} aborted`));
    const timer = setTimeout(
      () => reject(new BusError('timeout', `no answer on ${subject} in ${options.timeoutMs} ms`)),
      options.timeoutMs,
    );
    options.signal?.addEventListener('abort', onAbort, { once: true });
    this.#requests.add(reject);
    try {
      const isReceived = this.hub.request(subject, data, {
        answer: (bytes) => {
          if (bytes.length <= MAX_ANSWER_BYTES) resolve(bytes);
          else
            reject(new BusError('too-large', `the answer on ${subject} has ${bytes.length} bytes`));
        },
        refuse: (message) => reject(new BusError('remote-error', message)),
      });
      if (!isReceived) throw new BusError('no-responders', `nobody answers on ${subject}`);
      return await promise;
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
      this.#requests.delete(reject);
    }
  }

  async append(subject: string, data: Uint8Array): Promise<{ readonly seq: number }> {
    this.#checkNotClosed();
    checkSubject(subject);
    return this.hub.append(subject, data);
  }

  async appendAll(messages: readonly BusMessage[]): Promise<readonly AppendOutcome[]> {
    const outcomes: AppendOutcome[] = [];
    for (const { subject, data } of messages) {
      try {
        this.#checkNotClosed();
        checkSubject(subject);
        outcomes.push({ kind: 'stored', seq: this.hub.append(subject, data).seq });
      } catch (error) {
        if (!(error instanceof BusError)) throw error;
        outcomes.push({ kind: 'failed', error });
      }
      if (outcomes.length % APPEND_BURST_COUNT === 0) {
        await new Promise((done) => setImmediate(done));
      }
    }
    return outcomes;
  }

  async lastOn(stream: StreamName, subject: string): Promise<StoredMessage | undefined> {
    this.#checkOpen();
    checkSubject(subject);
    return this.hub.lastOn(stream, subject);
  }

  async replay(
    stream: StreamName,
    options: ReplayOptions,
    handler: (message: StoredMessage) => void | Promise<void>,
  ): Promise<Replay> {
    this.#checkOpen();
    checkReplayOptions(options);
    const replay = this.hub.replay(stream, options, handler);
    this.#open.add(replay);
    const forget = () => this.#open.delete(replay);
    replay.ended.then(forget, forget);
    return replay;
  }

  async lastSeq(stream: StreamName): Promise<number> {
    this.#checkOpen();
    return this.hub.stream(stream).lastSeq;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === 'open') this.#state = 'draining';
    await Promise.all([...this.#open].map((each) => each[Symbol.asyncDispose]()));
    this.#state = 'closed';
    for (const reject of this.#requests) reject(new BusError('closed', 'the bus was disposed'));
  }

  #receive(
    pattern: string,
    receive: (message: BusMessage, reply: Reply | undefined) => void,
    finish: () => Promise<void> = async () => {},
  ): Subscription {
    this.#checkOpen();
    checkPattern(pattern);
    const { queue, receivers } = this.hub;
    const receiver: Receiver = { receive, queuedCount: 0, onDrained: undefined };
    receivers.add(pattern, receiver);
    const subscription: Subscription = {
      [Symbol.asyncDispose]: async () => {
        this.#open.delete(subscription);
        receivers.delete(pattern, receiver);
        if (receiver.queuedCount > 0) {
          queue.changeBusy(1);
          await new Promise<void>((done) => {
            receiver.onDrained = done;
          });
          queue.changeBusy(-1);
        }
        await finish();
      },
    };
    this.#open.add(subscription);
    return subscription;
  }

  #checkOpen(): void {
    if (this.#state !== 'open') throw new BusError('closed', 'the bus was disposed');
  }

  /** While it drains, handlers may still send: what had arrived is answered. */
  #checkNotClosed(): void {
    if (this.#state === 'closed') throw new BusError('closed', 'the bus was disposed');
  }
}

export class MemoryBus extends MemoryConnection {
  constructor(options: MemoryBusOptions = {}) {
    super(new MemoryHub(options));
  }

  /** Another party's connection to the same bus: disposing it leaves the bus running. */
  connect(): Bus {
    return new MemoryConnection(this.hub);
  }

  /** Resolves when all queued deliveries and all handlers that they started are done. */
  async idle(): Promise<void> {
    await this.hub.queue.idle();
  }
}
