import { describe, expect, it } from 'vitest';
import { SourceBusyError } from '../../src/map/source-busy.ts';
import { createMapApp, EVERYTHING, problemCode } from './map-app.ts';

function setUp(more: Parameters<typeof createMapApp>[0] = {}) {
  return createMapApp({ anonymous: EVERYTHING, ...more });
}

const AREA = '/api/v1/areas/eu.es';

describe('area ids', () => {
  it('that are none are refused', async () => {
    const { get } = setUp();
    const ids = [
      '*',
      '>',
      'eu.',
      '.eu',
      'eu..es',
      'eu%2Fes',
      'eu%00',
      'eu%0d%0aSet-Cookie:a',
      '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
      'eu.%zz',
      'e%C3%BC',
      'eu.%F0%9F%92%A1',
      'eu.$where',
      Array.from({ length: 17 }, () => 'a').join('.'),
      'a'.repeat(65),
      'a'.repeat(2000),
    ];
    for (const id of ids)
      expect(await problemCode(await get(`/api/v1/areas/${id}`)), id).toBe('bad-area');
  });

  it('of prototypes are areas that do not exist', async () => {
    const { get } = setUp();
    for (const id of ['eu.__proto__', 'eu.constructor', 'eu.toString', 'eu.hasOwnProperty'])
      expect(await problemCode(await get(`/api/v1/areas/${id}`)), id).toBe('unknown-area');
    expect(await problemCode(await get('/api/v1/areas/__proto__'))).toBe('not-granted');
  });
});

describe('times', () => {
  it('are refused with the reason', async () => {
    const { get } = setUp();
    const codes: Record<string, string> = {
      '': 'bad-time',
      now: 'bad-time',
      '1795262700': 'bad-time',
      '2026-11-21': 'bad-time',
      '2026-11-21T06:30': 'bad-time',
      '2026-02-30T06:30Z': 'bad-time',
      '2026-13-01T06:30Z': 'bad-time',
      '2026-11-21T24:00Z': 'bad-time',
      '2026-11-21T06:60Z': 'bad-time',
      '2026-11-21T06:30:00.000Z;x': 'bad-time',
      '1969-12-31T23:45Z': 'bad-time',
      '9999-12-31T23:45Z': 'future-time',
      '2026-11-21T06:31Z': 'off-grid-time',
      '2026-11-21T06:30:01Z': 'off-grid-time',
      '2026-11-21T06:30%2B00:05': 'off-grid-time',
      '2026-11-21T12:15Z': 'future-time',
      '2026-11-01T12:15Z': 'before-first',
    };
    for (const [t, code] of Object.entries(codes))
      expect(await problemCode(await get(`${AREA}/frame?t=${t}`)), t).toBe(code);
    // The running interval has begun: it is late, not an error.
    expect((await get(`${AREA}/frame?t=2026-11-21T12:00:00.000Z`)).status).toBe(200);
  });

  it('of ranges are ordered, on the grid, not too far apart and not in the future', async () => {
    const { get } = setUp();
    const codes: Record<string, string> = {
      '': 'bad-range',
      'from=2026-11-21T06:00Z': 'bad-range',
      'until=2026-11-21T06:00Z': 'bad-range',
      'from=2026-11-21T06:00Z&until=2026-11-21T06:00Z': 'bad-range',
      'from=2026-11-21T06:00Z&until=2026-11-21T05:00Z': 'bad-range',
      'from=2026-11-21T06:01Z&until=2026-11-21T07:00Z': 'off-grid-time',
      'from=2026-11-21T06:00Z&until=x': 'bad-time',
      'from=2026-10-21T11:45Z&until=2026-11-21T12:00Z': 'range-too-long',
      'from=1970-01-01T00:00Z&until=2026-11-21T12:00Z': 'range-too-long',
      'from=2026-11-21T06:00Z&until=2026-11-21T12:30Z': 'future-time',
    };
    for (const [query, code] of Object.entries(codes))
      expect(await problemCode(await get(`${AREA}/series?${query}`)), query).toBe(code);
    const longest = 'from=2026-10-21T12:15Z&until=2026-11-21T12:15Z';
    expect((await get(`${AREA}.13.28.28006.s1.s1-03/series?${longest}`)).status).toBe(200);
  });
});

describe('queries', () => {
  it('with parameters that are unknown or there twice are refused', async () => {
    const { get } = setUp();
    for (const path of [
      `${AREA}/frame?T=2026-11-21T06:30Z`,
      `${AREA}/frame?t=2026-11-21T06:30Z&t=2026-11-21T06:45Z`,
      `${AREA}/frame?__proto__=1`,
      `${AREA}?constructor=1`,
      '/api/v1/map?token=the-token-of-one-city',
      '/api/v1/search',
      '/api/v1/search?q=',
      '/api/v1/search?q=%20',
      `/api/v1/search?q=${'a'.repeat(101)}`,
    ])
      expect(await problemCode(await get(path)), path).toBe('bad-query');
  });

  it('for rows are looked at before the source is', async () => {
    const { get } = setUp();
    const range = 'from=2026-11-21T06:00Z&until=2026-11-21T07:00Z';
    const row = async (text: string) =>
      await problemCode(await get(`${AREA}/series?${range}&row=${encodeURIComponent(text)}`));
    expect(await row('')).toBe('bad-row');
    expect(await row('a\nb')).toBe('bad-row');
    expect(await row('x'.repeat(1101))).toBe('bad-row');
    expect(await row('nothing')).toBe('unknown-row');
    expect(await row('__proto__')).toBe('unknown-row');
    expect(await row('eu/fr')).toBe('unknown-row');
  });
});

