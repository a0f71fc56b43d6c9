import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../../src/core/bytes.ts';
import { decoderOf } from '../../../src/gateway/decode/registry.ts';
import { fileSource } from '../../../src/gateway/sources/file.ts';
import { MAX_BYTES_PER_SECOND } from '../../../src/gateway/sources/pace.ts';
import { serialSource } from '../../../src/gateway/sources/serial.ts';
import { sttyArguments } from '../../../src/gateway/sources/serial-port.ts';
import { tcpSource } from '../../../src/gateway/sources/tcp.ts';
import { p1With, pseudoTerminal } from '../../support/meter-stream.ts';
import { p1Telegram } from '../decode/samples.ts';
import { collect, until } from './collect.ts';

const READER = {
  decoder: decoderOf('dsmr-p1')!,
  decode: { checksums: 'require' },
  takes: { import: 'importWh', export: 'exportWh', gas: '0-1:24.2.1' },
} as const;
/** The telegram's second tariff, which stays. */
const OTHER_TARIFF_WH = 200_001;
const telegram = (importWh: number) => p1With(p1Telegram(), importWh);
const milli = (importWh: number) => (importWh + OTHER_TARIFF_WH) * 1000;

async function meterServer(port = 0): Promise<
  AsyncDisposable & {
    readonly port: number;
    send(bytes: Uint8Array): void;
    drop(): void;
    heard: string[];
  }
> {
  const sockets = new Set<Socket>();
  const heard: string[] = [];
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('data', (data) => heard.push(data.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as { port: number }).port,
    heard,
    send: (bytes) => {
      for (const socket of sockets) socket.write(bytes);
    },
    drop,
    [Symbol.asyncDispose]: async () => {
      drop();
      await new Promise((done) => server.close(done));
    },
  };
}

const tcp = (port: number, more = {}) =>
  tcpSource({ ...READER, host: '127.0.0.1', port, silentAfterSeconds: 60, ...more });

describe('a meter behind a TCP socket', () => {
  it('is read in whatever portions its bytes come, with energy, gas and live power', async () => {
    await using server = await meterServer();
    await using source = collect(tcp(server.port));
    await until(() => source.health.state === 'reading');
    const bytes = telegram(1000);
    for (const part of [bytes.subarray(0, 7), bytes.subarray(7, 300), bytes.subarray(300)]) {
      server.send(part);
      await new Promise((done) => setTimeout(done, 20));
    }
    await until(() => source.measured.length === 1);
    expect(Object.fromEntries(source.measured[0]!.amounts)).toEqual({
      import: milli(1000),
      export: 30_500_000,
      gas: 123_456_000,
    });
    expect(source.measured[0]!.powersW.get('import')).toBe(321);
    expect(source.measured[0]!.meterTimeMs).toBe(Date.UTC(2024, 0, 15, 9, 30));
    expect(Object.fromEntries(source.measured[0]!.registerTimesMs!)).toEqual({
      gas: Date.UTC(2024, 6, 15, 8, 25),
    });
  });

  it('comes back after its connection was cut, and after its server was away', async () => {
    const first = await meterServer();
    await using source = collect(tcp(first.port));
    await until(() => source.health.state === 'reading');
    first.send(telegram(1));
    await until(() => source.measured.length === 1);
    first.drop();
    await until(() => source.health.state !== 'reading');
    await until(() => source.health.state === 'reading');
    await first[Symbol.asyncDispose]();
    await until(() => source.health.problem?.startsWith('cannot connect') === true);
    await using second = await meterServer(first.port);
    await until(() => source.health.state === 'reading');
    second.send(telegram(2));
    await until(() => source.measured.length === 2);
    expect(source.imports()).toEqual([milli(1), milli(2)]);
  });

  it('is tried again when it says nothing', async () => {
    await using server = await meterServer();
    await using source = collect(tcp(server.port, { silentAfterSeconds: 0.1 }));
    await until(() => source.health.problem === 'nothing came for 0.1 s');
    await until(() => source.health.state === 'reading');
  });

  it('is asked, where it speaks only then', async () => {
    await using server = await meterServer();
    const request = { text: '/?!\r\n', everySeconds: 0.05 };
    await using source = collect(tcp(server.port, { request }));
    await until(() => server.heard.join('').includes('/?!\r\n/?!\r\n'));
    expect(source.health.refused.size).toBe(0);
  });

  it('is asked in bytes where its protocol has no text', async () => {
    await using server = await meterServer();
    const { text } = JSON.parse('{"text":"\\u0010\\u005b\\u00fe\\u0059\\u0016"}') as {
      text: string;
    };
    await using _source = collect(tcp(server.port, { request: { text, everySeconds: 60 } }));
    await until(() => server.heard.length > 0);
    expect(Buffer.from(server.heard.join(''), 'latin1').toString('hex')).toBe('105bfe5916');
  });

  it('that is damaged is counted by reason, and its next telegram read', async () => {
    await using server = await meterServer();
    await using source = collect(tcp(server.port));
    await until(() => source.health.state === 'reading');
    const damaged = telegram(5);
    damaged[200]! ^= 1;
    server.send(concatBytes(damaged, telegram(6)));
    await until(() => source.measured.length === 1);
    expect(source.imports()).toEqual([milli(6)]);
    expect(source.refusedReasons()).toEqual(['bad-checksum']);
  });

  it('that floods is read no faster than a meter can be, in bounded memory', async () => {
    await using server = await meterServer();
    await using flooded = collect(tcp(server.port));
    await using quiet = await meterServer();
    await using other = collect(tcp(quiet.port));
    await until(() => flooded.health.state === 'reading' && other.health.state === 'reading');
    const before = process.memoryUsage().rss;
    const garbage = new Uint8Array(MAX_BYTES_PER_SECOND).fill(0x2f);
    for (let count = 0; count < 16; count++) server.send(garbage);
    quiet.send(telegram(3));
    await until(() => other.measured.length === 1, 2000);
    await new Promise((done) => setTimeout(done, 500));
    expect(process.memoryUsage().rss - before).toBeLessThan(128 * 1024 * 1024);
    expect(flooded.measured).toEqual([]);
  });

  it('of several on one wire is the one that was asked for', async () => {
    await using server = await meterServer();
    await using source = collect(tcp(server.port, { meter: 'somebody-else' }));
    await until(() => source.health.state === 'reading');
    server.send(telegram(1));
    await until(() => source.refusedReasons().includes('other-meter'));
    expect(source.measured).toEqual([]);
  });
});

