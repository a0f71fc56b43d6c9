// The map's server as the bench asks it: every answer is checked before it is timed.

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';

const ROOT = new URL('../..', import.meta.url).pathname;

it('asks the server from another process for frames and series, zipped, plain and unchanged', async () => {
  const args = ['--expose-gc', 'bench/run.ts', '--quick', 'api.frame'];
  const child = spawn(process.execPath, args, { cwd: ROOT });
  const exit = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  expect(`${code} ${err}`).toBe('0 ');
  for (const question of ['api.frame', 'api.series']) {
    for (const way of ['', '.identity', '.unchanged']) {
      const id = `${question}${way}`.replaceAll('.', '\\.');
      expect(out).toMatch(new RegExp(`^${id} +[\\d.,]+ +requests/s `, 'mu'));
      expect(out).toMatch(new RegExp(`^${id}\\.p99 +[\\d.,]+ +ms `, 'mu'));
    }
  }
}, 60_000);
