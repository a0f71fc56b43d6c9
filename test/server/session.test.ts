import { describe, expect, it } from 'vitest';
import { CITY_TOKEN, createMapApp, EVERYTHING, type MapApp, problemCode } from './map-app.ts';

const PATH = '/api/v1/session';

async function post(
  { app }: MapApp,
  body: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  return await app.request(PATH, {
    method: 'POST',
    body,
    headers: { 'Content-Type': 'application/json', ...headers },
  });
}

describe('a session', () => {
  it('puts the token into a cookie that scripts and other sites cannot use', async () => {
    const server = createMapApp();
    const response = await post(server, JSON.stringify({ token: CITY_TOKEN }));
    expect(response.status).toBe(204);
    const cookie = response.headers.get('Set-Cookie') ?? '';
    expect(cookie).toMatch(/^streetwatt-session=[^;]+; Path=\/; HttpOnly; SameSite=Strict$/);
    const map = await server.get('/api/v1/map', undefined, {
      headers: { Cookie: cookie.split(';')[0] as string },
    });
    expect(await map.json()).toMatchObject({ start: 'eu/es/13/28/28006' });
  });

  it('has a Secure cookie behind https', async () => {
    const server = createMapApp({ isHttps: true });
    const response = await post(server, JSON.stringify({ token: CITY_TOKEN }));
    expect(response.headers.get('Set-Cookie')).toContain('Secure');
    expect(response.headers.get('Strict-Transport-Security')).toBeTruthy();
  });

  it('ends with a DELETE', async () => {
    const { app } = createMapApp();
    const response = await app.request(PATH, { method: 'DELETE' });
    expect(response.status).toBe(204);
    expect(response.headers.get('Set-Cookie')).toMatch(/streetwatt-session=; Max-Age=0; Path=\//);
  });

  it('that is no longer valid is told so once, and its cookie taken away', async () => {
    const { get } = createMapApp({ anonymous: EVERYTHING });
    const response = await get('/api/v1/map', undefined, {
      headers: { Cookie: 'streetwatt-session=the-token-of-yesterday' },
    });
    expect(await problemCode(response)).toBe('bad-token');
    expect(response.headers.get('Set-Cookie')).toMatch(/streetwatt-session=; Max-Age=0/);
  });

  it('is not opened by another site', async () => {
    const server = createMapApp();
    const body = JSON.stringify({ token: CITY_TOKEN });
    for (const headers of [
      { Origin: 'https://evil.example' },
      { Origin: 'null' },
      { Origin: 'http://localhost.evil.example' },
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site', Origin: 'http://localhost' },
    ]) {
      expect(await problemCode(await post(server, body, headers as Record<string, string>))).toBe(
        'wrong-origin',
      );
    }
    const own = { Origin: 'http://localhost', 'Sec-Fetch-Site': 'same-origin' };
    expect((await post(server, body, own)).status).toBe(204);
    const ended = await server.app.request(PATH, {
      method: 'DELETE',
      headers: { Origin: 'https://evil.example' },
    });
    expect(await problemCode(ended)).toBe('wrong-origin');
  });

  it('is not opened by a form: only JSON is taken', async () => {
    const server = createMapApp();
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/jsonp',
      '',
    ]) {
      const response = await post(server, '{"token":"a"}', { 'Content-Type': type });
      expect(await problemCode(response)).toBe('bad-content-type');
    }
  });

  it('refuses every body but an object with a token', async () => {
    const server = createMapApp();
    const bodies = [
      '',
      '{',
      'null',
      '[]',
      '"x"',
      '{}',
      '{"token":1}',
      '{"token":""}',
      `{"token":"${'x'.repeat(257)}"}`,
      `{"token":"${CITY_TOKEN}","more":1}`,
      `{"token":"${CITY_TOKEN}","constructor":{"prototype":{"x":1}}}`,
      '{"__proto__":{"token":"the-token-of-one-city"}}',
      '['.repeat(2000),
    ];
    for (const body of bodies)
      expect(await problemCode(await post(server, body)), body.slice(0, 60)).toBe('bad-body');
    expect(({} as { x?: number; token?: string }).x).toBeUndefined();
    expect(({} as { x?: number; token?: string }).token).toBeUndefined();
    const unknown = await post(server, '{"token":"the-token-of-nobody"}');
    expect(await problemCode(unknown)).toBe('bad-token');
    expect(unknown.headers.get('Set-Cookie')).toBeNull();
  });

  it('refuses a large body, with and without its length', async () => {
    const server = createMapApp();
    const body = JSON.stringify({ token: 'x'.repeat(10_000) });
    expect(await problemCode(await post(server, body))).toBe('body-too-large');
    const stream = new Blob([body]).stream();
    const response = await server.app.request(PATH, {
      method: 'POST',
      body: stream,
      headers: { 'Content-Type': 'application/json' },
      duplex: 'half',
    } as RequestInit);
    expect(await problemCode(response)).toBe('body-too-large');
  });
});
