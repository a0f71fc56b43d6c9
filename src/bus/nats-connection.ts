// One connection to a NATS server, and what everything on it shares: the inbox of all replies, calls
// of the JetStream API, news of lost connections and of refused subjects.

import { setTimeout as sleep } from 'node:timers/promises';
import {
  connect,
  credsAuthenticator,
  errors,
  type NatsConnection,
  type NodeConnectionOptions,
  nkeyAuthenticator,
  type Subscription,
} from '@nats-io/transport-node';
import { BusError } from './errors.ts';
import { MAX_MESSAGE_BYTES } from './limits.ts';
import { NatsInbox } from './nats-inbox.ts';
import { inboxPrefixOf, type NatsOptions } from './nats-options.ts';
import { checkServerVersion } from './nats-version.ts';
import { SubjectNames } from './subject-names.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const API_TIMEOUT_MS = 5_000;
const DRAIN_TIMEOUT_MS = 5_000;

export interface JetStreamApiError {
  readonly code: number;
  readonly err_code: number;
  readonly description: string;
}

export class NatsLink {
  readonly connection: NatsConnection;
  /** Answers to requests come here: responders see it. */
  readonly answers: NatsInbox;
  /** Acknowledgements come elsewhere, so that a responder cannot forge one by guessing. */
  readonly acks: NatsInbox;
  readonly inboxPrefix: string;
  readonly apiPrefix: string;
  readonly names: SubjectNames = new SubjectNames();
  readonly #closing = new AbortController();
  readonly #onReconnect = new Set<() => void>();
  readonly #onForbidden = new Set<(subject: string) => void>();
  #isConnected = true;

  constructor(connection: NatsConnection, inboxPrefix: string, apiPrefix: string) {
    this.connection = connection;
    this.inboxPrefix = inboxPrefix;
    this.apiPrefix = apiPrefix;
    this.answers = new NatsInbox(connection, inboxPrefix);
    this.acks = new NatsInbox(connection, inboxPrefix);
    void this.#watch();
  }

  get isClosing(): boolean {
    return this.#closing.signal.aborted || this.connection.isClosed();
  }

