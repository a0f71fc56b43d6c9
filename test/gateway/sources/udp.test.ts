import { createSocket } from 'node:dgram';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../../src/core/bytes.ts';
import { createKnxDecoder } from '../../../src/gateway/decode/knx/knx.ts';
import { MAX_BYTES_PER_SECOND } from '../../../src/gateway/sources/pace.ts';
import { type UdpOptions, udpSource } from '../../../src/gateway/sources/udp.ts';
import { groupWrite, routed } from '../decode/knx/build.ts';
import { collect, until } from './collect.ts';

const METER = routed(groupWrite('1/2/3', '000004d2'));
const options = (port: number, more: Partial<UdpOptions> = {}): UdpOptions => ({
  decoder: createKnxDecoder(new Map([['1/2/3', { type: '13.013', direction: 'import' }]])),
  ...{ decode: {}, takes: { import: 'importWh' }, isMixed: true },
  ...{ host: '127.0.0.1', port, silentAfterSeconds: 60, ...more },
});

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
  const { port } = socket.address();
  await new Promise<void>((done) => socket.close(done));
  return port;
}

async function send(port: number, ...datagrams: Uint8Array[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const bytes of datagrams)
    await new Promise((done) => socket.send(bytes, port, '127.0.0.1', done));
  await new Promise<void>((done) => socket.close(done));
}

describe('a meter whose telegrams are datagrams', () => {
  it('is read from each whole one, and from no two halves', async () => {
    const port = await freePort();
    await using source = collect(udpSource(options(port)));
    await until(() => source.health.state === 'reading');
    await send(port, METER.subarray(0, 9), METER.subarray(9), concatBytes(METER, METER), METER);
    await until(() => source.measured.length === 2);
    expect(source.imports()).toEqual([1_234_000_000, 1_234_000_000]);
  });

  it('that floods is dropped, not kept', async () => {
    const port = await freePort();
    await using source = collect(udpSource(options(port)));
    await until(() => source.health.state === 'reading');
    const noise = new Uint8Array(8000);
    // In portions that the kernel's buffer has room for.
    for (let sent = 0; sent < 2 * MAX_BYTES_PER_SECOND; sent += 5 * noise.length) {
      await send(port, ...Array<Uint8Array>(5).fill(noise));
      await new Promise((done) => setTimeout(done, 1));
    }
    await until(() => source.refusedReasons().includes('too-fast'));
  });

  it('is heard no longer where it was stopped while its socket was opened', async () => {
    const stop = new AbortController();
    const sink = { connected: () => {}, measured: () => {}, refused: () => {} };
    const ended = udpSource(options(await freePort()))(sink, stop.signal);
    stop.abort();
    await expect(ended).resolves.toBeUndefined();
  });

  it('is waited for where its port is taken or it says nothing', async () => {
    const port = await freePort();
    await using source = collect(udpSource(options(port, { silentAfterSeconds: 0.1 })));
    await until(() => source.health.problem === 'nothing came for 0.1 s');
    await using other = collect(udpSource(options(port, { host: '203.0.113.7' })));
    await until(() => other.health.problem?.startsWith('cannot listen at 203.0.113.7') === true);
  });
});
