// Where a Chromium is, for the tests and for the script that installs one.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface FoundChromium {
  readonly bin: string;
  readonly foundIn: 'CHROMIUM_BIN' | 'PATH';
}

const NAMES: readonly string[] = ['chromium', 'chromium-browser', 'google-chrome'];

/** The browser that CHROMIUM_BIN names, else the first on PATH; undefined where there is none. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): FoundChromium | undefined {
  if (env.CHROMIUM_BIN) {
    return isExecutable(env.CHROMIUM_BIN)
      ? { bin: env.CHROMIUM_BIN, foundIn: 'CHROMIUM_BIN' }
      : undefined;
  }
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    for (const name of NAMES) {
      const bin = join(folder, name);
      if (folder !== '' && isExecutable(bin)) return { bin, foundIn: 'PATH' };
    }
  }
  return undefined;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
