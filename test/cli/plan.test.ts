import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defaultCapWh } from '../../src/files/default-cap.ts';
import { runHere } from './command-line.ts';

const Draft = z.object({
  note: z.string(),
  networkId: z.string(),
  policy: z.record(z.string(), z.number()),
  defaultCapWh: z.number(),
  channels: z.array(z.object({ name: z.string(), isSigned: z.boolean() })),
  levels: z.array(z.object({ depth: z.number(), areas: z.number(), streets: z.number() })),
  areas: z.array(
    z.object({ id: z.string(), isStreet: z.boolean(), meters: z.record(z.string(), z.number()) }),
  ),
  cells: z.array(
    z.object({
      channel: z.string(),
      name: z.string(),
      members: z.array(z.string()),
      meters: z.number(),
      capWh: z.number(),
    }),
  ),
  unpublished: z.array(
    z.object({ channel: z.string(), reason: z.string(), streets: z.array(z.string()) }),
  ),
});

/** 30 homes in street 1, of which 23 export; 10 and 15 in streets 2 and 3. */
const METERS: string = [
  'meter,area,channels,max_wh',
  ...Array.from({ length: 55 }, (_, i) => {
    const street = i < 30 ? 1 : i < 40 ? 2 : 3;
    return `m${i},es/madrid/s${street},${i < 23 ? 'net+export' : ''},${i === 0 ? 2000 : ''}`;
  }),
].join('\n');

