import { describe, expect, it } from 'vitest';
import { ImportedValues } from '../../../src/files/import/imported-values.ts';
import { readMscons } from '../../../src/files/import/mscons.ts';
import { endlessSource, fileErrorOf, ONE_SENTENCE } from '../sources.ts';
import { importHere } from './import-here.ts';

const HEAD =
  "UNB+UNOC:3+9900000000003:500+9900000000010:500+240116:0605+R1++TL'UNH+1+MSCONS:D:04B:UN:2.4c'BGM+7+X1+9'NAD+MS+9900000000003::293'CTA+IC+:Werke ?+ Co?'s'UNS+D'NAD+DP'";
const TAIL = "UNT+9+1'UNZ+1+R1'";
const LOC = "LOC+172+DE0001'DTM+163:202401150000?+01:303'DTM+164:202401160000?+01:303'";
const pia = (code: string): string => `LIN+1'PIA+5+${code.replaceAll(':', '?:')}:SRW'`;
const qty = (value: string, start: string, end: string, rest = ':KWH', qualifier = '220'): string =>
  `QTY+${qualifier}:${value}${rest}'DTM+163:20240115${start}?+00:303'DTM+164:20240115${end}?+00:303'`;
const message = (...parts: readonly string[]): string => HEAD + LOC + parts.join('') + TAIL;

describe('MSCONS', () => {
  it('reads load profiles of both directions', async () => {
    const { lines, summary, warnings } = await importHere(
      readMscons,
      message(
        pia('1-1:1.29.0'),
        qty('0.2905', '0000', '0015'),
        qty('1', '0015', '0030', '', '67'),
        "STS+Z33++Z84'",
        qty('0', '0030', '0045', '', '20'),
        pia('1-1:2.29.0*255'),
        qty('2.5', '0000', '0015', ''),
        pia('1-1:3.29.0'),
        qty('9', '0000', '0015', ':KVR'),
      ),
    );
    expect(lines).toEqual([
      'DE0001,2024-01-15T00:00:00Z,291,2500,',
      'DE0001,2024-01-15T00:15:00Z,1000,,',
    ]);
    expect(summary).toMatchObject({ estimatedCount: 1, unmeasuredCount: 1, missingCount: 1 });
    expect(warnings).toEqual([
      'OBIS "1-1:3.29.0" is no load profile of active energy and not read.',
    ]);
  });

  it('reads other separators, line ends, several messages, and mean power', async () => {
    const text = message(pia('1-1:1.29.0'), qty('0.4', '0000', '0015', ':KWT'));
    const other = text
      .replaceAll("?'", '')
      .replaceAll('?+', '!')
      .replaceAll('+', '|')
      .replaceAll('!', '+')
      .replaceAll('?:', '%')
      .replaceAll(':', '^')
      .replaceAll('%', ':')
      .replaceAll("'", '~\r\n');
    const { lines } = await importHere(readMscons, `UNA^|.\\ ~\r\n${other}`);
    expect(lines).toEqual(['DE0001,2024-01-15T00:00:00Z,100,,']);
    const two = text.replace(
      TAIL,
      `UNT+9+1'${text.slice(text.indexOf('UNH')).replaceAll('DE0001', 'DE0002')}`,
    );
    expect((await importHere(readMscons, two)).summary.meterCount).toBe(2);
  });

  it('reads local times of format 203 through both changes of the clock', async () => {
    const quarter = (day: string, start: string, end: string, value: number): string =>
      `QTY+220:${value}'DTM+163:${day}${start}:203'DTM+164:${day}${end}:203'`;
    const { lines } = await importHere(
      readMscons,
      message(
        pia('1-1:1.29.0'),
        quarter('20240331', '0145', '0300', 1),
        quarter('20241027', '0245', '0200', 2),
        quarter('20241027', '0200', '0215', 3),
      ),
    );
    // 02:45 comes first here, so it is the first one; 02:00 after it is in the second hour.
    expect(lines).toEqual([
      'DE0001,2024-03-31T00:45:00Z,1000,,',
      'DE0001,2024-10-27T00:45:00Z,2000,,',
      'DE0001,2024-10-27T01:00:00Z,3000,,',
    ]);
  });

  it.each([
    ['another message', message().replace('MSCONS', 'UTILMD'), 'not-supported', 'UNH+'],
    [
      'a value that is none',
      message(pia('1-1:1.29.0'), qty('1,5', '0000', '0015')),
      'bad-value',
      'QTY+',
    ],
    [
      'an unknown unit',
      message(pia('1-1:1.29.0'), qty('1', '0000', '0015', ':MTQ')),
      'not-supported',
      'QTY+',
    ],
    [
      'no end',
      message(pia('1-1:1.29.0'), "QTY+220:1'DTM+163:202401150000?+00:303'"),
      'bad-edifact',
      'QTY+',
    ],
    [
      'a bad time',
      message(pia('1-1:1.29.0'), qty('1', '2500', '0015')),
      'bad-start',
      'DTM+163:202401152500',
    ],
    ['no OBIS code', message("LIN+1'", qty('1', '0000', '0015')), 'bad-edifact', 'QTY+'],
    ['a bad tag', message("qty+220:1'"), 'bad-edifact', 'qty+'],
  ])('refuses %s with the byte', async (_, text, code, at) => {
    const error = await fileErrorOf(importHere(readMscons, text));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(ONE_SENTENCE);
    expect(error.message).toContain(`byte ${text.indexOf(at)}`);
  });

  it('refuses what is no interchange, or not whole', async () => {
    const whole = message(pia('1-1:1.29.0'), qty('1', '0000', '0015'));
    for (const text of ['', 'meter,start\n', whole.slice(0, -3), whole.slice(0, -TAIL.length)]) {
      const error = await fileErrorOf(importHere(readMscons, text));
      expect(['bad-edifact', 'file-empty']).toContain(error.code);
      expect(error.message).toMatch(ONE_SENTENCE);
    }
  });

  it('stops early in a segment without an end', async () => {
    const source = endlessSource(`${HEAD}FTX+`, 'a');
    const error = await fileErrorOf(readMscons(source, { values: new ImportedValues() }));
    expect(error.code).toBe('bad-edifact');
    expect(source.bytesTaken()).toBeLessThan(1_000_000);
  });
});
