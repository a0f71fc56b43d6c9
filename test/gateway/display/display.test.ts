import { mkdtemp, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { createDisplay } from '../../../src/gateway/display/create-display.ts';
import { createHomeDocument } from '../../../src/gateway/display/home-document.ts';
import { localStarts } from '../../../src/gateway/display/local-time.ts';
import { Pairing } from '../../../src/gateway/display/pairing.ts';
import { startDisplay } from '../../../src/gateway/display/start-display.ts';
import { openHomeStore } from '../../../src/gateway/home-store.ts';
import { describeInBrowser, launchBrowser } from '../../support/browser.ts';
import { FRAME, homeSource, NOW_MS } from './some-home.ts';

const HOUR_MS = 3_600_000;

describe('what a household sees', () => {
  it('is what was measured, summed by its own day and month, and what is missing', () => {
    const document = createHomeDocument(homeSource());
    expect(document.powersW).toEqual({ import: 250, export: 0, production: 1200 });
    expect(document.today).toEqual({
      amounts: { import: 210, export: 60, production: 330 },
      selfConsumptionWh: 270,
      missingCount: 1,
    });
    expect(document.month.amounts).toEqual({ import: 310, export: 80, production: 430 });
    const [newest] = document.intervals;
    expect(newest!.missing).toEqual({ import: 'gap' });
  });

  it('is not zero where nothing was measured', () => {
    const home = openHomeStore(':memory:');
    const empty = { ...homeSource(), home };
    expect(createHomeDocument(empty)).toMatchObject({
      registers: ['import', 'export', 'production'],
      today: { amounts: {}, missingCount: 0 },
    });
    expect(createHomeDocument(empty).month).not.toHaveProperty('selfConsumptionWh');
  });

  it('is beside it the very bytes that left, with every field', () => {
    const sent = createHomeDocument(homeSource()).intervals.find(({ frame }) => frame)!;
    expect(sent.frame).toEqual({
      bytes: Buffer.from(FRAME).toString('hex'),
      ...{ byteCount: 50, version: 1, slot: 3, interval: sent.frame!.interval },
      channels: ['net', 'export', 'production'],
      words: ['01'.repeat(8), '02'.repeat(8), '03'.repeat(8)],
      tag: sent.frame!.tag,
    });
    expect(sent.frame!.bytes).toBe(
      `0107${'03000000'}${sent.frame!.bytes.slice(12, 20)}${sent.frame!.words.join('')}${sent.frame!.tag}`,
    );
    expect(sent).toMatchObject({
      status: 'received',
      received: new Date(NOW_MS - HOUR_MS).toISOString(),
    });
  });

  it('is how its sources are, and what was refused and why', () => {
    expect(createHomeDocument(homeSource()).sources).toEqual([
      {
        ...{ name: 'grid', kind: 'serial', state: 'waiting', measuredCount: 7 },
        problem: 'cannot open /dev/ttyUSB0: ENOENT',
        measured: new Date(NOW_MS - 1000).toISOString(),
        refused: [
          {
            reason: 'above-fuse',
            count: 2,
            last: new Date(NOW_MS).toISOString(),
            detail: 'import at 9',
          },
        ],
      },
    ]);
  });
});

describe('a household’s day', () => {
  it.each([
    [
      '2026-03-29T12:00:00Z',
      'Europe/Madrid',
      '2026-03-28T23:00:00.000Z',
      '2026-02-28T23:00:00.000Z',
    ],
    [
      '2026-10-25T23:30:00Z',
      'Europe/Madrid',
      '2026-10-25T23:00:00.000Z',
      '2026-09-30T22:00:00.000Z',
    ],
    [
      '2026-10-25T22:30:00Z',
      'Europe/Madrid',
      '2026-10-24T22:00:00.000Z',
      '2026-09-30T22:00:00.000Z',
    ],
    ['2026-01-01T00:00:00Z', 'UTC', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'],
    [
      '2026-01-01T03:00:00Z',
      'America/St_Johns',
      '2025-12-31T03:30:00.000Z',
      '2025-12-01T03:30:00.000Z',
    ],
    [
      '2026-07-01T18:20:00Z',
      'Asia/Kathmandu',
      '2026-07-01T18:15:00.000Z',
      '2026-06-30T18:15:00.000Z',
    ],
  ])('at %s in %s began at %s, and its month at %s', (now, zone, day, month) => {
    const starts = localStarts(Date.parse(now), zone);
    if (zone === 'Asia/Kathmandu') expect(new Date(starts.dayMs).toISOString()).toBe(day);
    else
      expect([starts.dayMs, starts.monthMs].map((ms) => new Date(ms).toISOString())).toEqual([
        day,
        month,
      ]);
  });
});

function pairedDisplay() {
  let nowMs = NOW_MS;
  const said: string[] = [];
  const kept: (readonly string[])[] = [];
  const pairing = new Pairing({
    nowMs: () => nowMs,
    say: (line) => void said.push(line),
    devices: [],
    onDevices: (devices) => void kept.push(devices),
  });
  const app = createDisplay({ source: homeSource(), names: ['home.lan'], pairing });
  return {
    ...{ app, said, kept },
    code: () => /\d{6}$/u.exec(said.findLast((line) => /\d{6}$/u.test(line))!)![0],
    wait: (ms: number) => {
      nowMs += ms;
    },
  };
}

const pair = (app: Hono, code: string, headers: Record<string, string> = {}) =>
  app.request('http://192.168.1.5/pair', {
    method: 'POST',
    body: new URLSearchParams({ code }),
    headers: { Host: '192.168.1.5', Origin: 'http://192.168.1.5', ...headers },
  });

describe('the page on the home’s network', () => {
  it('shows nothing to a device that is not paired', async () => {
    const { app } = pairedDisplay();
    for (const path of ['/', '/home.json']) {
      const answer = await app.request(`http://192.168.1.5${path}`);
      expect(answer.status).toBe(401);
      expect(await answer.text()).not.toMatch(/\d Wh|intervals/u);
    }
  });

  it('is paired by the six digits, once, with a cookie that scripts cannot read', async () => {
    const { app, code, kept } = pairedDisplay();
    const digits = code();
    const answer = await pair(app, digits);
    expect(answer.status).toBe(303);
    const cookie = answer.headers.get('Set-Cookie')!;
    expect(cookie).toMatch(/^streetwatt_home=[\w-]{43}; .*HttpOnly; SameSite=Strict$/u);
    const headers = { Cookie: cookie.split(';')[0]! };
    expect((await app.request('http://192.168.1.5/home.json', { headers })).status).toBe(200);
    // What is kept cannot be logged in with.
    expect(kept[0]![0]).not.toContain(headers.Cookie.slice(16));
    expect((await pair(app, digits)).status).toBe(401);
    expect(code()).not.toBe(digits);
  });

  it('lets nobody guess: five wrong codes, then a pause, then another code', async () => {
    const { app, code, wait } = pairedDisplay();
    const digits = code();
    const wrong = digits === '000000' ? '000001' : '000000';
    for (const status of [401, 401, 401, 401, 429])
      expect((await pair(app, wrong)).status).toBe(status);
    expect((await pair(app, digits)).status).toBe(429);
    wait(900_001);
    expect((await pair(app, digits)).status).toBe(401);
    expect((await pair(app, code())).status).toBe(303);
  });

  it.each([
    ['a page of elsewhere', { Origin: 'http://evil.example' }, 403],
    ['a frame of elsewhere', { 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['a name that is not ours', { Host: 'evil.example' }, 421],
  ])('takes no code from %s', async (_, headers, status) => {
    const { app, code } = pairedDisplay();
    expect((await pair(app, code(), headers)).status).toBe(status);
  });

  it('answers to its addresses and its own names alone, with a strict policy', async () => {
    const app = createDisplay({ source: homeSource(), names: ['home.lan'], pairing: undefined });
    for (const [host, status] of [
      ['127.0.0.1:8080', 200],
      ['[::1]:8080', 200],
      ['localhost', 200],
      ['Home.LAN.', 200],
      ['rebound.example', 421],
      ['127.0.0.1.evil.example', 421],
    ] as const) {
      const answer = await app.request('http://x/home.json', { headers: { Host: host } });
      expect([host, answer.status]).toEqual([host, status]);
      expect(answer.headers.get('Content-Security-Policy')).toContain("default-src 'none'");
      expect(answer.headers.get('Cache-Control')).toBe('no-store');
      expect(answer.headers.get('Access-Control-Allow-Origin')).toBeNull();
    }
  });
});

describeInBrowser('the household’s page in a browser', () => {
  it.each([
    ['light', 360],
    ['dark', 360],
    ['light', 1280],
  ] as const)(
    'is accessible, %s, %i pixels wide, and asks nobody else',
    async (colorScheme, width) => {
      await using display = await startDisplay({
        display: { host: '127.0.0.1', port: 0, names: [] },
        source: homeSource(),
        devicesFile: '/nonexistent/devices.json',
        say: () => undefined,
      });
      const browser = await launchBrowser();
      try {
        const context = await browser.newContext({
          colorScheme,
          viewport: { width, height: 800 },
          bypassCSP: true,
        });
        const page = await context.newPage();
        const asked: string[] = [];
        const problems: string[] = [];
        page.on('request', (request) => asked.push(new URL(request.url()).origin));
        page.on('pageerror', (error) => problems.push(error.message));
        await page.goto(display.url);
        await page.waitForSelector('#intervals li');
        await page.click('summary');
        const text = await page.textContent('main');
        expect(text).toContain('Import missing (no measurement near');
        expect(text).toMatch(/Nov 21, 12:30\s–\s12:45/u);
        expect(await page.textContent('#trouble')).toBe('Not read at the moment: grid.');
        expect(text).toContain('Received by the street’s aggregator');
        expect(text).toContain('Refused 2 times: more than the main fuse');
        expect(await page.textContent('#intervals code')).toBe(Buffer.from(FRAME).toString('hex'));
        expect(await page.textContent('#intervals')).toContain('0101010101010101');
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
          width,
        );
        await page.evaluate(axe.source);
        const results = (await page.evaluate('axe.run()')) as {
          readonly violations: readonly {
            readonly id: string;
            readonly nodes: readonly { html: string }[];
          }[];
        };
        expect(results.violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
        expect(new Set(asked)).toEqual(new Set([new URL(display.url).origin]));
        expect(problems).toEqual([]);
      } finally {
        await browser.close();
      }
    },
    60_000,
  );

  it('is paired by its form, as a browser sends it', async () => {
    const said: string[] = [];
    const devicesFile = join(await mkdtemp(join(tmpdir(), 'streetwatt-page-')), 'devices.json');
    await using display = await startDisplay({
      display: { host: '0.0.0.0', port: 0, names: [] },
      ...{ source: homeSource(), devicesFile, say: (line: string) => void said.push(line) },
    });
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(display.url.replace('0.0.0.0', '127.0.0.1'));
      const digits = /\d{6}$/u.exec(said.join('\n'))![0];
      await page.fill('#code', digits === '000000' ? '000001' : '000000');
      await page.click('button');
      await page.waitForSelector('[role=alert]');
      await page.fill('#code', digits);
      await page.click('button');
      await page.waitForSelector('#intervals li');
      expect((await stat(devicesFile)).mode & 0o777).toBe(0o600);
    } finally {
      await browser.close();
    }
  }, 60_000);
});
