// Exports, the privacy view and the health view on the running demo.

import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { parquetReadObjects } from 'hyparquet';
import type { Browser, Download, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type {
  AreaDocument,
  EvidenceDocument,
  FrameDocument,
  HealthDocument,
  MapDocument,
  RowDocument,
} from '../../src/server/wire.ts';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { type RunningDemo, startDemo } from '../support/browser-demo.ts';
import { openAt, openPage, theMap } from './map-page.ts';

const PAST = '2025-10-12T11:00Z';
const CITY = 'eu/es/13/28/28006';

let demo: RunningDemo;
let browser: Browser;

const areaPath = (id: string): string => `/api/v1/areas/${id.replaceAll('/', '.')}`;

async function openExports(page: Page): Promise<void> {
  await page
    .locator('summary')
    .filter({ hasText: /^Export$/u })
    .click();
}

async function downloaded(page: Page, link: string, role: 'link' | 'button' = 'link') {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole(role, { name: link }).click(),
  ]);
  return { name: download.suggestedFilename(), bytes: await bytesOf(download) };
}

async function bytesOf(download: Download): Promise<Buffer> {
  return await readFile(await download.path());
}

const isoMinute = (text: string): string => text.replace(':00Z', 'Z');

describeInBrowser('exports and the views of privacy and health', () => {
  beforeAll(async () => {
    [demo, browser] = await Promise.all([startDemo(), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await demo?.[Symbol.asyncDispose]();
  });

  it('export the interval on screen as CSV, GeoJSON and Parquet, with the same figures', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await openAt(page, `${demo.url}/map/eu/es?t=${PAST}`, 'Spain');
    const frame = await demo.get<FrameDocument>(`${areaPath('eu/es')}/frame?t=${PAST}`);
    const galicia = frame.rows.find(({ name }) => name === 'Galicia')!;
    await openExports(page);
    const csv = await downloaded(page, 'CSV');
    expect(csv.name).toMatch(/^streetwatt-.*\.csv$/u);
    const text = csv.bytes.toString('utf8');
    expect(text).toContain('CC-BY-4.0');
    const records = parse(text.replace(/^\uFEFF/u, ''), {
      columns: true,
      comment: '#',
      comment_no_infix: true,
    }) as Record<string, string>[];
    expect(records).toHaveLength(frame.rows.length);
    const line = records.find((one) => Object.values(one).includes('Galicia'))!;
    for (const energyWh of Object.values(galicia.energyWh))
      expect(Object.values(line)).toContain(String(energyWh));

    const geojson = await downloaded(page, 'GeoJSON');
    const collection = JSON.parse(geojson.bytes.toString('utf8')) as {
      type: string;
      features: { properties: Record<string, unknown>; geometry: { type: string } }[];
    };
    expect(collection.type).toBe('FeatureCollection');
    expect(collection.features).toHaveLength(frame.rows.length);
    const feature = collection.features.find(({ properties }) =>
      Object.values(properties).includes('Galicia'),
    )!;
    expect(feature.geometry.type).toMatch(/Polygon$/u);
    expect(Object.values(feature.properties)).toContain(galicia.energyWh.consumption);

    const parquet = await downloaded(page, 'Parquet');
    const file = parquet.bytes.buffer.slice(
      parquet.bytes.byteOffset,
      parquet.bytes.byteOffset + parquet.bytes.byteLength,
    ) as ArrayBuffer;
    const rows = await parquetReadObjects({ file });
    expect(rows).toHaveLength(frame.rows.length);
    const row = rows.find((one) => Object.values(one).includes('Galicia'))!;
    expect(Object.values(row).map(String)).toContain(String(galicia.energyWh.consumption));
    expect(opened.complaints).toEqual([]);
  });

  it('export the day of the charts as well', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await openAt(page, `${demo.url}/map/eu/es?t=${PAST}`, 'Spain');
    await openExports(page);
    await page.getByRole('radio', { name: /^the day in the charts/u }).check();
    const csv = await downloaded(page, 'CSV');
    const records = parse(csv.bytes.toString('utf8').replace(/^\uFEFF/u, ''), {
      columns: true,
      comment: '#',
      comment_no_infix: true,
    }) as unknown[];
    expect(records).toHaveLength(96 * 19);
  });

  it('draw the map as a PNG of twice its size, with title, legend and attribution below', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await openAt(page, `${demo.url}/map/eu/es?t=${PAST}`, 'Spain');
    const box = (await theMap(page).boundingBox())!;
    await openExports(page);
    const { name, bytes } = await downloaded(page, 'PNG of the map', 'button');
    expect(name).toMatch(/^streetwatt-eu\.es-.*\.png$/u);
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
    expect(width).toBe(Math.round(box.width) * 2);
    expect(height).toBeGreaterThan((Math.round(box.height) + 100) * 2);
    // It is drawn on: more than a few colours in the place of the map.
    const colours = await page.evaluate(async (data) => {
      const image = new Image();
      image.src = `data:image/png;base64,${data}`;
      await image.decode();
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [image.width, image.height];
      const context = canvas.getContext('2d')!;
      context.drawImage(image, 0, 0);
      const { data: pixels } = context.getImageData(0, 0, image.width, image.height);
      const counts = new Map<number, number>();
      for (let i = 0; i < pixels.length; i += 4) {
        const colour = (pixels[i]! << 16) | (pixels[i + 1]! << 8) | pixels[i + 2]!;
        counts.set(colour, (counts.get(colour) ?? 0) + 1);
      }
      return [...counts.values()].filter((count) => count > 5000).length;
    }, bytes.toString('base64'));
    expect(colours).toBeGreaterThan(3);
    expect(opened.complaints).toEqual([]);
  });

  it('show how a street’s number comes out of the bytes, and it does', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    const { latest } = await demo.get<MapDocument>('/api/v1/map');
    const t = isoMinute(latest!);
    // It is opened because somebody looks: that takes a moment.
    const open = async (): Promise<RowDocument | undefined> => {
      const { rows } = await demo.get<FrameDocument>(`${areaPath(`${CITY}/s1`)}/frame?t=${t}`);
      return rows.find((one) => one.kind === 'area' && one.energyWh.net !== null);
    };
    await expect.poll(open, { timeout: 15_000 }).toBeDefined();
    const row = (await open()) as RowDocument;
    await page.goto(`${demo.url}/map/${row.id}?panel=privacy&t=${t}`);
    await page.getByRole('heading', { name: /The one number that comes out/u }).waitFor();
    const word = async (table: string, header: string | RegExp): Promise<bigint> => {
      const line = page
        .getByRole('table', { name: table })
        .getByRole('row')
        .filter({ has: page.getByRole('rowheader', { name: header }) });
      const hex = (await line.locator('code').textContent()) ?? '';
      expect(hex.replaceAll(' ', '')).toMatch(/^[0-9a-f]{16}$/u);
      return BigInt(`0x${hex.replaceAll(' ', '')}`);
    };
    const subtraction = 'Masked total minus sum of the masks, for net';
    const masked = await word(subtraction, 'masked total');
    const masks = await word(subtraction, '− sum of the masks');
    const netWh = BigInt.asIntN(64, masked - masks);
    expect(netWh).toBe(BigInt(row.energyWh.net!));
    await page
      .getByText(
        `it is the ${Number(netWh).toLocaleString('en-GB').replace('-', '−')} Wh on the map.`,
      )
      .first()
      .waitFor();
    // The sum of the masks again, from what the trustees hold each.
    const parts = page.getByRole('table', { name: 'Sums of the components of the masks of net' });
    const components = await parts
      .getByRole('row')
      .filter({ hasText: 'component' })
      .locator('code')
      .allTextContents();
    expect(components).toHaveLength(3);
    const sum = components
      .map((hex) => BigInt(`0x${hex.replaceAll(' ', '')}`))
      .reduce((a, b) => a + b, 0n);
    expect(BigInt.asUintN(64, sum)).toBe(masks);
    const evidence = await demo.get<EvidenceDocument>(`${areaPath(row.id)}/evidence?t=${t}`);
    expect(evidence.trustees.length).toBeGreaterThanOrEqual(2);
    for (const { name } of evidence.trustees)
      await page.getByRole('heading', { name, exact: true }).waitFor();
    // The one household's own screen, and the frame that left it.
    await page.getByText('Only the household sees this; shown in the demo only.').waitFor();
    await page
      .getByText(/true reading$/u)
      .first()
      .waitFor();
    expect(opened.complaints).toEqual([]);
  });

  it('lead from anywhere to a street’s bytes', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await openAt(page, `${demo.url}/map/${CITY}?metric=net`, 'Alcobendas');
    await page.getByRole('button', { name: 'Privacy', exact: true }).click();
    await page.getByRole('link', { name: 'Suburb 1, dense' }).last().click();
    await page
      .getByRole('link', { name: /^Street 1-/u })
      .first()
      .click();
    await page.getByRole('heading', { name: /^What each party holds of Street 1-/u }).waitFor();
    await page.getByRole('link', { name: /^Another street of / }).click();
    await page
      .getByRole('link', { name: /^Street 1-/u })
      .first()
      .waitFor();
    expect(opened.complaints).toEqual([]);
  });

  it('show the age, the trustees’ answers and every source', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    const healthOf = () => demo.get<HealthDocument>(`${areaPath(CITY)}/health`);
    // The strip is stepped through below: that takes two intervals.
    await expect
      .poll(async () => (await healthOf()).intervals.length, { timeout: 50_000 })
      .toBeGreaterThan(1);
    await page.goto(`${demo.url}/map/${CITY}?panel=health`);
    await page.getByRole('heading', { name: 'Health of Alcobendas' }).waitFor();
    const health = await healthOf();
    const view = page.getByRole('region', { name: 'Health of Alcobendas' });
    await view.getByText('Newest interval').waitFor();
    await view
      .getByText(/^ended .* ago|ended just now/u)
      .first()
      .waitFor();
    await view.getByText('Next expected').waitFor();
    for (const name of health.trusteeNames) {
      const line = view.getByRole('row').filter({ hasText: name });
      expect(await line.textContent()).toMatch(/\d+ of \d+ intervals?/u);
    }
    await view.getByText('✓ They agreed on every figure.').waitFor();
    await view.getByText(/\d accepted\.$/u).waitFor();
    for (const { name } of health.sources) await view.getByText(name).first().waitFor();
    const bars = view.getByRole('slider', { name: 'Interval of the strip' });
    await bars.focus();
    const before = await bars.getAttribute('aria-valuetext');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => bars.getAttribute('aria-valuetext')).not.toBe(before);
    await view.getByRole('button', { name: 'show this time' }).click();
    await page.waitForURL(/t=2025-/u);
    expect(opened.complaints).toEqual([]);
  });

  it('say of a simulated area that there is nothing to show', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    const area = await demo.get<AreaDocument>(areaPath('eu/es/09'));
    await page.goto(`${demo.url}/map/${area.id}?panel=privacy`);
    await page.getByText(/Nothing below this area has real masked meters/u).waitFor();
    expect(opened.complaints).toEqual([]);
  });
});
