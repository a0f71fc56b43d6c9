// Sub-meters on Modbus, polled: TCP, or RTU through a socket (a converter, ser2net).

import { setTimeout as sleep } from 'node:timers/promises';
import Modbus from 'jsmodbus';
import { toMilli } from '../registers/milli-units.ts';
import { type ModbusType, readModbusValue, type WordOrder, wordCount } from './modbus-value.ts';
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
}

export interface ModbusOptions {
  readonly host: string;
  readonly port: number;
  readonly transport: 'tcp' | 'rtu';
  readonly unitId: number;
  readonly everySeconds: number;
  readonly takes: Readonly<Record<string, ModbusField>>;
  readonly powers?: Readonly<Record<string, ModbusField>> | undefined;
}

const ANSWER_TIMEOUT_MS = 5000;

type Client = InstanceType<typeof Modbus.client.TCP> | InstanceType<typeof Modbus.client.RTU>;

export function modbusSource(options: ModbusOptions): RunSource {
  return async (sink, signal) => {
    const socket = await openSocket(options.host, options.port, signal);
    if (socket === undefined) return;
    const end = () => void socket.destroy();
    signal.addEventListener('abort', end, { once: true });
    socket.on('error', () => {});
    try {
      const client = createClient(options, socket);
      sink.connected();
      while (!signal.aborted) {
        await poll(client, options, sink);
        await sleep(options.everySeconds * 1000, undefined, { signal }).catch(() => undefined);
        if (socket.destroyed && !signal.aborted)
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

function createClient(
  { transport, unitId }: ModbusOptions,
  socket: NonNullable<Awaited<ReturnType<typeof openSocket>>>,
): Client {
  const client =
    transport === 'tcp'
      ? new Modbus.client.TCP(socket, unitId, ANSWER_TIMEOUT_MS)
      : // Its type asks for a serial port; all it uses is the stream.
        new Modbus.client.RTU(socket as never, unitId, ANSWER_TIMEOUT_MS);
  // The library learns that it is online from this event, which has passed.
  socket.emit(transport === 'tcp' ? 'connect' : 'open');
  return client;
}

async function poll(client: Client, options: ModbusOptions, sink: SourceSink): Promise<void> {
  const amounts = new Map<string, number>();
  const powersW = new Map<string, number>();
  for (const [name, field] of Object.entries(options.takes)) {
    const value = await readField(client, field, sink);
    if (value !== undefined) amounts.set(name, toMilli(value, field.unit));
  }
  for (const [name, field] of Object.entries(options.powers ?? {})) {
    const value = await readField(client, field, sink);
    if (value !== undefined) powersW.set(name, field.unit === 'kW' ? value * 1000 : value);
  }
  if (amounts.size + powersW.size > 0) sink.measured({ amounts, powersW });
}

/** @throws SourceError where nobody answers; what answers with an exception is refused, no more. */
async function readField(
  client: Client,
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
    const value = readModbusValue(response.body.valuesAsArray as number[], type, words);
    if (value === undefined) sink.refused('not-a-number', `register ${address}`);
    return value === undefined ? undefined : value * scale;
  } catch (cause) {
    const { err, message } = cause as { err?: string; message?: string };
    if (err === 'ModbusException') {
      sink.refused('modbus-exception', `register ${address}: ${message ?? ''}`);
      return undefined;
    }
    throw new SourceError(`register ${address}: ${err ?? 'failed'}: ${message ?? ''}`, { cause });
  }
}