  /** Aborted when the connection begins to close: what waits for an answer gets none. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  checkOpen(): void {
    if (this.isClosing) throw new BusError('closed', 'the bus was disposed');
  }

  checkSize(subject: string, data: Uint8Array): void {
    const maxBytes = Math.min(
      MAX_MESSAGE_BYTES,
      this.connection.info?.max_payload ?? MAX_MESSAGE_BYTES,
    );
    if (data.length <= maxBytes) return;
    throw new BusError(
      'too-large',
      `a message on ${subject} has ${data.length} bytes; at most ${maxBytes} travel`,
    );
  }

  /**
   * Waits for a connection, up to `timeoutMs`, since the client drops what is sent without one.
   * Throws `unavailable`.
   */
  async ready(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    this.checkOpen();
    if (this.#isConnected) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stopListening = this.onReconnect(resolve);
    const fail = () => reject(new BusError('unavailable', 'not connected to the NATS server'));
    const onClosing = () => reject(new BusError('closed', 'the bus was disposed'));
    const timer = setTimeout(fail, timeoutMs);
    signal?.addEventListener('abort', fail, { once: true });
    this.closing.addEventListener('abort', onClosing, { once: true });
    try {
      await promise;
    } finally {
      stopListening();
      clearTimeout(timer);
      signal?.removeEventListener('abort', fail);
      this.closing.removeEventListener('abort', onClosing);
    }
  }

  /** Calls back after every reconnect, until the returned function is called. */
  onReconnect(callback: () => void): () => void {
    this.#onReconnect.add(callback);
    return () => this.#onReconnect.delete(callback);
  }

  /** Calls back with every subject that the server refused to publish for this party. */
  onForbidden(callback: (subject: string) => void): () => void {
    this.#onForbidden.add(callback);
    return () => this.#onForbidden.delete(callback);
  }

  /** Throws BusError; a refusal by JetStream itself is its `cause`, a JetStreamApiError. */
  async callApi<T>(subject: string, body: unknown): Promise<T> {
    await this.ready(API_TIMEOUT_MS);
    const payload = body === undefined ? '' : JSON.stringify(body);
    let reply: { error?: JetStreamApiError };
    try {
      const message = await this.connection.request(`${this.apiPrefix}.${subject}`, payload, {
        timeout: API_TIMEOUT_MS,
      });
      reply = message.json();
    } catch (error) {
      throw toBusError(error, `JetStream does not answer on ${subject}`);
    }
    if (reply.error) {
      const isMissing = reply.error.err_code === 10059;
      throw new BusError(
        isMissing ? 'no-stream' : 'unavailable',
        `JetStream refused ${subject}: ${reply.error.description}`,
        { cause: reply.error },
      );
    }
    return reply as T;
  }

  /**
   * Unsubscribes, after what has arrived was handed over. Without a connection nothing more arrives,
   * and waiting for one would never end.
   */
  async drainSubscription(subscription: Subscription): Promise<void> {
    if (subscription.isClosed() || this.connection.isClosed()) return;
    if (this.#isConnected) await withinDrainTime(subscription.drain());
    if (!subscription.isClosed()) subscription.unsubscribe();
  }

  /** Sends what is queued, and ends. */
  async close(): Promise<void> {
    this.#closing.abort();
    if (this.connection.isClosed()) return;
    if (this.#isConnected) await withinDrainTime(this.connection.drain());
    if (!this.connection.isClosed()) await this.connection.close();
  }

  async #watch(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === 'disconnect') this.#isConnected = false;
      if (status.type === 'reconnect') {
        this.#isConnected = true;
        for (const callback of this.#onReconnect) callback();
      }
      if (status.type !== 'error') continue;
      const { error } = status;
      if (error instanceof errors.PermissionViolationError && error.operation === 'publish') {
        for (const callback of this.#onForbidden) callback(error.subject);
      }
    }
  }
}

/** The connection may be lost while it drains: then there is nothing to wait for. */
async function withinDrainTime(draining: Promise<void>): Promise<void> {
  const stop = new AbortController();
  await Promise.race([
    draining.catch(() => {}),
    sleep(DRAIN_TIMEOUT_MS, undefined, { signal: stop.signal }).catch(() => {}),
  ]);
  stop.abort();
}

/** Throws BusError `unavailable` where no fit server answers, `forbidden` where it knows us not. */
export async function openNatsLink(options: NatsOptions): Promise<NatsLink> {
  const inboxPrefix = inboxPrefixOf(options);
  const { credentials } = options;
  const connectOptions: NodeConnectionOptions = {
    servers: [...(typeof options.url === 'string' ? [options.url] : options.url)],
    name: options.name ?? 'streetwatt',
    inboxPrefix,
    timeout: CONNECT_TIMEOUT_MS,
    // A node waits for its server for as long as it takes; what must not wait has its own timeout.
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
  };
  if (options.tls) connectOptions.tls = options.tls;
  if (credentials !== undefined && 'user' in credentials) {
    connectOptions.user = credentials.user;
    connectOptions.pass = credentials.password;
  } else if (credentials !== undefined && 'nkeySeed' in credentials) {
    connectOptions.authenticator = nkeyAuthenticator(credentials.nkeySeed);
  } else if (credentials !== undefined) {
    connectOptions.authenticator = credsAuthenticator(credentials.credsFile);
  }
  let connection: NatsConnection;
  try {
    connection = await connect(connectOptions);
  } catch (error) {
    throw toBusError(error, `no NATS server answers at ${String(options.url)}`);
  }
  try {
    checkServerVersion(connection.info?.version ?? '0', options);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return new NatsLink(connection, inboxPrefix, options.apiPrefix ?? '$JS.API');
}

/** What the client throws, as the port's error. */
export function toBusError(error: unknown, message: string): BusError {
  if (error instanceof BusError) return error;
  const because = error instanceof Error ? `${message}: ${error.message}` : message;
  const has = (type: new (...args: never[]) => Error) =>
    error instanceof type || (error instanceof Error && error.cause instanceof type);
  if (has(errors.PermissionViolationError) || has(errors.AuthorizationError)) {
    return new BusError('forbidden', because, { cause: error });
  }
  if (has(errors.TimeoutError)) return new BusError('timeout', because, { cause: error });
  if (has(errors.ClosedConnectionError) || has(errors.DrainingConnectionError)) {
    return new BusError('closed', because, { cause: error });
  }
  return new BusError('unavailable', because, { cause: error });
}
