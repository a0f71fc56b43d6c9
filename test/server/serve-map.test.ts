import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import type { IntervalIndex } from '../../src/core/interval.ts';
import { serveMap } from '../../src/server/serve-map.ts';
import { createMapApp, EVERYTHING } from './map-app.ts';

const LISTEN = { host: '127.0.0.1', port: 0 };
const EVENTS = '/api/v1/areas/eu.es/events';

async function until(isTrue: () => boolean): Promise<void> {
  for (let i = 0; i < 300 && !isTrue(); i++) await sleep(10);
  expect(isTrue()).toBe(true);
}

/** Sends bytes as they are and reads until the server ends the connection or `text` has come. */
async function raw(url: string, request: string, text?: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(request));
    let answer = '';
    socket.setTimeout(5000, () => socket.destroy(new Error('no answer')));
    socket.on('data', (data) => {
      answer += data.toString();
      if (text !== undefined && answer.includes(text)) socket.end();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

describe('the server on a port', () => {
  it('answers at its address', async () => {
    const { app } = createMapApp({ anonymous: EVERYTHING });
    await using server = await serveMap({ app, ...LISTEN });
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await fetch(`${server.url}/api/v1/map`)).status).toBe(200);
    expect((await fetch(`${server.url}/metrics`)).status).toBe(200);
  });

  it('says so when its port is taken', async () => {
    const { app } = createMapApp();
    await using server = await serveMap({ app, ...LISTEN });
    const port = Number(new URL(server.url).port);
    await expect(serveMap({ app, host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });

  it('stops at once, with event streams open', async () => {
    const { app, source } = createMapApp({ anonymous: EVERYTHING });
    const server = await serveMap({ app, ...LISTEN });
    const streams = await Promise.all(
      Array.from({ length: 10 }, async () => await fetch(`${server.url}${EVENTS}`)),
    );
    const ended = Promise.allSettled(streams.map(async (stream) => await stream.text()));
    expect(source.listenerCount()).toBe(1);
    const startMs = performance.now();
    await server[Symbol.asyncDispose]();
    await ended;
    expect(performance.now() - startMs).toBeLessThan(1000);
    await until(() => source.listenerCount() === 0);
    await server[Symbol.asyncDispose]();
  });

  it('prints nothing when readers come and go', async () => {
    const printed = [vi.spyOn(console, 'error'), vi.spyOn(console, 'info')];
    const { app, source } = createMapApp({ anonymous: EVERYTHING });
    await using server = await serveMap({ app, ...LISTEN });
    for (let i = 0; i < 5; i++) {
      const stop = new AbortController();
      const stream = await fetch(`${server.url}${EVENTS}`, { signal: stop.signal });
      await stream.body?.getReader().read();
      stop.abort();
    }
    await until(() => source.listenerCount() === 0);
    await sleep(20);
    for (const spy of printed) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
  });

  it('forgets a reader whose connection is gone, also while its frame is being made', async () => {
    const { app, source } = createMapApp({
      anonymous: EVERYTHING,
      table: { frameDelayMs: 60_000 },
    });
    await using server = await serveMap({ app, ...LISTEN });
    const stop = new AbortController();
    await fetch(`${server.url}${EVENTS}`, { signal: stop.signal });
    const frame = fetch(`${server.url}/api/v1/areas/eu/frame`, { signal: stop.signal });
    frame.catch(() => undefined);
    await until(() => source.openCount() === 2);
    stop.abort();
    await until(() => source.openCount() === 0 && source.listenerCount() === 0);
  });

  it('drops a reader of events that takes nothing, without buffering for it', async () => {
    const printed = vi.spyOn(console, 'error');
    const { app, source, errors } = createMapApp({
      anonymous: EVERYTHING,
      limits: { slowReaderMs: 200 },
      change: (table) => ({
        ...table,
        frame: async (query) => {
          const frame = await table.frame(query);
          return frame && { ...frame, self: { ...frame.self, name: 'x'.repeat(1_000_000) } };
        },
      }),
    });
    await using server = await serveMap({ app, ...LISTEN });
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.pause();
    socket.write(`GET ${EVENTS} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await until(() => source.listenerCount() === 1);
    const timer = setInterval(
      () => source.revise(areaId('eu/es'), source.latestInterval() as IntervalIndex),
      2,
    );
    await until(() => source.listenerCount() === 0);
    clearInterval(timer);
    socket.destroy();
    expect(errors).toEqual([]);
    expect(printed).not.toHaveBeenCalled();
    printed.mockRestore();
  });

  it('makes a few files at once, and drops a reader of one that takes nothing', async () => {
    const printed = vi.spyOn(console, 'error');
    const { app, errors } = createMapApp({
      anonymous: EVERYTHING,
      limits: { slowReaderMs: 200, maxExportsPerViewer: 1 },
      change: (table) => ({
        ...table,
        frame: async (query) => {
          const frame = await table.frame(query);
          const rows = frame?.rows.map((row) => ({
            ...row,
            name: randomBytes(500_000).toString('hex'),
          }));
          return frame && { ...frame, rows: rows ?? [] };
        },
      }),
    });
    await using server = await serveMap({ app, ...LISTEN });
    const path = '/api/v1/areas/eu.es/export?format=csv';
    const many = `${path}&from=2026-11-21T00:00Z&until=2026-11-21T12:00Z`;
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.pause();
    socket.write(`GET ${many} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    const statusOf = async (address: string) => {
      const response = await fetch(`${server.url}${address}`);
      await response.arrayBuffer();
      return response.status;
    };
    const patient = { timeout: 8000, interval: 20 };
    await vi.waitFor(async () => expect(await statusOf(path)).toBe(503), patient);
    await vi.waitFor(async () => expect(await statusOf(path)).toBe(200), patient);
    socket.destroy();
    expect(errors).toEqual([]);
    expect(printed).not.toHaveBeenCalled();
    printed.mockRestore();
  });

  it('lives through requests that are none', async () => {
    const { app, errors } = createMapApp({ anonymous: EVERYTHING });
    await using server = await serveMap({ app, ...LISTEN });
    const many = Array.from({ length: 3000 }, (_, i) => `X-${i}: 1\r\n`).join('');
    const long = `X: ${'a'.repeat(40_000)}\r\n`;
    const close = 'Host: localhost\r\nConnection: close\r\n';
    expect(await raw(server.url, `GET / HTTP/1.1\r\n${close}${many}\r\n`)).toMatch(
      /^HTTP\/1.1 431/,
    );
    expect(await raw(server.url, `GET / HTTP/1.1\r\n${close}${long}\r\n`)).toMatch(
      /^HTTP\/1.1 431/,
    );
    expect(await raw(server.url, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1.1 400/);
    expect(await raw(server.url, `GET /%c0%ae%c0%ae/ HTTP/1.1\r\n${close}\r\n`)).toMatch(/ 404 /);
    expect(await raw(server.url, `GET //evil.example/ HTTP/1.1\r\n${close}\r\n`)).toMatch(/ 404 /);
    expect(
      await raw(
        server.url,
        `GET /api/v1/map HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`,
      ),
    ).toContain('wrong-host');
    expect(
      await raw(server.url, `GET http://evil.example/api/v1/map HTTP/1.1\r\n${close}\r\n`),
    ).toMatch(/^HTTP\/1.1 \d{3}/);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect(errors).toEqual([]);
  });
});
