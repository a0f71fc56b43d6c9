// The bus as the rest of Streetwatt sees it: at-most-once messages, requests, and stored streams.
// Two implementations, one conformance suite: memory-bus.ts (in process) and nats-bus.ts.
//
// Rules that the types cannot say:
// - The bytes of a message are never modified after they are published or received, by anyone: the
//   same buffer may be held by a stream and handed to many receivers.
// - Subjects are dot-separated tokens of [A-Za-z0-9_-]{1,64}; patterns may also hold `*` (one token)
//   and, at the end, `>` (one or more). Anything else is refused with `bad-subject`.
// - All failures are BusError (errors.ts), except misuse, which is TypeError or RangeError.
// - One subject, one order: messages of one publisher on one subject arrive in the order sent.

import type { BusError } from './errors.ts';

export interface BusMessage {
  readonly subject: string;
  readonly data: Uint8Array;
}

export interface StoredMessage extends BusMessage {
  /** Position in the stream, from 1, increasing but not gapless once messages have expired. */
  readonly seq: number;
  /** When the stream stored it, by the stream's clock. */
  readonly storedAtMs: number;
}

export type StreamName = 'READINGS' | 'SEALS' | 'TOTALS' | 'LEDGER' | 'RECEIPTS' | 'NOTICES';

/** Disposing unsubscribes, and waits until the handlers of what had arrived are done. */
export interface Subscription extends AsyncDisposable {}

export interface RequestOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Either where the message stands in its stream, or why it does not. */
export type AppendOutcome =
  | { readonly kind: 'stored'; readonly seq: number }
  | { readonly kind: 'failed'; readonly error: BusError };

export interface ReplayOptions {
  /** Only subjects that match; the whole stream by default. */
  readonly pattern?: string;
  /** From this sequence on, inclusive. Not together with `fromTimeMs`. */
  readonly fromSeq?: number;
  /** From the first message stored at or after this time. */
  readonly fromTimeMs?: number;
  /** Ends the replay like disposing it does. */
  readonly signal?: AbortSignal;
}

export interface Replay extends AsyncDisposable {
  /**
   * Resolves when everything that was stored at the time of the call has been handled. Rejects with
   * the handler's error, or with BusError `aborted` or `closed` where the replay ended before.
   */
  readonly caughtUp: Promise<void>;
  /**
   * Resolves when the replay was disposed or aborted, or has failed before it caught up. Rejects
   * with the handler's error where one threw afterwards; unobserved, that ends the process, since a
   * role that has silently stopped reading is worse.
   */
  readonly ended: Promise<void>;
  /** Sequence of the last message whose handler is done; 0 before the first. Restart at this + 1. */
  readonly lastSeq: number;
  /** Messages that have come and wait for the handler, which bounds them: more is asked for as they go. */
  readonly queuedCount: number;
  readonly queuedBytes: number;
}

export interface Bus extends AsyncDisposable {
  /** At most once, to whoever is subscribed now. Nothing is acknowledged. */
  publish(subject: string, data: Uint8Array): void;

  /** Resolves when the subscription is in force: whatever is published afterwards arrives. */
  subscribe(pattern: string, handler: (message: BusMessage) => void): Promise<Subscription>;

  /**
   * Answers requests. Where the handler rejects, the requester gets `remote-error` with the error's
   * message, so let it say nothing secret. Large answers travel in chunks.
   */
  respond(
    pattern: string,
    handler: (message: BusMessage) => Promise<Uint8Array>,
  ): Promise<Subscription>;

  /** Throws `no-responders`, `timeout`, `remote-error`, `too-large`, `aborted`. */
  request(subject: string, data: Uint8Array, options: RequestOptions): Promise<Uint8Array>;

  /**
   * Resolves when the stream that owns the subject has stored the message. Throws `subject-taken`
   * where a first-wins stream holds a message on it already (then `lastOn` reads the winner), and
   * `no-stream`. After `timeout` the message may or may not have been stored.
   */
  append(subject: string, data: Uint8Array): Promise<{ readonly seq: number }>;

  /** Many at once, at wire speed; outcomes in the order of the messages. Never throws for one of them. */
  appendAll(messages: readonly BusMessage[]): Promise<readonly AppendOutcome[]>;

  /** The last stored message on a subject: of a first-wins stream, the winner. */
  lastOn(stream: StreamName, subject: string): Promise<StoredMessage | undefined>;

  /**
   * Stored messages from there on, then live ones, in order, each exactly once; the next is handed
   * over when the handler of the one before is done. Survives reconnects. A handler that throws ends
   * the replay. Disposing waits for the running handler, so a handler that wants to end its own
   * replay aborts the signal instead.
   */
  replay(
    stream: StreamName,
    options: ReplayOptions,
    handler: (message: StoredMessage) => void | Promise<void>,
  ): Promise<Replay>;

  /** Sequence of the last message that the stream stored; 0 where it never stored one. */
  lastSeq(stream: StreamName): Promise<number>;
}
