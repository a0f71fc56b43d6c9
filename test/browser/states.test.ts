// Every state of a cell on the made-up map: seen without colour, and said with its reason.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { REASON_TEXTS } from '../../src/map/cell-state.ts';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { NEWEST, serveTable, type TableServer } from '../support/browser-table.ts';
import { cell, legend, openAt, openPage, pointAt, theTable, tooltip } from './map-page.ts';

const SUBURB = 'eu/es/13/28/28006/s1';
const SUBURB_NAME = 'Test suburb s1';

/** What the made-up map has in this suburb, and how it is said. */
const STATES: readonly {
  readonly name: string;
  readonly metric: string;
  readonly label: string;
  readonly reason: string;
}[] = [
  {
    name: 'Test street s1-05',
    metric: 'net',
    label: 'Withheld',
    reason: REASON_TEXTS['too-few'],
  },
  {
    name: 'Test street s1-06',
    metric: 'net',
    label: 'Late or missing',
    reason: REASON_TEXTS.late,
  },
  {
    name: 'Test street s1-08',
    metric: 'net',
    label: 'True zero',
    reason: 'exactly zero',
  },
  {
    name: 'Test street s1-07',
    metric: 'net',
    label: 'Partial',
    reason: REASON_TEXTS['unmetered-production'],
  },
  {
    name: 'Test street s1-07',
    metric: 'consumption',
    label: 'Withheld',
    reason: REASON_TEXTS['unmetered-production'],
  },
];

let server: TableServer;
let browser: Browser;

async function openSuburb(page: Page, metric: string): Promise<void> {
  await openAt(page, `${server.url}/map/${SUBURB}?metric=${metric}&t=${NEWEST}`, SUBURB_NAME);
}

describeInBrowser('the five states of a cell', () => {
  beforeAll(async () => {
    [server, browser] = await Promise.all([serveTable(), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  for (const { name, metric, label, reason } of STATES) {
    it(`say of ${name} that its ${metric} is ${label.toLowerCase()}, and why: tooltip, label and table`, async () => {
      await using opened = await openPage(browser);
      const { page } = opened;
      await openSuburb(page, metric);
      await pointAt(page, cell(page, name));
      await tooltip(page).getByText(name, { exact: true }).waitFor();
      await tooltip(page).getByText(label, { exact: true }).waitFor();
      expect(await tooltip(page).textContent()).toContain(reason);
      expect(await cell(page, name).getAttribute('aria-label')).toContain(label.toLowerCase());
      const row = theTable(page).getByRole('row', { name });
      if (label === 'Withheld' || label === 'Late or missing') {
        expect(await row.textContent()).toContain(label);
        expect(await row.textContent()).toContain(reason);
      } else {
        // The figure is there, and with it the state in words.
        expect(await row.textContent()).toMatch(/W/u);
        const titles = await row
          .locator('[title]')
          .evaluateAll((all) => all.map((one) => one.getAttribute('title') ?? ''));
        expect(titles.join(' ')).toContain(reason);
      }
      expect(opened.complaints).toEqual([]);
    });
  }

  it('are counted in the legend, each with its own swatch', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await openSuburb(page, 'net');
    const items = legend(page).getByRole('listitem');
    for (const [label, count] of [
      ['Value', 3],
      ['True zero', 1],
      ['Partial', 1],
      ['Withheld', 1],
      ['Late or missing', 1],
    ] as const) {
      await items.filter({ hasText: new RegExp(`^${label} ${count}$`, 'u') }).waitFor();
    }
  });

  it('are told apart without any colour: by hatching, dots, a ring and a corner mark', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await openSuburb(page, 'net');
    await page.mouse.move(0, 0);
    // Names would tell them apart as well; the page's policy lets no new style sheet in.
    await page.evaluate(() => {
      document.styleSheets[0]?.insertRule('svg[role=application] text { display: none }');
    });
    const ink = async (name: string): Promise<number> => {
      const box = (await cell(page, name).boundingBox())!;
      const inset = 3;
      const png = await page.screenshot({
        clip: {
          x: box.x + inset,
          y: box.y + inset,
          width: box.width - 2 * inset,
          height: box.height - 2 * inset,
        },
      });
      return await lightnessSteps(page, png);
    };
    // How often the lightness jumps along the lines of pixels: a plain cell has no jump at all.
    const plain = await ink('Test street s1-03');
    const zero = await ink('Test street s1-08');
    const partial = await ink('Test street s1-07');
    const withheld = await ink('Test street s1-05');
    const late = await ink('Test street s1-06');
    expect(plain).toBe(0);
    expect(zero).toBeGreaterThan(0);
    expect(partial).toBeGreaterThan(0);
    expect(withheld).toBeGreaterThan(5 * Math.max(zero, partial));
    expect(late).toBeGreaterThan(5 * Math.max(zero, partial));
    // Lines are no dots: at once more ink, and on every line of pixels.
    expect(Math.abs(withheld - late) / withheld).toBeGreaterThan(0.1);
  });

  it('draw a merged cell as one, and lead into the member that is pointed at', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await openSuburb(page, 'net');
    const merged = cell(page, 'Test street s1-01 + 1 more');
    await merged.waitFor();
    await page.getByRole('application').evaluate((one) => one.scrollIntoView());
    const box = (await merged.boundingBox())!;
    const neighbour = (await cell(page, 'Test street s1-03').boundingBox())!;
    expect(box.width / neighbour.width).toBeCloseTo(2, 1);
    // Clicked in its right half, it leads to the member that lies there.
    await page.mouse.click(box.x + box.width * 0.75, box.y + box.height / 2);
    await page.waitForURL(/s1\/s1-02\?/u);
  });

  it('keep the marks and patterns at their size while the map is zoomed', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await openSuburb(page, 'net');
    const before = (await cell(page, 'Test street s1-05').boundingBox())!;
    for (let i = 0; i < 3; i++) await page.getByRole('button', { name: 'Zoom in' }).click();
    await expect
      .poll(async () => (await cell(page, 'Test street s1-05').boundingBox())!.width / before.width)
      .toBeGreaterThan(3);
    const scale = await page.getByRole('application').evaluate((svg) => {
      const pattern = svg.querySelector('pattern') as SVGPatternElement;
      return pattern.patternTransform.baseVal.consolidate()!.matrix.a;
    });
    expect(scale).toBeCloseTo(1 / 1.6 ** 3, 3);
    for (let i = 0; i < 3; i++) await page.getByRole('button', { name: 'Zoom out' }).click();
    await expect
      .poll(async () => (await cell(page, 'Test street s1-05').boundingBox())!.width)
      .toBeCloseTo(before.width, 0);
  });
});

/** Jumps of lightness between neighbours of a line, over the whole picture. */
async function lightnessSteps(page: Page, png: Buffer): Promise<number> {
  return await page.evaluate(async (data) => {
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width, image.height];
    const context = canvas.getContext('2d')!;
    context.drawImage(image, 0, 0);
    const { data: pixels, width, height } = context.getImageData(0, 0, image.width, image.height);
    const lightness = (x: number, y: number): number => {
      const i = 4 * (y * width + x);
      return 0.299 * pixels[i]! + 0.587 * pixels[i + 1]! + 0.114 * pixels[i + 2]!;
    };
    let steps = 0;
    for (let y = 0; y < height; y++) {
      for (let x = 1; x < width; x++) {
        if (Math.abs(lightness(x, y) - lightness(x - 1, y)) > 12) steps++;
      }
    }
    return steps;
  }, png.toString('base64'));
}
