// A replay from JetStream: one pull consumer for one wildcard, without state on the server. Where
// anything is out of line (a gap, silence, a new connection, a server that forgot the consumer), the
// consumer is made again from the message after the last one taken; the pump drops repeats.

import { setTimeout as sleep } from 'node:timers/promises';
import { createInbox, type Msg, type Subscription } from '@nats-io/transport-node';
import { BusError } from './errors.ts';
import type { NatsLink } from './nats-connection.ts';
import {
  createConsumer,
  forgetConsumer,
  type MadeConsumer,
  NANOS_PER_MS,
  readPlace,
} from './nats-consumer.ts';
import { isNoResponders } from './nats-inbox.ts';
import type { ReplayOptions, StoredMessage, StreamName } from './port.ts';
import { ReplayPump } from './replay-pump.ts';
import { compilePattern } from './subject-trie.ts';

const BATCH_COUNT = 512;
const BATCH_BYTES = 16 * 1024 * 1024;
/**
 * What may wait for a slow handler: a pull is sent while at most half a batch is outstanding and at
 * most a whole one waits, of messages or of bytes.
 */
export const MAX_QUEUED_COUNT: number = 2.5 * BATCH_COUNT;
export const MAX_QUEUED_BYTES: number = 3 * BATCH_BYTES;
const PULL_EXPIRES_MS = 30_000;
const HEARTBEAT_MS = 5_000;
const SILENCE_MS = 12_000;
/**
 * Before a filtered message is sent, nats-server 2.10 looks at every subject of the block that it is
 * in: 3,000 messages a second with 5,000 streets, where an unfiltered read gives 250,000. So a long
 * backlog is read whole and filtered here, unless the pattern matches only a small share of it.
 */
const WHOLE_FROM_COUNT = 1_000;
const WHOLE_UP_TO_RATIO = 50;
const FIRST_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 2_000;
/** How long the first creation is tried before the caller is told; later ones are tried for ever. */
const FIRST_TRIES_MS = 10_000;

interface Consumer {
  readonly name: string;
  /** Reads the whole stream for a pattern, until it has caught up. */
  readonly isWhole: boolean;
  /** Of its own: messages come under the subject that they were stored on, not under the inbox's. */
  readonly replies: Subscription;
  /** Requested from the server and not here yet. */
  outstandingCount: number;
  deliveredCount: number;
  heardAtMs: number;
}

interface Backlog {
  readonly count: number;
  readonly isWhole: boolean;
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
  readonly #isMatch: (subject: string) => boolean;
  /** The last message that came, matching or not: where a new consumer begins. */
  #passedSeq = 0;
  /** What was stored before the replay began and is still to come. */
  #backlog: Backlog | undefined;

  constructor(
    link: NatsLink,
    stream: StreamName,
    options: ReplayOptions,
    handler: (message: StoredMessage) => void | Promise<void>,
  ) {
    this.#link = link;
    this.#stream = stream;
    this.#options = options;
    this.#isMatch = compilePattern(options.pattern ?? '>');
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
    let made = await this.#make(this.#options.pattern);
    if (this.#options.pattern !== undefined && made.pendingCount >= WHOLE_FROM_COUNT) {
      const whole = await this.#make(undefined).catch((error: unknown) => {
        // A party that may only read its own area reads it slowly.
        if (error instanceof BusError && error.code === 'forbidden') return undefined;
        throw error;
      });
      if (whole !== undefined) {
        const isWorthIt = whole.pendingCount <= made.pendingCount * WHOLE_UP_TO_RATIO;
        forgetConsumer(this.#link, this.#stream, (isWorthIt ? made : whole).name);
        if (isWorthIt) made = whole;
      }
    }
    if (this.pump.isEnded) return;
    const { name, pendingCount } = made;
    const isWhole = made.pattern !== this.#options.pattern;
    const consumer: Consumer = {
      name,
      isWhole,
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
    // The backlog is what was there at first; counts of the whole and of a part do not compare.
    const isComparable = this.#backlog !== undefined && this.#backlog.isWhole === isWhole;
    const count = Math.min(isComparable ? this.#backlog!.count : pendingCount, pendingCount);
    this.#noteBacklog({ count, isWhole });
    this.#pull();
  }

  #make(pattern: string | undefined): Promise<MadeConsumer> {
    const { fromSeq, fromTimeMs } = this.#options;
    const nextSeq = this.#passedSeq > 0 ? this.#passedSeq + 1 : fromSeq;
    return createConsumer(this.#link, this.#stream, { pattern, nextSeq, fromTimeMs });
  }

  /** Keeps between a half and a whole batch under way while the handler keeps up. */
  #pull(): void {
    const consumer = this.#consumer;
    if (consumer === undefined || this.pump.isEnded || this.#link.isClosing) return;
    if (consumer.outstandingCount > BATCH_COUNT / 2) return;
    if (this.pump.queuedCount > BATCH_COUNT || this.pump.queuedBytes > BATCH_BYTES) return;
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
    const { data } = message;
    const subject = this.#link.names.of(message);
    this.#passedSeq = Math.max(this.#passedSeq, place.seq);
    if (!consumer.isWhole || this.#isMatch(subject)) {
      this.pump.offer({ subject, data, seq: place.seq, storedAtMs: place.storedAtMs });
      this.pump.wake();
    }
    const count = place.pendingCount === 0 ? 0 : (this.#backlog?.count ?? 0) - 1;
    this.#noteBacklog({ count, isWhole: consumer.isWhole });
    // What comes from now on is little, and the server filters it.
    if (consumer.isWhole && place.pendingCount === 0) void this.#restart();
    else this.#pull();
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

  #noteBacklog(backlog: Backlog): void {
    this.#backlog = backlog;
    if (backlog.count > 0) return;
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
    const consumer = this.#consumer;
    this.#consumer = undefined;
    if (consumer !== undefined) {
      consumer.replies.unsubscribe();
      forgetConsumer(this.#link, this.#stream, consumer.name);
    }
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
    forgetConsumer(this.#link, this.#stream, consumer.name);
  }
}
