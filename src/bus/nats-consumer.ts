// The consumer that a replay makes, and what its messages say about their place in the stream.

import { randomBytes } from 'node:crypto';
import type { NatsLink } from './nats-connection.ts';
import type { StreamName } from './port.ts';

export const NANOS_PER_MS = 1e6;

/** A consumer that nobody pulls from for this long is forgotten by the server. */
const FORGET_AFTER_MS = 300_000;

export interface ConsumerStart {
  readonly pattern: string | undefined;
  readonly nextSeq: number | undefined;
  readonly fromTimeMs: number | undefined;
}

export interface MadeConsumer {
  readonly name: string;
  readonly pattern: string | undefined;
  /** Stored messages that it will deliver. */
  readonly pendingCount: number;
}

export async function createConsumer(
  link: NatsLink,
  stream: StreamName,
  start: ConsumerStart,
): Promise<MadeConsumer> {
  const { pattern } = start;
  const name = `sw-${randomBytes(12).toString('hex')}`;
  // The filter stands in the API's subject too: permissions can name it.
  const filter = pattern === undefined || pattern === '>' ? '' : `.${pattern}`;
  const made = await link.callApi<{ num_pending?: number }>(
    `CONSUMER.CREATE.${stream}.${name}${filter}`,
    { stream_name: stream, config: consumerConfig(name, start), action: 'create' },
  );
  return { name, pattern, pendingCount: made.num_pending ?? 0 };
}

/** A courtesy: the server forgets a consumer by itself after a while. */
export function forgetConsumer(link: NatsLink, stream: StreamName, name: string): void {
  if (link.isClosing) return;
  link.callApi(`CONSUMER.DELETE.${stream}.${name}`, undefined).catch(() => {});
}

function consumerConfig(name: string, start: ConsumerStart): Record<string, unknown> {
  const { pattern, nextSeq, fromTimeMs } = start;
  return {
    name,
    ack_policy: 'none',
    replay_policy: 'instant',
    max_deliver: 1,
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: FORGET_AFTER_MS * NANOS_PER_MS,
    ...(pattern === undefined || pattern === '>' ? {} : { filter_subject: pattern }),
    ...(nextSeq !== undefined
      ? { deliver_policy: 'by_start_sequence', opt_start_seq: nextSeq }
      : fromTimeMs !== undefined
        ? { deliver_policy: 'by_start_time', opt_start_time: new Date(fromTimeMs).toISOString() }
        : { deliver_policy: 'all' }),
  };
}

export interface Place {
  readonly seq: number;
  readonly consumerSeq: number;
  readonly storedAtMs: number;
  readonly pendingCount: number;
}

/**
 * `$JS.ACK.<stream>.<consumer>.<delivered>.<seq>.<consumer seq>.<nanoseconds>.<pending>`, with
 * `<domain>.<account hash>` after ACK, and a random token at the end, from servers that say so.
 */
export function readPlace(reply: string | undefined): Place | undefined {
  if (!reply?.startsWith('$JS.ACK.')) return undefined;
  const tokens = reply.split('.');
  const first = tokens.length === 9 ? 5 : 7;
  return {
    seq: Number(tokens[first]),
    consumerSeq: Number(tokens[first + 1]),
    storedAtMs: Math.floor(Number(tokens[first + 2]) / NANOS_PER_MS),
    pendingCount: Number(tokens[first + 3]),
  };
}
