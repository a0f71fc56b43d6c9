// From the continent to a street and back on the running demo, by mouse and by keyboard alone.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { type RunningDemo, startDemo } from '../support/browser-demo.ts';
import {
  breadcrumb,
  cell,
  cells,
  clickOn,
  focusedName,
  labels,
  openAt,
  openPage,
  pointAt,
  showsLevel,
  theMap,
  theTable,
  tooltip,
} from './map-page.ts';

let demo: RunningDemo;
let browser: Browser;

/**
 * Each with the cell that leads on from it. Madrid's region has one province and is no stop; by net
 * load the pilot's two suburbs are a cell each.
 */
const WAY_IN: readonly (readonly [level: string, next: string])[] = [
  ['Europe', 'Spain'],
  ['Spain', 'Comunidad de Madrid'],
  ['Madrid', 'Alcobendas'],
  ['Alcobendas', 'Suburb 1, dense'],
];
const STREETS = 'Suburb 1, dense';

async function here(page: Page): Promise<string> {
  return (await breadcrumb(page).locator('[aria-current=page]').textContent()) ?? '';
}

function areaOf(page: Page): string {
  return new URL(page.url()).pathname.replace('/map/', '');
}

describeInBrowser('the way from the continent to a street', () => {
  beforeAll(async () => {
    [demo, browser] = await Promise.all([startDemo(), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await demo?.[Symbol.asyncDispose]();
  });

  it('begins on the national map', async () => {
    await using opened = await openPage(browser);
    await openAt(opened.page, demo.url, 'Spain');
    expect(areaOf(opened.page)).toBe('eu/es');
  });

  it('is walked by mouse, in and out again', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await openAt(page, `${demo.url}/map/eu?metric=net`, 'Europe');
    for (const [level, next] of WAY_IN) {
      await showsLevel(page, level);
      await pointAt(page, cell(page, next));
      await tooltip(page).getByText(next, { exact: true }).waitFor();
      await clickOn(page, cell(page, next));
    }
    await showsLevel(page, STREETS);
    expect(areaOf(page)).toBe('eu/es/13/28/28006/s1');
    const alone = (await labels(page)).find((label) => !label.includes(' more')) as string;
    const street = alone.split(',')[0] as string;
    await clickOn(page, cell(page, street));
    await expect.poll(() => here(page)).toBe(street);
    // A street is the end: the map still shows it among its neighbours.
    await showsLevel(page, STREETS);
    expect(areaOf(page)).toMatch(/^eu\/es\/13\/28\/28006\/s1\/s1-\d+$/);
    for (const level of [STREETS, 'Alcobendas', 'Madrid']) {
      const link = breadcrumb(page).getByRole('link', { name: level, exact: true });
      await link.last().click();
      await expect.poll(() => here(page)).toBe(level);
      await showsLevel(page, level);
    }
    // The sea beside the land leads up as well.
    await page.mouse.move(2, 2);
    const box = (await theMap(page).boundingBox())!;
    await page.mouse.click(box.x + box.width - 90, box.y + box.height - 6);
    await showsLevel(page, 'Spain');
    expect(opened.complaints).toEqual([]);
  });

  it('is flown where motion is welcome, and ends on the same level within half a second or so', async () => {
    await using opened = await openPage(browser, { reducedMotion: 'no-preference' });
    const { page } = opened;
    const stepInMs = async (): Promise<number> => {
      await openAt(page, `${demo.url}/map/eu/es/13/28`, 'Madrid');
      const startMs = performance.now();
      await clickOn(page, cell(page, 'Alcobendas'));
      await showsLevel(page, 'Alcobendas');
      return performance.now() - startMs;
    };
    // The same step without a flight: what it costs this machine now.
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const jumpMs = await stepInMs();
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    expect(await stepInMs()).toBeLessThan(Math.max(3000, 4 * jumpMs));
    // A tooltip of the pointer would close first, if it is there by then.
    await page.mouse.move(2, 2);
    await page.keyboard.press('Escape');
    await showsLevel(page, 'Madrid');
    await expect.poll(() => here(page)).toBe('Madrid');
    expect(opened.complaints).toEqual([]);
  });

  it('is walked by keyboard alone, and the focus stays where one was', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await openAt(page, `${demo.url}/map/eu?metric=net`, 'Europe');
    await tabTo(page, /^[^,]+, .*per meter/u);
    for (const [level, next] of WAY_IN) {
      await showsLevel(page, level);
      await walkTo(page, next);
      await tooltip(page).getByText(next, { exact: true }).waitFor();
      expect(await hasRing(page)).toBe(true);
      await page.keyboard.press('Enter');
      await expect.poll(() => here(page)).not.toBe(level);
    }
    await showsLevel(page, STREETS);
    // It came along: on a street, not on the page's beginning.
    await expect.poll(() => focusedName(page)).toMatch(/^Street /u);
    await page.keyboard.press('Enter');
    await expect.poll(() => here(page)).toMatch(/^Street /u);
    await page.keyboard.press('Escape');
    await expect.poll(() => here(page)).toBe(STREETS);
    // On the way out it is on the cell that one comes out of.
    for (const [level, from] of WAY_IN.toReversed()) {
      await page.keyboard.press('Escape');
      await showsLevel(page, level);
      await expect.poll(() => focusedName(page)).toMatch(new RegExp(`^${from},`, 'u'));
    }
    expect(opened.complaints).toEqual([]);
  });

  it('is shortened by the search, from any place of the page', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await openAt(page, `${demo.url}/map/eu`, 'Europe');
    await page.keyboard.press('/');
    const search = page.getByRole('combobox', { name: 'Find an area' });
    await expect.poll(() => search.evaluate((one) => one === document.activeElement)).toBe(true);
    // Without the accent that the name has.
    await page.keyboard.type('malag');
    const options = page.getByRole('option');
    await options.first().waitFor();
    expect(await options.allTextContents()).toEqual(
      expect.arrayContaining([expect.stringContaining('Málaga')]),
    );
    await expect.poll(() => search.getAttribute('aria-activedescendant')).toBe('search-option-0');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => search.getAttribute('aria-activedescendant')).toBe('search-option-1');
    const chosen = page.getByRole('option', { selected: true });
    const name = ((await chosen.locator('span').textContent()) ?? '').trim();
    await page.keyboard.press('Enter');
    await expect.poll(() => here(page)).toBe(name);
    await page.keyboard.press('/');
    await page.keyboard.type('qqqq');
    await page.getByText('No area has this name.').waitFor();
    await page.keyboard.press('Escape');
    expect(await search.inputValue()).toBe('');
    expect(opened.complaints).toEqual([]);
  });

  it('has a tab order that goes by the page: header, tools, map, table', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await openAt(page, `${demo.url}/map/eu/es`, 'Spain');
    const seen: string[] = [];
    for (;;) {
      await page.keyboard.press('Tab');
      const name = await focusedName(page);
      if (name === '') break;
      expect(await hasRing(page), `${name} shows no focus`).toBe(true);
      seen.push(name);
    }
    expect(seen.at(-1)).toBe('OGC API Features');
    const places = [/^To the map$/u, /^Map$/u, /^Find an area$/u, /, .*per meter/u, /^Play$/u].map(
      (pattern) => seen.findIndex((name) => pattern.test(name)),
    );
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    const mapStops = await cells(page).evaluateAll(
      (all) => all.filter((one) => one.getAttribute('tabindex') === '0').length,
    );
    expect(mapStops).toBe(1);
    // The first stop leads past all of them.
    await page.reload();
    await showsLevel(page, 'Spain');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('main');
  });

  it('shows all keys on a card, which Escape closes without going up', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await openAt(page, `${demo.url}/map/eu/es`, 'Spain');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    expect(await here(page)).toBe('Spain');
  });

  it('points at the same cell in the map and in the table', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await openAt(page, `${demo.url}/map/eu/es`, 'Spain');
    await theTable(page).getByRole('rowheader', { name: 'Galicia' }).hover();
    await tooltip(page).getByText('Galicia', { exact: true }).waitFor();
    await theTable(page).getByRole('button', { name: 'Galicia', exact: true }).click();
    await showsLevel(page, 'Galicia');
    expect(opened.complaints).toEqual([]);
  });
});

