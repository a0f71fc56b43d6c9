import { describe, expect, it } from 'vitest';
import { concatBytes, toHex } from '../../../src/core/bytes.ts';
import { crcEn13757 } from '../../../src/gateway/decode/mbus/crc-en13757.ts';
import type { Damage, DecodeOptions, Telegram } from '../../../src/gateway/decode/telegram.ts';
import { printTelegram } from '../../../src/gateway/decode/telegram-json.ts';
import { WMBUS } from '../../../src/gateway/decode/wmbus/wmbus.ts';
import { expectBoth, FUZZ_TIMEOUT_MS, fuzzDecoder } from './fuzz.ts';
import {
  bare,
  extendedLink,
  formatA,
  formatB,
  hex,
  LINK_ADDRESS,
  LONG_HEADER,
  mode5,
  mode7,
  OTHER_KEY,
  RECORDS,
  SHORT_HEADER,
  TEST_KEY,
} from './mbus-frames.ts';

const PLAIN = bare(hex(SHORT_HEADER + RECORDS));
const LONG_RECORDS = RECORDS.repeat(8);

function read(frame: Uint8Array, options: DecodeOptions = {}): Telegram {
  const decoded = WMBUS.decode(frame, options);
  if (decoded.kind === 'damage') throw new Error(`${decoded.reason}: ${decoded.detail}`);
  return decoded;
}

function refuse(frame: Uint8Array, options: DecodeOptions = {}): Damage {
  const decoded = WMBUS.decode(frame, options);
  if (decoded.kind === 'telegram') throw new Error('expected damage');
  return decoded;
}

describe('frames of wireless M-Bus', () => {
  it('are checked by the CRC of EN 13757-4', () => {
    // The check value that CRC catalogues give for CRC-16/EN-13757.
    expect(crcEn13757(new TextEncoder().encode('123456789'))).toBe(0xc2b7);
  });

  it.each([
    ['bare', (frame: Uint8Array) => frame],
    ['format A', formatA],
    ['format B', formatB],
  ])('are read as %s', (_, stored) => {
    for (const frame of [PLAIN, bare(hex(SHORT_HEADER + LONG_RECORDS))]) {
      const { meter, importWh, exportWh, importW } = read(stored(frame));
      expect([meter, importWh, exportWh, importW]).toEqual(['12345678', 563412, 67, 1.5]);
    }
  });

  it('with a wrong CRC are refused', () => {
    const frame = formatA(PLAIN);
    frame[20] = (frame[20] as number) ^ 1;
    expect(refuse(frame)).toEqual(
      expect.objectContaining({
        reason: 'bad-checksum',
        detail: 'a CRC of the link layer does not match',
      }),
    );
  });

  it('that are cut, or too long, are refused', () => {
    expect(refuse(PLAIN.subarray(0, 20)).reason).toBe('cut-short');
    expect(refuse(PLAIN.subarray(0, 5)).reason).toBe('cut-short');
    expect(refuse(new Uint8Array(0)).reason).toBe('cut-short');
    expect(refuse(concatBytes(PLAIN, hex('00'))).reason).toBe('bad-structure');
  });

  it('are found between noise, with the bytes that tell the format before them', () => {
    const stream = concatBytes(hex('ff00'), formatA(PLAIN), hex('543d'), PLAIN, hex('0102'), PLAIN);
    const { pieces } = WMBUS.split(stream, true);
    const found = pieces.map(({ start, end }) => read(stream.subarray(start, end)).importWh);
    expect(found).toEqual([563412, 563412, 563412]);
  });

  it('wait for their rest', () => {
    const frame = formatA(PLAIN);
    for (let length = 1; length < frame.length; length++)
      expect(WMBUS.split(frame.subarray(0, length), false)).toEqual({ pieces: [], restStart: 0 });
  });

  it('that only tell of the meter have no reading', () => {
    const access = concatBytes(Uint8Array.of(10, 0x47), LINK_ADDRESS, hex('8c'));
    expect(read(access).warnings).toEqual(['an access to the meter, without a reading']);
  });
});

