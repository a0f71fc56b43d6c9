import { describe, expect, it } from 'vitest';
import { readGreenButton } from '../../../src/files/import/green-button.ts';
import { ImportedValues } from '../../../src/files/import/imported-values.ts';
import { endlessSource, fileErrorOf, ONE_SENTENCE } from '../sources.ts';
import { importHere } from './import-here.ts';

const START = Date.UTC(2024, 0, 15, 6) / 1000;
const BASE = 'https://utility.example/espi/1_1/resource/RetailCustomer/9b6c/UsagePoint/01';
const TYPES = 'https://utility.example/espi/1_1/resource/ReadingType';

const entry = (links: string, content: string): string =>
  `<entry>${links}<title>A Street 5 &amp; 6</title><content>${content}</content></entry>\n`;
const link = (rel: string, href: string): string => `<link rel="${rel}" href="${href}"/>`;
const feed = (...entries: readonly string[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n<!-- <entry> is not one -->\n${entries.join('')}</feed>\n`;
const usagePoint = (kind = '0', base = BASE): string =>
  entry(
    link('self', base),
    `<UsagePoint xmlns="http://naesb.org/espi"><ServiceCategory><kind>${kind}</kind></ServiceCategory></UsagePoint>`,
  );
const meterReading = (id: string, base = BASE): string =>
  entry(
    link('self', `${base}/MeterReading/${id}`) +
      link('up', `${base}/MeterReading`) +
      link('related', `${TYPES}/${id}`),
    '<MeterReading xmlns="http://naesb.org/espi"/>',
  );
const readingType = (id: string, fields: Readonly<Record<string, string>> = {}): string => {
  const all = {
    accumulationBehaviour: '4',
    flowDirection: '1',
    intervalLength: '900',
    powerOfTenMultiplier: '0',
    uom: '72',
    ...fields,
  };
  const text = Object.entries(all)
    .map(([name, value]) => `<e:${name}>${value}</e:${name}>`)
    .join('');
  return entry(
    link('self', `${TYPES}/${id}`),
    `<e:ReadingType xmlns:e="http://naesb.org/espi">${text}</e:ReadingType>`,
  );
};
const reading = (index: number, value: string, extra = '', seconds = 900): string =>
  `<IntervalReading><timePeriod><duration>${seconds}</duration><start>${START + seconds * index}</start></timePeriod>${extra}<value>${value}</value></IntervalReading>`;
const block = (id: string, readings: string, base = BASE): string =>
  entry(
    link('self', `${base}/MeterReading/${id}/IntervalBlock/7`) +
      link('up', `${base}/MeterReading/${id}/IntervalBlock`),
    `<IntervalBlock xmlns="http://naesb.org/espi"><interval><duration>86400</duration><start>${START}</start></interval>${readings}</IntervalBlock>`,
  );
const one = (id: string, fields: Readonly<Record<string, string>>, readings: string): string =>
  meterReading(id) + readingType(id, fields) + block(id, readings);

describe('Green Button', () => {
  it('reads both directions of a usage point, with their powers of ten', async () => {
    const { lines, summary, warnings } = await importHere(
      readGreenButton,
      feed(
        usagePoint(),
        one('1', { powerOfTenMultiplier: '-3' }, reading(0, '290500') + reading(1, '100499')),
        one('2', { flowDirection: '19', powerOfTenMultiplier: '3' }, reading(1, '2')),
      ),
    );
    expect(lines).toEqual([
      '9b6c-01,2024-01-15T06:00:00Z,291,,',
      '9b6c-01,2024-01-15T06:15:00Z,100,2000,',
    ]);
    expect(summary).toMatchObject({ meterCount: 1, rowCount: 2, missingCount: 1 });
    expect(warnings).toEqual([]);
  });

  it('reads blocks that stand before their types, and several usage points', async () => {
    const other = BASE.replace('/01', '/02');
    const { lines } = await importHere(
      readGreenButton,
      feed(
        block('1', reading(0, '5')),
        block('1', reading(0, '7'), other),
        meterReading('1'),
        meterReading('1', other),
        readingType('1'),
        usagePoint(),
        usagePoint('0', other),
      ),
    );
    expect(lines).toEqual(['9b6c-01,2024-01-15T06:00:00Z,5,,', '9b6c-02,2024-01-15T06:00:00Z,7,,']);
  });

  it('reads a file without links as its order says, and a block without times by position', async () => {
    const text = feed(
      entry('', '<UsagePoint><ServiceCategory><kind>0</kind></ServiceCategory></UsagePoint>'),
      entry(
        '',
        '<ReadingType><uom>72</uom><flowDirection>1</flowDirection><intervalLength>900</intervalLength></ReadingType>',
      ),
      entry(
        '',
        `<IntervalBlock><interval><start>${START}</start></interval><IntervalReading><value>1</value></IntervalReading><IntervalReading><value>2</value></IntervalReading></IntervalBlock>`,
      ),
    );
    const { lines } = await importHere(readGreenButton, text, { meter: 'home' });
    expect(lines).toEqual(['home,2024-01-15T06:00:00Z,1,,', 'home,2024-01-15T06:15:00Z,2,,']);
  });

  it('counts estimates, leaves projections empty, and adds up 5 minutes where they are whole', async () => {
    const quality = (code: string): string =>
      `<ReadingQuality><quality>${code}</quality></ReadingQuality>`;
    const fives = [0, 1, 2, 3, 4]
      .map((i) => reading(i, '0.4', i === 1 ? quality('8') : '', 300))
      .join('');
    const { lines, summary } = await importHere(
      readGreenButton,
      feed(
        usagePoint(),
        one('1', {}, fives + reading(5, '9', quality('12'), 300) + reading(6, '1', '', 300)),
      ),
    );
    expect(lines).toEqual(['9b6c-01,2024-01-15T06:00:00Z,1,,']);
    expect(summary).toMatchObject({ estimatedCount: 1, unmeasuredCount: 1, incompleteCount: 2 });
  });

  it('leaves gas and reactive energy out, and says so', async () => {
    const gas = BASE.replace('/01', '/03');
    const { lines, warnings } = await importHere(
      readGreenButton,
      feed(
        usagePoint(),
        one('1', {}, reading(0, '1')),
        one('2', { uom: '73' }, reading(0, '1')),
        usagePoint('1', gas),
        meterReading('1', gas),
        block('1', reading(0, '8'), gas),
      ),
    );
    expect(lines).toEqual(['9b6c-01,2024-01-15T06:00:00Z,1,,']);
    expect(warnings).toHaveLength(2);
  });

  it.each([
    [
      'a register',
      one('1', { accumulationBehaviour: '3' }, reading(0, '1')),
      'not-supported',
      'accumulationBehaviour',
    ],
    [
      'another direction',
      one('1', { flowDirection: '20' }, reading(0, '1')),
      'not-supported',
      'flowDirection',
    ],
    ['a value that is none', one('1', {}, reading(0, 'x')), 'bad-value', 'IntervalReading'],
    ['a block without a type', block('1', reading(0, '1')), 'bad-xml', 'IntervalBlock'],
    [
      'two values for one time',
      one('1', {}, reading(0, '1') + reading(0, '2')),
      'conflicting-values',
      'IntervalReading',
    ],
    ['tags that do not match', entry('', '<a></b>'), 'bad-xml', undefined],
    ['depth', entry('', '<a>'.repeat(50) + '</a>'.repeat(50)), 'bad-xml', undefined],
  ])('refuses %s with the byte', async (_, entries, code, field) => {
    const text = feed(usagePoint(), entries);
    const error = await fileErrorOf(importHere(readGreenButton, text));
    expect(error).toMatchObject({ code, field });
    expect(error.message).toMatch(ONE_SENTENCE);
    const byte = Number(/byte ([0-9]+)/.exec(error.message)?.[1]);
    expect(byte).toBeGreaterThanOrEqual(text.indexOf(usagePoint()) + usagePoint().length);
    expect(byte).toBeLessThan(text.length);
  });

  it('names the byte of the reading itself', async () => {
    const text = feed(usagePoint(), one('1', {}, reading(0, '1') + reading(1, '-1')));
    const error = await fileErrorOf(importHere(readGreenButton, text));
    const byte = Number(/byte ([0-9]+)/.exec(error.message)?.[1]);
    expect(text.slice(byte, byte + 16)).toBe('<IntervalReading');
    expect(text.slice(byte)).toContain('<value>-1<');
    expect(text.slice(byte)).not.toContain('<value>1<');
  });

  it.each([
    ['an empty file', '', 'file-empty'],
    ['JSON', '{"a":1}', 'bad-xml'],
    ['a feed without readings', feed(usagePoint()), 'file-empty'],
    ['a document type', '<!DOCTYPE feed [<!ENTITY a "b">]><feed/>', 'bad-xml'],
    [
      'a file cut short',
      feed(usagePoint(), one('1', {}, reading(0, '1'))).slice(0, -200),
      'bad-xml',
    ],
  ])('refuses %s', async (_, text, code) => {
    const error = await fileErrorOf(importHere(readGreenButton, text));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(ONE_SENTENCE);
  });

  it('stops early in an entry or a tag that never ends', async () => {
    for (const [head, filler, cap] of [
      ['<feed><entry>', '<a></a>', 17_000_000],
      ['<feed ', 'a="b" ', 1_000_000],
    ] as const) {
      // Small chunks: what copied all of the entry for each of them would copy 30 GB.
      const source = endlessSource(head, filler, 4096);
      const error = await fileErrorOf(readGreenButton(source, { values: new ImportedValues() }));
      expect(error.code).toBe('bad-xml');
      expect(source.bytesTaken()).toBeLessThan(cap);
    }
  });
});