describe('streetwatt plan', () => {
  let folder = '';
  let meters = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'streetwatt-plan-'));
    meters = join(folder, 'meters.csv');
    await writeFile(meters, METERS);
  });
  afterAll(() => rm(folder, { recursive: true }));

  const readDraft = async (out: string) =>
    Draft.parse(JSON.parse(await readFile(join(out, 'network.json'), 'utf8')));

  it('writes the draft, the cells and the report, and prints the summary', async () => {
    const out = join(folder, 'new', 'plan');
    const { exitCode, stdout, stderr } = await runHere(['plan', '--meters', meters, '--out', out]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect((await readdir(out)).sort()).toEqual(['cells.csv', 'network.json', 'report.txt']);
    expect(stdout).toContain('Cells of 3 streets');
    expect(stdout).toMatch(/^net +3 +1 +2 +1 +0$/mu);
    expect(stdout).toContain('(a draft, not signed)');
    expect(stdout).not.toContain('Merged');
    const report = await readFile(join(out, 'report.txt'), 'utf8');
    expect(report).toContain(
      'es/madrid: s2 (10 of at least 22), s3 (15 of at least 22): 25 together',
    );
    expect((await readFile(join(out, 'cells.csv'), 'utf8')).split('\n')).toHaveLength(5);

    const draft = await readDraft(out);
    expect(draft.note).toContain('not signed');
    expect(draft.policy).toMatchObject({
      intervalSeconds: 900,
      minMeters: 20,
      marginMeters: 2,
      trustees: 3,
      quorum: 2,
    });
    expect(draft.levels.map(({ areas, streets }) => [areas, streets])).toEqual([
      [1, 0],
      [1, 0],
      [0, 3],
    ]);
    expect(draft.areas.map(({ id, meters }) => [id, meters.net, meters.export])).toEqual([
      ['es', 55, 23],
      ['es/madrid', 55, 23],
      ['es/madrid/s1', 30, 23],
      ['es/madrid/s2', 10, 0],
      ['es/madrid/s3', 15, 0],
    ]);
    expect(
      draft.cells.map(({ channel, name, meters, capWh }) => [channel, name, meters, capWh]),
    ).toEqual([
      ['net', 'es/madrid/s1', 30, 2000 + 29 * 43_125],
      ['net', 'es/madrid/{s2+s3}', 25, 25 * 43_125],
      ['export', 'es/madrid/s1', 23, 2000 + 22 * 43_125],
    ]);
  });

  it('prints the whole report and writes nothing without --out', async () => {
    const before = await readdir(folder);
    const { stdout } = await runHere(['plan', '--meters', meters]);
    expect(stdout).toContain('Merged (1 cell):');
    expect(await readdir(folder)).toEqual(before);
  });

  it('finds what meters declare in their readings', async () => {
    const readings = join(folder, 'readings.csv');
    const rows = Array.from(
      { length: 55 },
      (_, i) => `m${i},2026-06-21T12:00:00Z,100,${i < 55 ? 5 : ''},${i < 30 ? 7 : ''}`,
    );
    await writeFile(
      readings,
      ['meter,start,import_wh,export_wh,production_wh', ...rows].join('\n'),
    );
    const out = join(folder, 'inferred');
    const args = ['plan', '--meters', meters, '--readings', readings, '--out', out];
    expect((await runHere(args)).exitCode).toBe(0);
    const street = (await readDraft(out)).areas.find(({ id }) => id === 'es/madrid/s1');
    // The 23 whose row says net+export keep to it, whatever else was measured.
    expect(street?.meters).toEqual({ net: 30, export: 30, production: 7 });
  });

  it('takes caps and intervals of other lengths', async () => {
    expect([900, 1800, 3600].map(defaultCapWh)).toEqual([43_125, 86_250, 172_500]);
    const out = join(folder, 'hourly');
    await runHere(['plan', '--meters', meters, '--interval-minutes', '60', '--out', out]);
    const draft = await readDraft(out);
    expect(draft.policy.intervalSeconds).toBe(3600);
    expect(draft.defaultCapWh).toBe(172_500);
    expect(draft.cells[1]?.capWh).toBe(25 * 172_500);
  });

  it('says in one sentence that no cell can be formed, which is no failure', async () => {
    const out = join(folder, 'few');
    const args = ['plan', '--meters', meters, '--min-meters', '60', '--out', out];
    const { exitCode, stdout } = await runHere(args);
    expect(exitCode).toBe(0);
    const sentence =
      'No cell can be formed, so nothing would be published: a cell needs 60 meters, and all together are 55.\n';
    expect(stdout.startsWith(sentence)).toBe(true);
    expect((await readFile(join(out, 'report.txt'), 'utf8')).startsWith(sentence)).toBe(true);
    const draft = await readDraft(out);
    expect(draft.cells).toEqual([]);
    expect(draft.unpublished.map(({ channel, reason }) => [channel, reason])).toEqual([
      ['net', 'too-few'],
      ['export', 'no-net-cell'],
    ]);
  });

  it('tells a dominated network and many small trees from one that is small', async () => {
    const file = join(folder, 'other.csv');
    const head = 'meter,area,max_wh\n';
    const rows = Array.from({ length: 24 }, (_, i) => `m${i},r${i}/a/s,1000`);
    await writeFile(file, head + rows.join('\n'));
    expect((await runHere(['plan', '--meters', file])).stdout).toContain(
      'no tree of areas has the 20 meters that a cell needs.',
    );
    const large = Array.from({ length: 24 }, (_, i) => `m${i},r/a/s,${i === 0 ? 9_000_000 : 1000}`);
    await writeFile(file, head + large.join('\n'));
    expect((await runHere(['plan', '--meters', file])).stdout).toContain(
      'in every set of 20 meters or more, one has more than 25 % of the caps.',
    );
  });

  it('refuses what is no meters file, and a place that is no folder', async () => {
    const file = join(folder, 'bad.csv');
    await writeFile(file, 'meter,area\nm1,es/a b/s\n');
    const bad = await runHere(['plan', '--meters', file]);
    expect(bad.exitCode).toBe(2);
    expect(bad.stderr).toMatch(
      /^streetwatt: .*bad\.csv, line 2, area: expected .*, found "es\/a b\/s"\.\n$/u,
    );
    expect(await runHere(['plan', '--meters', meters, '--out', meters])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `streetwatt: ${meters}: expected a folder to write to, found a file.\n`,
    });
  });
});
