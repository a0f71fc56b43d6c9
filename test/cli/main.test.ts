import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatExplanation } from '../../src/cli/explain.ts';
import { explainThreeHomes } from '../../src/runtime/explain.ts';
import { helpOf, runBin, runHere, startBin } from './command-line.ts';

describe('streetwatt, started as a user starts it', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'streetwatt-cli-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('prints its help and its version on stdout', async () => {
    const [help, version, packageJson] = await Promise.all([
      runBin(['--help']),
      runBin(['--version']),
      readFile(new URL('../../package.json', import.meta.url), 'utf8'),
    ]);
    expect(help).toMatchObject({ exitCode: 0, stderr: '' });
    expect(help.stdout).toMatch(/^Usage: streetwatt <command> \[options\]/u);
    for (const word of ['explain', 'plan', '--version', 'Examples:', 'Exit codes:', 'Wh'])
      expect(help.stdout).toContain(word);
    const { version: expected } = JSON.parse(packageJson) as { version: string };
    expect(version).toEqual({ exitCode: 0, stdout: `${expected}\n`, stderr: '' });
  });

  it('ends with exit code 2 and one sentence for what cannot be', async () => {
    const cases: readonly (readonly [readonly string[], string])[] = [
      [['plam'], "streetwatt: unknown command 'plam': did you mean plan?\n"],
      [
        ['plan', '--meters', join(folder, 'none.csv')],
        `streetwatt: ${join(folder, 'none.csv')}: expected a file, found none.\n`,
      ],
    ];
    for (const [args, stderr] of cases)
      expect(await runBin(args)).toEqual({ exitCode: 2, stdout: '', stderr });
  });

  it('shows where an error came from only when asked to', async () => {
    const args = ['plan', '--meters', join(folder, 'none.csv')];
    const { exitCode, stderr } = await runBin(args, { STREETWATT_DEBUG: '1' });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(
      /found none\.\n(.|\n)*FileError: (.|\n)*\.ts:(.|\n)*caused by .*ENOENT/u,
    );
  });

  it('tells the story of three homes', async () => {
    const { stdout } = await runBin(['explain']);
    expect(stdout).toBe(`${formatExplanation(explainThreeHomes('streetwatt'))}\n`);
  });

  it('is quiet when nobody reads its output', async () => {
    const child = startBin(['explain', '--json']);
    child.stdout?.destroy();
    let stderr = '';
    child.stderr?.on('data', (chunk) => {
      stderr += String(chunk);
    });
    await once(child, 'close');
    expect(stderr).toBe('');
  });

  it('stops at Ctrl-C with exit code 130, without a word', async () => {
    const pipe = join(folder, 'meters.csv');
    execFileSync('mkfifo', [pipe]);
    const child = startBin(['plan', '--meters', pipe, '--out', join(folder, 'stopped')]);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => {
        output += String(chunk);
      });
    const closed = once(child, 'close');
    const rows = Array.from({ length: 20_000 }, (_, i) => `m${i},es/a/s${i % 100}\n`);
    // More than a pipe holds: once it is written, the command is reading.
    const meters = createWriteStream(pipe).on('error', () => {});
    await new Promise((resolve) => meters.write(`meter,area\n${rows.join('')}`, resolve));
    child.kill('SIGINT');
    meters.end('m,es/a/s1\n');
    expect((await closed)[0]).toBe(130);
    expect(output).toBe('');
  });
});

describe('the command line', () => {
  it('names what is wrong with the arguments in one sentence', async () => {
    const cases: readonly (readonly [readonly string[], string])[] = [
      [['grow'], "unknown command 'grow': streetwatt --help lists them."],
      [['--hepl'], "unknown option '--hepl': did you mean --help?"],
      [['plan', '--metres', 'x'], "unknown option '--metres': did you mean --meters?"],
      [['plan', '--meters'], "option '--meters <file>' argument missing."],
      [['plan'], '--meters: expected --meters <file>, for which there is no default, found none.'],
      [['plan', 'x'], "too many arguments for 'plan': expected 0 arguments but got 1."],
      [
        ['plan', '--min-meters', '4'],
        '--min-meters: expected a whole number from 5 to 1,000,000, found "4".',
      ],
      [
        ['plan', '--network-id', 'a b'],
        '--network-id: expected 1 to 64 letters, digits, "_" or "-", found "a b".',
      ],
      [
        ['plan', '--meters', 'x', '--trustees', '4', '--quorum', '2'],
        '--quorum: expected 3 or 4 of 4 trustees, more than half, since two separate halves could open two different sums, found 2.',
      ],
    ];
    for (const [args, sentence] of cases)
      expect(await runHere(args)).toEqual({
        exitCode: 2,
        stdout: '',
        stderr: `streetwatt: ${sentence}\n`,
      });
  });

  it('explains each option of a command in its help', async () => {
    const options: Readonly<Record<string, readonly string[]>> = {
      explain: ['--seed <text>', '--json'],
      plan: [
        '--meters <file>',
        '--readings <file>',
        '--out <dir>',
        '--min-meters <count>',
        '--interval-minutes <minutes>',
        '--trustees <count>',
        '--quorum <count>',
        '--network-id <name>',
        '(default: 20)',
        'network.json',
        'not signed',
      ],
    };
    for (const [command, words] of Object.entries(options)) {
      const help = await helpOf(command);
      for (const word of [...words, 'Usage: streetwatt', 'Examples:']) expect(help).toContain(word);
      for (const line of help.split('\n')) expect([...line].length).toBeLessThanOrEqual(100);
    }
  });

  it('passes on that nobody wants the result any more', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'streetwatt-cli-'));
    try {
      const file = join(folder, 'meters.csv');
      await writeFile(file, 'meter,area\nm,es/a/1\n');
      const { exitCode, stdout } = await runHere(['plan', '--meters', file], AbortSignal.abort());
      expect(exitCode).not.toBe(0);
      expect(stdout).toBe('');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
