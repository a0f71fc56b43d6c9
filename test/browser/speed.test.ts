// How fast the page is in software rendering, and how large. Numbers are printed; the limits leave room
// for a busy machine, where the one that is promised is measured against the machine's own pace.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { serveTable, type TableServer } from '../support/browser-table.ts';
import { builtPage } from '../support/built-page.ts';
import { cells, openAt, openPage, theMap } from './map-page.ts';
import { THOUSAND_AREA, THOUSAND_NAME, thousandStreets } from './thousand-streets.ts';

/** Promised: 20 ms on a machine of its own. */
const MAX_FRAME_MS = 40;
const MAX_PAINT_MS = 1000;
const MAX_BUNDLE_BYTES = 200_000;

let server: TableServer;
let browser: Browser;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Times of the frames in which the map moved, while `act` goes on; of all, where there is no map to move. */
async function frameTimes(
  page: Page,
  act: () => Promise<void>,
  isMoving = true,
): Promise<number[]> {
  await page.evaluate((onlyMoved) => {
    const times: number[] = [];
    const place = () => document.querySelector('svg[role=application] g[transform]');
    let [before, seen] = [performance.now(), place()?.getAttribute('transform')];
    const frame = (now: number) => {
      const here = place()?.getAttribute('transform');
      if (!onlyMoved || here !== seen) times.push(now - before);
      [before, seen] = [now, here];
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    Object.assign(window, { times });
  }, isMoving);
  await act();
  // The first is the wait before it began.
  return await page.evaluate(() => (window as unknown as { times: number[] }).times.slice(1));
}

async function firstPaintMs(page: Page): Promise<number> {
  const read = () =>
    page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0);
  await expect.poll(read).toBeGreaterThan(0);
  return await read();
}

describeInBrowser('the page’s speed', () => {
  beforeAll(async () => {
    server = await serveTable({ change: await thousandStreets() });
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  it('is a bundle of less than 200 kB, compressed', async () => {
    const folder = join(await builtPage(), 'assets');
    let bytes = 0;
    for (const name of await readdir(folder)) {
      if (/\.(?:js|css)$/u.test(name)) bytes += gzipSync(await readFile(join(folder, name))).length;
    }
    console.info(`      bundle: ${(bytes / 1000).toFixed(1)} kB of scripts and styles, gzipped`);
    expect(bytes).toBeGreaterThan(1000);
    expect(bytes).toBeLessThan(MAX_BUNDLE_BYTES);
  });

  it('paints the map within a second of a warm server', async () => {
    const times: { plain: number; paint: number; map: number }[] = [];
    for (let i = 0; i < 6; i++) {
      await using opened = await openPage(browser);
      const { page } = opened;
      // A page of text from the same server: what a paint costs this machine now, whatever ours does.
      await page.goto(`${server.url}/api/v1/map`);
      const plain = await firstPaintMs(page);
      await page.addInitScript(() => {
        const watch = () => {
          if (document.querySelectorAll('svg[role=application] [role=button]').length > 0)
            performance.mark('map');
          else requestAnimationFrame(watch);
        };
        requestAnimationFrame(watch);
      });
      await openAt(page, `${server.url}/map/eu/es`, 'España');
      const paint = await firstPaintMs(page);
      const map = await page.evaluate(() => performance.getEntriesByName('map')[0]!.startTime);
      times.push({ plain, paint, map });
    }
    // The first of them warms the server, and the browser's own caches of compiled code.
    const warm = times.slice(1);
    const plain = median(warm.map((one) => one.plain));
    const paint = median(warm.map((one) => one.paint));
    const map = median(warm.map((one) => one.map));
    console.info(
      `      first paint ${paint.toFixed(0)} ms, the map's cells ${map.toFixed(0)} ms ` +
        `(a page of text: ${plain.toFixed(0)} ms)`,
    );
    const limit = Math.max(MAX_PAINT_MS, 10 * plain);
    expect(paint).toBeLessThan(limit);
    expect(map).toBeLessThan(2 * limit);
  });

  it('is one frame of the screen for a step of zoom or pan on 1,000 cells', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    // Without cells: what a frame costs this machine now, whatever the page does.
    await openAt(page, `${server.url}/map/eu/es`, 'España');
    const idle = median(await frameTimes(page, () => page.waitForTimeout(600), false));
    await openAt(page, `${server.url}/map/${THOUSAND_AREA}`, THOUSAND_NAME);
    expect(await cells(page).count()).toBe(1000);
    const box = (await theMap(page).boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const zooming = await frameTimes(page, async () => {
      await page.keyboard.down('Control');
      for (let i = 0; i < 60; i++) {
        await page.mouse.wheel(0, i < 30 ? -12 : 12);
        await page.evaluate(() => new Promise(requestAnimationFrame));
      }
      await page.keyboard.up('Control');
    });
    for (let i = 0; i < 2; i++) await page.getByRole('button', { name: 'Zoom in' }).click();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const panning = await frameTimes(page, async () => {
      await page.mouse.down();
      for (let i = 0; i < 60; i++) {
        await page.mouse.move(
          box.x + box.width / 2 + 60 * Math.sin(i / 8),
          box.y + box.height / 2 + 40 * Math.sin(i / 5),
        );
        await page.evaluate(() => new Promise(requestAnimationFrame));
      }
      await page.mouse.up();
    });
    console.info(
      `      1,000 cells: zoom ${median(zooming).toFixed(1)} ms a frame, pan ` +
        `${median(panning).toFixed(1)} ms (an idle frame: ${idle.toFixed(1)} ms)`,
    );
    expect(zooming.length).toBeGreaterThan(10);
    expect(panning.length).toBeGreaterThan(10);
    const limit = Math.max(MAX_FRAME_MS, 2 * idle);
    expect(median(zooming)).toBeLessThan(limit);
    expect(median(panning)).toBeLessThan(limit);
    expect(opened.complaints).toEqual([]);
  });

  it('draws no path again while it zooms', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await openAt(page, `${server.url}/map/${THOUSAND_AREA}`, THOUSAND_NAME);
    await page.evaluate(() => {
      const changed: string[] = [];
      Object.assign(window, { changed });
      new MutationObserver((records) => {
        for (const { attributeName, target } of records)
          if (target instanceof SVGPathElement) changed.push(attributeName ?? '');
      }).observe(document.querySelector('svg[role=application]') as Element, {
        attributes: true,
        attributeFilter: ['d', 'fill'],
        subtree: true,
      });
    });
    await page.getByRole('button', { name: 'Zoom in' }).click();
    await page.getByRole('button', { name: 'Zoom out' }).click();
    expect(await page.evaluate(() => (window as unknown as { changed: string[] }).changed)).toEqual(
      [],
    );
  });
});
