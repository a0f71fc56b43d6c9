// P1 telegrams: the customer port of Dutch meters (DSMR 2.2 to 5.0.2 and ESMR, P1 companion
// standard), and of Belgian (e-MUCS), Luxembourg (Smarty), Swedish, Hungarian, Slovenian and other
// meters that took it over. Text of IEC 62056-21 mode D with OBIS codes, and a CRC from DSMR 4 on.

import { CRC16_ARC, crc16 } from '../crc16.ts';
import { readDataSets } from '../data-sets.ts';
import { Registers } from '../registers.ts';
import {
  type Damage,
  type Decoded,
  type DecodeOptions,
  type Decoder,
  damage,
  MAX_REGISTERS,
  type Telegram,
} from '../telegram.ts';
import { asciiBytes, asciiText } from '../text.ts';
import { totalsOf } from '../totals.ts';
import { decryptP1 } from './encrypted.ts';
import { splitP1, startsEncrypted, startsText } from './frame.ts';
import { addDataSet, identityOf, parseP1Time } from './registers.ts';

const CLOCK = '0-0:1.0.0';
/** Versions 4 and up, which have a CRC without exception; Belgian meters' version. */
const VERSIONS = ['1-3:0.2.8', '0-0:96.1.4'];
const HEAD = /\/[A-Za-z]{3}[^\r\n]{0,64}[\r\n]{1,6}(?=\d-\d)/u;
const FULL_CODE = /[\r\n]\d-\d{1,2}:\d{1,3}\.\d{1,3}\.\d{1,3}/u;

export const DSMR_P1: Decoder = {
  protocol: 'dsmr-p1',
  detect: detectP1,
  split: splitP1,
  decode: decodeP1,
};

function detectP1(bytes: Uint8Array): number {
  const text = asciiText(bytes);
  // The same line format is IEC 62056-21: what P1 has of its own is units and an end without STX.
  if (HEAD.test(text) && FULL_CODE.test(text) && !text.includes('\u0002')) {
    if (/[\r\n]![0-9A-Fa-f]{4}/u.test(text) || text.includes(`${CLOCK}(`)) return 0.95;
    return /\*(?:[kM]?[Ww]h?|m3)\)/u.test(text) ? 0.8 : 0.3;
  }
  // Other content is encrypted in the same way (DLMS), in frames of its own.
  return startsEncrypted(bytes, 0, true) ? 0.4 : 0;
}

function decodeP1(piece: Uint8Array, options: DecodeOptions): Decoded {
  if (startsText(piece, 0)) return decodeText(piece, options, []);
  if (!startsEncrypted(piece, 0, true))
    return damage('not-a-telegram', 'expected "/" and the name of a meter, found neither');
  const decrypted = decryptP1(piece, options);
  if (decrypted.kind === 'damage') return decrypted;
  const { systemTitle, text } = decrypted;
  if (text === undefined)
    return {
      kind: 'telegram',
      protocol: 'dsmr-p1',
      meter: systemTitle,
      registers: new Map(),
      warnings: ['encrypted, and no key given: only the sender is known'],
    };
  if (!startsText(text, 0))
    return damage('bad-key', 'what was decrypted is no P1 telegram: another key, or other content');
  const decoded = decodeText(text, options, []);
  if (decoded.kind === 'damage') return decoded;
  return { ...decoded, meter: decoded.meter ?? systemTitle };
}

function decodeText(piece: Uint8Array, options: DecodeOptions, warnings: string[]): Decoded {
  const text = asciiText(piece);
  const bang = text.search(/(?<=[\r\n])!/u);
  if (bang < 0) return damage('cut-short', 'expected "!" at the end, found none', piece.length);
  const headEnd = text.search(/[\r\n]/u);
  const { sets, badOffset } = readDataSets(text, headEnd, bang);
  const checksum = checkChecksum(text, bang, options);
  if (checksum?.kind === 'damage') return checksum;
  if (badOffset !== undefined)
    return damage('bad-structure', 'expected a code and its value, found neither', badOffset);
  if (sets.length === 0) return damage('bad-structure', 'expected data, found none', headEnd);
  const registers = new Registers();
  for (const set of sets) addDataSet(registers, set);
  if (registers.isFull) warnings.push(`registers beyond the first ${MAX_REGISTERS} left out`);
  const isWithout = checksum === undefined;
  if (isWithout && VERSIONS.some((name) => registers.map.has(name)))
    return damage('bad-checksum', 'expected a CRC, as of version 4 on, found none', bang);
  if (isWithout) warnings.push('no checksum: telegrams before DSMR 4 have none');
  else if (!checksum.isRight) warnings.push('the CRC does not match');
  return telegramOf(registers, warnings);
}

function telegramOf(registers: Registers, warnings: string[]): Telegram {
  const { map } = registers;
  const meter = identityOf(map);
  const clock = map.get(CLOCK)?.value;
  const time = typeof clock === 'string' ? parseP1Time(clock) : undefined;
  if (clock !== undefined && time === undefined) warnings.push('the time is no date');
  return {
    kind: 'telegram',
    protocol: 'dsmr-p1',
    ...(meter !== undefined && { meter }),
    ...(time !== undefined && { time }),
    registers: map,
    ...totalsOf(map),
    warnings,
  };
}

interface Checksum {
  readonly kind: 'checksum';
  readonly isRight: boolean;
}

/** undefined where none was sent. */
function checkChecksum(
  text: string,
  bang: number,
  { checksums }: DecodeOptions,
): Checksum | Damage | undefined {
  const sent = /^[0-9A-Fa-f]*/u.exec(text.slice(bang + 1))?.[0] ?? '';
  if (sent === '') return undefined;
  const covered = text.slice(0, bang + 1);
  const calculated = checksumOf(covered);
  // Text files lose the CR of line ends, which the meter counted.
  const isRight =
    sent.length === 4 &&
    [
      calculated,
      ...(covered.includes('\r') ? [] : [checksumOf(covered.replaceAll('\n', '\r\n'))]),
    ].includes(sent.toUpperCase());
  if (!isRight && checksums !== 'ignore')
    return damage('bad-checksum', `expected the CRC ${calculated}, found ${sent}`, bang + 1);
  return { kind: 'checksum', isRight };
}

function checksumOf(text: string): string {
  return crc16(CRC16_ARC, asciiBytes(text)).toString(16).toUpperCase().padStart(4, '0');
}
