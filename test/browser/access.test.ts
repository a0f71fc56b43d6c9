// Everybody can use it: no violation that axe-core finds, no sideways scrolling, large text, print.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { serveTable, type TableServer } from '../support/browser-table.ts';
import { cell, legend, openAt, openPage, pointAt, showsLevel, tooltip } from './map-page.ts';

const SUBURB = 'eu/es/13/28/28006/s1';

/** Each view, how one gets there and what tells that one is there. */
const VIEWS: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  'the map with a tooltip': async (page) => {
    await openAt(page, `${server.url}/map/${SUBURB}?metric=net`, 'Test suburb s1');
    await page.getByRole('heading', { name: /^The day in /u }).waitFor();
    await pointAt(page, cell(page, 'Test street s1-04'));
    await tooltip(page).waitFor();
  },
  'the nation': async (page) => {
    await openAt(page, `${server.url}/map/eu/es`, 'España');
  },
  'the privacy view': async (page) => {
    await page.goto(`${server.url}/map/${SUBURB}/s1-04?panel=privacy`);
    await page.getByRole('heading', { name: 'Trustees' }).waitFor();
  },
  'the health view': async (page) => {
    await page.goto(`${server.url}/map/eu/es?panel=health`);
    await page.getByRole('heading', { name: 'Trustees' }).waitFor();
  },
  'an error': async (page) => {
    await page.goto(`${server.url}/map/eu/nowhere`);
    await page.getByRole('alert').waitFor();
  },
  'the question for a token': async (page) => {
    await page.goto(closed.url);
    await page.getByRole('alert').waitFor();
  },
  'the keys': async (page) => {
    await openAt(page, `${server.url}/map/eu/es`, 'España');
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
  },
  'the exports': async (page) => {
    await openAt(page, `${server.url}/map/eu/es`, 'España');
    await page
      .locator('summary')
      .filter({ hasText: /^Export$/u })
      .click();
    await page.getByRole('heading', { name: /^Export / }).waitFor();
  },
  'the search': async (page) => {
    await openAt(page, `${server.url}/map/eu/es`, 'España');
    await page.keyboard.press('/');
    await page.keyboard.type('Test street');
    await page.getByRole('option').first().waitFor();
  },
};

let server: TableServer;
let closed: TableServer;
let browser: Browser;
let axe = '';

