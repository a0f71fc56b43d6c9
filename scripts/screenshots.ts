// `node scripts/screenshots.ts OUTDIR [VIEW...]`: every view of the running demo as pictures, at three
// widths, light and dark, to be looked at by people. Nothing is compared.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { launchBrowser } from '../test/support/browser.ts';
import { startDemo } from '../test/support/browser-demo.ts';

const CITY = 'eu/es/13/28/28006';
const VIEWS: Readonly<Record<string, string>> = {
  europe: 'eu',
  spain: 'eu/es?metric=net',
  province: 'eu/es/13/28',
  municipality: `${CITY}?metric=export`,
  streets: `${CITY}/s1?metric=net`,
  privacy: `${CITY}/s1/s1-04?panel=privacy`,
  health: `${CITY}?panel=health`,
};
const SIZES: readonly (readonly [width: number, height: number])[] = [
  [360, 740],
  [1280, 800],
  [2560, 1440],
];
/** The charts and the history come after the map. */
const SETTLE_MS = 2500;

const outDirectory = process.argv[2];
if (outDirectory === undefined) {
  console.error('usage: node scripts/screenshots.ts OUTDIR [VIEW...]');
  process.exit(2);
}
const wanted = process.argv.slice(3);
await mkdir(outDirectory, { recursive: true });
await using demo = await startDemo('--meters', '4000');
const browser = await launchBrowser();
try {
  for (const [width, height] of SIZES) {
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme,
        reducedMotion: 'reduce',
        locale: 'en-GB',
      });
      const page = await context.newPage();
      for (const [name, path] of Object.entries(VIEWS)) {
        if (wanted.length > 0 && !wanted.includes(name)) continue;
        await page.goto(`${demo.url}/map/${path}`);
        await page.getByRole('application').waitFor();
        await page.waitForTimeout(SETTLE_MS);
        const file = join(outDirectory, `${name}-${width}-${colorScheme}.png`);
        // A phone scrolls: the whole page is what is looked at there.
        await page.screenshot({ path: file, fullPage: width === 360 });
        console.info(file);
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
}
