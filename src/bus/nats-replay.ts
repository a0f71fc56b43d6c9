// A replay from JetStream: one pull consumer for one wildcard, without state on the server. Where
// anything is out of line (a gap, silence, a new connection, a server that forgot the consumer), the
// consumer is made again from the message after the last one taken; the pump drops repeats.

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createInbox, type Msg, type Subscription } from '@nats-io/transport-node';
import { BusError } from './errors.ts';
import type { NatsLink } from './nats-connection.ts';
import { consumerConfig, NANOS_PER_MS, readPlace } from './nats-consumer.ts';
import { isNoResponders } from './nats-inbox.ts';
import type { ReplayOptions, StoredMessage, StreamName } from './port.ts';
import { ReplayPump } from './replay-pump.ts';

const BATCH_COUNT = 512;
const BATCH_BYTES = 16 * 1024 * 1024;
const PULL_EXPIRES_MS = 30_000;
const HEARTBEAT_MS = 5_000;
const SILENCE_MS = 12_000;
const FIRST_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 2_000;
/** How long the first creation is tried before the caller is told; later ones are tried for ever. */
const FIRST_TRIES_MS = 10_000;

interface Consumer {
  readonly name: string;
  /** Of its own: messages come under the subject that they were stored on, not under the inbox's. */
  readonly replies: Subscription;
  /** Requested from the server and not here yet. */
  outstandingCount: number;
  deliveredCount: number;
  heardAtMs: number;
}

export async function replayFromNats(
  link: NatsLink,
  stream: StreamName,
  options: ReplayOptions,
  handler: (message: StoredMessage) => void | Promise<void>,
): Promise<ReplayPump> {
  const replay = new NatsReplay(link, stream, options, handler);
  await replay.start();
  return replay.pump;
}

class NatsReplay {
  readonly pump: ReplayPump;
  readonly #link: NatsLink;
  readonly #stream: StreamName;
  readonly #options: ReplayOptions;
  readonly #ending = new AbortController();
  readonly #watcher: NodeJS.Timeout;
  readonly #stopListening: () => void;
  #consumer: Consumer | undefined;
  #isCreating = false;
  /** Messages stored before the replay began that are still to come; undefined before we know. */
  #backlogCount: number | undefined;

  constructor(
    link: NatsLink,
    stream: StreamName,
    options: ReplayOptions,
    handler: (message: StoredMessage) => void | Promise<void>,
  ) {
    this.#link = link;
    this.#stream = stream;
    this.#options = options;
    this.pump = new ReplayPump({
      handler,
      signal: options.signal,
      fromSeq: options.fromSeq,
      refill: () => {
        this.#pull();
        return false; // more arrives by itself, and wakes the pump
      },
      onEnd: () => this.#end(),
    });
    this.#watcher = setInterval(() => this.#watch(), HEARTBEAT_MS);
    this.#stopListening = link.onReconnect(() => void this.#restart());
  }

  async start(): Promise<void> {
    const deadlineMs = Date.now() + FIRST_TRIES_MS;
    try {
      await this.#create((error) => Date.now() > deadlineMs || error.code === 'forbidden');
    } catch (error) {
      await this.pump[Symbol.asyncDispose]();
      throw error;
    }
    this.pump.wake();
  }