async function violations(page: Page): Promise<string[]> {
  // As text: a script tag would be against the page's own policy.
  await page.evaluate(axe);
  const { violations: found } = await page.evaluate(() =>
    (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
  );
}

async function sidewaysPx(page: Page): Promise<number> {
  return await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
}

describeInBrowser('the page for everybody', () => {
  beforeAll(async () => {
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
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

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 360]) {
      const options: BrowserContextOptions = {
        colorScheme,
        viewport: { width, height: width === 360 ? 740 : 800 },
      };
      it(`has no violation at ${width} px in the ${colorScheme}, and scrolls down only`, async () => {
        await using opened = await openPage(browser, options);
        const { page, complaints } = opened;
        for (const [name, open] of Object.entries(VIEWS)) {
          await open(page);
          expect(await violations(page), name).toEqual([]);
          expect(await sidewaysPx(page), name).toBe(0);
        }
        expect(
          complaints.filter((text) => !/responded with a status of 40[14]/u.test(text)),
        ).toEqual([]);
      });
    }
  }

  it('holds text of twice the size without sideways scrolling', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    // What a reader's own setting of the text size does.
    const session = await page.context().newCDPSession(page);
    await session.send('Page.enable');
    await session.send('Page.setFontSizes', { fontSizes: { standard: 32, fixed: 26 } });
    for (const width of [1280, 640]) {
      await page.setViewportSize({ width, height: 800 });
      for (const name of [
        'the map with a tooltip',
        'the privacy view',
        'the health view',
        'the exports',
      ]) {
        await VIEWS[name]!(page);
        expect(await sidewaysPx(page), `${name} at ${width} px`).toBe(0);
      }
    }
  });

  it('opens the exports within the page at once, and keeps them there when the page narrows', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await openAt(page, `${server.url}/map/eu/es`, 'España');
    const menu = page.locator('summary').filter({ hasText: /^Export$/u });
    // In one step, so that nothing has the time to come after it.
    const lefts = await menu.evaluate((summary: HTMLElement) => {
      const left = () => summary.nextElementSibling!.getBoundingClientRect().left;
      summary.click();
      const first = left();
      return new Promise<number[]>((resolve) => {
        requestAnimationFrame(() => setTimeout(() => resolve([first, left()]), 100));
      });
    });
    expect(lefts[0]).toBe(lefts[1]);
    await page.setViewportSize({ width: 700, height: 800 });
    await expect.poll(() => sidewaysPx(page)).toBe(0);
    await menu.press('Enter');
    await page.getByRole('heading', { name: /^Export / }).waitFor({ state: 'hidden' });
    await menu.press('Enter');
    await page.getByRole('heading', { name: /^Export / }).waitFor();
  });

  it('tells its themes apart, and remembers the reader’s choice', async () => {
    await using opened = await openPage(browser, { colorScheme: 'light' });
    const { page } = opened;
    await openAt(page, `${server.url}/map/eu/es`, 'España');
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.getByRole('button', { name: 'Switch to the dark theme' }).click();
    expect(await ground()).not.toBe(light);
    const dark = await ground();
    await page.reload();
    await showsLevel(page, 'España');
    expect(await ground()).toBe(dark);
  });

  it('keeps its edges in forced colours', async () => {
    await using opened = await openPage(browser, { forcedColors: 'active' });
    const { page } = opened;
    await VIEWS['the map with a tooltip']!(page);
    const strokes = await page
      .getByRole('application')
      .getByRole('button')
      .evaluateAll((all) => all.map((one) => getComputedStyle(one).stroke));
    expect(strokes.every((stroke) => stroke !== 'none')).toBe(true);
  });

  it('prints the map with its legend, its time, its source and its licence', async () => {
    await using opened = await openPage(browser, { colorScheme: 'dark' });
    const { page } = opened;
    await openAt(page, `${server.url}/map/${SUBURB}?metric=net`, 'Test suburb s1');
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    await page.emulateMedia({ media: 'print' });
    await expect.poll(() => page.getByRole('application').isVisible()).toBe(true);
    expect(await legend(page).isVisible()).toBe(true);
    expect(await page.getByText('11:45–12:00 UTC').first().isVisible()).toBe(true);
    expect(await page.getByText('All figures are made up.').isVisible()).toBe(true);
    const foot = page.getByRole('contentinfo');
    expect(await foot.getByText('Nobody').isVisible()).toBe(true);
    expect(
      await foot
        .getByText(/CC0-1\.0/u)
        .first()
        .isVisible(),
    ).toBe(true);
    expect(await page.getByRole('combobox').isVisible()).toBe(false);
    expect(await page.getByRole('button', { name: 'Play' }).isVisible()).toBe(false);
    // Dark ink on white paper, whatever the screen's theme.
    const [ground, ink] = await page.evaluate(() => {
      const { backgroundColor, color } = getComputedStyle(document.body);
      return [backgroundColor, color];
    });
    expect(brightness(ground!)).toBeGreaterThan(brightness(ink!));
    const pdf = await page.pdf();
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  });

  it('leads the eye only where motion is welcome', async () => {
    await using opened = await openPage(browser, { reducedMotion: 'reduce' });
    const { page } = opened;
    await openAt(page, `${server.url}/map/eu/es`, 'España');
    const moving = await page.evaluate(
      () => document.getAnimations().filter((one) => one.playState === 'running').length,
    );
    expect(moving).toBe(0);
  });
});

function brightness(color: string): number {
  const [r = 0, g = 0, b = 0, a = 1] = (color.match(/[\d.]+/gu) ?? []).map(Number);
  // A transparent ground is paper.
  return a === 0 ? 255 : 0.299 * r + 0.587 * g + 0.114 * b;
}
