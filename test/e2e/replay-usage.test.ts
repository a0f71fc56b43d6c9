// What a user gets wrong ends with exit code 2 and one sentence, and leaves no file behind.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { LoadFiles } from '../support/household-loads.ts';
import { runCommand } from './run-replay.ts';

const BIN = fileURLToPath(new URL('../../bin/streetwatt.js', import.meta.url));

/** Seven homes, one interval. */
const METERS = [
  'meter,area',
  ...Array.from({ length: 7 }, (_, i) => `m${i},es/town/street`),
  '',
].join('\n');
const READINGS = [
  'meter,start,import_wh,export_wh,production_wh',
  ...Array.from({ length: 7 }, (_, i) => `m${i},2024-06-20T09:00:00Z,${2 ** i},,`),
  '',
].join('\n');

interface Case {
  readonly name: string;
  readonly args?: readonly string[];
  readonly meters?: string;
  readonly readings?: string;
  readonly says: RegExp;
}

async function expectRefused({ args, meters, readings, says }: Case): Promise<void> {
  using files = new LoadFiles({
    metersText: meters ?? METERS,
    readingsText: readings ?? READINGS,
  });
  mkdirSync(files.file('folder'));
  const given = ['--meters', files.meters, '--readings', files.readings];
  const all = [...given, '--out', files.file('totals.csv'), '--min-meters', '5', ...(args ?? [])];
  const { exitCode, printed, warned } = await runCommand(
    all.map((arg) => arg.replace('DIR', files.directory)),
  );
  expect({ exitCode, printed }).toEqual({ exitCode: 2, printed: [] });
  expect(warned).toHaveLength(1);
  expect(warned[0]).toMatch(says);
  expect(warned[0]).toMatch(/^streetwatt: [^\n]*[.?]$/);
  expect(readdirSync(files.directory).sort()).toEqual(['folder', 'meters.csv', 'readings.csv']);
}

describe('bad usage', () => {
  it.each<Case>([
    { name: 'an unknown option', args: ['--metres', 'x'], says: /--metres/ },
    { name: 'a word too many', args: ['more'], says: /argument/ },
    { name: 'no more than half as quorum', args: ['--quorum', '1'], says: /--quorum.*2 or 3/ },
    { name: 'a quorum above all', args: ['--quorum', '4'], says: /--quorum.*2 or 3/ },
    { name: 'six trustees', args: ['--trustees', '6'], says: /--trustees.*1 to 5/ },
    { name: 'no trustee', args: ['--trustees', '0'], says: /--trustees/ },
    {
      name: 'more trustees down than there are',
      args: ['--trustees-down', '4'],
      says: /--trustees-down.*3/,
    },
    { name: 'a minimum below the floor', args: ['--min-meters', '4'], says: /--min-meters.*5/ },
    { name: 'a minimum in words', args: ['--min-meters', 'five'], says: /--min-meters.*five/ },
    { name: 'a share above one', args: ['--drop', '1.5'], says: /--drop.*0 to 1/ },
    { name: 'a negative share', args: ['--drop', '-0.1'], says: /--drop/ },
    { name: 'an empty seed', args: ['--seed', ''], says: /--seed/ },
    { name: 'a bus that is none', args: ['--bus', 'http://localhost'], says: /--bus.*nats/ },
    {
      name: 'a password in the address',
      args: ['--bus', 'nats://me:secret@localhost'],
      says: /--bus(?!.*secret)/,
    },
    { name: 'seven minutes', args: ['--interval-minutes', '7'], says: /--interval-minutes/ },
    { name: 'no place for the totals', args: ['--out', 'DIR/none/totals.csv'], says: /none/ },
    { name: 'a folder as totals', args: ['--out', 'DIR/folder'], says: /folder/ },
    { name: 'no place for the summary', args: ['--json', 'DIR/none/summary.json'], says: /none/ },
    { name: 'a missing meters file', args: ['--meters', 'DIR/none.csv'], says: /none\.csv/ },
    { name: 'a folder as readings', args: ['--readings', 'DIR/folder'], says: /folder/ },
  ])('refuses $name', expectRefused);
});

