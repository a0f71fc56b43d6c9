// A country's interval, small: both benches check every sum before they say anything.

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';

const ROOT = new URL('../..', import.meta.url).pathname;

it('runs a country on one thread and on two to the same map, and an interval through the nodes', async () => {
  const args = ['--expose-gc', 'bench/run.ts', '--quick', 'nation', 'latency'];
  const child = spawn(process.execPath, args, { cwd: ROOT });
  const exit = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  expect(`${code} ${err}`).toBe('0 ');
  expect(out).toMatch(/^nation\.20000\.wall +[\d.]+ +s /mu);
  expect(out).toMatch(/^latency\.close-to-map\.60 +[\d.]+ +s /mu);
  // Released at every level that the map shows.
  expect(out).toMatch(/the map: (\d+) of \1 figures released/u);
}, 180_000);
