// A session of ANSI C12.18 with a meter that does not exist, built as plainly as the standard's text:
// packets of layer 2, reads of layer 7, tables of C12.19. Layouts were compared with public sources:
// rsmusllp/termineter (lib/c1218, lib/c1219) and usnistgov/n0mcli (include/c1219.h).

import { concatBytes, utf8 } from '../../../../src/core/bytes.ts';
import { CRC16_X25, crc16 } from '../../../../src/gateway/decode/crc16.ts';

export interface PacketOptions {
  readonly isToggled?: boolean;
  /** Of several packets: how many follow, and whether it is the first. */
  readonly part?: { readonly sequence: number; readonly isFirst: boolean };
}

export function packet(
  data: readonly number[],
  { isToggled = false, part }: PacketOptions = {},
): Uint8Array {
  const control = (isToggled ? 0x20 : 0) | (part ? 0x80 : 0) | (part?.isFirst ? 0x40 : 0);
  const head = [
    0xee,
    0x00,
    control,
    part?.sequence ?? 0,
    data.length >> 8,
    data.length & 0xff,
    ...data,
  ];
  const crc = crc16(CRC16_X25, Uint8Array.from(head));
  return Uint8Array.from([...head, crc & 0xff, crc >> 8]);
}

export const ACK: Uint8Array = Uint8Array.of(0x06);

/** 00, count, data, and the two's complement of their sum. */
export function answer(data: readonly number[]): number[] {
  const sum = data.reduce((total, byte) => total + byte, 0);
  return [0x00, data.length >> 8, data.length & 0xff, ...data, (0x100 - (sum & 0xff)) & 0xff];
}

/** Both directions of a full read. */
export function read(table: number, data: readonly number[]): Uint8Array {
  return concatBytes(packet([0x30, table >> 8, table & 0xff]), ACK, packet(answer(data)), ACK);
}

export function partialRead(table: number, offset: number, data: readonly number[]): Uint8Array {
  const request = [0x3f, table >> 8, table & 0xff, 0, offset >> 8, offset & 0xff, 0, data.length];
  return concatBytes(
    packet(request, { isToggled: true }),
    ACK,
    packet(answer(data), { isToggled: true }),
    ACK,
  );
}

export function session(...reads: readonly Uint8Array[]): Uint8Array {
  return concatBytes(
    packet([0x20]),
    ACK,
    packet([0x00, 0x00, 0x02, 0x00, 0x00]),
    ...reads,
    packet([0x21]),
    ACK,
    packet([0x00]),
    ACK,
  );
}

const little = (value: number, size: number): number[] =>
  Array.from({ length: size }, (_, at) => Math.floor(value / 256 ** at) & 0xff);

/** Little-endian, BCD-free, INT32 summations, seconds as time. */
export const ST0: readonly number[] = [0x02, 0x04, 0x88, ...utf8('XYZ '), 2, 0, 64, 64, 2, 0];
export const ST1: readonly number[] = [
  ...utf8('XYZ '),
  ...utf8('MODEL-1 '),
  1,
  0,
  2,
  5,
  ...utf8('0000000000012345'),
];
export const ST5: readonly number[] = [...utf8('METER-0099          ')];
/** Active energy delivered (Q1, Q4), received (Q2, Q3), reactive of all; all dials, in 10^0. */
export const UOM_DELIVERED: number = (1 << 14) | (1 << 17);
export const UOM_RECEIVED: number = (1 << 15) | (1 << 16);
export const ST12: readonly number[] = [
  ...little(UOM_DELIVERED, 4),
  ...little(UOM_RECEIVED, 4),
  ...little(1 | (2 << 11) | (0x0f << 14), 4),
];
/** Each has a unit, in engineering units. */
export const ST16: readonly number[] = [0x11, 0x11, 0x11];
/** With a counter of demand resets; three summations. */
export const ST21: readonly number[] = [0x04, 0x00, 0, 3, 0, 0, 1, 0, 0, 0];
export const ST22: readonly number[] = [0, 1, 2];
export const ST23: readonly number[] = [
  7,
  ...little(12_345_678, 4),
  ...little(2_500, 4),
  ...little(90, 4),
];
/** 2024-01-15 10:30:00 of Greenwich. */
export const ST52: readonly number[] = [...little(1_705_314_600, 4), 0x11];

export const TABLES: ReadonlyMap<number, readonly number[]> = new Map([
  [0, ST0],
  [1, ST1],
  [5, ST5],
  [12, ST12],
  [16, ST16],
  [21, ST21],
  [22, ST22],
  [52, ST52],
  [23, ST23],
]);

/** All tables but those left out, or others in their place. */
export function sessionOf(
  changes: Readonly<Record<number, readonly number[] | undefined>> = {},
): Uint8Array {
  const tables = new Map(TABLES);
  for (const [table, data] of Object.entries(changes)) {
    if (data === undefined) tables.delete(Number(table));
    else tables.set(Number(table), data);
  }
  return session(...[...tables].map(([table, data]) => read(table, data)));
}
