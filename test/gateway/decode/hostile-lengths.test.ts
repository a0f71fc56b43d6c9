import { describe, expect, it } from 'vitest';
import { concatBytes, utf8 } from '../../../src/core/bytes.ts';
import { decodeCapture } from '../../../src/gateway/decode/decode-capture.ts';
import { DECODERS } from '../../../src/gateway/decode/registry.ts';
import { threadMs } from '../../support/thread-time.ts';
import { smlFile } from './samples.ts';

const LENGTH = 512 * 1024;
/** Linear work takes a second or two; quadratic work takes hours. */
const MAX_MS = 20_000;

const PATTERNS: readonly (readonly [string, Uint8Array])[] = [
  ['zeros', Uint8Array.of(0)],
  ['begins of P1 and of readouts', utf8('/XYZ5\r\n')],
  ['begins without line ends', utf8('/XYZ5')],
  ['values that stay open', utf8('/XYZ5\r\n\r\n1.8.0(')],
  [
    'data without an end',
    concatBytes(utf8('/XYZ5\r\n\r\n'), utf8('1-0:1.8.0(1*kWh)\r\n'.repeat(8000))),
  ],
  ['hexadecimal digits', utf8('1b ')],
  ['digits and letters', utf8('0a0b0cz ')],
  ['begins of SML files', Uint8Array.of(27, 27, 27, 27, 1, 1, 1, 1)],
  ['escapes', concatBytes(smlFile().subarray(0, 8), new Uint8Array(70_000).fill(27))],
  ['lists in lists', concatBytes(smlFile().subarray(0, 8), new Uint8Array(70_000).fill(0x72))],
  ['begins of Linky frames', Uint8Array.of(2)],
  ['Linky groups without an end', utf8('\u0002\nADCO 021800999999 L')],
  ['M-Bus and HDLC flags', Uint8Array.of(0x68, 0xff, 0xff, 0x68, 0x7e, 0xa0)],
  [
    'headers of ciphered messages',
    Uint8Array.of(0xdb, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0x82, 0x1f, 0xff, 0x30),
  ],
  ['headers of C12.18 packets', Uint8Array.of(0xee, 0, 0x80, 1, 0x1f, 0xf0)],
  ['segments without a last one', Uint8Array.of(3, 0, 0, 8, 2, 0xf0, 0, 0)],
  ['begins of MMS reports', Uint8Array.of(0xa3, 0x82, 0xff, 0xf0, 0xa0, 0x82, 0xff, 0xec)],
  ['values by reference', utf8('LD0/MMXU1.TotW.mag.f=1\n')],
  ['objects', utf8('{"LD0/MMXU1.TotW.mag.f":{"a":[1]}}\n')],
  ['start tags', utf8('<ReadingSet>')],
  ['start tags of a document', utf8('<Reading xmlns="urn:ieee:std:2030.5:ns">')],
  ['empty documents', utf8('<Reading/>')],
  ['KNXnet/IP headers', Uint8Array.of(0x06, 0x10, 0x05, 0x30, 0x02, 0x58, 0x29)],
  ['cEMI headers', Uint8Array.of(0x29, 0x00, 0xbc, 0xe0, 0, 0, 0, 0, 0xff)],
  ['tables written down', utf8('ST-23: 00 00\nBT-23: 00 00\n')],
  ['time stamps', utf8('2024-01-15 10:30:00 rx: << [a] ')],
];

describe('half a megabyte of hostile bytes', () => {
  it.each(PATTERNS)('of %s is refused in bounded time', { timeout: 8 * MAX_MS }, (_, pattern) => {
    const bytes = new Uint8Array(LENGTH);
    for (let at = 0; at < LENGTH; at += pattern.length)
      bytes.set(pattern.subarray(0, LENGTH - at), at);
    for (const protocol of ['auto', ...DECODERS.map((decoder) => decoder.protocol)] as const) {
      const started = threadMs();
      const { pieces } = decodeCapture(bytes, protocol);
      expect(threadMs() - started).toBeLessThan(MAX_MS);
      expect(pieces.length).toBeGreaterThan(0);
      expect(pieces.length).toBeLessThan(60_000);
    }
  });
});
