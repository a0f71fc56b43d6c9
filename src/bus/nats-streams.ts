import { BusError } from './errors.ts';
import { MAX_MESSAGE_BYTES } from './limits.ts';
import type { JetStreamApiError, NatsLink } from './nats-connection.ts';
import type { StreamName } from './port.ts';
import {
  type MaxAges,
  maxAgeSecondsOf,
  STREAM_NAMES,
  STREAMS,
  type StreamSpec,
} from './streams.ts';

export interface StreamSettings {
  /** Copies in the cluster; 1 by default, 3 survives one node. */
  readonly replicas?: number;
  readonly maxAgesSeconds?: MaxAges;
}

const NANOS_PER_SECOND = 1e9;
const STREAM_NAME_IN_USE = 10058;

/** Creates the streams, or brings existing ones to these settings. */
export async function ensureStreams(
  link: NatsLink,
  settings: StreamSettings,
  names: readonly StreamName[] = STREAM_NAMES,
): Promise<void> {
  for (const name of names) {
    const config = streamConfig(STREAMS[name], settings);
    try {
      await link.callApi(`STREAM.CREATE.${name}`, config);
    } catch (error) {
      // Creating a stream with the settings that it has already succeeds; with others it says this.
      const cause = error instanceof BusError ? (error.cause as Partial<JetStreamApiError>) : {};
      if (cause?.err_code !== STREAM_NAME_IN_USE) throw error;
      await link.callApi(`STREAM.UPDATE.${name}`, config);
    }
  }
}

/** As nats-server's JetStream API has it, also for an operator's own tools. */
export function streamConfig(spec: StreamSpec, settings: StreamSettings): Record<string, unknown> {
  const maxAgeSeconds = maxAgeSecondsOf(spec.name, settings.maxAgesSeconds);
  return {
    name: spec.name,
    subjects: [`${spec.subjectPrefix}>`],
    retention: 'limits',
    storage: 'file',
    num_replicas: settings.replicas ?? 1,
    max_age: maxAgeSeconds * NANOS_PER_SECOND,
    max_msg_size: MAX_MESSAGE_BYTES,
    max_msgs_per_subject: spec.isFirstWins ? 1 : -1,
    discard: spec.isFirstWins ? 'new' : 'old',
    discard_new_per_subject: spec.isFirstWins,
    // Deduplication acts on a header that we never send, so it drops nothing; as short as it gets, so
    // that it costs nothing either. First-wins and idempotent roles do its work.
    duplicate_window: Math.min(1, maxAgeSeconds) * NANOS_PER_SECOND,
    // What was stored stays until it expires: nobody can take a winner back, or a ledger entry.
    deny_delete: true,
    deny_purge: true,
    // A direct read may come from a replica that has not seen the winner yet.
    allow_direct: false,
  };
}
