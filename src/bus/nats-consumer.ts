// The consumer that a replay makes, and what its messages say about their place in the stream.

import type { ReplayOptions } from './port.ts';

export const NANOS_PER_MS = 1e6;

/** A consumer that nobody pulls from for this long is forgotten by the server. */
const FORGET_AFTER_MS = 300_000;

export function consumerConfig(
  name: string,
  options: ReplayOptions,
  nextSeq: number | undefined,
): Record<string, unknown> {
  const { pattern, fromTimeMs } = options;
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