describe('encrypted wireless M-Bus', () => {
  const encrypted = [
    ['mode 5', bare(mode5(RECORDS))],
    ['mode 7', bare(mode7(RECORDS))],
    ['the extended link layer', bare(extendedLink(`78${RECORDS}`))],
    ['mode 7 behind an extended link layer', bare(concatBytes(hex('8c2007'), mode7(RECORDS)))],
  ] as const;

  it.each(encrypted)('of %s is read with its key', (_, frame) => {
    const { importWh, exportWh, warnings } = read(frame, { key: TEST_KEY, checksums: 'require' });
    expect([importWh, exportWh, warnings]).toEqual([563412, 67, []]);
  });

  it.each(encrypted)('of %s tells only its meter without a key', (_, frame) => {
    const { meter, importWh, warnings } = read(frame);
    expect([meter, importWh]).toEqual(['12345678', undefined]);
    expect(warnings[0]).toMatch(/^encrypted \(.*\): the meter's key is needed to read it$/u);
  });

  it.each(encrypted)('of %s refuses another key in one sentence, and shows none', (_, frame) => {
    const damage = refuse(frame, { key: OTHER_KEY });
    expect([damage.reason, damage.detail]).toEqual([
      'bad-key',
      'the key does not fit this telegram',
    ]);
    for (const options of [{ key: TEST_KEY }, {}])
      expect(printTelegram(read(frame, options)).toLowerCase()).not.toContain(toHex(TEST_KEY));
    expect(JSON.stringify(damage).toLowerCase()).not.toContain(toHex(OTHER_KEY));
  });

  it('with a MAC that does not match is refused', () => {
    const frame = bare(mode7(RECORDS));
    // Not the first block, which the filler would give away, but the one behind it.
    const last = frame.length - 1;
    frame[last] = (frame[last] as number) ^ 1;
    expect(refuse(frame, { key: TEST_KEY }).reason).toBe('bad-key');
  });

  it('in parts is read in parts', () => {
    const frame = bare(concatBytes(mode5(RECORDS), hex('0c1345230100')));
    expect(read(frame, { key: TEST_KEY }).registers.get('volume')?.value).toBe(12.345);
  });

  it('that was stored in clear is read, unless checks are required', () => {
    const clear = bare(hex('7a050010052f2f0c03123456002f2f2f2f2f2f2f2f'));
    expect(read(clear).warnings[0]).toMatch(/^stored in clear/u);
    expect(read(clear, { key: TEST_KEY }).importWh).toBe(563412);
    expect(refuse(clear, { key: TEST_KEY, checksums: 'require' }).reason).toBe('bad-key');
    expect(refuse(PLAIN, { key: TEST_KEY, checksums: 'require' }).reason).toBe('bad-key');
  });

  it.each([
    ['7a0500100d00', /TLS, mode 13/u],
    ['7a0500040d00', /TLS, mode 13/u],
    ['7a05001002', /mode 2 \(DES-CBC\)/u],
    ['7a05001004', /mode 4 \(AES-CBC/u],
    ['7a05001009', /mode 9 \(AES-GCM\)/u],
    ['7a0500100b', /mode 11 \(reserved\)/u],
  ])('of %s is refused by name', (header, message) => {
    const options = { key: TEST_KEY, checksums: 'require' } as const;
    const { reason, detail } = refuse(bare(hex(header + '00'.repeat(16))), options);
    expect([reason, detail]).toEqual(['unsupported', expect.stringMatching(message)]);
  });

  it('with fewer bytes than its header says is refused', () => {
    expect(refuse(bare(hex(`7a05002005${'00'.repeat(16)}`))).reason).toBe('cut-short');
  });

  it('in mode 7 without a counter, or in fragments, is refused', () => {
    const alone = hex(`7a0500100710${'00'.repeat(16)}`);
    expect(refuse(bare(alone), { key: TEST_KEY }).detail).toMatch(/message counter/u);
    expect(refuse(bare(concatBytes(hex('90020240'), alone))).detail).toMatch(/fragment 2/u);
  });
});

describe('what wireless M-Bus carries', () => {
  it('takes the long header for the meter, and the link layer for its radio', () => {
    const radio = hex('a815111111110137');
    expect(read(bare(hex(LONG_HEADER + RECORDS), radio)).meter).toBe('12345678');
  });

  it('reads a compact frame of a known format, and refuses it where its CRC is wrong', () => {
    const full = hex('04041a03000004843c00000000042b0300000004ab3c00000000');
    const values = '1a030000000000000300000000000000';
    const crc = crcEn13757(full);
    const bytes = toHex(Uint8Array.of(crc & 0xff, crc >>> 8));
    const { importWh, exportWh, importW } = read(bare(hex(`79138c${bytes}${values}`)));
    expect([importWh, exportWh, importW]).toEqual([7940, 0, 3]);
    expect(refuse(bare(hex(`79138c${bytes}${values.replace('1a', '1b')}`))).reason).toBe(
      'bad-checksum',
    );
  });

  it('says of a compact frame that its format is unknown', () => {
    expect(read(bare(hex('79345600000102'))).warnings).toEqual([
      'a compact frame of the unknown format 5634: its values need the full frame before it',
    ]);
  });

  it('names what it does not read', () => {
    expect(refuse(bare(hex('a0010203'))).detail).toBe(
      "application data of CI A0: the manufacturer's own",
    );
    expect(refuse(bare(hex('7d0102030405'))).detail).toMatch(/DLMS/u);
  });

  it('counts in no text', () => {
    const text = new TextEncoder().encode('0/ISK5 1-0:1.8.0(000123.456*kWh)\r\n'.repeat(40));
    expect(WMBUS.detect(text)).toBe(0);
  });

  it('is no harm when hostile', { timeout: 3 * FUZZ_TIMEOUT_MS }, () => {
    const samples = [
      PLAIN,
      formatA(PLAIN),
      formatB(PLAIN),
      bare(mode5(RECORDS)),
      bare(mode7(RECORDS)),
      bare(extendedLink(`78${RECORDS}`)),
      bare(hex('79138c00001a030000000000000300000000000000')),
      bare(hex(`7a0500107500${RECORDS}`), hex('2423200425609268')),
      bare(hex(`7a050000000f01020304050607101a030000`), hex('0106202020200507')),
    ];
    expectBoth(fuzzDecoder(WMBUS, samples, { key: TEST_KEY }));
    expectBoth(fuzzDecoder(WMBUS, samples, { checksums: 'ignore' }));
  });
});
