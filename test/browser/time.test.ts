// The time slider, metrics, scales and the address on the running demo, held against its API.

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEnergyFormat } from '../../src/map/format-energy.ts';
import { ENERGY_METRICS, type EnergyMetric, meanPowerW } from '../../src/map/metric.ts';
import type { AreaDocument, FrameDocument, MapDocument } from '../../src/server/wire.ts';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { type RunningDemo, startDemo } from '../support/browser-demo.ts';
import {
  cell,
  cells,
  labels,
  legend,
  openAt,
  openPage,
  pointAt,
  showsLevel,
  slider,
  theTable,
  tooltip,
} from './map-page.ts';

let demo: RunningDemo;
let browser: Browser;
let about: MapDocument;
const format = createEnergyFormat('en-GB');

const areaPath = (id: string): string => `/api/v1/areas/${id.replaceAll('/', '.')}`;
const minute = (ms: number): string => new Date(ms).toISOString().replace(/:00\.000Z$/, 'Z');
/** Well before the demo's beginning: what is there does not change any more. */
const PAST = '2025-10-12T11:00Z';
const WORDS: Readonly<Record<EnergyMetric, string>> = {
  net: 'Net',
  consumption: 'Consumption',
  production: 'Production',
  import: 'Import',
  export: 'Export',
};

async function frameAt(area: string, t: string): Promise<FrameDocument> {
  return await demo.get<FrameDocument>(`${areaPath(area)}/frame?t=${t}`);
}

/** What the table says, by its rows' names. */
async function tableRows(page: Page): Promise<Map<string, string[]>> {
  const rows = await theTable(page)
    .getByRole('row')
    .evaluateAll((all) =>
      all.map((row) => [...row.querySelectorAll('th, td')].map((one) => one.textContent ?? '')),
    );
  return new Map(rows.slice(1).map(([name, ...rest]) => [(name ?? '').trim(), rest]));
}

function shownTime(page: Page): string | null {
  return new URL(page.url()).searchParams.get('t');
}

async function valueNow(page: Page): Promise<string> {
  return (await slider(page).getAttribute('aria-valuetext')) ?? '';
}

