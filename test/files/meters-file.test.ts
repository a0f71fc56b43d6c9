import { describe, expect, it } from 'vitest';
import { csvFile } from '../../src/files/csv-source.ts';
import { readMetersFile } from '../../src/files/meters-file.ts';
import { endlessSource, fileErrorOf, ONE_SENTENCE, textSource } from './sources.ts';

const GOOD = 'meter,area\nm1,es/madrid/s1\n';

describe('readMetersFile', () => {
  it('reads meters in file order with their lines', async () => {
    const { meters, warnings } = await readMetersFile(
      textSource(
        'meter,area,channels,max_wh\nb,es/s1,net+production+export,4600\na,es/s1,,\nc,es/s2,net,\n',
      ),
    );
    expect(meters).toEqual([
      {
        meter: 'b',
        area: 'es/s1',
        channels: ['net', 'export', 'production'],
        maxWh: 4600,
        line: 2,
      },
      { meter: 'a', area: 'es/s1', channels: undefined, maxWh: undefined, line: 3 },
      { meter: 'c', area: 'es/s2', channels: ['net'], maxWh: undefined, line: 4 },
    ]);
    expect(warnings).toEqual([]);
  });

  it.each([
    ['a byte order mark', `\u{feff}${GOOD}`],
    ['CRLF', GOOD.replaceAll('\n', '\r\n')],
    ['quoted fields', '"meter","area"\n"m1","es/madrid/s1"\n'],
    ['blank trailing lines', `${GOOD}\n  \n,\n\n`],
    ['no newline at the end', GOOD.trimEnd()],
    ['columns in another order and case', 'Area,METER\nes/madrid/s1,m1\n'],
    ['spaces around fields', ' meter , area \n m1 , es/madrid/s1 \n'],
  ])('accepts %s', async (_, text) => {
    const { meters } = await readMetersFile(textSource(text));
    expect(meters.map(({ meter, area }) => [meter, area])).toEqual([['m1', 'es/madrid/s1']]);
  });

  it('accepts and names columns that it does not use', async () => {
    const { warnings } = await readMetersFile(
      textSource('meter,tariff,area,\u{1b}[2J\nm1,x,es/s1,y\n'),
    );
    expect(warnings).toEqual(['input.csv: columns that are not used: "tariff", "\\u{1b}[2J".']);
  });

  it('counts lines rightly behind a quoted line break', async () => {
    const text = 'meter,area,note\r\n\r\nm1,es/s1,"a\r\nb"\r\nm2,es/s1,x\r\nm3,!,x\r\n';
    const error = await fileErrorOf(readMetersFile(textSource(text)));
    expect(error.line).toBe(6);
  });

  const long = 'x'.repeat(5000);
  it.each([
    ['an empty file', '', 'file-empty', undefined, undefined],
    ['nothing but blank lines', '\n\r\n \n', 'file-empty', undefined, undefined],
    ['a header and no meter', 'meter,area\n', 'file-empty', undefined, undefined],
    ['no header', 'm1,es/s1\n', 'missing-column', 1, 'meter'],
    ['a missing column', 'meter,street\nm1,es/s1\n', 'missing-column', 1, 'area'],
    ['semicolons', 'meter;area\nm1;es/s1\n', 'missing-column', 1, 'meter'],
    ['a column twice', 'meter,area,Meter\nm1,es/s1,m1\n', 'duplicate-column', 1, 'meter'],
    ['an empty meter id', `${GOOD},es/s1\n`, 'bad-meter', 3, 'meter'],
    ['a meter id of 129', `${GOOD}${'m'.repeat(129)},es/s1\n`, 'bad-meter', 3, 'meter'],
    ['a control character', `${GOOD}m\u{1b}[2J,es/s1\n`, 'bad-meter', 3, 'meter'],
    ['a hidden character', `${GOOD}m\u{202e}1,es/s1\n`, 'bad-meter', 3, 'meter'],
    ['a line break in an id', `${GOOD}"m\n2",es/s1\n`, 'bad-meter', 3, 'meter'],
    ['a meter twice', `${GOOD}m2,es/s1\nm1,es/s1\n`, 'duplicate-meter', 4, 'meter'],
    ['an empty area', `${GOOD}m2,\n`, 'bad-area', 3, 'area'],
    ['a street without a parent', `${GOOD}m2,es\n`, 'bad-area', 3, 'area'],
    ['a slash at the end', `${GOOD}m2,es/s1/\n`, 'bad-area', 3, 'area'],
    ['a subject wildcard', `${GOOD}m2,es/*/s1\n`, 'bad-area', 3, 'area'],
    ['a part of 65 characters', `${GOOD}m2,es/${'s'.repeat(65)}\n`, 'bad-area', 3, 'area'],
    ['17 parts', `${GOOD}m2,${'a/'.repeat(16)}s\n`, 'bad-area', 3, 'area'],
    ['a street below a street', `${GOOD}m2,es/madrid/s1/x\n`, 'bad-area', 3, 'area'],
    ['a street above a street', `${GOOD}m2,es/madrid\n`, 'bad-area', 3, 'area'],
    ['an unknown channel', 'meter,area,channels\nm,e/s,net+gas\n', 'bad-channels', 2, 'channels'],
    ['channels without net', 'meter,area,channels\nm,e/s,export\n', 'bad-channels', 2, 'channels'],
    ['a channel twice', 'meter,area,channels\nm,e/s,net+net\n', 'bad-channels', 2, 'channels'],
    [
      'endless channels',
      `meter,area,channels\nm,e/s,${'+'.repeat(4000)}\n`,
      'bad-channels',
      2,
      'channels',
    ],
    ['a cap of 0', 'meter,area,max_wh\nm,e/s,0\n', 'bad-max-wh', 2, 'max_wh'],
    ['a negative cap', 'meter,area,max_wh\nm,e/s,-1\n', 'bad-max-wh', 2, 'max_wh'],
    ['a fractional cap', 'meter,area,max_wh\nm,e/s,1.5\n', 'bad-max-wh', 2, 'max_wh'],
    ['a cap of 2^40', `meter,area,max_wh\nm,e/s,${2 ** 40}\n`, 'bad-max-wh', 2, 'max_wh'],
    ['a cap in words', 'meter,area,max_wh\nm,e/s,many\n', 'bad-max-wh', 2, 'max_wh'],
    ['too few fields', `${GOOD}m2\n`, 'wrong-field-count', 3, undefined],
    ['too many fields', `${GOOD}m2,es/s1,x\n`, 'wrong-field-count', 3, undefined],
    ['a field over 4 KiB', `${GOOD}${long},es/s1\n`, 'field-too-long', 3, undefined],
    ['a quote never closed', `${GOOD}"m2,es/s1\n`, 'bad-csv', 3, undefined],
    ['a quote inside a field', `${GOOD}m"2,es/s1\n`, 'bad-csv', 3, undefined],
    ['text behind a quote', `${GOOD}"m"2,es/s1\n`, 'bad-csv', 3, undefined],
  ])('refuses %s with one clear sentence', async (_, text, code, line, field) => {
    const error = await fileErrorOf(readMetersFile(textSource(text)));
    expect(error).toMatchObject({ code, field, file: 'input.csv' });
    if (line !== undefined && code !== 'bad-csv') expect(error.line).toBe(line);
    expect(error.message).toMatch(ONE_SENTENCE);
    expect(error.message.length).toBeLessThan(300);
  });

  it('refuses bytes that are not UTF-8, under which two meters would look alike', async () => {
    const bytes = Uint8Array.of(...new TextEncoder().encode(`${GOOD}m`), 0xe9, 0x2c);
    const error = await fileErrorOf(
      readMetersFile(textSource(Uint8Array.of(...bytes, ...new TextEncoder().encode('es/s1\n')))),
    );
    expect(error).toMatchObject({ code: 'bad-meter', line: 3 });
  });

  it.each([
    ['a line', 'meter,area\n', 'x'],
    ['a header', '', 'x'],
    ['a line of commas', 'meter,area\n', ','],
    ['a field in quotes', 'meter,area\n"', 'x'],
    ['a field of lines in quotes', 'meter,area\n"', 'x\n'],
    ['a field of quotes', 'meter,area\n"', '""'],
  ])('stops early in %s of a gigabyte', async (_, head, filler) => {
    const source = endlessSource(head, filler);
    const error = await fileErrorOf(readMetersFile(source));
    expect(error.code).toBe('line-too-long');
    expect(error.message).toMatch(ONE_SENTENCE);
    expect(source.bytesTaken()).toBeLessThan(1_000_000);
  });

  it('names a file that is missing, or is a folder', async () => {
    const missing = await fileErrorOf(readMetersFile(csvFile('/nowhere/meters.csv')));
    expect(missing.code).toBe('file-missing');
    expect(missing.message).toBe('/nowhere/meters.csv: expected a file, found none.');
    const folder = await fileErrorOf(readMetersFile(csvFile('/tmp')));
    expect(folder.code).toBe('file-unreadable');
  });

  it('shows at most 40 characters of what it found', async () => {
    const error = await fileErrorOf(
      readMetersFile(textSource(`${GOOD}m2,${'<'.repeat(300)}\u{1b}\n`)),
    );
    expect(error.message).toContain(`found "${'<'.repeat(40)}" and 261 more characters.`);
  });

  it('reads good input after bad', async () => {
    await fileErrorOf(readMetersFile(textSource('meter,area\n"')));
    expect((await readMetersFile(textSource(GOOD))).meters).toHaveLength(1);
  });
});
