// Tables of an OSGP meter that does not exist, least significant byte first.

import { partialRead, read, ST0, ST1, session } from '../c1219/build.ts';

const little = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);

/** Forward and reverse energy, in Wh. */
export const BT23: readonly number[] = [12_345_678, 2500].flatMap(little);
/** Power in W and var, currents in mA, voltages in mV. */
export const BT28: readonly number[] = [
  430, 0, 10, 0, 1900, 0, 0, 230_100, 231_000, 229_900,
].flatMap(little);

export function osgpSession(): Uint8Array {
  return session(read(0, ST0), read(1, ST1), partialRead(28, 0, BT28), partialRead(23, 0, BT23));
}
