// The bench as one runs it: in a process of its own.

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readResultsFile } from '../../bench/harness/results-file.ts';

const ROOT = new URL('../..', import.meta.url).pathname;

async function runBench(...args: string[]) {
  const child = spawn(process.execPath, ['--expose-gc', 'bench/run.ts', ...args], { cwd: ROOT });
  const exit = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { out, err, code: await exit };
}

describe('npm run bench', () => {
  it('writes machine and results, and nothing else, to --json', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'streetwatt-bench-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'results.json');
    const { code, out } = await runBench('--quick', '--json', file, 'chacha20', 'ratchet.kernel');
    expect(code).toBe(0);
    expect(out).toContain(`Node ${process.version.slice(1)}`);
    const { results } = await readResultsFile(file);
    expect(results.map(({ id, unit }) => [id, unit])).toEqual([
      ['chacha20.block.floor', 'blocks/s'],
      ['ratchet.kernel', 'keys/s'],
    ]);
    for (const { min, median, max } of results) {
      expect(min).toBeGreaterThan(0);
      expect(median).toBeGreaterThanOrEqual(min);
      expect(max).toBeGreaterThanOrEqual(median);
    }
    expect(Object.keys(JSON.parse(await readFile(file, 'utf8')))).toEqual(['machine', 'results']);
  });

  it('counts all parties of a scheme as one, and bytes beside it', async () => {
    const { code, out } = await runBench('--quick', 'streetwatt', 'peer.hmac-mask');
    expect(code).toBe(0);
    expect(out).toMatch(/^streetwatt {2,}[\d,.]+ {2}readings\/s .* 50$/mu);
    expect(out).toMatch(/^streetwatt\.trustees {2,}[\d,.]+ {2}us\/reading /mu);
    expect(out).toMatch(/^peer\.hmac-mask\.client {2,}[\d,.]+ {2}us\/reading /mu);
  });

  it('says which benches there are where a word chooses none, and exits 2', async () => {
    const { code, err } = await runBench('peer.rot13');
    expect(code).toBe(2);
    expect(err).toMatch(
      /^bench: expected the id of a bench .*streetwatt.*found "peer\.rot13"\.\n$/u,
    );
  });

  it('exits 2 for an option that is none', async () => {
    expect((await runBench('--fast')).code).toBe(2);
  });
});
