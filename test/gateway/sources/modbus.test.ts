import { createServer, type Server, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import Modbus from 'jsmodbus';
import { describe, expect, it } from 'vitest';
import { type ModbusField, modbusSource } from '../../../src/gateway/sources/modbus.ts';
import { readModbusValue } from '../../../src/gateway/sources/modbus-value.ts';
import { type PseudoTerminal, pseudoTerminal } from '../../support/meter-stream.ts';
import { collect, until } from './collect.ts';

const field = (address: number, type: ModbusField['type'], more: Partial<ModbusField> = {}) =>
  ({
    ...{ address, type, table: 'input', words: 'big', scale: 1, unit: 'kWh' },
    ...more,
  }) as ModbusField;

/** A sub-meter like an SDM630: floats in input registers, counters in holding registers. */
async function subMeter(transport: 'tcp' | 'rtu' = 'tcp', port = 0) {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    if (transport === 'rtu') new Modbus.server.RTU(socket as never, { input, holding });
  });
  const input = Buffer.alloc(200);
  const holding = Buffer.alloc(200);
  if (transport === 'tcp') new Modbus.server.TCP(server, { input, holding });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  return {
    input,
    holding,
    port: (server.address() as { port: number }).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

const KWH = 1_000_000;

describe('a sub-meter on Modbus', () => {
  it.each(['tcp', 'rtu'] as const)(
    'is polled over %s: types, word orders, scale and unit',
    async (transport) => {
      await using meter = await subMeter(transport);
      meter.input.writeFloatBE(1234.5, 2 * 72);
      meter.input.writeFloatBE(650.5, 2 * 52);
      meter.holding.writeUInt16BE(0x9680, 2 * 10);
      meter.holding.writeUInt16BE(0x0098, 2 * 11);
      const source0 = modbusSource({
        ...{ host: '127.0.0.1', port: meter.port, transport, unitId: 1, everySeconds: 0.02 },
        takes: {
          import: field(72, 'f32'),
          production: field(10, 'u32', {
            table: 'holding',
            words: 'little',
            scale: 0.1,
            unit: 'Wh',
          }),
        },
        powers: { import: field(52, 'f32', { unit: 'W' }) },
      });
      await using source = collect(source0);
      await until(() => source.measured.length >= 2);
      expect(Object.fromEntries(source.measured[0]!.amounts)).toEqual({
        import: 1234.5 * KWH,
        production: 1_000_000_000,
      });
      expect(source.measured[0]!.powersW.get('import')).toBe(650.5);
    },
  );

  it('comes back after it was away, and names what it answers without a value', async () => {
    const first = await subMeter();
    const takes = { import: field(72, 'f32'), other: field(4000, 'u16') };
    const options = { host: '127.0.0.1', port: first.port, transport: 'tcp', unitId: 1 } as const;
    await using source = collect(modbusSource({ ...options, everySeconds: 0.02, takes }));
    await until(() => source.measured.length > 0);
    expect(source.refusedReasons()).toEqual(['not-a-number']);
    await first[Symbol.asyncDispose]();
    await until(() => source.health.state === 'waiting');
    const before = source.measured.length;
    await using _second = await subMeter('tcp', first.port);
    await until(() => source.measured.length > before);
  });
});

/** Devices on one RS-485 bus: each answers to its own number alone. */
function busOf(terminal: PseudoTerminal, inputs: Readonly<Record<number, Buffer>>): void {
  const bus = new Duplex({
    read: () => {},
    write: (bytes, _encoding, done) => {
      terminal.write(bytes);
      done();
    },
  });
  const server = new Modbus.server.RTU(bus as never, { input: Buffer.alloc(200) });
  server.on('preReadInputRegisters', (request: { address: number }) => {
    // What was asked of another device gets no answer: its place is the one to look at.
    inputs[request.address]?.copy(server.input);
  });
  terminal.onHeard((bytes) => {
    const text = bytes.toString();
    if (text.includes('/dev/pts') || inputs[bytes[0] as number] === undefined) return;
    bus.push(bytes);
  });
}

describe('sub-meters on a serial bus', () => {
  const inputOf = (value: number) => {
    const input = Buffer.alloc(200);
    input.writeFloatBE(value, 2 * 72);
    return input;
  };
  const line = { transport: 'serial', baud: 9600, parity: '8N1', unitId: 1 } as const;

  it('are polled through one port, each by its number', async () => {
    await using terminal = await pseudoTerminal();
    busOf(terminal, { 1: inputOf(1000.5), 2: inputOf(250.25) });
    const takes = { import: field(72, 'f32'), production: field(72, 'f32', { unitId: 2 }) };
    const options = { ...line, path: terminal.path, everySeconds: 0.02, takes };
    await using source = collect(modbusSource(options));
    await until(() => source.measured.length >= 3);
    for (const { amounts } of source.measured)
      expect(Object.fromEntries(amounts)).toEqual({
        import: 1000.5 * KWH,
        production: 250.25 * KWH,
      });
  });

  it('are read without the one that does not answer', async () => {
    await using terminal = await pseudoTerminal();
    busOf(terminal, { 1: inputOf(1000.5) });
    const takes = { production: field(72, 'f32', { unitId: 2 }), import: field(72, 'f32') };
    const options = { ...line, path: terminal.path, everySeconds: 0.02, takes };
    await using source = collect(modbusSource(options));
    await until(() => source.measured.length > 0, 15_000);
    expect(Object.fromEntries(source.measured[0]!.amounts)).toEqual({ import: 1000.5 * KWH });
    expect([...source.health.refused]).toMatchObject([['no-answer', { detail: 'unit 2' }]]);
  });

  it('that all are silent make the port be opened again', async () => {
    await using terminal = await pseudoTerminal();
    const takes = { import: field(72, 'f32') };
    const options = { ...line, path: terminal.path, everySeconds: 0.02, takes };
    await using source = collect(modbusSource(options));
    await until(() => source.health.problem?.startsWith('register 72: Timeout') === true, 15_000);
    expect(source.measured).toEqual([]);
  });
});

describe('a value in Modbus registers', () => {
  it.each([
    [[0xfff6], 's16', 'big', -10],
    [[0x0001, 0x0002], 'u32', 'big', 65_538],
    [[0x0002, 0x0001], 'u32', 'little', 65_538],
    [[0xffff, 0xfffe], 's32', 'big', -2],
    [[0, 0, 1, 0], 'u64', 'big', 65_536],
    [[0x42f6, 0xe979], 'f32', 'big', 123.456],
    [[0x7fc0, 0], 'f32', 'big', undefined],
    [[0xffff, 0xffff, 0xffff, 0xffff], 'u64', 'big', undefined],
    [[1], 'u32', 'big', undefined],
  ] as const)('%j as %s, %s first, is %s', (words, type, order, value) => {
    const read = readModbusValue(words, type, order);
    if (value === undefined) expect(read).toBeUndefined();
    else expect(read).toBeCloseTo(value, 3);
  });
});
