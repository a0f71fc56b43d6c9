import { describe, expect, it } from 'vitest';
import { concatBytes, utf8 } from '../../../../src/core/bytes.ts';
import { decodeCapture } from '../../../../src/gateway/decode/decode-capture.ts';
import { IEEE2030_5 } from '../../../../src/gateway/decode/ieee2030-5/ieee2030-5.ts';
import { createTelegramStream, receiveBytes } from '../../../../src/gateway/decode/stream.ts';
import type { Telegram } from '../../../../src/gateway/decode/telegram.ts';
import { expectBoth, FUZZ_INPUTS, FUZZ_TIMEOUT_MS, fuzzDecoder } from '../fuzz.ts';
import { mirrorUsagePoint, READINGS } from './build.ts';

function decode(text: string): Telegram {
  const decoded = IEEE2030_5.decode(utf8(text), {});
  expect(decoded).toMatchObject({ kind: 'telegram' });
  return decoded as Telegram;
}

describe('a mirrored usage point', () => {
  it.each(['urn:ieee:std:2030.5:ns', 'http://ieee.org/2030.5', 'http://zigbee.org/sep'])(
    'of the namespace %s gives its totals',
    (namespace) => {
      const { protocol, pieces } = decodeCapture(
        utf8(`${mirrorUsagePoint(READINGS, namespace)}\n`),
        'auto',
      );
      expect(protocol).toBe('ieee2030-5');
      expect(pieces).toMatchObject([
        {
          decoded: {
            meter: '0A00006CC8',
            time: '2024-01-15T10:30:00Z',
            importWh: 123_450,
            exportWh: 2500,
            importW: 430,
            warnings: [],
          },
        },
      ]);
    },
  );

  it('names its registers by the numbers of the standard', () => {
    expect([...decode(mirrorUsagePoint(READINGS).slice(39)).registers]).toMatchObject([
      ['uom72.flow1.acc9', { value: 123_450, unit: 'Wh', scaler: 1 }],
      ['uom72.flow19.acc9', { value: 2500, unit: 'Wh' }],
      ['uom38.flow1.acc12', { value: 430, unit: 'W' }],
      ['uom29.flow1.acc12.phase128', { value: 230.1, unit: 'V' }],
    ]);
  });

  it('takes no interval and no phase for a total', () => {
    const telegram = decode(
      mirrorUsagePoint([
        { uom: 72, flow: 1, value: 5, accumulation: 4 },
        { uom: 72, flow: 1, value: 6, phase: 128 },
        { uom: 38, flow: 1, value: 7, accumulation: 8 },
      ]).slice(39),
    );
    for (const name of ['importWh', 'exportWh', 'importW'])
      expect(telegram).not.toHaveProperty(name);
  });

  it('reads a negative power as the other way', () => {
    const telegram = decode(
      mirrorUsagePoint([{ uom: 38, flow: 1, value: -90, accumulation: 12 }]).slice(39),
    );
    expect(telegram).toMatchObject({ exportW: 90 });
    expect(telegram).not.toHaveProperty('importW');
  });
});

describe('other resources', () => {
  it('are read with prefixes and with the ReadingType in the reading', () => {
    const telegram =
      decode(`<ns:Reading xmlns:ns="urn:ieee:std:2030.5:ns"><ns:value>17</ns:value><ns:timePeriod><ns:duration>900</ns:duration><ns:start>1705314600</ns:start></ns:timePeriod><ns:qualityFlags>05</ns:qualityFlags>
      <ns:ReadingType><ns:accumulationBehaviour>9</ns:accumulationBehaviour><ns:flowDirection>1</ns:flowDirection><ns:uom>72</ns:uom></ns:ReadingType></ns:Reading>`);
    expect(telegram).toMatchObject({ importWh: 17, time: '2024-01-15T10:45:00Z' });
    expect(telegram.registers.get('uom72.flow1.acc9')).toMatchObject({ quality: 'flags 05' });
  });

  it('have no unit where the ReadingType is another document', () => {
    const telegram = decode(
      '<ReadingList xmlns="urn:ieee:std:2030.5:ns"><Reading><value>17</value></Reading></ReadingList>',
    );
    expect(telegram.registers.get('reading')).toEqual({ value: 17 });
    expect(telegram.warnings).toHaveLength(1);
  });

  it('are not taken for those of ESPI, which have the same names', () => {
    expect(IEEE2030_5.detect(utf8('<MeterReading xmlns="http://naesb.org/espi"/>'))).toBe(0);
  });
});

describe('what is no such document', () => {
  const refuse = (text: string) => IEEE2030_5.decode(utf8(text), {});

  it('is refused, with its line where XML is broken', () => {
    expect(refuse('<Reading><value>1</valu></Reading>')).toMatchObject({
      reason: 'bad-structure',
      detail: expect.stringMatching(/line 1/u),
    });
    expect(refuse('<Reading><value>1</value>')).toMatchObject({ reason: 'bad-structure' });
    expect(refuse('<Reading><value>1</val')).toMatchObject({ reason: 'cut-short' });
    expect(refuse('<Other><value>1</value></Other>')).toMatchObject({ reason: 'not-a-telegram' });
    expect(refuse('<Reading/>')).toMatchObject({ reason: 'unsupported' });
    expect(refuse('<Reading><value>1e9</value></Reading>')).toMatchObject({
      reason: 'unsupported',
    });
  });

  it('never has entities', () => {
    expect(
      refuse('<!DOCTYPE Reading [<!ENTITY a "1">]><Reading><value>&a;</value></Reading>'),
    ).toMatchObject({ reason: 'bad-structure' });
    expect(refuse('<Reading><value>&lt;</value></Reading>')).toMatchObject({
      reason: 'unsupported',
    });
  });

  it('is not read deeper than it may be', () => {
    const deep = `${'<ReadingSet>'.repeat(50)}${'</ReadingSet>'.repeat(50)}`;
    expect(refuse(`<Reading>${deep}</Reading>`)).toMatchObject({ reason: 'bad-structure' });
  });

  it('is refused by name where it is EXI', () => {
    for (const bytes of [
      concatBytes(utf8('$EXI'), Uint8Array.of(0x80, 1, 2)),
      Uint8Array.of(0xa0, 1, 2, 3),
    ]) {
      const { pieces } = decodeCapture(bytes, 'ieee2030-5');
      expect(pieces).toMatchObject([
        { decoded: { reason: 'unsupported', detail: expect.stringMatching(/EXI/u) } },
      ]);
    }
  });
});

describe('a stream', () => {
  it('gives each document when it is whole, whatever is between them', () => {
    const one = mirrorUsagePoint(READINGS);
    const bytes = utf8(`POST /mup HTTP/1.1\r\n\r\n${one}\r\nPOST /mup HTTP/1.1\r\n\r\n${one}`);
    for (const size of [1, 7, 500, 10_000]) {
      const stream = createTelegramStream();
      let count = 0;
      for (let at = 0; at < bytes.length; at += size)
        count += receiveBytes(stream, bytes.subarray(at, at + size), IEEE2030_5).filter(
          ({ kind }) => kind === 'telegram',
        ).length;
      expect(count).toBe(2);
    }
  });
});

describe(`ieee2030-5 under ${FUZZ_INPUTS} hostile inputs`, () => {
  it('never throws, hangs or grows', { timeout: FUZZ_TIMEOUT_MS }, () => {
    expectBoth(
      fuzzDecoder(IEEE2030_5, [
        utf8(mirrorUsagePoint(READINGS)),
        utf8(mirrorUsagePoint(READINGS.slice(0, 1))),
      ]),
    );
  });
});
