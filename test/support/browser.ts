// The one way for tests to get a real browser.

import { type Browser, chromium } from 'playwright-core';
import { describe, it } from 'vitest';
import { findChromium } from './chromium.ts';

const isCi = process.env.CI === 'true';
const found = findChromium();
const MISSING =
  'no Chromium in CHROMIUM_BIN or on PATH; "node scripts/chromium.ts --install" installs Debian\'s';
if (found === undefined && !isCi) {
  console.warn(`\n!!! TESTS IN A REAL BROWSER ARE SKIPPED: ${MISSING}\n`);
}

/** Like `describe`; skipped loudly where no Chromium is found, and failing there in CI. */
export function describeInBrowser(name: string, body: () => void): void {
  if (found !== undefined) describe(name, body);
  else if (isCi) {
    it(`${name} needs a browser`, () => {
      throw new Error(MISSING);
    });
  } else describe.skip(`${name} (skipped: no Chromium found)`, body);
}

/** A headless browser with software rendering, which asks nobody but the test's own server. */
export function launchBrowser(): Promise<Browser> {
  if (found === undefined) throw new Error(MISSING);
  return chromium.launch({
    executablePath: found.bin,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--enable-precise-memory-info',
      '--js-flags=--expose-gc',
    ],
  });
}
