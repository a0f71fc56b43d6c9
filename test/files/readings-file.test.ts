import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { csvFile } from '../../src/files/csv-source.ts';
import { type ReadingsFile, readReadingsFile } from '../../src/files/readings-file.ts';
import { endlessSource, fileErrorOf, ONE_SENTENCE, textSource } from './sources.ts';

const HEADER = 'meter,start,import_wh,export_wh,production_wh\n';
const METERS = ['m0', 'm1', 'm2'];
const read = (text: string): Promise<ReadingsFile> =>
  readReadingsFile(textSource(text), { meters: METERS });

describe('readReadingsFile', () => {
  it('groups rows of any order by interval, then meter', async () => {
    const { table, intervalSeconds, rowCount } = await read(
      `${HEADER}m2,1970-01-01T00:15:00Z,3,,\nm0,1970-01-01T00:15:00Z,1,4,5\nm1,1970-01-01T00:00:00Z,2,0,\n`,
    );
    expect({ rowCount, intervalSeconds }).toEqual({ rowCount: 3, intervalSeconds: 900 });
    expect(table).toEqual({
      intervalIndices: Uint32Array.of(0, 1),
      offsets: Uint32Array.of(0, 1, 3),
      meterNumbers: Uint32Array.of(1, 0, 2),
      importWh: Float64Array.of(2, 1, 3),
      exportWh: Float64Array.of(0, 4, Number.NaN),
      productionWh: Float64Array.of(Number.NaN, 5, Number.NaN),
    });
  });

  it.each([
    '2018-10-28T23:00:00Z',
    '2018-10-28T23:00Z',
    '2018-10-28 23:00:00.000z',
    '2018-10-29T00:00:00+01:00',
    '2018-10-29T00:00+0100',
    '2018-10-29 00:00:00+01',
    '2018-10-28T17:30:00-05:30',
  ])('reads the start %s', async (start) => {
    const { table } = await read(`${HEADER}m0,${start},1,,\n`);
    expect([...table.intervalIndices]).toEqual([Date.UTC(2018, 9, 28, 23) / 900_000]);
  });

  it('accepts files without export and production, which are then not measured', async () => {
    const { table } = await read('meter,start,import_wh\nm0,2018-10-28T23:00:00Z,7\n');
    expect(table.importWh[0]).toBe(7);
    expect(table.exportWh[0]).toBeNaN();
    expect(table.productionWh[0]).toBeNaN();
  });

  it('rounds fractions half up and counts the fields', async () => {
    const result = await read(`${HEADER}m0,2018-10-28T23:00:00Z,0.5,1.4999,2.0\n`);
    const { table } = result;
    expect([table.importWh[0], table.exportWh[0], table.productionWh[0]]).toEqual([1, 1, 2]);
    expect(result.roundedCount).toBe(2);
    expect(result.warnings).toEqual([
      'input.csv: 2 values had a fraction and were rounded to whole watt-hours.',
    ]);
  });

  it.each([
    ['1e3', 1000],
    ['+12', 12],
    ['.5', 1],
    ['-0.0', 0],
    ['00120', 120],
    [String(2 ** 40), 2 ** 40],
  ])('reads the value %s', async (text, energyWh) => {
    const { table } = await read(`${HEADER}m0,2018-10-28T23:00:00Z,${text},,\n`);
    expect(table.importWh[0]).toBe(energyWh);
  });

  it('counts unknown meters, duplicates and conflicts, and keeps the first row', async () => {
    const start = '2018-10-28T23:00:00Z';
    const { table, rejected, rowCount } = await read(
      `${HEADER}m1,${start},5,,\nstranger,${start},1,,\nm1,${start},6,,\nm1,${start},5.0,,\nm1,${start},5,0,\nm0,${start},5,,\n`,
    );
    expect(rejected).toEqual({ 'unknown-meter': 1, duplicate: 1, conflict: 2 });
    expect(rowCount).toBe(6);
    expect([...table.meterNumbers]).toEqual([0, 1]);
    expect([...table.importWh]).toEqual([5, 5]);
  });

  it('reads 30- and 60-minute files', async () => {
    for (const [minutes, start] of [[30, '00:30'] as const, [60, '01:00'] as const]) {
      const { table } = await readReadingsFile(
        textSource(`${HEADER}m0,1970-01-01T${start}Z,1,,\n`),
        { meters: METERS, intervalSeconds: minutes * 60 },
      );
      expect([...table.intervalIndices]).toEqual([1]);
    }
  });

  const row = (start: string, importWh = '1'): string =>
    `${HEADER}m0,2018-10-28T23:00:00Z,1,,\nm0,${start},${importWh},,\n`;
  const value = (text: string): string => row('2018-10-28T23:15:00Z', text);
  it.each([
    ['an empty file', '', 'file-empty', undefined, undefined],
    ['a header and no reading', HEADER, 'file-empty', undefined, undefined],
    ['a missing column', 'meter,start\nm0,2018-10-28T23:00Z\n', 'missing-column', 1, 'import_wh'],
    ['a column twice', `start,${HEADER}x,x,x,1,1,1\n`, 'duplicate-column', 1, 'start'],
    ['an empty meter', `${HEADER},2018-10-28T23:00:00Z,1,,\n`, 'bad-meter', 2, 'meter'],
    ['an empty start', row(''), 'bad-start', 3, 'start'],
    ['a start without offset', row('2018-10-28T23:15:00'), 'bad-start', 3, 'start'],
    ['a start off the boundary', row('2018-10-28T23:10:00Z'), 'bad-start', 3, 'start'],
    ['a start with seconds', row('2018-10-28T23:15:01Z'), 'bad-start', 3, 'start'],
    ['a start with a fraction', row('2018-10-28T23:15:00.5Z'), 'bad-start', 3, 'start'],
    ['a day that is not', row('2018-02-29T00:00:00Z'), 'bad-start', 3, 'start'],
    ['a month that is not', row('2018-13-01T00:00:00Z'), 'bad-start', 3, 'start'],
    ['the hour 24', row('2018-10-28T24:00:00Z'), 'bad-start', 3, 'start'],
    ['a start before 1970', row('1970-01-01T00:00:00+01:00'), 'bad-start', 3, 'start'],
    ['a Unix time', row('1540767600'), 'bad-start', 3, 'start'],
    ['a local date', row('28.10.2018 23:00'), 'bad-start', 3, 'start'],
    ['a negative value', value('-1'), 'bad-value', 3, 'import_wh'],
    ['NaN', value('NaN'), 'bad-value', 3, 'import_wh'],
    ['Infinity', value('Infinity'), 'bad-value', 3, 'import_wh'],
    ['text', value('n/a'), 'bad-value', 3, 'import_wh'],
    ['hexadecimal', value('0x10'), 'bad-value', 3, 'import_wh'],
    ['a decimal comma', value('"1,5"'), 'bad-value', 3, 'import_wh'],
    ['other digits', value('١٢'), 'bad-value', 3, 'import_wh'],
    ['an exponent beyond range', value('1e999'), 'bad-value', 3, 'import_wh'],
    ['a value above 2^40', value(`${2 ** 40 + 1}`), 'bad-value', 3, 'import_wh'],
    ['endless digits', value('9'.repeat(4000)), 'bad-value', 3, 'import_wh'],
    ['a field over 4 KiB', value('9'.repeat(4097)), 'field-too-long', 3, undefined],
    ['too few fields', `${row('2018-10-28T23:15:00Z')}m1\n`, 'wrong-field-count', 4, undefined],
  ])('refuses %s with one clear sentence', async (_, text, code, line, field) => {
    const error = await fileErrorOf(read(text));
    expect(error).toMatchObject({ code, line, field, file: 'input.csv' });
    expect(error.message).toMatch(ONE_SENTENCE);
    expect(error.message.length).toBeLessThan(250);
  });

  it('says that an offset is missing, rather than guess the time zone', async () => {
    const error = await fileErrorOf(read(row('2018-10-28T23:15:00')));
    expect(error.message).toBe(
      'input.csv, line 3, start: expected a time with its offset, such as 2018-10-28T23:00:00Z or 2018-10-29T00:00+01:00, found "2018-10-28T23:15:00".',
    );
  });

  it('stops early in a line of a gigabyte', async () => {
    const source = endlessSource(`${HEADER}m0,`, '1');
    const error = await fileErrorOf(readReadingsFile(source, { meters: METERS }));
    expect(error).toMatchObject({ code: 'line-too-long', line: 2 });
    expect(source.bytesTaken()).toBeLessThan(1_000_000);
  });

  it('refuses an interval that does not divide the day', async () => {
    await expect(
      readReadingsFile(textSource(HEADER), { meters: METERS, intervalSeconds: 1000 }),
    ).rejects.toThrow(RangeError);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const source = endlessSource(HEADER, 'm0,2018-10-28T23:00:00Z,1,,\n');
    const reading = readReadingsFile(source, { meters: METERS, signal: stop.signal });
    stop.abort();
    await expect(reading).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  });

  it('reads gzip, and refuses it damaged or cut short', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'streetwatt-files-'));
    try {
      const path = join(folder, 'readings.csv.gz');
      const whole = gzipSync(value('2'));
      await writeFile(path, whole);
      let bytesRead = 0;
      const source = csvFile(path, {
        onBytesRead: (byteCount) => {
          bytesRead = byteCount;
        },
      });
      expect((await readReadingsFile(source, { meters: METERS })).rowCount).toBe(2);
      expect(bytesRead).toBe(whole.length);
      for (const bytes of [whole.subarray(0, whole.length - 12), Buffer.from(value('2'))]) {
        await writeFile(path, bytes);
        const error = await fileErrorOf(readReadingsFile(csvFile(path), { meters: METERS }));
        expect(error.code).toBe('bad-gzip');
        expect(error.message).toMatch(ONE_SENTENCE);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
