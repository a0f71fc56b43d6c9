// Telegrams that we make ourselves, with meters and values that do not exist: whole ones to begin a
// fuzz or a unit test from. The encoders are as plain as the standards' texts.

import { gcm } from '@noble/ciphers/aes.js';
import { concatBytes, utf8 } from '../../../src/core/bytes.ts';
import { CRC16_ARC, CRC16_X25, type Crc16, crc16 } from '../../../src/gateway/decode/crc16.ts';

export const P1_LINES: readonly string[] = [
  '1-3:0.2.8(50)',
  '0-0:1.0.0(240115103000W)',
  '0-0:96.1.1(4530303939393939393939393939393939)',
  '1-0:1.8.1(000123.456*kWh)',
  '1-0:1.8.2(000200.001*kWh)',
  '1-0:2.8.1(000010.000*kWh)',
  '1-0:2.8.2(000020.500*kWh)',
  '0-0:96.14.0(0002)',
  '1-0:1.7.0(00.321*kW)',
  '1-0:2.7.0(00.000*kW)',
  '1-0:99.97.0(2)(0-0:96.7.19)(000104180320W)(0000237126*s)(000101000001W)(2147583646*s)',
  '0-0:96.13.0()',
  '1-0:32.7.0(230.1*V)',
  '0-1:24.1.0(003)',
  '0-1:96.1.0(4730303939393939393939393939393939)',
  '0-1:24.2.1(240715102500S)(00123.456*m3)',
  '0-2:24.1.0(007)',
  '0-2:24.2.1(240115102500W)(00012.345*m3)',
];

/** With its CRC, or `checksum` in its place. */
export function p1Telegram(
  lines: readonly string[] = P1_LINES,
  checksum?: string,
  lineEnd: string = '\r\n',
): Uint8Array {
  const text = ['/XYZ5\\253000000_A', '', ...lines, '!'].join('\r\n');
  const crc = crc16(CRC16_ARC, utf8(text)).toString(16).toUpperCase().padStart(4, '0');
  return utf8(`${text}${checksum ?? crc}\r\n`.replaceAll('\r\n', lineEnd));
}

export const TEST_KEY: Uint8Array = new Uint8Array(16).fill(0xa5);

/** As a Smarty sends it. */
export function encryptedP1(plain: Uint8Array, key: Uint8Array = TEST_KEY): Uint8Array {
  const title = utf8('XYZ00001');
  const counter = Uint8Array.of(0, 0, 1, 7);
  const authKey = Uint8Array.from(Buffer.from('00112233445566778899AABBCCDDEEFF', 'hex'));
  const aad = concatBytes(Uint8Array.of(0x30), authKey);
  // The tag is cut from 16 bytes to 12.
  const sealed = gcm(key, concatBytes(title, counter), aad).encrypt(plain).subarray(0, -4);
  const length = 5 + sealed.length;
  return concatBytes(
    Uint8Array.of(0xdb, 8),
    title,
    Uint8Array.of(0x82, length >> 8, length & 0xff, 0x30),
    counter,
    sealed,
  );
}

export const READOUT_LINES: readonly string[] = [
  'F.F(00000000)',
  '0.0.0(00012345)',
  '0.9.1(103000)',
  '0.9.2(240115)',
  '1.6.0(02.468*kW)(2401120930)',
  '1.8.0(000285.4*kWh)',
  '1.8.0*01(000250.0*kWh)',
  '2.8.0(000120.1*kWh)',
  '16.7.0(-00.250*kW)',
];

/** Mode C, with STX, ETX and the block check. */
export function readout(lines: readonly string[] = READOUT_LINES): Uint8Array {
  const block = utf8(`${lines.join('\r\n')}\r\n!\r\n\u0003`);
  return concatBytes(
    utf8('/XYZ5METER V1.0\r\n\u0002'),
    block,
    Uint8Array.of(block.reduce((sum, byte) => sum ^ byte, 0)),
  );
}

export type TicMode = 'historic' | 'standard';

export const TIC_HISTORIC: readonly (readonly string[])[] = [
  ['ADCO', '021800999999'],
  ['OPTARIF', 'HC..'],
  ['ISOUSC', '45'],
  ['HCHC', '000100000'],
  ['HCHP', '000200500'],
  ['PTEC', 'HP..'],
  ['PAPP', '02160'],
];

export const TIC_STANDARD: readonly (readonly string[])[] = [
  ['ADSC', '021876999999'],
  ['VTIC', '02'],
  ['DATE', 'H240115103000', ''],
  ['EAST', '001234567'],
  ['EASF01', '001234567'],
  ['EAIT', '000032781'],
  ['SMAXSN', 'e240115063417', '02100'],
  ['SINSTS', '00543'],
  ['URMS1', '228'],
  ['MSG1', 'PAS DE          MESSAGE         '],
];

