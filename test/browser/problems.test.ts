// What cannot be shown is said on a page of its own, in words that help.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { CITY_TOKEN, serveTable, type TableServer } from '../support/browser-table.ts';
import { breadcrumb, openAt, openPage, showsLevel } from './map-page.ts';

let server: TableServer;
let closed: TableServer;
let browser: Browser;

/** The one alert of the page, and what it says. */
async function problem(page: Page): Promise<string> {
  const alert = page.getByRole('alert');
  await alert.waitFor();
  await expect.poll(() => page.getByRole('application').count()).toBe(0);
  return (await alert.textContent()) ?? '';
}

/** Browsers write every answer of 4xx into the console by themselves: only what else is there counts. */
function unexpected(complaints: readonly string[]): string[] {
  return complaints.filter(
    (text) => !text.startsWith('Failed to load resource: the server responded'),
  );
}

async function logIn(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/icon.svg`);
  const status = await page.evaluate(
    async (token) =>
      (
        await fetch('/api/v1/session', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ token }),
        })
      ).status,
    CITY_TOKEN,
  );
  expect(status).toBe(204);
}

describeInBrowser('a view that cannot be shown', () => {
  beforeAll(async () => {
    [server, closed, browser] = await Promise.all([
      serveTable(),
      serveTable({ isClosed: true }),
      launchBrowser(),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([server, closed].map((one) => one?.[Symbol.asyncDispose]()));
  });

  it('says that there is no such area, and leads to the start', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await page.goto(`${server.url}/map/eu/es/99`);
    const text = await problem(page);
    expect(text).toContain('404');
    expect(text).toContain('There is no such area on this map');
    expect(text).toContain('eu/es/99');
    await page.getByRole('button', { name: 'To the start of the map' }).click();
    await showsLevel(page, 'Europe');
    await page.goBack();
    expect(await problem(page)).toContain('404');
    await page.goForward();
    await showsLevel(page, 'Europe');
    expect(unexpected(opened.complaints)).toEqual([]);
  });

  it('says that an address names no area at all, without breaking', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    for (const path of ['/map/%00', '/map/<script>alert(1)</script>', `/map/${'x/'.repeat(40)}`]) {
      await page.goto(`${server.url}${path}`);
      expect(await problem(page)).toMatch(/40[04]/u);
    }
    expect(unexpected(opened.complaints)).toEqual([]);
  });

  it('says of a time without figures that there are none, and takes a time that is none for the newest', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await page.goto(`${server.url}/map/eu/es?t=1999-01-01T00:00Z`);
    const text = await problem(page);
    expect(text).toContain('There are no figures of this time');
    expect(text).toContain('1999-01-01T00:00Z');
    await page.getByRole('button', { name: /newest/iu }).click();
    await showsLevel(page, 'España');
    await openAt(page, `${server.url}/map/eu/es?t=yesterday&metric=love&scale=x`, 'España');
    expect(
      await page.getByRole('button', { name: 'Live', exact: true }).getAttribute('aria-pressed'),
    ).toBe('true');
    expect(unexpected(opened.complaints)).toEqual([]);
  });

  it('asks for a token where nothing is seen without one', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await page.goto(closed.url);
    const text = await problem(page);
    expect(text).toContain('401');
    expect(text).toContain('This map asks for a token');
    await page.getByLabel('Token').fill('not-the-token-of-anybody');
    await page.getByRole('button', { name: /^(?:log in|sign in|open|use)/iu }).click();
    await page
      .getByText(/not valid|unknown|wrong|refused/iu)
      .first()
      .waitFor();
    await page.getByLabel('Token').fill(CITY_TOKEN);
    await page.getByRole('button', { name: /^(?:log in|sign in|open|use)/iu }).click();
    await showsLevel(page, 'Alcobendas');
    // The token is in a cookie that scripts cannot read, and nowhere else.
    expect(page.url()).not.toContain(CITY_TOKEN);
    expect(await page.evaluate(() => document.cookie + JSON.stringify(localStorage))).not.toContain(
      CITY_TOKEN,
    );
    await page.reload();
    await showsLevel(page, 'Alcobendas');
    expect(unexpected(opened.complaints)).toEqual([]);
  });

  it('opens on a city with its token, and refuses another city’s link', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await logIn(page, closed.url);
    await openAt(page, closed.url, 'Alcobendas');
    // Nothing above it: the breadcrumb begins with the city, and Escape stays.
    expect(await breadcrumb(page).getByRole('link').count()).toBe(0);
    await page.keyboard.press('Escape');
    await showsLevel(page, 'Alcobendas');
    await page.keyboard.press('/');
    await page.keyboard.type('barcelona');
    await page.getByText('No area has this name.').waitFor();
    await page.goto(`${closed.url}/map/eu/es/09/08/08019`);
    const text = await problem(page);
    expect(text).toContain('403');
    expect(text).toContain('This area is outside what you may see');
    await page.getByRole('button', { name: 'To the start of the map' }).click();
    await showsLevel(page, 'Alcobendas');
    expect(unexpected(opened.complaints)).toEqual([]);
  });

  it('says that the server does not answer, and opens when it does', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await page.route('**/api/v1/map', (route) => route.abort('connectionrefused'));
    await page.goto(server.url);
    expect(await problem(page)).toContain('No connection');
    await page.unroute('**/api/v1/map');
    await page.getByRole('button', { name: 'Try again' }).click();
    await showsLevel(page, 'Europe');
  });

  it('is no blank page before the first interval is there', async () => {
    await using empty = await serveTable({ table: { isEmpty: true } });
    await using opened = await openPage(browser);
    const { page } = opened;
    await page.goto(empty.url);
    await page.getByRole('main').getByText('The figures are on their way.').first().waitFor();
  });
});