describe('addresses', () => {
  it('that do not exist are a problem document, of any method', async () => {
    const { get } = setUp();
    for (const path of ['/nothing', '/api', '/api/v2/map', '/api/v1/meters', '/.git/config'])
      for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS'])
        expect(await problemCode(await get(path, undefined, { method })), path).toBe('not-found');
  });

  it('of other methods say which they have', async () => {
    const { get } = setUp();
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const response = await get(`${AREA}/frame`, undefined, { method });
      expect(response.headers.get('Allow')).toBe('GET, HEAD');
      expect(await problemCode(response)).toBe('method-not-allowed');
    }
    const session = await get('/api/v1/session');
    expect(session.headers.get('Allow')).toBe('POST, DELETE');
    expect((await get(AREA, undefined, { method: 'HEAD' })).status).toBe(200);
  });

  it('that are too long are refused', async () => {
    const { get } = setUp();
    expect(await problemCode(await get(`/api/v1/search?q=${'a'.repeat(5000)}`))).toBe(
      'uri-too-long',
    );
  });

  it('of other hosts are refused: names that somebody else may point here', async () => {
    const { app } = setUp({ hosts: ['map.example'] });
    const host = async (name: string) =>
      (await app.request('/healthz', { headers: { Host: name } })).status;
    for (const name of [
      'localhost',
      'localhost:7200',
      '127.0.0.1:7200',
      '[::1]:7200',
      '192.168.1.7',
      'MAP.example:443',
    ])
      expect(await host(name), name).toBe(200);
    for (const name of [
      'evil.example',
      'map.example.evil',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '',
    ])
      expect(await host(name), name).toBe(421);
    const any = setUp({ hosts: ['*'] });
    expect((await any.app.request('/healthz', { headers: { Host: 'a.example' } })).status).toBe(
      200,
    );
  });
});

describe('every answer', () => {
  it('is not given to what other sites’ pages ask for, but to people who follow a link', async () => {
    const { get } = setUp();
    const ask = async (site: string, dest: string, path = `${AREA}/frame`) => {
      const headers = { 'Sec-Fetch-Site': site, 'Sec-Fetch-Dest': dest };
      return (await get(path, undefined, { headers })).status;
    };
    expect(await ask('cross-site', 'image')).toBe(403);
    expect(await ask('same-site', 'iframe')).toBe(403);
    expect(await ask('cross-site', 'empty', '/ogc/collections/region/items')).toBe(403);
    expect(await ask('cross-site', 'document')).toBe(200);
    expect(await ask('same-origin', 'empty')).toBe(200);
    expect(await ask('none', 'document')).toBe(200);
  });

  it('carries the headers that keep browsers careful, and none that lets other sites read', async () => {
    const { get } = setUp();
    for (const path of [
      '/',
      '/docs',
      '/openapi.json',
      '/api/v1/map',
      '/nothing',
      `${AREA}/frame?t=x`,
    ]) {
      const { headers } = await get(path, undefined, {
        headers: { Origin: 'https://evil.example' },
      });
      const policy = headers.get('Content-Security-Policy') ?? '';
      expect(policy).toContain("default-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
      expect(headers.get('Referrer-Policy')).toBe('no-referrer');
      expect(headers.get('Cross-Origin-Opener-Policy')).toBe('same-origin');
      expect(headers.get('Access-Control-Allow-Origin')).toBeNull();
    }
  });

  it('says nothing of the inside when something breaks, but the operator is told', async () => {
    const secret = new Error('password of the database at /var/lib');
    const { get, errors } = setUp({
      change: (source) => ({ ...source, frame: async () => await Promise.reject(secret) }),
    });
    const response = await get(`${AREA}/frame`);
    expect(response.status).toBe(500);
    expect(await response.clone().text()).not.toMatch(/password|var|at /);
    expect(await problemCode(response)).toBe('internal');
    expect(errors).toEqual([secret]);
  });

  it('comes in time, also when the source never answers', async () => {
    const { get, errors } = setUp({
      limits: { timeoutMs: 30 },
      change: (source) => ({ ...source, frame: async () => await new Promise(() => undefined) }),
    });
    expect(await problemCode(await get(`${AREA}/frame`))).toBe('timeout');
    expect(errors).toEqual([]);
  });

  it('says that too much is being opened, and when to come back', async () => {
    const { get, errors } = createMapApp({
      anonymous: EVERYTHING,
      change: (source) => ({
        ...source,
        frame: () => Promise.reject(new SourceBusyError()),
      }),
    });
    const response = await get('/api/v1/areas/eu.es/frame');
    expect([response.status, response.headers.get('Retry-After')]).toEqual([503, '5']);
    expect(await problemCode(response)).toBe('too-busy');
    expect(errors).toEqual([]);
  });

  it('says that there are no figures yet, before the first interval', async () => {
    const { get } = setUp({ table: { isEmpty: true } });
    const response = await get(`${AREA}/frame`);
    expect(response.headers.get('Retry-After')).toBe('900');
    expect(await problemCode(response)).toBe('no-figures');
    expect(await (await get('/api/v1/map')).json()).toMatchObject({ first: null, latest: null });
    expect((await get('/healthz')).status).toBe(503);
    expect(await (await get(`${AREA}/health`)).json()).toMatchObject({ newest: null });
  });
});
