// The demo as `npm start` runs it, on few homes, for tests in a browser.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { builtPage } from './built-page.ts';

const BIN = fileURLToPath(new URL('../../bin/streetwatt.js', import.meta.url));
const START_MS = 60_000;

export interface RunningDemo extends AsyncDisposable {
  readonly url: string;
  /** Of the one pilot municipality's city, Alcobendas. */
  readonly cityToken: string;
  /** The API's document at `path`, as anybody gets it. */
  get<T>(path: string): Promise<T>;
}

/** 600 homes are one pilot municipality of two suburbs; it resolves when a first interval is masked. */
export async function startDemo(...args: readonly string[]): Promise<RunningDemo> {
  await builtPage();
  const child = spawn(
    process.execPath,
    [BIN, 'demo', '--meters', '600', '--port', '0', '--seed', 'browser', ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text += chunk;
    });
  }
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'close');
  };
  const untilMs = performance.now() + START_MS;
  while (!text.includes('pace ')) {
    if (child.exitCode !== null || performance.now() > untilMs) {
      await stop();
      throw new Error(`the demo did not start: ${text}`);
    }
    await sleep(50);
  }
  const url = /^Map: (http:\S+)\//mu.exec(text)?.[1] ?? '';
  return {
    url,
    cityToken: /city-alcobendas +(\S+)/u.exec(text)?.[1] ?? '',
    async get<T>(path: string): Promise<T> {
      const response = await fetch(`${url}${path}`);
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as T;
    },
    [Symbol.asyncDispose]: stop,
  };
}
