// The event stream: live updates in place, its loss said in words, its return, and what a long day of
// it leaves behind.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import type { IntervalIndex } from '../../src/core/interval.ts';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { NOW_MS, serveTable, type TableServer } from '../support/browser-table.ts';
import { cell, labels, openAt, openPage, pointAt, tooltip } from './map-page.ts';

const INTERVAL_MS = 900_000;
const SUBURB = 'eu/es/13/28/28006/s2';
const SUBURB_NAME = 'Test suburb s2';
const STREET = 'Test street s2-03';

let server: TableServer;
let browser: Browser;

async function interval(page: Page): Promise<string> {
  return (await page.getByRole('banner').locator('time').textContent()) ?? '';
}

const banner = (page: Page, word: string) =>
  page.getByRole('banner').getByText(word, { exact: true });

describeInBrowser('the event stream', () => {
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });
  beforeEach(async () => {
    server = await serveTable();
  });
  afterEach(async () => {
    await server?.[Symbol.asyncDispose]();
  });

  it('brings the next interval in place: the same elements, the tooltip kept, one announcement', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await openAt(page, `${server.url}/map/${SUBURB}`, SUBURB_NAME);
    await banner(page, 'Live').waitFor();
    await pointAt(page, cell(page, STREET));
    await tooltip(page).getByText(STREET, { exact: true }).waitFor();
    await page.evaluate(() => {
      const all = document.querySelectorAll('svg[role=application] [role=button]');
      for (const [i, one] of all.entries()) Object.assign(one, { mark: i });
      const tip = document.querySelector('[role=tooltip]') as Element;
      Object.assign(tip, { mark: 'tip' });
      const status = document.querySelector('[aria-live=polite]') as Element;
      const said: string[] = [];
      // Not one frame without the tooltip or with a cell missing.
      const blinks: string[] = [];
      Object.assign(window, { said, blinks });
      new MutationObserver(() => said.push(status.textContent ?? '')).observe(status, {
        childList: true,
        characterData: true,
        subtree: true,
      });
      const watch = () => {
        if (document.querySelector('[role=tooltip]') !== tip) blinks.push('tooltip');
        const now = document.querySelectorAll('svg[role=application] [role=button]');
        if (now.length !== all.length) blinks.push(`cells ${now.length}`);
        requestAnimationFrame(watch);
      };
      requestAnimationFrame(watch);
    });
    const [before, figures] = [await labels(page), await tooltip(page).textContent()];
    const time = await interval(page);
    server.source.advanceTo(NOW_MS + INTERVAL_MS);
    await expect.poll(() => interval(page)).not.toBe(time);
    await expect.poll(() => labels(page)).not.toEqual(before);
    await sleep(300);
    const after = await page.evaluate(() => ({
      marks: [...document.querySelectorAll('svg[role=application] [role=button]')].map(
        (one) => (one as Element & { mark?: number }).mark,
      ),
      tip: (document.querySelector('[role=tooltip]') as Element & { mark?: string }).mark,
      blinks: (window as unknown as { blinks: string[] }).blinks,
      said: (window as unknown as { said: string[] }).said,
    }));
    expect(after.marks).toEqual(before.map((_, i) => i));
    expect(after.tip).toBe('tip');
    expect(after.blinks).toEqual([]);
    expect(after.said).toHaveLength(1);
    expect(after.said[0]).toContain(`${SUBURB_NAME}, 12:00–12:15 UTC: `);
    expect(await tooltip(page).textContent()).not.toBe(figures);
    expect(opened.complaints).toEqual([]);
  });

  it('keeps the keyboard’s place and tooltip over an update', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await openAt(page, `${server.url}/map/${SUBURB}`, SUBURB_NAME);
    await banner(page, 'Live').waitFor();
    await page.keyboard.press('Tab');
    await cell(page, STREET).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowLeft');
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-row'));
    const row = await focused();
    const time = await interval(page);
    await tooltip(page).waitFor();
    server.source.advanceTo(NOW_MS + INTERVAL_MS);
    await expect.poll(() => interval(page)).not.toBe(time);
    expect(await focused()).toBe(row);
    await tooltip(page).waitFor();
  });

  it('shows a revised figure of the interval that is on screen', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    let addWh = 0;
    await using revised = await serveTable({
      change: (source) => ({
        ...source,
        frame: async (query) => {
          const frame = await source.frame(query);
          if (frame === undefined) return undefined;
          const rows = frame.rows.map((row) => ({
            ...row,
            energyWh: { ...row.energyWh, consumption: (row.energyWh.consumption ?? 0) + addWh },
          }));
          return { ...frame, rows };
        },
      }),
    });
    await openAt(page, `${revised.url}/map/${SUBURB}`, SUBURB_NAME);
    await banner(page, 'Live').waitFor();
    const before = await labels(page);
    addWh = 50_000;
    revised.source.revise(areaId(SUBURB), revised.source.latestInterval() as IntervalIndex);
    await expect.poll(() => labels(page)).not.toEqual(before);
  });

  it('is said to be down when it is, replaced by questions, and taken up again', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    // The stream alone breaks: whoever sits between drops it.
    let isBroken = false;
    await page.route('**/events', async (route) => {
      if (isBroken) await route.abort('connectionfailed');
      else await route.continue();
    });
    await openAt(page, `${server.url}/map/${SUBURB}`, SUBURB_NAME);
    await banner(page, 'Live').waitFor();
    isBroken = true;
    await server.stop();
    await banner(page, 'Offline').waitFor();
    // What came last is still there.
    expect((await labels(page)).length).toBe(8);
    await server.listen();
    await banner(page, 'Polling').waitFor({ timeout: 20_000 });
    const time = await interval(page);
    server.source.advanceTo(NOW_MS + INTERVAL_MS);
    await expect.poll(() => interval(page), { timeout: 20_000 }).not.toBe(time);
    isBroken = false;
    await banner(page, 'Live').waitFor({ timeout: 40_000 });
    const polled = await interval(page);
    server.source.advanceTo(NOW_MS + 2 * INTERVAL_MS);
    await expect.poll(() => interval(page), { timeout: 4000 }).not.toBe(polled);
  });

  it('looks late when nothing new comes, though the server answers', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    // An hour later nothing has been published: only the clock went on.
    await using late = await serveTable({
      change: (source) => ({ ...source, nowMs: () => NOW_MS + 4 * INTERVAL_MS }),
    });
    await openAt(page, `${late.url}/map/${SUBURB}`, SUBURB_NAME);
    await banner(page, 'Late').waitFor();
    await page
      .getByRole('banner')
      .getByText(/^late: the next was expected 12:1\d, /u)
      .waitFor();
  });

  it('leaves neither memory nor elements behind in an hour of accelerated time', {
    // Bounded by the machine's pace alone: each interval is drawn.
    timeout: 180_000,
  }, async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await openAt(page, `${server.url}/map/${SUBURB}`, SUBURB_NAME);
    await banner(page, 'Live').waitFor();
    await pointAt(page, cell(page, STREET));
    const session = await page.context().newCDPSession(page);
    const measure = async () => {
      await page.evaluate(() => {
        for (let i = 0; i < 3; i++) (globalThis as unknown as { gc: () => void }).gc();
      });
      await session.send('HeapProfiler.collectGarbage');
      const { usedSize } = await session.send('Runtime.getHeapUsage');
      const { nodes, jsEventListeners } = await session.send('Memory.getDOMCounters');
      return { usedSize, nodes, jsEventListeners };
    };
    // 360 intervals are an hour of the demo, whose clock is 90 times as fast as ours.
    let at = NOW_MS;
    const pass = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        at += INTERVAL_MS;
        server.source.advanceTo(at);
        await sleep(25);
      }
      const start = new Date(at - (at % INTERVAL_MS) - INTERVAL_MS).toISOString();
      const shown = page.getByRole('banner').locator(`time[datetime^="${start.slice(0, 16)}"]`);
      await shown.waitFor();
    };
    // The caches fill up first: 48 frames, and the charts' days.
    await pass(120);
    const before = await measure();
    await pass(360);
    const after = await measure();
    const grownKb = (after.usedSize - before.usedSize) / 1024;
    console.info(
      `      heap ${(before.usedSize / 1e6).toFixed(2)} MB, ${grownKb.toFixed(0)} kB more after 360 intervals; ` +
        `${before.nodes} nodes, then ${after.nodes}`,
    );
    expect(grownKb).toBeLessThan(1024);
    expect(after.nodes - before.nodes).toBeLessThan(200);
    expect(after.jsEventListeners - before.jsEventListeners).toBeLessThan(20);
    expect(opened.complaints).toEqual([]);
  });

  it('is given up with the page: nobody is subscribed afterwards', async () => {
    const opened = await openPage(browser);
    await openAt(opened.page, `${server.url}/map/${SUBURB}`, SUBURB_NAME);
    await expect.poll(() => server.source.listenerCount()).toBe(1);
    // Ten levels later there is one stream, not ten.
    for (const name of ['Test suburb s1', 'Test suburb s3'])
      await openAt(opened.page, `${server.url}/map/eu/es/13/28/28006/${name.slice(-2)}`, name);
    await opened[Symbol.asyncDispose]();
    await expect.poll(() => server.source.listenerCount(), { timeout: 5000 }).toBe(0);
    expect(server.errors).toEqual([]);
  });
});
