import { describe, expect, it } from 'vitest';
import { readSmartMeterTexas } from '../../../src/files/import/smart-meter-texas.ts';
import { fileErrorOf, ONE_SENTENCE } from '../sources.ts';
import { importHere } from './import-here.ts';

const HEADER =
  'ESIID,USAGE_DATE,REVISION_DATE,USAGE_START_TIME,USAGE_END_TIME,USAGE_KWH,ESTIMATED_ACTUAL,CONSUMPTION_SURPLUSGENERATION\n';
const REVISION = '03/12/2024 05:15:21';

/** A day as the portal writes it: what the clock shows, 15 minutes a row. */
function day(date: string, clock: readonly number[], kwh: (row: number) => string): string {
  return clock
    .map((minute, i) => {
      const end = clock[i + 1] ?? 1440;
      return `'104437200,${date},${REVISION}, ${hhmm(minute)}, ${hhmm(end % 1440)},${kwh(i)},A,Consumption\n`;
    })
    .join('');
}
const hhmm = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
const quarters = (from: number, to: number): number[] =>
  Array.from({ length: (to - from) / 15 }, (_, i) => from + 15 * i);

describe('Smart Meter Texas', () => {
  it('reads consumption and surplus generation in local time', async () => {
    const { lines, summary } = await importHere(
      readSmartMeterTexas,
      `${HEADER}'104437200,01/15/2024,${REVISION}, 23:45, 00:00,.2905,A,Consumption
'104437200,01/15/2024,${REVISION}, 23:45, 00:00,1.2,E,Surplus Generation\n`,
    );
    expect(lines).toEqual(['104437200,2024-01-16T05:45:00Z,291,1200,']);
    expect(summary).toMatchObject({
      meterCount: 1,
      rowCount: 1,
      estimatedCount: 1,
      missingCount: 0,
    });
  });

  it('has 92 quarters on the day that the clock jumps', async () => {
    const clock = [...quarters(0, 120), ...quarters(180, 1440)];
    const { rows, summary } = await importHere(
      readSmartMeterTexas,
      HEADER + day('03/10/2024', clock, () => '0.1'),
    );
    expect(rows).toHaveLength(92);
    expect(summary).toMatchObject({
      missingCount: 0,
      firstSeconds: Date.UTC(2024, 2, 10, 6) / 1000,
      lastSeconds: Date.UTC(2024, 2, 11, 4, 45) / 1000,
    });
  });

  it('has 100 on the day that the clock goes back, the second hour after the first', async () => {
    const clock = [...quarters(0, 120), ...quarters(60, 1440)];
    const { rows, summary } = await importHere(
      readSmartMeterTexas,
      HEADER + day('11/03/2024', clock, (i) => `0.${String(i).padStart(3, '0')}`),
    );
    expect(rows.map(({ importWh }) => importWh)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(summary).toMatchObject({ missingCount: 0, duplicateCount: 0 });
    expect(summary.firstSeconds).toBe(Date.UTC(2024, 10, 3, 5) / 1000);
  });

  it('takes the newest revision, wherever it stands', async () => {
    const row = (revision: string, kwh: string): string =>
      `'1,01/15/2024,${revision}, 10:00, 10:15,${kwh},A,Consumption\n`;
    const { lines, summary } = await importHere(
      readSmartMeterTexas,
      HEADER +
        row('01/20/2024 05:00:00', '2') +
        row('02/01/2024 05:00:00', '3') +
        row('01/16/2024 05:00:00', '1') +
        row('02/01/2024 05:00:00', '3.000'),
    );
    expect(lines).toEqual(['1,2024-01-15T16:00:00Z,3000,,']);
    expect(summary).toMatchObject({ supersededCount: 2, duplicateCount: 1 });
  });

  it.each([
    [
      'two values of one revision',
      `'1,01/15/2024,${REVISION},10:00,10:15,1,A,Consumption\n'1,01/15/2024,${REVISION},10:00,10:15,2,A,Consumption\n`,
      'conflicting-values',
      3,
      'USAGE_KWH (column 6)',
    ],
    [
      'a time that the clock skips',
      `'1,03/10/2024,${REVISION},02:15,02:30,1,A,Consumption\n`,
      'bad-start',
      2,
      'USAGE_START_TIME (column 4)',
    ],
    [
      'a negative value',
      `'1,01/15/2024,${REVISION},10:00,10:15,-1,A,Consumption\n`,
      'bad-value',
      2,
      'USAGE_KWH (column 6)',
    ],
    [
      'text for a value',
      `'1,01/15/2024,${REVISION},10:00,10:15,n/a,A,Consumption\n`,
      'bad-value',
      2,
      'USAGE_KWH (column 6)',
    ],
    [
      'another kind',
      `'1,01/15/2024,${REVISION},10:00,10:15,1,A,Gas\n`,
      'bad-value',
      2,
      'CONSUMPTION_SURPLUSGENERATION (column 8)',
    ],
    [
      'two hours in a row',
      `'1,01/15/2024,${REVISION},10:00,13:00,1,A,Consumption\n`,
      'bad-start',
      2,
      'USAGE_END_TIME (column 5)',
    ],
  ])('refuses %s with line and column', async (_, rows, code, line, field) => {
    const error = await fileErrorOf(importHere(readSmartMeterTexas, HEADER + rows));
    expect(error).toMatchObject({ code, line, field, file: 'file1' });
    expect(error.message).toMatch(ONE_SENTENCE);
  });
});
