import { connect } from '@nats-io/transport-node';
import { describe, expect, it } from 'vitest';
import { connectNats } from '../../src/bus/nats-bus.ts';
import { checkServerVersion, isFitServerVersion } from '../../src/bus/nats-version.ts';
import type { StoredMessage } from '../../src/bus/port.ts';
import { describeWithNats, natsServer } from '../support/nats.ts';
import { testBusConformance } from './conformance.ts';

const text = (data: Uint8Array) => new TextDecoder().decode(data);
const bytes = (value: string) => new TextEncoder().encode(value);

async function until(isDone: () => boolean, timeoutMs = 15_000): Promise<void> {
  const deadlineMs = Date.now() + timeoutMs;
  while (!isDone()) {
    if (Date.now() > deadlineMs) throw new Error('waited in vain');
    await new Promise((done) => setTimeout(done, 5));
  }
}

describeWithNats('NATS', () => {
  testBusConformance('the NATS bus', async () => {
    const server = await natsServer();
    const first = await connectNats({ url: server.url, createStreams: true });
    await first[Symbol.asyncDispose]();
    return {
      connect: () => connectNats({ url: server.url }),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  });

  it('keeps what it acknowledged, and its replays, over a killed server', async () => {
    await using first = await natsServer();
    await using bus = await connectNats({ url: first.url, createStreams: true });
    const seen: StoredMessage[] = [];
    await using replay = await bus.replay('READINGS', {}, (m) => void seen.push(m));
    await replay.caughtUp;
    const messages = Array.from({ length: 1_000 }, (_, i) => ({
      subject: `sw.v1.reading.s${i % 5}`,
      data: bytes(String(i)),
    }));
    const outcomes = await bus.appendAll(messages);
    expect(outcomes.every((o) => o.kind === 'stored')).toBe(true);
    await first.kill();
    await using _ = await natsServer({ dir: first.dir, port: first.port });
    expect(await bus.lastSeq('READINGS')).toBe(1_000);
    await bus.append('sw.v1.reading.s0', bytes('1000'));
    await until(() => seen.length >= 1_001);
    expect(seen.map((m) => Number(text(m.data)))).toEqual(
      Array.from({ length: 1_001 }, (_, i) => i),
    );
  });

  it('can be disposed while the server is gone', async () => {
    await using server = await natsServer();
    const bus = await connectNats({ url: server.url, createStreams: true });
    await bus.subscribe('a', () => {});
    const replay = await bus.replay('SEALS', {}, () => {});
    await replay.caughtUp;
    await server.kill();
    await new Promise((done) => setTimeout(done, 100));
    const append = expect(bus.append('sw.v1.seal.a.1', bytes(''))).rejects.toThrow(
      expect.objectContaining({ code: 'closed' }),
    );
    const startedMs = Date.now();
    await bus[Symbol.asyncDispose]();
    expect(Date.now() - startedMs).toBeLessThan(2_000);
    await append;
  });

  it('creates streams once, and changes their settings later', async () => {
    await using server = await natsServer();
    const ages = [undefined, undefined, { SEALS: 3600 }];
    for (const maxAgesSeconds of ages) {
      await using bus = await connectNats({
        url: server.url,
        createStreams: true,
        ...(maxAgesSeconds ? { maxAgesSeconds } : {}),
      });
      await bus.append(`sw.v1.seal.a.${Math.random().toString(36).slice(2)}`, bytes(''));
    }
    await using bus = await connectNats({ url: server.url });
    expect(await bus.lastSeq('SEALS')).toBe(3);
  });

  it('answers to inboxes only', async () => {
    await using server = await natsServer();
    await using bus = await connectNats({ url: server.url, createStreams: true });
    const raw = await connect({ servers: server.url });
    let requestCount = 0;
    await bus.respond('sw.v1.query.a', async () => {
      requestCount++;
      return bytes('forged');
    });
    raw.publish('sw.v1.query.a', '', { reply: 'sw.v1.seal.a.1' });
    raw.publish('sw.v1.query.a', '', { reply: '_INBOX.x' });
    await until(() => requestCount > 0);
    await raw.drain();
    expect(requestCount).toBe(1);
    expect(await bus.lastSeq('SEALS')).toBe(0);
  });

  it('says that no server answers', async () => {
    await expect(connectNats({ url: 'nats://127.0.0.1:1' })).rejects.toThrow(
      expect.objectContaining({ code: 'unavailable' }),
    );
  });
});

describe('server versions', () => {
  it.each(['2.10.0', '2.10.27', 'v2.11.3', '2.12.0-RC.1', '3.0.0'])('takes %s', (version) => {
    expect(isFitServerVersion(version)).toBe(true);
    checkServerVersion(version, {});
  });
  it.each(['2.9.25', '2.9', '1.4.1', '0', ''])('refuses %j unless told otherwise', (version) => {
    expect(() => checkServerVersion(version, {})).toThrow(
      expect.objectContaining({ code: 'unavailable', message: expect.stringContaining('2.10') }),
    );
    checkServerVersion(version, { allowOldServer: true });
  });
});
