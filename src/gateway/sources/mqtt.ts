// Measurements from MQTT: Tasmota's SENSOR messages, zigbee2mqtt's states, ESPHome's and Home
// Assistant's one value a topic, by a small mapping of paths to registers with their units.
//
// Retained messages are not taken: the broker sends them to whoever comes, however old they are.

import { connect, type IPublishPacket, type MqttClient } from 'mqtt';
import { toMilli } from '../registers/milli-units.ts';
import { numberAt, parseMessage, textAt } from './json-field.ts';
import { matchTopic } from './mqtt-topic.ts';
import { type RunSource, SourceError, type SourceSink } from './source.ts';

export interface MqttField {
  /** Empty: the whole message is the number. */
  readonly path: string;
  readonly unit: string;
}

export interface MqttTopic {
  /** With `+` or `#` in it, a filter for several meters, which `meters` names. */
  readonly topic: string;
  /** What the wildcards may stand for: each is a meter of its own. */
  readonly meters?: readonly string[] | undefined;
  /** Cumulative registers: `import`, `export`, ... */
  readonly takes: Readonly<Record<string, MqttField>>;
  /** Power, in W or kW. */
  readonly powers?: Readonly<Record<string, MqttField>> | undefined;
  /** Where the message names the meter. */
  readonly meterPath?: string | undefined;
}

export interface MqttOptions {
  readonly url: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly topics: readonly MqttTopic[];
}

const CONNECT_TIMEOUT_MS = 10_000;

export function mqttSource(options: MqttOptions): RunSource {
  return async (sink, signal) => {
    const client = connect(options.url, {
      // Whoever supervises us connects again.
      reconnectPeriod: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
      keepalive: 30,
      clean: true,
      ...(options.user === undefined ? {} : { username: options.user }),
      ...(options.password === undefined ? {} : { password: options.password }),
    });
    try {
      await untilClosed(client, options, sink, signal);
    } finally {
      client.removeAllListeners('message');
      client.on('error', () => {});
      client.end(true);
    }
  };
}

function untilClosed(
  client: MqttClient,
  { topics }: MqttOptions,
  sink: SourceSink,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (text: string, cause?: unknown) => reject(new SourceError(text, { cause }));
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
    client.on('error', (error) => fail(`the broker: ${error.message}`, error));
    client.on('close', () => fail('no connection to the broker'));
    client.on('connect', () => {
      client.subscribe(
        topics.map(({ topic }) => topic),
        { qos: 0 },
        (error, granted) => {
          const refused = granted?.find(({ qos }) => (qos as number) === 128);
          if (error || refused)
            fail(`the broker does not let us hear ${refused?.topic ?? 'it'}`, error);
          else sink.connected();
        },
      );
    });
    client.on('message', (topic, payload, packet: IPublishPacket) => {
      for (const mapping of topics) {
        const feed = matchTopic(mapping.topic, topic);
        if (feed === undefined) continue;
        if (packet.retain) sink.refused('retained', topic);
        else if (mapping.meters?.includes(feed) === false) sink.refused('other-meter', topic);
        else takeMessage({ mapping, topic, feed }, payload, sink);
      }
    });
  });
}

interface Arrived {
  readonly mapping: MqttTopic;
  readonly topic: string;
  readonly feed: string;
}

function takeMessage(
  { mapping, topic, feed }: Arrived,
  payload: Uint8Array,
  sink: SourceSink,
): void {
  const message = parseMessage(payload);
  const amounts = new Map<string, number>();
  const powersW = new Map<string, number>();
  for (const [name, { path, unit }] of Object.entries(mapping.takes)) {
    const value = numberAt(message, path);
    if (value !== undefined) amounts.set(name, toMilli(value, unit));
  }
  for (const [name, { path, unit }] of Object.entries(mapping.powers ?? {})) {
    const value = numberAt(message, path);
    if (value !== undefined) powersW.set(name, unit === 'kW' ? value * 1000 : value);
  }
  if (amounts.size + powersW.size === 0) {
    // A state without the value, as `unavailable` is: it is missing, not zero.
    sink.refused('no-register', topic);
    return;
  }
  const meter = mapping.meterPath === undefined ? undefined : textAt(message, mapping.meterPath);
  sink.measured({ meter, feed: feed === '' ? undefined : feed, amounts, powersW });
}
