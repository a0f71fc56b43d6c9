// The map's page as a reader has it before them: by roles, names and words, never by class names.

import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

export interface MapPage extends AsyncDisposable {
  readonly page: Page;
  /** What the browser's console said was wrong, policy violations and thrown errors among it. */
  readonly complaints: string[];
}

export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<MapPage> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
    locale: 'en-GB',
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`));
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

export const theMap = (page: Page): Locator => page.getByRole('application');
export const cells = (page: Page): Locator => theMap(page).getByRole('button');
export const theTable = (page: Page): Locator =>
  page.getByRole('region', { name: 'Table' }).getByRole('table');
export const legend = (page: Page): Locator => page.getByRole('region', { name: 'Legend' });
export const tooltip = (page: Page): Locator => page.getByRole('tooltip');
export const slider = (page: Page): Locator => page.getByRole('slider', { name: 'Shown interval' });
export const breadcrumb = (page: Page): Locator =>
  page.getByRole('navigation', { name: 'Breadcrumb' });

/** The cell of a name; a label goes on with its figure. */
export function cell(page: Page, name: string): Locator {
  const plain = name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('\u00a0', ' ');
  return theMap(page).getByRole('button', { name: new RegExp(`^${plain}(,|$)`, 'u') });
}

/** Waits until the map draws the children of the area, with their figures. */
export async function showsLevel(page: Page, name: string): Promise<void> {
  await page.getByRole('application', { name: new RegExp(`^Map of ${name}, by `, 'u') }).waitFor();
  await expect
    .poll(async () => (await labels(page)).filter((label) => label.includes('loading')).length)
    .toBe(0);
}

export async function labels(page: Page): Promise<string[]> {
  return await cells(page).evaluateAll((all) =>
    all.map((one) => one.getAttribute('aria-label') ?? ''),
  );
}

/** Opens an address of the page and waits for a level. */
export async function openAt(page: Page, url: string, name: string): Promise<void> {
  await page.goto(url);
  await showsLevel(page, name);
}

/** Points at the inside of a shape: the middle of its box may be its neighbour's. */
export async function pointAt(page: Page, shape: Locator): Promise<void> {
  const { x, y } = await pointInside(shape);
  await page.mouse.move(x, y);
}

export async function clickOn(page: Page, shape: Locator): Promise<void> {
  const { x, y } = await pointInside(shape);
  await page.mouse.move(x, y);
  await page.mouse.click(x, y);
}

async function pointInside(shape: Locator): Promise<{ x: number; y: number }> {
  await shape.waitFor({ state: 'attached' });
  const find = () =>
    shape.evaluate((element) => {
      element.closest('[role=application]')?.scrollIntoView({ block: 'nearest' });
      const box = element.getBoundingClientRect();
      for (let parts = 2; parts <= 32; parts *= 2) {
        for (let i = 1; i < parts; i++) {
          for (let j = 1; j < parts; j++) {
            const x = box.left + (box.width * i) / parts;
            const y = box.top + (box.height * j) / parts;
            if (document.elementFromPoint(x, y) === element) return { x, y };
          }
        }
      }
      return undefined;
    });
  let place: { x: number; y: number } | undefined;
  await expect.poll(async () => (place = await find())).toBeDefined();
  return place as unknown as { x: number; y: number };
}

/** The name of what has the keyboard's focus; empty where that is the page itself. */
export async function focusedName(page: Page): Promise<string> {
  return await page.evaluate(() => {
    const element = document.activeElement;
    if (element === document.body) return '';
    const written = element instanceof HTMLInputElement ? element.labels?.[0] : element;
    return (element?.getAttribute('aria-label') ?? written?.textContent ?? '').trim();
  });
}
