import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { IMPORT_FORMATS } from '../../src/files/import/formats.ts';
import { helpOf, runHere } from './command-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'streetwatt-import-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string): string => join(folder, name);
function file(name: string, content: string | Uint8Array): string {
  writeFileSync(path(name), content);
  return path(name);
}
const read = (name: string): string => readFileSync(path(name), 'utf8');

const MAPPING = JSON.stringify({
  intervalMinutes: 15,
  meter: { column: 'meter' },
  stamp: { columns: ['time'], format: 'iso' },
  values: [
    { column: 'in', kind: 'import', unit: 'kWh' },
    { column: 'out', kind: 'export', unit: 'kWh' },
  ],
});

describe('streetwatt import', () => {
  it('writes what replay reads, to the same total', async () => {
    const starts = [0, 15, 30].map(
      (minute) => `2024-03-31T01:${String(minute).padStart(2, '0')}+01:00`,
    );
    const rows = Array.from({ length: 24 }, (_, meter) =>
      starts
        .map(
          (time, i) =>
            `m${meter},${time},${(meter * 10 + i) / 1000},${meter % 2 === 0 ? 0.5 : ''}\n`,
        )
        .join(''),
    );
    const half = `meter,time,in,out\n${rows.slice(0, 12).join('')}`;
    const rest = gzipSync(`meter,time,in,out\n${rows.slice(12).join('')}`);
    const run = await runHere([
      'import',
      'csv',
      file('a.csv', half),
      file('b.csv.gz', rest),
      '--mapping',
      file('map.json', MAPPING),
      '--out',
      path('readings.csv'),
      '--meters-out',
      path('meters.csv'),
      '--area',
      'es/madrid/street-1',
    ]);
    expect(run).toEqual({
      exitCode: 0,
      stdout: '',
      stderr:
        '24 meters, 72 intervals of 15 minutes from 2024-03-31T00:00:00Z to 2024-03-31T00:45:00Z; 0 intervals missing or in part, 0 duplicates dropped, 36 marked as not measured.\n',
    });
    expect(read('meters.csv').split('\n').slice(0, 2)).toEqual([
      'meter,area',
      'm0,es/madrid/street-1',
    ]);
    const replay = await runHere([
      'replay',
      '--meters',
      path('meters.csv'),
      '--readings',
      path('readings.csv'),
      '--min-meters',
      '10',
      '--out',
      path('totals.csv'),
    ]);
    expect(replay.exitCode).toBe(0);
    const total = read('totals.csv')
      .split('\n')
      .find((line) => line.startsWith('es,1,2024-03-31T00:15:00Z,'));
    // Import of 0 to 230 Wh in tens, and 1 each; export of 500 Wh of every other.
    expect(total?.split(',')[3]).toBe(String(2760 + 24 - 6000));
  }, 60_000);

  it('writes nothing where a file is wrong', async () => {
    const wrong = file(
      'wrong.csv',
      'meter,time,in,out\nm,2024-01-01T00:00Z,1,\nm,2024-01-01T00:15Z,x,\n',
    );
    const run = await runHere([
      'import',
      'csv',
      wrong,
      '--mapping',
      file('map.json', MAPPING),
      '--out',
      path('none.csv'),
    ]);
    expect(run).toMatchObject({
      exitCode: 2,
      stderr: `streetwatt: ${wrong}, line 3, in (column 3): expected a decimal number of kWh, up to 2^40 Wh, found "x".\n`,
    });
    const empty = file('empty.csv', 'meter,time,in,out\nm,2024-01-01T00:00Z,,\n');
    expect(
      (
        await runHere([
          'import',
          'csv',
          empty,
          '--mapping',
          path('map.json'),
          '--out',
          path('none.csv'),
        ])
      ).exitCode,
    ).toBe(2);
    expect(readdirSync(folder).filter((name) => name.startsWith('none'))).toEqual([]);
  });

  it('names one meter, and refuses two under its name', async () => {
    const one = file('one.csv', 'mpan,date,period,kwh\n123,2024-01-01,1,0.5\n');
    const two = file('two.csv', 'mpan,date,period,kwh\n124,2024-01-01,1,0.5\n');
    const args = ['--meter', 'a, "b"', '--out', path('named.csv')];
    expect((await runHere(['import', 'uk-half-hourly', one, ...args])).exitCode).toBe(0);
    expect(read('named.csv')).toBe(
      'meter,start,import_wh,export_wh,production_wh\n"a, ""b""",2024-01-01T00:00:00Z,500,,\n',
    );
    expect(await runHere(['import', 'uk-half-hourly', one, two, ...args])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(
        'expected the values of one meter, since --meter names it, found those of "123" and of "124"',
      ),
    });
  });

  const IN = 'in.csv';
  it.each([
    ['an unknown format', ['excel', IN, '--out', 'o.csv'], 'format: expected green-button, '],
    ['no --out', ['mscons', IN], '--out: expected'],
    ['csv without a mapping', ['csv', IN, '--out', 'o.csv'], '--mapping: expected a mapping file'],
    [
      'a mapping that nobody reads',
      ['mscons', IN, '--mapping', 'm', '--out', 'o.csv'],
      '--mapping: expected csv',
    ],
    [
      '--area alone',
      ['mscons', IN, '--area', 'es/a', '--out', 'o.csv'],
      '--area: expected it together',
    ],
    ['a bad area', ['mscons', IN, '--area', 'es', '--out', 'o.csv'], '--area: expected a path'],
    [
      'a zone that is not',
      ['mscons', IN, '--timezone', 'Mars', '--out', 'o.csv'],
      '--timezone: expected an IANA',
    ],
    [
      'a length that divides no day',
      ['mscons', IN, '--interval-minutes', '7', '--out', 'o.csv'],
      '--interval-minutes: expected',
    ],
    [
      'an output over the input',
      ['mscons', IN, '--out', `./${IN}`],
      '--out: expected a file of its own',
    ],
    ['a file twice', ['mscons', IN, IN, '--out', 'o.csv'], 'file: expected each file once'],
    [
      'a file that is not',
      ['mscons', 'no.edi', '--out', path('o.csv')],
      'no.edi: expected a file, found none',
    ],
  ])('refuses %s', async (_, args, text) => {
    const run = await runHere(['import', ...args]);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain(`streetwatt: ${text}`);
  });

  it('has help that names every format', async () => {
    const help = await helpOf('import');
    for (const format of IMPORT_FORMATS) expect(help).toContain(format);
  });
});