describe('bad files', () => {
  const reading = (line: string) => `${READINGS}${line}\n`;
  it.each<Case>([
    { name: 'empty meters', meters: '', says: /meters\.csv/ },
    { name: 'meters without a column', meters: 'meter,street\n', says: /meters\.csv.*area/ },
    { name: 'no meter', meters: 'meter,area\n', says: /meters\.csv.*meter/ },
    { name: 'a meter twice', meters: `${METERS}m1,es/town/street\n`, says: /line 9.*m1/ },
    { name: 'a wildcard as area', meters: `${METERS}m9,es/*/street\n`, says: /line 9.*area/ },
    { name: 'a street without a parent', meters: 'meter,area\nm1,es\n', says: /line 2.*area/ },
    { name: 'meters above a street', meters: `${METERS}m9,es/town\n`, says: /line 9/ },
    { name: 'empty readings', readings: '', says: /readings\.csv/ },
    { name: 'no reading', readings: 'meter,start,import_wh\n', says: /readings\.csv/ },
    {
      name: 'readings of other meters only',
      readings: READINGS.replaceAll(/^m\d/gm, 'x'),
      says: /readings\.csv.*meters\.csv/,
    },
    { name: 'a field too many', readings: reading('m1,2024-06-20T09:15:00Z,1,,,'), says: /line 9/ },
    {
      name: 'a start between two intervals',
      readings: reading('m1,2024-06-20T09:10:00Z,1,,'),
      says: /line 9.*start/,
    },
    {
      name: 'a start without offset',
      readings: reading('m1,2024-06-20T09:15:00,1,,'),
      says: /line 9.*start.*offset/,
    },
    {
      name: 'a day that is none',
      readings: reading('m1,2024-06-31T09:15:00Z,1,,'),
      says: /line 9.*start/,
    },
    {
      name: 'a negative value',
      readings: reading('m1,2024-06-20T09:15:00Z,-1,,'),
      says: /line 9.*import_wh/,
    },
    {
      name: 'a word for a value',
      readings: reading('m1,2024-06-20T09:15:00Z,1,NaN,'),
      says: /line 9.*export_wh/,
    },
  ])('refuses $name', expectRefused);

  it('takes the very files that these are made from', async () => {
    using files = new LoadFiles({ metersText: METERS, readingsText: READINGS });
    const run = await runCommand([
      ...['--meters', files.meters, '--readings', files.readings],
      ...['--out', files.file('totals.csv'), '--min-meters', '5'],
    ]);
    expect(run).toMatchObject({ exitCode: 0, warned: [] });
  });

  it('leaves the totals of an earlier run as they were', async () => {
    using files = new LoadFiles({ metersText: METERS, readingsText: 'nonsense' });
    writeFileSync(files.file('totals.csv'), 'earlier');
    await runCommand([
      ...['--meters', files.meters, '--readings', files.readings],
      ...['--out', files.file('totals.csv'), '--min-meters', '5'],
    ]);
    expect(readdirSync(files.directory).sort()).toEqual([
      'meters.csv',
      'readings.csv',
      'totals.csv',
    ]);
  });
});

describe('a process of its own', () => {
  const start = (files: LoadFiles, ...args: string[]) => {
    const given = ['--meters', files.meters, '--readings', files.readings];
    const out = ['--out', files.file('totals.csv'), '--min-meters', '5'];
    return spawn(process.execPath, [BIN, 'replay', ...given, ...out, ...args]);
  };
  const ended = async (child: ChildProcess) => {
    let stderr = '';
    child.stderr?.on('data', (text) => {
      stderr += text;
    });
    const [exitCode] = await once(child, 'close');
    return { exitCode, stderr };
  };

  it('ends with 0 and its totals, or with 2 and one sentence', async () => {
    using files = new LoadFiles({ metersText: METERS, readingsText: READINGS });
    expect(await ended(start(files, '--drop', '2'))).toEqual({
      exitCode: 2,
      stderr: expect.stringMatching(/^streetwatt: --drop: [^\n]*\n$/),
    });
    expect(readdirSync(files.directory)).not.toContain('totals.csv');
    expect(await ended(start(files))).toEqual({ exitCode: 0, stderr: '' });
    expect(readdirSync(files.directory)).toContain('totals.csv');
  });

  it('that is interrupted ends with 130 and leaves no file behind', async () => {
    // Half a year of intervals: nobody waits for their end.
    const lines = Array.from({ length: 17_520 }, (_, at) =>
      ['m0,', new Date(1.7e12 - (1.7e12 % 900_000) + 900_000 * at).toISOString(), ',1,,'].join(''),
    );
    using files = new LoadFiles({
      metersText: METERS,
      readingsText: ['meter,start,import_wh,export_wh,production_wh', ...lines, ''].join('\n'),
    });
    const child = start(files);
    const end = ended(child);
    while (!readdirSync(files.directory).some((name) => name.endsWith('.tmp')))
      await new Promise((done) => setTimeout(done, 20));
    await new Promise((done) => setTimeout(done, 300));
    child.kill('SIGINT');
    expect((await end).exitCode).toBe(130);
    expect(readdirSync(files.directory).sort()).toEqual(['meters.csv', 'readings.csv']);
  });
});

describe('an interruption', () => {
  it('leaves no file behind', async () => {
    using files = new LoadFiles({ metersText: METERS, readingsText: READINGS });
    const stop = new AbortController();
    stop.abort();
    const run = await runCommand(
      [
        ...['--meters', files.meters, '--readings', files.readings],
        ...['--out', files.file('totals.csv'), '--min-meters', '5'],
      ],
      stop.signal,
    );
    expect(run.exitCode).not.toBe(0);
    expect(readdirSync(files.directory).sort()).toEqual(['meters.csv', 'readings.csv']);
  });

  it('says where no server is', async () => {
    using files = new LoadFiles({ metersText: METERS, readingsText: READINGS });
    const run = await runCommand([
      ...['--meters', files.meters, '--readings', files.readings],
      ...['--out', files.file('totals.csv'), '--min-meters', '5'],
      ...['--bus', 'nats://127.0.0.1:1'],
    ]);
    expect(run.exitCode).toBe(1);
    expect(run.warned).toEqual([expect.stringMatching(/nats-server 2\.10/)]);
    expect(readdirSync(files.directory).sort()).toEqual(['meters.csv', 'readings.csv']);
  });
});
