// Appends with acknowledgement, counted on the shared inbox under a bounded window.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Msg } from '@nats-io/transport-node';
import { checkSubject } from './check-subject.ts';
import { BusError } from './errors.ts';
import { APPEND_TIMEOUT_MS } from './limits.ts';
import { type JetStreamApiError, type NatsLink, toBusError } from './nats-connection.ts';
import { isNoResponders } from './nats-inbox.ts';
import type { AppendOutcome, BusMessage } from './port.ts';

/** In flight at once from one `appendAll`: enough to hide the latency, little enough to hold. */
const WINDOW_COUNT = 4096;
const WINDOW_BYTES = 8 * 1024 * 1024;
const SWEEP_MS = 250;

/** JetStream's code for "the store said no"; the text says why. */
const STORE_FAILED = 10077;
const MESSAGE_TOO_LARGE = 10054;

interface PendingAck {
  readonly subject: string;
  readonly deadlineMs: number;
  settle(outcome: AppendOutcome): void;
}

export class NatsAppender {
  readonly #link: NatsLink;
  /** In the order of their deadlines. */
  readonly #pending = new Set<PendingAck>();
  #sweeper: NodeJS.Timeout | undefined;

  constructor(link: NatsLink) {
    this.#link = link;
    link.onForbidden((subject) => {
      const error = new BusError('forbidden', `the server refuses to publish ${subject} for us`);
      this.#failAll((ack) => ack.subject === subject, error);
    });
  }

  async append(subject: string, data: Uint8Array): Promise<AppendOutcome> {
    await this.#link.ready(APPEND_TIMEOUT_MS);
    return new Promise((settle) => this.#send(subject, data, settle));
  }

  async appendAll(messages: readonly BusMessage[]): Promise<readonly AppendOutcome[]> {
    const outcomes = new Array<AppendOutcome>(messages.length);
    let inFlightCount = 0;
    let inFlightBytes = 0;
    let onSettled: (() => void) | undefined;
    const waitUntil = async (isEnough: () => boolean) => {
      while (!isEnough()) {
        await new Promise<void>((done) => {
          onSettled = done;
        });
      }
    };
    // Where the connection is away for longer, the messages fail one by one.
    await this.#link.ready(APPEND_TIMEOUT_MS).catch(() => {});
    for (const [index, { subject, data }] of messages.entries()) {
      // Half a window at a time, so that the socket gets large writes.
      if (inFlightCount >= WINDOW_COUNT || inFlightBytes >= WINDOW_BYTES) {
        await waitUntil(
          () => inFlightCount <= WINDOW_COUNT / 2 && inFlightBytes <= WINDOW_BYTES / 2,
        );
      }
      inFlightCount++;
      inFlightBytes += data.length;
      this.#send(subject, data, (outcome) => {
        outcomes[index] = outcome;
        inFlightCount--;
        inFlightBytes -= data.length;
        onSettled?.();
      });
    }
    await waitUntil(() => inFlightCount === 0);
    return outcomes;
  }

  /** Resolves when every append has its outcome; the timeout bounds it. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await sleep(5);
  }

  /** Fails what nobody will acknowledge any more. */
  close(): void {
    this.#failAll(() => true, new BusError('closed', 'the bus was disposed'));
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  #send(subject: string, data: Uint8Array, settle: (outcome: AppendOutcome) => void): void {
    try {
      this.#link.checkOpen();
      checkSubject(subject);
      this.#link.checkSize(subject, data);
    } catch (error) {
      settle({ kind: 'failed', error: toBusError(error, `cannot append ${subject}`) });
      return;
    }
    const address = this.#link.acks.open((message) => ack.settle(readAck(subject, message)));
    const ack: PendingAck = {
      subject,
      deadlineMs: Date.now() + APPEND_TIMEOUT_MS,
      settle: (outcome) => {
        if (!this.#pending.delete(ack)) return;
        address.close();
        settle(outcome);
      },
    };
    this.#pending.add(ack);
    this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_MS);
    try {
      this.#link.connection.publish(subject, data, { reply: address.subject });
    } catch (error) {
      ack.settle({ kind: 'failed', error: toBusError(error, `cannot append ${subject}`) });
    }
  }

  #sweep(): void {
    const nowMs = Date.now();
    for (const ack of this.#pending) {
      if (ack.deadlineMs > nowMs) break;
      const error = new BusError('timeout', `no acknowledgement for ${ack.subject}`);
      ack.settle({ kind: 'failed', error });
    }
    if (this.#pending.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  #failAll(isMeant: (ack: PendingAck) => boolean, error: BusError): void {
    for (const ack of [...this.#pending]) if (isMeant(ack)) ack.settle({ kind: 'failed', error });
  }
}

function readAck(subject: string, message: Msg): AppendOutcome {
  if (isNoResponders(message)) return failed('no-stream', `no stream stores ${subject}`);
  let ack: { seq?: unknown; error?: JetStreamApiError };
  try {
    ack = message.json();
  } catch (cause) {
    return failed('unavailable', `an acknowledgement of unknown form for ${subject}`, cause);
  }
  const { error } = ack;
  if (error === undefined) {
    return typeof ack.seq === 'number'
      ? { kind: 'stored', seq: ack.seq }
      : failed('unavailable', `an acknowledgement of unknown form for ${subject}`);
  }
  if (error.err_code === STORE_FAILED && /per subject/i.test(error.description)) {
    return failed('subject-taken', `the stream already holds a message on ${subject}`, error);
  }
  if (error.err_code === MESSAGE_TOO_LARGE) {
    return failed('too-large', `the stream refuses a message of this size on ${subject}`, error);
  }
  return failed('unavailable', `not stored, ${subject}: ${error.description}`, error);
}

function failed(code: BusError['code'], message: string, cause?: unknown): AppendOutcome {
  return { kind: 'failed', error: new BusError(code, message, { cause }) };
}
