import { describe, expect, it } from 'vitest';
import { createHomeAssistantReader } from '../../../src/files/import/home-assistant.ts';
import { parseHomeAssistantMapping } from '../../../src/files/import/mapping.ts';
import type { ReadExport } from '../../../src/files/import/read-context.ts';
import { fileErrorOf, ONE_SENTENCE } from '../sources.ts';
import { importHere, zoneNamed } from './import-here.ts';

const START = Date.UTC(2024, 5, 1, 10);
const readerOf = (statistics: Readonly<Record<string, unknown>>): ReadExport =>
  createHomeAssistantReader(
    parseHomeAssistantMapping(JSON.stringify({ statistics }), 'ha.json'),
    'ha.json',
  );
const IN = { 'sensor.in': { meter: 'home', kind: 'import' } };
const read = readerOf({
  ...IN,
  'sensor.pv': { meter: 'home', kind: 'production', unit: 'Wh', use: 'state' },
});
const hours = (sums: readonly string[], name = 'sum'): string =>
  sums
    .map(
      (sum, i) =>
        `{"start":${START + i * 3_600_000},"end":${START + (i + 1) * 3_600_000},"${name}":${sum}}`,
    )
    .join(',');

describe('statistics of Home Assistant', () => {
  it('reads sums as registers at the end of each hour, remainders carried', async () => {
    const { lines, summary } = await importHere(
      read,
      `{"id":1,"type":"result","success":true,"result":{"sensor.in":[${hours(['1.0004', '1.0008', '1.0012', '1.0016', '900719925.4744999999'])}],"sensor.other":[${hours(['1'])}]}}`,
    );
    // 1000.4, 1000.8, 1001.2, 1001.6 Wh: 0.4 each, and in sum 1.
    expect(lines.slice(0, 3)).toEqual([
      'home,2024-06-01T11:00:00Z,1,,',
      'home,2024-06-01T12:00:00Z,0,,',
      'home,2024-06-01T13:00:00Z,1,,',
    ]);
    expect(lines[3]).toBe(`home,2024-06-01T14:00:00Z,${900719925474 - 1002},,`);
    expect(summary.intervalSeconds).toBe(3600);
  });

  it('leaves a reset empty, and a gap missing', async () => {
    const { lines, summary } = await importHere(
      read,
      `{"sensor.pv":[${hours(['100', '300', '20', '70'], 'state')}],"sensor.in":[${hours(['1', 'null', '3', '4'])}]}`,
    );
    expect(lines).toEqual([
      'home,2024-06-01T11:00:00Z,,,200',
      'home,2024-06-01T13:00:00Z,1000,,50',
    ]);
    expect(summary).toMatchObject({ resetCount: 1, unmeasuredCount: 1, missingCount: 2 });
  });

  it('reads changes where there are no sums', async () => {
    const { lines } = await importHere(
      readerOf(IN),
      `{"sensor.in":[${hours(['0.25', '0.5'], 'change')}]}`,
    );
    expect(lines).toEqual(['home,2024-06-01T10:00:00Z,250,,', 'home,2024-06-01T11:00:00Z,500,,']);
  });

  it('reads tables with Unix times, ISO times and local times', async () => {
    const seconds = START / 1000;
    const expected = ['home,2024-06-01T11:00:00Z,500,,'];
    const unix = `statistic_id,start_ts,state,sum\nsensor.in,${seconds + 3600}.0,9,2.5\nsensor.in,${seconds},8,2\nsensor.x,1,1,1\n`;
    const a = await importHere(readerOf(IN), unix);
    expect(a.lines).toEqual(expected);
    expect(a.warnings).toEqual(['Statistics that the mapping does not name: "sensor.x".']);
    const isoTimes =
      'statistic_id;start;sum\nsensor.in;2024-06-01T12:00:00+02:00;2\nsensor.in;2024-06-01T13:00:00+02:00;2.5\n';
    expect((await importHere(readerOf(IN), isoTimes)).lines).toEqual(expected);
    const local =
      'statistic_id\tunit\tstart\tsum\nsensor.in\tkWh\t01.06.2024 12:00\t2\nsensor.in\tkWh\t01.06.2024 13:00\t2.5\n';
    expect(
      (await importHere(readerOf(IN), local, { zone: zoneNamed('Europe/Berlin') })).lines,
    ).toEqual(expected);
    const error = await fileErrorOf(importHere(readerOf(IN), local));
    expect(error).toMatchObject({ code: 'bad-start', line: 2, field: 'start (column 3)' });
  });

  it('adds short-term statistics of 5 minutes up to 15', async () => {
    const rows = ['1', '1.1', '1.2', '1.4', '1.5', '1.6', '1.9'].map(
      (sum, i) => `sensor.in,${START / 1000 - 300 + 300 * i},${sum}\n`,
    );
    const { lines } = await importHere(readerOf(IN), `statistic_id,start,sum\n${rows.join('')}`);
    expect(lines).toEqual(['home,2024-06-01T10:00:00Z,400,,', 'home,2024-06-01T10:15:00Z,500,,']);
  });

  it.each([
    ['damaged JSON', '{"sensor.in":[\n{"start":1,}]}', 'bad-json', 2],
    ['deep JSON', '['.repeat(100_000), 'bad-json', undefined],
    ['a list', '[1,2]', 'bad-json', undefined],
    ['a value that is none', `{"sensor.in":[${hours(['"x"'])}]}`, 'bad-value', undefined],
    ['a start that is none', '{"sensor.in":[{"start":"soon","sum":1}]}', 'bad-start', undefined],
    ['a file of others', `{"sensor.x":[${hours(['1'])}]}`, 'file-empty', undefined],
    ['an empty file', '', 'file-empty', undefined],
    [
      'two sums of one hour',
      `{"sensor.in":[${hours(['1'])},${hours(['2'])}]}`,
      'conflicting-values',
      undefined,
    ],
  ])('refuses %s', async (_, text, code, line) => {
    const error = await fileErrorOf(importHere(read, text));
    expect(error).toMatchObject({ code, line });
    expect(error.message).toMatch(ONE_SENTENCE);
  });
});
