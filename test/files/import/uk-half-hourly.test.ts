import { describe, expect, it } from 'vitest';
import { readUkHalfHourly } from '../../../src/files/import/uk-half-hourly.ts';
import { fileErrorOf, ONE_SENTENCE } from '../sources.ts';
import { importHere } from './import-here.ts';

const count = (length: number, name: (i: number) => string): string =>
  Array.from({ length }, (_, i) => name(i)).join(',');
const clockNames = (times: number): string =>
  count(times, (i) => `${String(Math.floor(i / 2)).padStart(2, '0')}:${i % 2 === 0 ? '00' : '30'}`);
const numbers = (length: number): string => count(length, (i) => `0.${String(i).padStart(3, '0')}`);
const watts = (length: number): readonly number[] => Array.from({ length }, (_, i) => i);

describe('British half-hourly data', () => {
  it('reads the wide form, imports and exports', async () => {
    const { rows, summary } = await importHere(
      readUkHalfHourly,
      `MPAN,Measurement,Settlement Date,${count(50, (i) => `HH${i + 1}`)}\n1200,AI,15/07/2024,${numbers(48)}\n1200,AE,15/07/2024,${numbers(48)},,\n1200,RI,15/07/2024,${numbers(48)}\n`,
    );
    expect(rows.map(({ importWh }) => importWh)).toEqual(watts(48));
    expect(rows.map(({ exportWh }) => exportWh)).toEqual(watts(48));
    expect(summary).toMatchObject({
      intervalSeconds: 1800,
      firstSeconds: Date.UTC(2024, 6, 14, 23) / 1000,
    });
  });

  it.each([
    ['2024-03-31', 46],
    ['2024-10-27', 50],
  ])('has on %s %d periods, counted from midnight', async (date, periods) => {
    const wide = `mpan,date,${count(50, (i) => `P${i + 1}`)}\n1,${date},${numbers(periods)}\n`;
    const long = `MPAN,Settlement Date,Settlement Period,kWh\n${watts(periods)
      .map((i) => `1,${date.replaceAll('-', '')},${i + 1},0.${String(i).padStart(3, '0')}\n`)
      .reverse()
      .join('')}`;
    const a = await importHere(readUkHalfHourly, wide);
    const b = await importHere(readUkHalfHourly, long);
    expect(a.rows).toEqual(b.rows);
    expect(a.rows.map(({ importWh }) => importWh)).toEqual(watts(periods));
    expect(a.summary).toMatchObject({ missingCount: 0 });
  });

  it('reads clock columns by the clock: nothing in the skipped hour, both of a repeated one', async () => {
    const spring = await importHere(
      readUkHalfHourly,
      `mpan,date,${clockNames(48)}\n1,2024-03-31,1,1,,0,${count(44, () => '1')}\n`,
    );
    expect(spring.rows).toHaveLength(46);
    expect(spring.summary.missingCount).toBe(0);
    const names = clockNames(48).split(',');
    const both = [...names.slice(0, 4), '01:00', '01:30', ...names.slice(4)].join(',');
    const autumn = await importHere(
      readUkHalfHourly,
      `mpan,date,${both}\n1,2024-10-27,${numbers(50)}\n`,
    );
    expect(autumn.rows.map(({ importWh }) => importWh)).toEqual(watts(50));
    const once = await importHere(
      readUkHalfHourly,
      `mpan,date,${clockNames(48)}\n1,2024-10-27,${numbers(48)}\n`,
    );
    expect(once.rows).toHaveLength(46);
    expect(once.summary).toMatchObject({ missingCount: 4, unmeasuredCount: 4 });
    expect(once.warnings).toHaveLength(1);
  });

  it('takes --meter where the file has no MPAN', async () => {
    const { lines } = await importHere(readUkHalfHourly, 'date,period,kwh\n2024-01-01,3,0.5\n', {
      meter: 'home',
    });
    expect(lines).toEqual(['home,2024-01-01T01:00:00Z,500,,']);
  });

  it.each([
    [
      'a period beyond the day',
      'mpan,date,period,kwh\n1,2024-03-31,47,1\n',
      'bad-start',
      'kwh (column 4)',
    ],
    ['period 0', 'mpan,date,period,kwh\n1,2024-03-31,0,1\n', 'bad-start', 'period (column 3)'],
    [
      'a day that is not',
      'mpan,date,period,kwh\n1,2024-02-30,1,1\n',
      'bad-start',
      'date (column 2)',
    ],
    [
      'a month before the day',
      'mpan,date,period,kwh\n1,07/15/2024,1,1\n',
      'bad-start',
      'date (column 2)',
    ],
    [
      'energy in the skipped hour',
      `mpan,date,${clockNames(48)}\n1,2024-03-31,1,1,2,${count(45, () => '1')}\n`,
      'bad-start',
      '01:00 (column 5)',
    ],
    ['no meter', 'date,period,kwh\n2024-01-01,1,1\n', 'bad-meter', 'kwh (column 3)'],
  ])('refuses %s with line and column', async (_, text, code, field) => {
    const error = await fileErrorOf(importHere(readUkHalfHourly, text));
    expect(error).toMatchObject({ code, line: 2, field });
    expect(error.message).toMatch(ONE_SENTENCE);
  });

  it('names the column that is missing', async () => {
    const error = await fileErrorOf(importHere(readUkHalfHourly, 'mpan,date,x\n1,2,3\n'));
    expect(error).toMatchObject({ code: 'missing-column', line: 1, field: 'settlement period' });
  });
});
