// A map behind a proxy: the names that it answers to, and what it takes for https.

import { request } from 'node:http';
import { expect, it } from 'vitest';
import { serveSource } from '../../src/runtime/map-serve.ts';
import { createTokenTable, tokenDigest } from '../../src/server/token-table.ts';
import { EVERYTHING, NATION_TOKEN, NOW_MS } from '../server/map-app.ts';
import { createTableSource } from '../support/table-source.ts';

interface Answer {
  readonly status: number | undefined;
  readonly cookie: string | undefined;
}

/** Logs in as a page does that was fetched from `https://<host>`. */
function logIn(url: string, host: string): Promise<Answer> {
  const body = JSON.stringify({ token: NATION_TOKEN });
  return new Promise((resolve, reject) => {
    const headers = { Host: host, Origin: `https://${host}`, 'Content-Type': 'application/json' };
    const sent = request(`${url}/api/v1/session`, { method: 'POST', headers }, (response) => {
      response.resume();
      response.on('end', () =>
        resolve({ status: response.statusCode, cookie: response.headers['set-cookie']?.[0] }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

it('answers to the name of the proxy in front of it, with cookies for https, and to no other', async () => {
  const errors: unknown[] = [];
  const digestHex = tokenDigest(NATION_TOKEN);
  await using server = await serveSource({
    source: createTableSource({ nowMs: NOW_MS }),
    tokens: createTokenTable([{ digestHex, name: 'nation', viewer: EVERYTHING }]),
    anonymous: undefined,
    host: '127.0.0.1',
    port: 0,
    publicUrl: 'https://map.example',
    mayMove: false,
    onError: (error) => errors.push(error),
  });
  const own = await logIn(server.url, 'map.example');
  expect(own.status).toBe(204);
  expect(own.cookie).toContain('Secure');
  expect((await logIn(server.url, 'map.example.evil.test')).status).toBe(421);
  // What comes through a proxy is not from this machine itself.
  expect((await fetch(`${server.url}/metrics`)).status).toBe(401);
  expect(errors).toEqual([]);
});