describe('a meter whose bytes are appended to a file', () => {
  it('is read from the end on, through rotation and truncation', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'streetwatt-file-'));
    try {
      const path = join(folder, 'meter.log');
      await writeFile(path, telegram(1));
      await using source = collect(fileSource({ ...READER, path, pollMs: 10 }));
      await until(() => source.health.state === 'reading');
      await appendFile(path, telegram(2));
      await until(() => source.measured.length === 1);
      await rename(path, `${path}.1`);
      await appendFile(`${path}.1`, telegram(3));
      await until(() => source.measured.length === 2);
      await writeFile(path, concatBytes(new Uint8Array(100), telegram(4)));
      await until(() => source.measured.length === 3);
      await truncate(path);
      // Shorter than what was there, so that it cannot be missed between two looks.
      await appendFile(path, telegram(5));
      await until(() => source.measured.length === 4);
      expect(source.imports()).toEqual([2, 3, 4, 5].map(milli));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('waits for a file that is not there yet', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'streetwatt-file-'));
    try {
      const path = join(folder, 'meter.log');
      await using source = collect(fileSource({ ...READER, path, pollMs: 10 }));
      await until(() => source.health.problem === `cannot read ${path}: ENOENT`);
      await writeFile(path, '');
      await until(() => source.health.state === 'reading');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('a meter on a serial port', () => {
  it('is read through a terminal, bytes as they are', async () => {
    await using terminal = await pseudoTerminal();
    const options = { baud: 115_200, parity: '8N1', silentAfterSeconds: 60 } as const;
    await using source = collect(serialSource({ ...READER, ...options, path: terminal.path }));
    await until(() => source.health.state === 'reading');
    terminal.write(telegram(7));
    await until(() => source.measured.length === 1);
    terminal.write(telegram(8));
    await until(() => source.measured.length === 2);
    expect(source.imports()).toEqual([milli(7), milli(8)]);
  });

  it('is asked, where it speaks only then', async () => {
    await using terminal = await pseudoTerminal();
    const request = { text: '/?!\r\n', everySeconds: 0.05 };
    const options = { baud: 300, parity: '8N1', silentAfterSeconds: 60, request } as const;
    await using source = collect(serialSource({ ...READER, ...options, path: terminal.path }));
    await until(() => terminal.heard().includes('/?!\r\n/?!\r\n'));
    expect(source.health.state).toBe('reading');
  });

  it('that is not there is said so, and tried again', async () => {
    const options = { baud: 9600, parity: '8N1', silentAfterSeconds: 60 } as const;
    await using source = collect(serialSource({ ...READER, ...options, path: '/dev/no-such-tty' }));
    await until(() => source.health.problem === 'cannot open /dev/no-such-tty: ENOENT');
    expect(source.health.state).toBe('waiting');
  });

  it('is set to its speed, bits and parity, raw', () => {
    expect(sttyArguments({ baud: 300, parity: '7E1' }).join(' ')).toBe(
      '300 raw cs7 -cstopb parenb -parodd -inpck clocal -crtscts -echo -hupcl',
    );
  });
});