/** Tab, as often as it takes. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab');
    if (name.test(await focusedName(page))) return;
  }
  throw new Error(`Tab does not lead to ${name}`);
}

/** By arrow keys, each step to the neighbour that lies nearest to the target. */
async function walkTo(page: Page, name: string): Promise<void> {
  const target = (await cell(page, name).boundingBox())!;
  const [tx, ty] = [target.x + target.width / 2, target.y + target.height / 2];
  const tried = new Map<string, number>();
  for (let i = 0; i < 60; i++) {
    const label = await focusedName(page);
    if (label === name || label.startsWith(`${name},`)) return;
    const box = await page.evaluate(() => {
      const { x, y, width, height } = document.activeElement!.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    });
    const [dx, dy] = [tx - box.x, ty - box.y];
    const across = dx > 0 ? 'ArrowRight' : 'ArrowLeft';
    const along = dy > 0 ? 'ArrowDown' : 'ArrowUp';
    const wanted = Math.abs(dx) > Math.abs(dy) ? [across, along] : [along, across];
    const all = [...wanted, ...['ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp']];
    const place = label.split(',')[0] as string;
    const count = tried.get(place) ?? 0;
    tried.set(place, count + 1);
    await page.keyboard.press(all[count % all.length] as string);
  }
  throw new Error(`arrow keys do not lead to ${name}, they went by ${[...tried.keys()]}`);
}

/** Whether what has the focus shows it: an outline or a shadow, or a ring that the map draws. */
async function hasRing(page: Page): Promise<boolean> {
  const found = await page.evaluate(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return 'no';
    const drawn = element.closest('svg[role=application]');
    if (drawn !== null) {
      const shape = element.getAttribute('d');
      return [...drawn.querySelectorAll('[aria-hidden=true] path')].some(
        (path) => path.getAttribute('d') === shape && getComputedStyle(path).stroke !== 'none',
      )
        ? 'yes'
        : 'no';
    }
    // The ring of a slider is on its thumb, which no style tells.
    if (element instanceof HTMLInputElement && element.type === 'range') return 'look';
    const marked = [element, element.nextElementSibling, element.parentElement];
    return marked.some((one) => {
      if (one === null) return false;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
      return (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1) || boxShadow !== 'none';
    })
      ? 'yes'
      : 'no';
  });
  if (found !== 'look') return found === 'yes';
  const element = page.locator('*:focus');
  const before = await element.screenshot();
  const handle = await element.elementHandle();
  await handle!.evaluate((one) => (one as HTMLElement).blur());
  const after = await page.screenshot({ clip: (await handle!.boundingBox())! });
  await handle!.focus();
  return !before.equals(after);
}