describeInBrowser('time, metrics and scales', () => {
  beforeAll(async () => {
    [demo, browser] = await Promise.all([startDemo(), launchBrowser()]);
    about = await demo.get<MapDocument>('/api/v1/map');
  });
  afterAll(async () => {
    await browser?.close();
    await demo?.[Symbol.asyncDispose]();
  });

  it('show of a past interval what the API says of it, in tooltip and table', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await openAt(page, `${demo.url}/map/eu/es?t=${PAST}`, 'Spain');
    const frame = await frameAt('eu/es', PAST);
    await expect.poll(async () => (await tableRows(page)).size).toBe(19);
    const rows = await tableRows(page);
    for (const row of frame.rows) {
      const energyWh = row.energyWh.consumption!;
      const [value, energy, meters, cover] = rows.get(row.name)!;
      // Per meter that is counted.
      const perMeter = meanPowerW(energyWh, 900) / (row.meterCount * row.coverage);
      expect(value).toContain(format.value(perMeter, 'W/meter'));
      expect(energy).toBe(format.energy(energyWh));
      expect(meters).toBe(format.count(row.meterCount));
      expect(cover).toBe(format.share(row.coverage));
    }
    const galicia = frame.rows.find(({ name }) => name === 'Galicia')!;
    await pointAt(page, cell(page, 'Galicia'));
    for (const metric of ENERGY_METRICS) {
      const line = tooltip(page).getByRole('row', { name: new RegExp(`^${WORDS[metric]} `, 'u') });
      const isSigned = metric === 'net';
      const energyWh = galicia.energyWh[metric]!;
      expect(await line.textContent()).toBe(
        `${WORDS[metric]}${format.power(meanPowerW(energyWh, 900), { isSigned })}${format.energy(energyWh, { isSigned })}`,
      );
    }
    expect(opened.complaints).toEqual([]);
  });

  it('go by the slider’s arrow keys, a quarter of an hour at a time, and never beyond the newest', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await openAt(page, `${demo.url}/map/eu/es?t=${PAST}`, 'Spain');
    await slider(page).focus();
    for (const [key, expected] of [
      ['ArrowLeft', '2025-10-12T10:45Z'],
      ['ArrowRight', '2025-10-12T11:00Z'],
      ['PageDown', '2025-10-11T11:00Z'],
      ['PageUp', '2025-10-12T11:00Z'],
      // The local day, which begins two hours before that of UTC.
      ['Home', '2025-10-11T22:00Z'],
    ] as const) {
      await page.keyboard.press(key);
      await expect.poll(() => shownTime(page), { message: key }).toBe(expected);
      const frame = await frameAt('eu/es', expected);
      const row = frame.rows.find(({ name }) => name === 'Galicia')!;
      await expect
        .poll(async () => (await tableRows(page)).get('Galicia')?.[1], { message: key })
        .toBe(format.energy(row.energyWh.consumption));
    }
    await page.keyboard.press('End');
    await expect.poll(() => shownTime(page)).toBe(null);
    expect(await valueNow(page)).toContain(', live');
    await page.keyboard.press('ArrowRight');
    expect(await valueNow(page)).toContain(', live');
    expect(opened.complaints).toEqual([]);
  });

  it('follow the newest while the pin is in, and stand still while it is out', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await openAt(page, `${demo.url}/map/eu/es`, 'Spain');
    const live = page.getByRole('button', { name: 'Live', exact: true });
    expect(await live.getAttribute('aria-pressed')).toBe('true');
    const before = await valueNow(page);
    // The demo's clock makes a quarter of an hour in ten seconds.
    await expect.poll(() => valueNow(page), { timeout: 25_000 }).not.toBe(before);
    await live.click();
    expect(await live.getAttribute('aria-pressed')).toBe('false');
    const pinned = await valueNow(page);
    await page.getByRole('banner').getByText('Past').waitFor();
    const newest = (await demo.get<MapDocument>('/api/v1/map')).latest;
    await expect
      .poll(async () => (await demo.get<MapDocument>('/api/v1/map')).latest, { timeout: 25_000 })
      .not.toBe(newest);
    expect(await valueNow(page)).toBe(pinned);
    await page.getByRole('button', { name: 'Back to the newest' }).click();
    await expect.poll(() => live.getAttribute('aria-pressed')).toBe('true');
    expect(opened.complaints).toEqual([]);
  });

  it('play forward, frame by frame, and pause', async () => {
    await using opened = await openPage(browser, { reducedMotion: 'no-preference' });
    const { page } = opened;
    await openAt(page, `${demo.url}/map/eu/es?t=${PAST}`, 'Spain');
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    const pause = page.getByRole('button', { name: 'Pause', exact: true });
    await pause.waitFor();
    await expect
      .poll(() => shownTime(page) ?? '', { timeout: 10_000 })
      .toMatch(/^2025-10-12T(?:11:45|1[2-9])/);
    await pause.click();
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    const paused = await valueNow(page);
    // Longer than a step, and than the address takes to follow.
    await page.waitForTimeout(700);
    expect(await valueNow(page)).toBe(paused);
    const t = shownTime(page)!;
    const row = (await frameAt('eu/es', t)).rows.find(({ name }) => name === 'Galicia')!;
    expect((await tableRows(page)).get('Galicia')?.[1]).toBe(
      format.energy(row.energyWh.consumption),
    );
    expect(opened.complaints).toEqual([]);
  });

  it('span a day or a week, of whole intervals of the local calendar', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await openAt(page, `${demo.url}/map/eu/es?t=${PAST}`, 'Spain');
    const time = page.getByRole('region', { name: 'Time', exact: true });
    await time.getByText('96 intervals').waitFor();
    await time.getByRole('button', { name: 'Week' }).click();
    await time.getByText('672 intervals').waitFor();
    expect(await slider(page).getAttribute('max')).toBe('671');
    // The history begins in it.
    await time.getByText(/\d+ before the first figures/u).waitFor();
    await time.getByRole('button', { name: 'Day', exact: true }).click();
    await time.getByText('96 intervals').waitFor();
    await time.getByRole('button', { name: 'A day earlier' }).click();
    await expect.poll(() => shownTime(page)).toBe('2025-10-11T11:00Z');
    expect(opened.complaints).toEqual([]);
  });

  it('switch the metric and the scale in map, legend, table and address at once', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await openAt(page, `${demo.url}/map/eu/es?t=${PAST}`, 'Spain');
    const frame = await frameAt('eu/es', PAST);
    const galicia = frame.rows.find(({ name }) => name === 'Galicia')!;
    const area = await demo.get<AreaDocument>(areaPath('eu/es'));
    const km2 = area.children.find(({ name }) => name === 'Galicia')!.areaKm2!;
    for (const metric of ENERGY_METRICS) {
      await page.getByRole('radio', { name: WORDS[metric], exact: true }).check({ force: true });
      for (const [label, scale, unit, divisor] of [
        ['Per km²', 'km2', 'W/km2', km2],
        ['Total', 'abs', 'W', 1],
        ['Per meter', null, 'W/meter', galicia.meterCount * galicia.coverage],
      ] as const) {
        await page.getByRole('radio', { name: label, exact: true }).check({ force: true });
        const powerW = meanPowerW(galicia.energyWh[metric]!, 900) / divisor;
        const expected = format.value(powerW, unit, { isSigned: metric === 'net' });
        await cell(page, `Galicia, ${expected}`).waitFor();
        await legend(page).getByRole('heading', { name: WORDS[metric] }).waitFor();
        expect((await tableRows(page)).get('Galicia')?.[0]).toContain(expected);
        await expect
          .poll(() => new URL(page.url()).search)
          .toContain(`metric=${metric}&t=${PAST}${scale === null ? '' : `&scale=${scale}`}`);
      }
    }
    await page.getByRole('radio', { name: 'Coverage', exact: true }).check({ force: true });
    await cell(page, `Galicia, ${format.share(galicia.coverage)}`).waitFor();
    expect(opened.complaints).toEqual([]);
  });

  it('count in the legend what the map draws, class by class and state by state', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    await openAt(page, `${demo.url}/map/eu/es/13/28?t=${PAST}`, 'Madrid');
    const drawn = await cells(page).count();
    expect(drawn).toBe(179);
    const classes = await legend(page)
      .getByRole('listitem')
      .filter({ hasText: / cells$/u })
      .allTextContents();
    expect(classes).toHaveLength(7);
    const states = await legend(page)
      .getByRole('listitem')
      .filter({
        hasText: /^(?:Value|True zero|Partial|Withheld|Late or missing|Not connected) \d+$/u,
      })
      .allTextContents();
    const count = (texts: string[], pattern: RegExp): number =>
      texts.reduce((sum, text) => sum + Number(pattern.exec(text)?.[1] ?? 0), 0);
    expect(count(states, / (\d+)$/u)).toBe(drawn);
    const withFigure = count(
      states.filter((text) => /^(?:Value|True zero|Partial)/u.test(text)),
      / (\d+)$/u,
    );
    expect(count(classes, /: (\d+) cells$/u)).toBe(withFigure);
    // As many colours on the map as there are classes with cells.
    const fills = await cells(page).evaluateAll((all) => [
      ...new Set(
        all
          .filter((one) => /^(?:value|zero|partial)$/u.test(one.getAttribute('data-state') ?? ''))
          .map((one) => one.getAttribute('fill')),
      ),
    ]);
    expect(fills).toHaveLength(classes.filter((text) => !/: 0 cells$/u.test(text)).length);
  });

  it('draw of each metric the cells at which it may be published, merged ones as one shape', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    const id = 'eu/es/13/28/28006';
    const t = minute(Date.parse(about.latest!));
    await openAt(page, `${demo.url}/map/${id}?metric=net&t=${t}`, 'Alcobendas');
    const frame = await frameAt(id, t);
    const named = (metric: EnergyMetric): string[] =>
      frame.rows.filter(({ layers }) => layers.includes(metric)).map(({ name }) => name);
    expect(named('net')).not.toEqual(named('export'));
    const drawn = async (): Promise<string[]> =>
      (await labels(page))
        .map((label) => label.replace(/, [+−\d].*| *, withheld.*/u, ''))
        .toSorted();
    await expect.poll(drawn).toEqual(named('net').toSorted());
    const alone = await cells(page).evaluateAll((all) =>
      all.map((one) => (one as SVGPathElement).getBBox()).map(({ x, width }) => ({ x, width })),
    );
    await page.getByRole('radio', { name: 'Export', exact: true }).check({ force: true });
    await expect.poll(() => cells(page).count()).toBe(named('export').length);
    const merged = frame.rows.find((row) => row.kind === 'cell' && row.layers.includes('export'))!;
    expect(merged.members).toHaveLength(2);
    expect((await labels(page))[0]).toContain(merged.name);
    // One outline around both, with no line between: suburbs touch, so it is one ring.
    const [shape] = await cells(page).evaluateAll((all) =>
      all.map((one) => {
        const { x, width } = (one as SVGPathElement).getBBox();
        return { box: { x, width }, rings: (one.getAttribute('d') ?? '').split('M').length - 1 };
      }),
    );
    expect(shape!.rings).toBe(1);
    const [left, right] = [alone, [shape!.box]].map((boxes) => [
      Math.min(...boxes.map(({ x }) => x)),
      Math.max(...boxes.map(({ x, width }) => x + width)),
    ]);
    expect(Math.abs(left![0]! - right![0]!)).toBeLessThan(1.5);
    expect(Math.abs(left![1]! - right![1]!)).toBeLessThan(1.5);
    expect(opened.complaints).toEqual([]);
  });

  it('come back from their address alone, and Back and Forward go by areas', async () => {
    await using opened = await openPage(browser);
    const { page } = opened;
    const address = `${demo.url}/map/eu/es/13/28?metric=net&t=${PAST}&scale=km2`;
    await openAt(page, address, 'Madrid');
    const look = async () => ({
      labels: await labels(page),
      legend: await legend(page).textContent(),
      table: [...(await tableRows(page))],
      time: await valueNow(page),
    });
    const before = await look();
    await page.reload();
    await showsLevel(page, 'Madrid');
    await expect.poll(look).toEqual(before);
    await cell(page, 'Alcobendas').focus();
    await page.keyboard.press('Enter');
    await showsLevel(page, 'Alcobendas');
    await page.getByRole('radio', { name: 'Import', exact: true }).check({ force: true });
    await page.waitForURL(/metric=import/u);
    await page.goBack();
    await showsLevel(page, 'Madrid');
    expect(page.url()).toBe(address);
    await expect.poll(look).toEqual(before);
    await page.goForward();
    await showsLevel(page, 'Alcobendas');
    expect(page.url()).toContain('metric=import');
    await legend(page).getByRole('heading', { name: 'Import' }).waitFor();
    expect(opened.complaints).toEqual([]);
  });
});
