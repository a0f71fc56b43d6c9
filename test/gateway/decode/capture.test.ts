import { describe, expect, it } from 'vitest';
import { concatBytes, toHex, utf8 } from '../../../src/core/bytes.ts';
import { captureForms } from '../../../src/gateway/decode/capture.ts';
import { decodeCapture } from '../../../src/gateway/decode/decode-capture.ts';
import type { Telegram } from '../../../src/gateway/decode/telegram.ts';
import { dumpOf } from './hex-dump.ts';
import { p1Telegram, readout, smlFile } from './samples.ts';

const file = smlFile();
const hex = toHex(file);
const pairs = hex.match(/../gu) as string[];

function telegramsOf(bytes: Uint8Array, protocol: 'auto' | 'sml' | 'dsmr-p1' = 'auto'): Telegram[] {
  return decodeCapture(bytes, protocol)
    .pieces.map(({ decoded }) => decoded)
    .filter((decoded) => decoded.kind === 'telegram');
}

function linesOf(width: number): string[] {
  const lines: string[] = [];
  for (let at = 0; at < pairs.length; at += width)
    lines.push(pairs.slice(at, at + width).join(' '));
  return lines;
}

describe('a hex dump of a telegram of text', () => {
  it.each([
    ['dsmr-p1', p1Telegram()],
    ['iec62056-21', readout()],
  ] as const)('is %s, and nothing of the dump’s own text column', (protocol, bytes) => {
    const [plain] = telegramsOf(bytes);
    expect(plain?.protocol).toBe(protocol);
    for (const style of ['hexdump', 'xxd'] as const)
      expect(telegramsOf(utf8(dumpOf(bytes, style)))).toEqual([plain]);
  });

  it('has its squeezed lines again', () => {
    const line = '000000a0  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00';
    const dump = `${line.replace('a0', '00')}\n*\n00000040  ff\n00000041\n`;
    const [form] = captureForms(utf8(dump));
    expect(form?.bytes).toEqual(concatBytes(new Uint8Array(64), Uint8Array.of(0xff)));
    expect([...captureForms(utf8(dump.replace('00000040', 'ffffff40')))].length).toBeGreaterThan(1);
  });

  it('of a log keeps the line’s control characters', () => {
    const log = readout()
      .reduce((text, byte) => text + String.fromCharCode(byte), '')
      .split('\r\n')
      .map((line) => `2024-01-15 10:30:00.5 rx: ${line}`)
      .join('\r\n');
    const [plain] = telegramsOf(readout());
    expect(telegramsOf(utf8(log))).toEqual([plain]);
  });
});

describe('a capture', () => {
  const [wanted] = telegramsOf(file);

  it.each([
    ['hexadecimal text', hex],
    ['upper case with spaces', pairs.join(' ').toUpperCase()],
    ['lines of 16 bytes', linesOf(16).join('\r\n')],
    ['0x and commas', pairs.map((pair) => `0x${pair}`).join(', ')],
    ['colons', pairs.join(':')],
    [
      'xxd',
      linesOf(16)
        .map(
          (line, at) =>
            `${(16 * at).toString(16).padStart(8, '0')}: ${line.replace(/(..) (..)/gu, '$1$2').padEnd(40)} ab..(1.8.0)`,
        )
        .join('\n'),
    ],
    [
      'hexdump -C',
      linesOf(16)
        .map(
          (line, at) =>
            `${(16 * at).toString(16).padStart(8, '0')}  ${line.slice(0, 23)} ${line.slice(23)}  |ab..|`,
        )
        .join('\n'),
    ],
    [
      'a log',
      `2024-01-15 10:30:00.123 [uart:7] rx: starting\n2024-01-15T10:30:01Z rx: ${pairs.join(' ')}\n`,
    ],
    [
      'a log of portions',
      linesOf(20)
        .map((line, at) => `[10:30:${10 + at}] << ${line}`)
        .join('\n'),
    ],
  ])('is read as %s', (_, text) => {
    expect(telegramsOf(utf8(text))).toEqual([wanted]);
    expect(telegramsOf(utf8(text), 'sml')).toEqual([wanted]);
  });

  it('is read as lines of text with a time before each', () => {
    const lines = new TextDecoder().decode(p1Telegram()).trimEnd().split('\r\n');
    const log = lines.map((line) => `2024-01-15 10:30:00 ${line}`).join('\n');
    expect(telegramsOf(utf8(log))).toEqual(telegramsOf(p1Telegram()));
    expect(telegramsOf(utf8(log))).toHaveLength(1);
  });

  it('is read with the parity bits of a 7E1 line', () => {
    const even = readout().map((byte) => {
      let ones = 0;
      for (let bit = 0; bit < 7; bit++) ones += (byte >> bit) & 1;
      return ones % 2 === 0 ? byte : byte | 0x80;
    });
    expect(telegramsOf(even)).toEqual(telegramsOf(readout()));
    expect(telegramsOf(even)[0]?.importWh).toBe(285400);
  });

  it('of two telegrams with garbage around gives both, and the place of a damaged one', () => {
    const broken = file.slice();
    broken[60] = (broken[60] as number) ^ 4;
    const noise = utf8('\u0000noise\u001b\u001b');
    const bytes = concatBytes(noise, file, noise, broken, noise, file);
    const { pieces } = decodeCapture(bytes, 'sml');
    expect(pieces.map(({ decoded }) => decoded.kind)).toEqual(['telegram', 'damage', 'telegram']);
    expect(pieces[1]?.start).toBe(2 * noise.length + file.length);
    expect(pieces[1]?.decoded).toMatchObject({ reason: 'bad-checksum' });
  });

  it('without a telegram says so', () => {
    for (const text of [
      '',
      'hello',
      '<html></html>',
      '00'.repeat(50),
      '2024-01-15 10:30:00 nothing',
    ])
      expect(decodeCapture(utf8(text), 'auto').pieces).toMatchObject([
        { decoded: { kind: 'damage', reason: 'not-a-telegram' } },
      ]);
    expect(decodeCapture(file, 'dsmr-p1').pieces).toMatchObject([
      { decoded: { kind: 'damage', reason: 'not-a-telegram' } },
    ]);
  });
});