  /** Makes a consumer, with backoff, until it stands, the replay ends, or `isFinal` says to stop. */
  async #create(isFinal: (error: BusError) => boolean): Promise<void> {
    this.#isCreating = true;
    try {
      for (let backoffMs = FIRST_BACKOFF_MS; !this.pump.isEnded; ) {
        try {
          await this.#createOnce();
          return;
        } catch (error) {
          if (!(error instanceof BusError) || this.#link.isClosing || isFinal(error)) throw error;
          await sleep(backoffMs * (0.5 + Math.random() / 2), undefined, {
            signal: this.#ending.signal,
          }).catch(() => {});
          backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS);
        }
      }
    } finally {
      this.#isCreating = false;
    }
  }

  async #createOnce(): Promise<void> {
    const name = `sw-${randomBytes(12).toString('hex')}`;
    const { pattern, fromSeq } = this.#options;
    const nextSeq = this.pump.offeredSeq > 0 ? this.pump.offeredSeq + 1 : fromSeq;
    // The filter stands in the API's subject too: permissions can name it.
    const filter = pattern === undefined || pattern === '>' ? '' : `.${pattern}`;
    const made = await this.#link.callApi<{ num_pending?: number }>(
      `CONSUMER.CREATE.${this.#stream}.${name}${filter}`,
      {
        stream_name: this.#stream,
        config: consumerConfig(name, this.#options, nextSeq),
        action: 'create',
      },
    );
    if (this.pump.isEnded) return;
    const consumer: Consumer = {
      name,
      replies: this.#link.connection.subscribe(createInbox(this.#link.inboxPrefix), {
        callback: (error, message) => {
          if (error === null) this.#take(consumer, message);
        },
      }),
      outstandingCount: 0,
      deliveredCount: 0,
      heardAtMs: Date.now(),
    };
    this.#consumer = consumer;
    const pendingCount = made.num_pending ?? 0;
    this.#noteBacklog(Math.min(this.#backlogCount ?? pendingCount, pendingCount));
    this.#pull();
  }

  /** Keeps between a half and a whole batch under way while the handler keeps up. */
  #pull(): void {
    const consumer = this.#consumer;
    if (consumer === undefined || this.pump.isEnded || this.#link.isClosing) return;
    if (consumer.outstandingCount > BATCH_COUNT / 2 || this.pump.queuedCount > BATCH_COUNT) return;
    consumer.outstandingCount += BATCH_COUNT;
    this.#link.connection.publish(
      `${this.#link.apiPrefix}.CONSUMER.MSG.NEXT.${this.#stream}.${consumer.name}`,
      JSON.stringify({
        batch: BATCH_COUNT,
        max_bytes: BATCH_BYTES,
        expires: PULL_EXPIRES_MS * NANOS_PER_MS,
        idle_heartbeat: HEARTBEAT_MS * NANOS_PER_MS,
      }),
      { reply: consumer.replies.getSubject() },
    );
  }

  #take(consumer: Consumer, message: Msg): void {
    if (consumer !== this.#consumer || this.pump.isEnded) return;
    consumer.heardAtMs = Date.now();
    const place = readPlace(message.reply);
    if (place === undefined) {
      this.#takeStatus(consumer, message);
      return;
    }
    consumer.outstandingCount--;
    consumer.deliveredCount++;
    if (place.consumerSeq !== consumer.deliveredCount) {
      void this.#restart();
      return;
    }
    const { subject, data } = message;
    this.pump.offer({ subject, data, seq: place.seq, storedAtMs: place.storedAtMs });
    this.#noteBacklog(place.pendingCount === 0 ? 0 : (this.#backlogCount ?? 0) - 1);
    this.pump.wake();
    this.#pull();
  }

  #takeStatus(consumer: Consumer, message: Msg): void {
    const code = message.headers?.code ?? 0;
    if (code === 100) return; // a heartbeat
    const undelivered = message.headers?.get('Nats-Pending-Messages');
    if (undelivered && !isNoResponders(message)) {
      // This pull has ended: by time, or because the next message would exceed its bytes.
      consumer.outstandingCount = Math.max(0, consumer.outstandingCount - Number(undelivered));
      this.#pull();
      return;
    }
    void this.#restart(); // deleted, without a leader, or not there any more
  }

  #noteBacklog(count: number): void {
    this.#backlogCount = Math.max(0, count);
    if (this.#backlogCount > 0) return;
    this.pump.offerCaughtUp();
    this.pump.wake();
  }

  #watch(): void {
    const consumer = this.#consumer;
    if (consumer === undefined || consumer.outstandingCount === 0) return;
    if (Date.now() - consumer.heardAtMs > SILENCE_MS) void this.#restart();
  }

  async #restart(): Promise<void> {
    if (this.#isCreating || this.pump.isEnded || this.#link.isClosing) return;
    this.#consumer?.replies.unsubscribe();
    this.#consumer = undefined;
    await this.#create(() => false).catch(() => {}); // only thrown when the bus closes
  }

  #end(): void {
    clearInterval(this.#watcher);
    this.#stopListening();
    this.#ending.abort();
    const consumer = this.#consumer;
    this.#consumer = undefined;
    if (consumer === undefined) return;
    consumer.replies.unsubscribe();
    if (this.#link.isClosing) return;
    // A courtesy: the server forgets the consumer by itself.
    this.#link
      .callApi(`CONSUMER.DELETE.${this.#stream}.${consumer.name}`, undefined)
      .catch(() => {});
  }
}