export function ticFrame(groups: readonly (readonly string[])[], mode: TicMode): Uint8Array {
  const separator = mode === 'historic' ? ' ' : '\t';
  const text = groups.map((fields) => {
    const covered = fields.join(separator) + (mode === 'standard' ? separator : '');
    const sum = [...utf8(covered)].reduce((total, byte) => total + byte, 0);
    const checksum = String.fromCharCode((sum & 0x3f) + 0x20);
    return `\n${covered}${mode === 'historic' ? separator : ''}${checksum}\r`;
  });
  return utf8(`\u0002${text.join('')}\u0003`);
}

/** `01 A8 15 ...`: not an id that any meter has. */
export const SML_SERVER_ID: Uint8Array = Uint8Array.of(
  10,
  1,
  0x58,
  0x59,
  0x5a,
  0,
  0,
  0,
  0x30,
  0x39,
);

export interface SmlSampleEntry {
  /** Six bytes. */
  readonly obis: readonly number[];
  readonly unit?: number;
  readonly scaler?: number;
  /** A whole value field, as it stands in the file. */
  readonly value: readonly number[];
  readonly status?: readonly number[];
  readonly time?: readonly number[];
}

export const SML_ENTRIES: readonly SmlSampleEntry[] = [
  { obis: [1, 0, 96, 50, 1, 1], value: [0x04, 0x58, 0x59, 0x5a] },
  {
    obis: [1, 0, 1, 8, 0, 255],
    status: [0x64, 0x1c, 0x81, 0x04],
    unit: 30,
    scaler: -1,
    value: [0x69, 0, 0, 0, 0, 0x02, 0xae, 0xa5, 0x42],
  },
  { obis: [1, 0, 2, 8, 0, 255], unit: 30, scaler: -1, value: [0x62, 0x07] },
  { obis: [1, 0, 16, 7, 0, 255], unit: 27, scaler: 0, value: [0x54, 0xff, 0xff, 0x38] },
];

export interface SmlSampleOptions {
  readonly serverId?: Uint8Array;
  readonly crc?: Crc16;
}

/** One SML file: open, list, close. */
export function smlFile(
  entries: readonly SmlSampleEntry[] = SML_ENTRIES,
  { serverId = SML_SERVER_ID, crc = CRC16_X25 }: SmlSampleOptions = {},
): Uint8Array {
  const id = [serverId.length + 1, ...serverId];
  const open = [0x76, 0x01, 0x01, 0x02, 0x31, ...id, 0x01, 0x01];
  const list = [
    0x77,
    0x01,
    ...id,
    0x01,
    // A time that counts seconds since the meter's start.
    ...[0x72, 0x62, 0x01, 0x65, 0, 0, 0x0e, 0x10],
    ...listHead(entries.length),
    ...entries.flatMap(smlEntry),
    0x01,
    0x01,
  ];
  const content = [
    ...smlMessage(0x0101, open, crc),
    ...smlMessage(0x0701, list, crc),
    ...smlMessage(0x0201, [0x71, 0x01], crc),
  ];
  const padding = (4 - (content.length % 4)) % 4;
  const escaped = escapeSml([...content, ...new Array<number>(padding).fill(0)]);
  const head = [
    0x1b,
    0x1b,
    0x1b,
    0x1b,
    1,
    1,
    1,
    1,
    ...escaped,
    0x1b,
    0x1b,
    0x1b,
    0x1b,
    0x1a,
    padding,
  ];
  const sum = crc16(crc, Uint8Array.from(head));
  return Uint8Array.from([...head, sum & 0xff, sum >> 8]);
}

function smlMessage(tag: number, body: readonly number[], crc: Crc16): number[] {
  const bytes = [
    0x76,
    0x03,
    0x12,
    0x34,
    0x62,
    0,
    0x62,
    0,
    0x72,
    0x63,
    tag >> 8,
    tag & 0xff,
    ...body,
  ];
  const sum = crc16(crc, Uint8Array.from(bytes));
  return [...bytes, 0x63, sum & 0xff, sum >> 8, 0x00];
}

function smlEntry({ obis, unit, scaler, value, status, time }: SmlSampleEntry): number[] {
  return [
    0x77,
    0x07,
    ...obis,
    ...(status ?? [0x01]),
    ...(time ?? [0x01]),
    ...(unit === undefined ? [0x01] : [0x62, unit]),
    ...(scaler === undefined ? [0x01] : [0x52, scaler & 0xff]),
    ...value,
    0x01,
  ];
}

function listHead(count: number): number[] {
  return count < 16 ? [0x70 | count] : [0xf0 | (count >> 4), count & 0x0f];
}

function escapeSml(content: readonly number[]): number[] {
  const out: number[] = [];
  for (let at = 0; at < content.length; at++) {
    if (content.slice(at, at + 4).join() === '27,27,27,27') {
      out.push(27, 27, 27, 27, 27, 27, 27, 27);
      at += 3;
    } else out.push(content[at] as number);
  }
  return out;
}
