// Prints the path of a Chromium on standard output, and what it did on standard error. `--install`
// asks apt for Debian's package where none is found, which needs root.

import { execFileSync } from 'node:child_process';
import { findChromium } from '../test/support/chromium.ts';

const say = (line: string) => console.error(`chromium: ${line}`);

let found = findChromium();
if (found === undefined && process.argv.includes('--install')) {
  say("not found: installing Debian's package with apt-get");
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', 'chromium']]) {
    execFileSync('apt-get', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  }
  found = findChromium();
}
if (found === undefined) {
  say('none in CHROMIUM_BIN or on PATH: install Debian\'s "chromium", or set CHROMIUM_BIN');
  process.exitCode = 1;
} else {
  say(`found in: ${found.foundIn}`);
  console.log(found.bin);
}
