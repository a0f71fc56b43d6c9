// Sub-meters on Modbus, polled: TCP, RTU through a socket (a converter, ser2net), or RTU on a serial
// port, whose bus may have several of them.

import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import Modbus from 'jsmodbus';
import { toMilli } from '../registers/milli-units.ts';
import { type ModbusType, readModbusValue, type WordOrder, wordCount } from './modbus-value.ts';
import { duplexOf, type LineSettings, openSerialPort } from './serial-port.ts';
import { type RunSource, SourceError, type SourceSink } from './source.ts';
import { openSocket } from './tcp.ts';

export interface ModbusField {
  readonly address: number;
  readonly table: 'holding' | 'input';
  readonly type: ModbusType;
  readonly words: WordOrder;
  /** The value is multiplied with it. */
  readonly scale: number;
  readonly unit: string;
  /** Of another device on the same way; the source's by default. */
  readonly unitId?: number | undefined;
}

export type ModbusOptions = ModbusPolling &
  (
    | { readonly transport: 'tcp' | 'rtu'; readonly host: string; readonly port: number }
    | ({ readonly transport: 'serial'; readonly path: string } & LineSettings)
  );

interface ModbusPolling {
  readonly unitId: number;
  readonly everySeconds: number;
  readonly takes: Readonly<Record<string, ModbusField>>;
  readonly powers?: Readonly<Record<string, ModbusField>> | undefined;
}

const ANSWER_TIMEOUT_MS = 5000;
/** Modbus over serial line, 2.5.1: 19200 baud and even parity. */
export const RTU_DEFAULTS: LineSettings = { baud: 19_200, parity: '8E1' };

type Client = InstanceType<typeof Modbus.client.TCP> | InstanceType<typeof Modbus.client.RTU>;

export function modbusSource(options: ModbusOptions): RunSource {
  return async (sink, signal) => {
    const stream = await openStream(options, signal);
    if (stream === undefined) return;
    const end = () => void stream.destroy();
    signal.addEventListener('abort', end, { once: true });
    stream.on('error', () => {});
    try {
      if (signal.aborted) return;
      const clients = createClients(options, stream);
      sink.connected();
      while (!signal.aborted) {
        await poll(clients, options, sink);
        await sleep(options.everySeconds * 1000, undefined, { signal }).catch(() => undefined);
        if (stream.destroyed && !signal.aborted)
          throw new SourceError('the other side closed the connection');
      }
    } catch (cause) {
      if (signal.aborted) return;
      throw cause;
    } finally {
      signal.removeEventListener('abort', end);
      end();
    }
  };
}

async function openStream(
  options: ModbusOptions,
  signal: AbortSignal,
): Promise<Duplex | undefined> {
  if (options.transport !== 'serial') return openSocket(options.host, options.port, signal);
  return duplexOf(await openSerialPort(options.path, options));
}

/** By unit. The library has one device for each client; of several on one way, one is asked at a time. */
function createClients(options: ModbusOptions, stream: Duplex): ReadonlyMap<number, Client> {
  const { transport, takes, powers = {} } = options;
  const fields = [...Object.values(takes), ...Object.values(powers)];
  const units = new Set(fields.map(({ unitId = options.unitId }) => unitId));
  const clients = new Map<number, Client>();
  for (const unit of units)
    clients.set(
      unit,
      // The types ask for a socket and a serial port; all that is used is the stream.
      transport === 'tcp'
        ? new Modbus.client.TCP(stream as never, unit, ANSWER_TIMEOUT_MS)
        : new Modbus.client.RTU(stream as never, unit, ANSWER_TIMEOUT_MS),
    );
  // The library learns that it is online from this event, which has passed.
  stream.emit(transport === 'tcp' ? 'connect' : 'open');
  return clients;
}

async function poll(
  clients: ReadonlyMap<number, Client>,
  options: ModbusOptions,
  sink: SourceSink,
): Promise<void> {
  const amounts = new Map<string, number>();
  const powersW = new Map<string, number>();
  const silent = new Set<number>();
  const read = async (field: ModbusField): Promise<number | undefined> => {
    const { unitId = options.unitId } = field;
    if (silent.has(unitId)) return undefined;
    try {
      return await readField(clients.get(unitId) as Client, unitId, field, sink);
    } catch (cause) {
      // The others on the bus may well answer.
      if (!(cause instanceof NoAnswer) || silent.size + 1 === clients.size) throw cause;
      silent.add(unitId);
      sink.refused('no-answer', `unit ${unitId}`);
      return undefined;
    }
  };
  for (const [name, field] of Object.entries(options.takes)) {
    const value = await read(field);
    if (value !== undefined) amounts.set(name, toMilli(value, field.unit));
  }
  for (const [name, field] of Object.entries(options.powers ?? {})) {
    const value = await read(field);
    if (value !== undefined) powersW.set(name, field.unit === 'kW' ? value * 1000 : value);
  }
  if (amounts.size + powersW.size > 0) sink.measured({ amounts, powersW });
}

class NoAnswer extends SourceError {}

/** @throws SourceError where nobody answers; what answers with an exception is refused, no more. */
async function readField(
  client: Client,
  unitId: number,
  field: ModbusField,
  sink: SourceSink,
): Promise<number | undefined> {
  const { address, table, type, words, scale } = field;
  const count = wordCount(type);
  try {
    const { response } =
      table === 'holding'
        ? await client.readHoldingRegisters(address, count)
        : await client.readInputRegisters(address, count);
    // Over TCP the connection is the device, and gateways answer with what they like.
    if (client instanceof Modbus.client.RTU && response.unitId !== unitId)
      throw new SourceError(
        `expected an answer of unit ${unitId}, found one of ${response.unitId}`,
      );
    const value = readModbusValue(response.body.valuesAsArray as number[], type, words);
    if (value === undefined) sink.refused('not-a-number', `register ${address}`);
    return value === undefined ? undefined : value * scale;
  } catch (cause) {
    if (cause instanceof SourceError) throw cause;
    const { err, message } = cause as { err?: string; message?: string };
    if (err === 'ModbusException') {
      sink.refused('modbus-exception', `register ${address}: ${message ?? ''}`);
      return undefined;
    }
    const text = `register ${address}: ${err ?? 'failed'}: ${message ?? ''}`;
    throw err === 'Timeout' ? new NoAnswer(text, { cause }) : new SourceError(text, { cause });
  }
}
