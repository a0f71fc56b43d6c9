// The bus on NATS with JetStream, nats-server 2.10 or newer: one server, or a cluster; the code is
// the same. Reconnects for as long as it takes.

import { setTimeout as sleep } from 'node:timers/promises';
import { errors } from '@nats-io/transport-node';
import { checkPattern, checkSubject } from './check-subject.ts';
import { BusError } from './errors.ts';
import { NatsAppender } from './nats-append.ts';
import {
  type JetStreamApiError,
  type NatsLink,
  openNatsLink,
  toBusError,
} from './nats-connection.ts';
import type { NatsOptions } from './nats-options.ts';
import { replayFromNats } from './nats-replay.ts';
import { answerOverNats, requestOverNats } from './nats-request.ts';
import { ensureStreams, type StreamSettings } from './nats-streams.ts';
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
import { STREAMS, streamOf } from './streams.ts';

export interface NatsBusOptions extends NatsOptions, StreamSettings {
  /** Create the streams, or bring them to these settings; otherwise the operator has. */
  readonly createStreams?: boolean | readonly StreamName[];
}

const NO_MESSAGE = 10037;
const LEADERLESS_RETRIES = 4;
const LEADERLESS_WAIT_MS = 250;

/** Throws BusError `unavailable` (no server, or one before 2.10) or `forbidden`. */
export async function connectNats(options: NatsBusOptions): Promise<Bus> {
  const link = await openNatsLink(options);
  try {
    const { createStreams } = options;
    if (createStreams === true) await ensureStreams(link, options);
    else if (createStreams) await ensureStreams(link, options, createStreams);
  } catch (error) {
    await link.close();
    throw error;
  }
  return new NatsBus(link);
}

class NatsBus implements Bus {
  readonly #link: NatsLink;
  readonly #appender: NatsAppender;
  readonly #open = new Set<AsyncDisposable>();
  #isDraining = false;

  constructor(link: NatsLink) {
    this.#link = link;
    this.#appender = new NatsAppender(link);
  }

  publish(subject: string, data: Uint8Array): void {
    this.#link.checkOpen();
    checkSubject(subject);
    this.#link.checkSize(subject, data);
    this.#link.connection.publish(subject, data);
  }

  async subscribe(pattern: string, handler: (message: BusMessage) => void): Promise<Subscription> {
    return this.#subscribe(pattern, (message) => {
      handler({ subject: this.#link.names.of(message), data: message.data });
    });
  }

  async respond(
    pattern: string,
    handler: (message: BusMessage) => Promise<Uint8Array>,
  ): Promise<Subscription> {
    const running = new Set<Promise<void>>();
    const finish = async () => {
      await Promise.all(running);
    };
    return this.#subscribe(
      pattern,
      (message) => {
        const done = answerOverNats(this.#link, message, handler).finally(() => {
          running.delete(done);
        });
        running.add(done);
      },
      finish,
    );
  }

  async request(subject: string, data: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    this.#checkOpen();
    checkSubject(subject);
    if (streamOf(subject)) throw new BusError('bad-subject', `${subject} belongs to a stream`);
    this.#link.checkSize(subject, data);
    return requestOverNats(this.#link, subject, data, options);
  }

  async append(subject: string, data: Uint8Array): Promise<{ readonly seq: number }> {
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.#appender.append(subject, data);
      if (outcome.kind === 'stored') return { seq: outcome.seq };
      // A stream that we know is there may be without a leader for a moment: nothing was stored.
      const isLeaderless = outcome.error.code === 'no-stream' && streamOf(subject) !== undefined;
      if (!isLeaderless || attempt === LEADERLESS_RETRIES) throw outcome.error;
      await sleep(LEADERLESS_WAIT_MS);
    }
  }

  appendAll(messages: readonly BusMessage[]): Promise<readonly AppendOutcome[]> {
    return this.#appender.appendAll(messages);
  }

  async lastOn(stream: StreamName, subject: string): Promise<StoredMessage | undefined> {
    this.#checkOpen();
    checkSubject(subject);
    checkStream(stream);
    try {
      const { message } = await this.#link.callApi<{ message: StoredJson }>(
        `STREAM.MSG.GET.${stream}`,
        { last_by_subj: subject },
      );
      return {
        subject: message.subject,
        data: new Uint8Array(Buffer.from(message.data ?? '', 'base64')),
        seq: message.seq,
        storedAtMs: Date.parse(message.time),
      };
    } catch (error) {
      const cause = error instanceof BusError ? (error.cause as Partial<JetStreamApiError>) : {};
      if (cause?.err_code === NO_MESSAGE) return undefined;
      throw error;
    }
  }

  async replay(
    stream: StreamName,
    options: ReplayOptions,
    handler: (message: StoredMessage) => void | Promise<void>,
  ): Promise<Replay> {
    this.#checkOpen();
    checkStream(stream);
    checkReplayOptions(options);
    const replay = await replayFromNats(this.#link, stream, options, handler);
    this.#open.add(replay);
    const forget = () => this.#open.delete(replay);
    replay.ended.then(forget, forget);
    return replay;
  }

  async lastSeq(stream: StreamName): Promise<number> {
    this.#checkOpen();
    checkStream(stream);
    const info = await this.#link.callApi<{ state: { last_seq: number } }>(
      `STREAM.INFO.${stream}`,
      undefined,
    );
    return info.state.last_seq;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDraining = true;
    try {
      await Promise.all([...this.#open].map((each) => each[Symbol.asyncDispose]()));
      await this.#appender.settled();
    } finally {
      await this.#link.close();
      this.#appender.close();
    }
  }

  async #subscribe(
    pattern: string,
    receive: (message: RawMessage) => void,
    finish: () => Promise<void> = async () => {},
  ): Promise<Subscription> {
    this.#checkOpen();
    checkPattern(pattern);
    const { connection } = this.#link;
    let refusal: Error | undefined;
    const sub = connection.subscribe(pattern, {
      callback: (error, message) => {
        if (error !== null) {
          refusal = error;
          return;
        }
        try {
          receive(message);
        } catch (thrown) {
          // A handler that throws is a fault of ours: loud, but the client must go on reading.
          queueMicrotask(() => {
            throw thrown;
          });
        }
      },
    });
    const subscription: Subscription = {
      [Symbol.asyncDispose]: async () => {
        this.#open.delete(subscription);
        await this.#link.drainSubscription(sub);
        await finish();
      },
    };
    // The server answers in order: after the flush, the subscription is in force or refused.
    await connection.flush().catch((error: unknown) => {
      throw toBusError(error, `cannot subscribe to ${pattern}`);
    });
    if (refusal instanceof errors.PermissionViolationError) {
      throw new BusError('forbidden', `the server refuses ${pattern} to us`, { cause: refusal });
    }
    this.#open.add(subscription);
    return subscription;
  }

  #checkOpen(): void {
    if (this.#isDraining) throw new BusError('closed', 'the bus was disposed');
    this.#link.checkOpen();
  }
}

interface StoredJson {
  readonly subject: string;
  readonly seq: number;
  readonly data?: string;
  readonly time: string;
}

type RawMessage = Parameters<typeof answerOverNats>[1];

function checkStream(stream: StreamName): void {
  if (!Object.hasOwn(STREAMS, stream)) throw new RangeError(`no stream is called ${stream}`);
}
