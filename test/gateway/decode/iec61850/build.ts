// Information reports of a device that does not exist, in the BER of ISO/IEC 8825-1 and the report
// format of IEC 61850-8-1 (as mz-automation/libiec61850 reads it, src/iec61850/client).

import { concatBytes, utf8 } from '../../../../src/core/bytes.ts';

export function tlv(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(...contents);
  const length =
    content.length < 0x80 ? [content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return concatBytes(Uint8Array.of(tag, ...length), content);
}

export const text = (value: string): Uint8Array => tlv(0x8a, utf8(value));
export const integer = (value: number): Uint8Array =>
  tlv(
    0x85,
    Uint8Array.of((value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff),
  );
export const float = (value: number): Uint8Array => {
  const bytes = new Uint8Array(5);
  bytes[0] = 8;
  new DataView(bytes.buffer).setFloat32(1, value);
  return tlv(0x87, bytes);
};
export const structure = (...items: readonly Uint8Array[]): Uint8Array => tlv(0xa2, ...items);
/** `good` unless said otherwise. */
export const quality = (first: number = 0): Uint8Array => tlv(0x84, Uint8Array.of(3, first, 0));
/** 2024-01-15T10:30:00Z */
export const TIME: Uint8Array = tlv(0x91, Uint8Array.of(0x65, 0xa5, 0x09, 0x28, 0, 0, 0, 10));
/** The same, since 1984, in days and milliseconds. */
export const ENTRY_TIME: Uint8Array = tlv(0x8c, Uint8Array.of(0x02, 0x40, 0xc8, 0x40, 0x39, 0x20));

export function bits(...flags: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(1 + Math.ceil(flags.length / 8));
  bytes[0] = 8 * (bytes.length - 1) - flags.length;
  for (const [at, flag] of flags.entries())
    bytes[1 + (at >> 3)] = (bytes[1 + (at >> 3)] as number) | (flag << (7 - (at & 7)));
  return tlv(0x84, bytes);
}

export interface Member {
  readonly reference: string;
  readonly value: Uint8Array;
}

/** With sequence number, time, reasons, data set, references and revision; every other member. */
export function report(members: readonly Member[], hasReferences: boolean = true): Uint8Array {
  const results = [
    text('LD0/LLN0$RP$urcb01'),
    bits(0, 1, 1, 1, 1, hasReferences ? 1 : 0, 0, 0, 1, 0),
    tlv(0x86, Uint8Array.of(7)),
    ENTRY_TIME,
    text('LD0/LLN0$Energy'),
    tlv(0x86, Uint8Array.of(1)),
    bits(...members.flatMap(() => [1, 0])),
    ...(hasReferences ? members.map(({ reference }) => text(reference)) : []),
    ...members.map(({ value }) => value),
    ...members.map(() => bits(0, 1, 0, 0, 0, 0, 0)),
  ];
  return tlv(0xa3, tlv(0xa0, tlv(0xa1, tlv(0x80, utf8('RPT'))), tlv(0xa0, ...results)));
}

export function namedVariables(members: readonly Member[]): Uint8Array {
  const names = members.map(({ reference }) => {
    const [domain = '', item = ''] = reference.split('/');
    return tlv(0x30, tlv(0xa0, tlv(0xa1, tlv(0x1a, utf8(domain)), tlv(0x1a, utf8(item)))));
  });
  return tlv(0xa3, tlv(0xa0, tlv(0xa0, ...names), tlv(0xa0, ...members.map(({ value }) => value))));
}

/** TPKT, COTP data, session, presentation; in segments of `size` bytes. */
export function overTcp(mms: Uint8Array, size: number = 60_000): Uint8Array {
  const message = concatBytes(
    Uint8Array.of(1, 0, 1, 0),
    tlv(0x61, tlv(0x30, Uint8Array.of(2, 1, 3), tlv(0xa0, mms))),
  );
  const packets: Uint8Array[] = [];
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size);
    const isLast = at + size >= message.length;
    const length = 7 + part.length;
    packets.push(Uint8Array.of(3, 0, length >> 8, length & 0xff, 2, 0xf0, isLast ? 0x80 : 0), part);
  }
  return concatBytes(...packets);
}

export const MEMBERS: readonly Member[] = [
  { reference: 'LD0/MMTR1$ST$DmdWh', value: structure(integer(123_456), quality(), TIME) },
  { reference: 'LD0/MMTR1$CF$DmdWh$pulsQty', value: float(10) },
  { reference: 'LD0/MMTR1$ST$SupWh$actVal', value: integer(77) },
  { reference: 'LD0/MMTR1$CF$SupWh$pulsQty', value: float(0.1) },
  {
    reference: 'LD0/MMXU1$MX$TotW',
    value: structure(structure(float(1)), structure(float(-230.5)), quality(), TIME),
  },
  { reference: 'LD0/MMXU1$MX$Hz$mag$f', value: float(49.98) },
  {
    reference: 'LD0/MMXU1$MX$PhV',
    value: structure(
      ...[230.1, 231.2, 229.9].map((volts) =>
        structure(structure(structure(float(volts)), structure(float(0))), quality(), TIME),
      ),
    ),
  },
];
