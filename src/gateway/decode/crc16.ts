// CRC-16 with the polynomials of the meters' world, least significant bit first (Rocksoft model:
// refin = refout = true), by table.

export interface Crc16 {
  /** Reflected polynomial. */
  readonly polynomial: number;
  readonly initial: number;
  readonly xorOut: number;
}

/** SML transport, HDLC: ISO/IEC 13239. */
export const CRC16_X25: Crc16 = { polynomial: 0x8408, initial: 0xffff, xorOut: 0xffff };
/** SML of old Holley meters. */
export const CRC16_KERMIT: Crc16 = { polynomial: 0x8408, initial: 0, xorOut: 0 };
/** DSMR P1, also called CRC-16/IBM. */
export const CRC16_ARC: Crc16 = { polynomial: 0xa001, initial: 0, xorOut: 0 };

const tables: Map<number, Uint16Array> = new Map();

/** Over bytes from `start` to before `end`. */
export function crc16(
  { polynomial, initial, xorOut }: Crc16,
  bytes: Uint8Array,
  start: number = 0,
  end: number = bytes.length,
): number {
  const table = tableOf(polynomial);
  let crc = initial;
  for (let at = start; at < end; at++)
    crc = (crc >>> 8) ^ (table[(crc ^ (bytes[at] as number)) & 0xff] as number);
  return crc ^ xorOut;
}

function tableOf(polynomial: number): Uint16Array {
  const known = tables.get(polynomial);
  if (known !== undefined) return known;
  const table = new Uint16Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    table[byte] = crc;
  }
  tables.set(polynomial, table);
  return table;
}
