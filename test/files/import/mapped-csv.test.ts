import { describe, expect, it } from 'vitest';
import { createMappedCsvReader } from '../../../src/files/import/mapped-csv.ts';
import { parseCsvMapping } from '../../../src/files/import/mapping.ts';
import type { ReadExport } from '../../../src/files/import/read-context.ts';
import { fileErrorOf, ONE_SENTENCE } from '../sources.ts';
import { importHere } from './import-here.ts';
import { mappingOf, PORTALS } from './portals.ts';

const VALUES = [{ column: 'kwh', kind: 'import', unit: 'kWh' }];
const BASE = {
  intervalMinutes: 15,
  meter: { name: 'm' },
  stamp: { columns: ['time'], format: 'iso' },
  values: VALUES,
};
const readerOf = (more: Readonly<Record<string, unknown>> = {}): ReadExport =>
  createMappedCsvReader(mappingOf({ ...BASE, ...more }), 'mapping.json');
const at = (minute: number, kwh: string, day = '2024-01-01'): string =>
  `${day}T${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}Z,${kwh}\n`;
const local = (
  format: string,
  more: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> => ({
  timezone: 'Europe/Berlin',
  stamp: { columns: ['time'], format, ...more },
});

describe('a CSV by its mapping', () => {
  it.each(PORTALS.map((portal) => [portal.name, portal] as const))(
    'reads %s',
    async (_, { mapping, text, lines }) => {
      const read = createMappedCsvReader(mappingOf(mapping), 'mapping.json');
      expect(
        (await importHere(read, text, { meter: lines[0]?.split(',')[0] ?? '' })).lines,
      ).toEqual(lines);
    },
  );

  it('adds up minutes to 15 where they are complete, and sorts them', async () => {
    const minutes = Array.from({ length: 31 }, (_, i) => i)
      .filter((i) => i !== 20)
      .reverse();
    const { lines, summary } = await importHere(
      readerOf({ intervalMinutes: 1 }),
      `time,kwh\n${minutes.map((i) => at(i, '0.0001')).join('')}`,
    );
    // 15 times 0.1 Wh: rounded after the sum.
    expect(lines).toEqual(['m,2024-01-01T00:00:00Z,2,,']);
    expect(summary).toMatchObject({ incompleteCount: 2, outOfOrderCount: 29 });
  });

  it('keeps longer intervals, and adds them up where it is told to', async () => {
    const text = `time,kwh\n${at(0, '1')}${at(30, '2')}${at(60, '4')}`;
    const read = readerOf({ intervalMinutes: 30 });
    expect((await importHere(read, text)).summary.intervalSeconds).toBe(1800);
    const hour = await importHere(read, text, { intervalMinutes: 60 });
    expect(hour.lines).toEqual(['m,2024-01-01T00:00:00Z,3000,,']);
    const error = await fileErrorOf(importHere(read, text, { intervalMinutes: 15 }));
    expect(error.message).toBe(
      'file1, line 2, kwh (column 2): expected intervals that add up to 15 minutes, found 30 minutes for meter m.',
    );
  });

  it('drops the same value twice, also of two files, and refuses another', async () => {
    const read = readerOf();
    const same = await importHere(read, [
      `time,kwh\n${at(0, '1')}${at(0, '1.0')}`,
      `time,kwh\n${at(0, '1')}${at(15, '')}`,
    ]);
    expect(same.lines).toEqual(['m,2024-01-01T00:00:00Z,1000,,']);
    expect(same.summary).toMatchObject({ duplicateCount: 2, unmeasuredCount: 1 });
    const error = await fileErrorOf(
      importHere(read, [`time,kwh\n${at(0, '1')}`, `time,kwh\n\n${at(0, '2')}`]),
    );
    expect(error.message).toBe(
      'file2, line 3, kwh (column 2): expected one import of meter m at 2024-01-01T00:00:00Z, found another than in file1, line 2.',
    );
  });

  it('splits a net load into import and export', async () => {
    const read = readerOf({ values: [{ column: 'kwh', kind: 'net', unit: 'kWh' }] });
    const { lines } = await importHere(
      read,
      `time,kwh\n${at(0, '-1.5')}${at(15, '0.25')}${at(30, '0')}`,
    );
    expect(lines).toEqual([
      'm,2024-01-01T00:00:00Z,0,1500,',
      'm,2024-01-01T00:15:00Z,250,0,',
      'm,2024-01-01T00:30:00Z,0,0,',
    ]);
  });

  it('keeps the sum of a register true through every rounding', async () => {
    const read = readerOf({
      values: [{ column: 'kwh', kind: 'import', unit: 'Wh', cumulative: true }],
    });
    const stands = Array.from({ length: 96 }, (_, i) =>
      at(15 * i, `${((i * 37) / 100).toFixed(2)}`),
    );
    const { rows } = await importHere(read, `time,kwh\n${stands.join('')}`);
    expect(rows.reduce((sum, { importWh = 0 }) => sum + importWh, 0)).toBe(
      Math.round((95 * 37) / 100),
    );
  });

  it('adds up tariffs in columns of their own, where all are there', async () => {
    const values = ['low', 'high'].map((column) => ({ column, kind: 'import', unit: 'Wh' }));
    const text = 'time,low,high\n2024-01-01T00:00Z,0.4,0.4\n2024-01-01T00:15Z,1,\n';
    const { lines, summary } = await importHere(readerOf({ values }), text);
    expect(lines).toEqual(['m,2024-01-01T00:00:00Z,1,,']);
    expect(summary.unmeasuredCount).toBe(1);
    const most = `time,low,high\n2024-01-01T00:00Z,${2 ** 40},${2 ** 40}\n`;
    expect(await fileErrorOf(importHere(readerOf({ values }), most))).toMatchObject({
      code: 'bad-value',
      line: 2,
    });
  });

  it('reads files without a header by column numbers', async () => {
    const read = readerOf({
      headerLine: 0,
      stamp: { columns: [1], format: 'unix-ms' },
      values: [{ column: 2, kind: 'import', unit: 'Wh' }],
    });
    const { lines } = await importHere(read, '1704067200000,5\n1704068100000,6\n');
    expect(lines).toEqual(['m,2024-01-01T00:00:00Z,5,,', 'm,2024-01-01T00:15:00Z,6,,']);
  });

  it('leaves out empty rows of the hour that the clock skips', async () => {
    const read = readerOf(local('YYYY-MM-DD HH:mm'));
    const { rows } = await importHere(
      read,
      'time,kwh\n2024-03-31 01:45,1\n2024-03-31 02:00,\n2024-03-31 03:00,1\n',
    );
    expect(rows.map(({ startSeconds }) => startSeconds % 3600)).toEqual([2700, 0]);
  });

  it('takes the hour that comes twice as it is told', async () => {
    const instant = async (ambiguous: string): Promise<string | undefined> =>
      (
        await importHere(
          readerOf(local('D.M.YY h:mm'.replace('h:', 'hh:').concat(' A'), { ambiguous })),
          'time,kwh\n27.10.24 2:15 am,1\n',
        )
      ).lines[0];
    expect(await instant('first')).toBe('m,2024-10-27T00:15:00Z,1000,,');
    expect(await instant('second')).toBe('m,2024-10-27T01:15:00Z,1000,,');
    expect((await fileErrorOf(instant('refuse'))).code).toBe('bad-start');
  });

  it('names another way where lengths differ', async () => {
    const error = await fileErrorOf(
      importHere(readerOf({ intervalMinutes: 10 }), `time,kwh\n${at(0, '1')}`),
    );
    expect(error.message).toBe(
      'file1, line 2, kwh (column 2): expected one length of intervals that divides a day, or --interval-minutes 30, found 10 minutes for meter m.',
    );
  });

  it.each([
    ['a local time without a zone', {}, '2024-01-01 00:00,1', 'bad-start'],
    ['a time off the boundary', {}, '2024-01-01T00:10Z,1', 'bad-start'],
    ['a skipped time', local('YYYY-MM-DD HH:mm'), '2024-03-31 02:30,1', 'bad-start'],
    ['a day that is not', local('DD.MM.YYYY'), '31.04.2024,1', 'bad-start'],
    ['the hour 24:15', local('YYYY-MM-DD HH:mm'), '2024-03-31 24:15,1', 'bad-start'],
    ['a decimal comma', {}, '2024-01-01T00:00Z,"1,5"', 'bad-value'],
    ['a missing marker that is not named', {}, '2024-01-01T00:00Z,-', 'bad-value'],
    ['too much for any connection', {}, '2024-01-01T00:00Z,1e12', 'bad-value'],
    [
      'overlapping spans',
      { intervalMinutes: 30 },
      '2024-01-01T00:00Z,1\n2024-01-01T00:15Z,1',
      'conflicting-values',
    ],
  ])('refuses %s', async (_, more, rows, code) => {
    const error = await fileErrorOf(importHere(readerOf(more), `time,kwh\n${rows}\n`));
    expect(error.code).toBe(code);
    expect(error.line).toBe(rows.includes('\n') ? 3 : 2);
    expect(error.message).toMatch(ONE_SENTENCE);
  });

  it.each([
    ['no JSON', 'x', undefined],
    ['an unknown field', JSON.stringify({ ...BASE, colour: 1 }), undefined],
    [
      'an unknown kind',
      JSON.stringify({ ...BASE, values: [{ column: 'a', kind: 'gas', unit: 'kWh' }] }),
      'values.0.kind',
    ],
    [
      'a factor that is none',
      JSON.stringify({ ...BASE, values: [{ ...VALUES[0], multiplier: '1,5' }] }),
      'values.0.multiplier',
    ],
    ['no values', JSON.stringify({ ...BASE, values: [] }), 'values'],
  ])('refuses a mapping with %s', (_, text, field) => {
    const error = ((): unknown => {
      try {
        return parseCsvMapping(text, 'mapping.json');
      } catch (reason) {
        return reason;
      }
    })();
    expect(error).toMatchObject({
      code: 'bad-mapping',
      field,
      message: expect.stringMatching(ONE_SENTENCE),
    });
  });
});
