// CRC of EN 13757-4:2019, 6.3: polynomial 3D65, most significant bit first, from zero, inverted.

const POLYNOMIAL = 0x3d65;
const TABLE: Uint16Array = tableOf();

/** Over bytes from `start` to before `end`. */
export function crcEn13757(
  bytes: Uint8Array,
  start: number = 0,
  end: number = bytes.length,
): number {
  let crc = 0;
  for (let at = start; at < end; at++)
    crc = ((crc << 8) & 0xffff) ^ (TABLE[((crc >>> 8) ^ (bytes[at] as number)) & 0xff] as number);
  return crc ^ 0xffff;
}

function tableOf(): Uint16Array {
  const table = new Uint16Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte << 8;
    for (let bit = 0; bit < 8; bit++)
      crc = (crc & 0x8000) === 0 ? crc << 1 : ((crc << 1) ^ POLYNOMIAL) & 0xffff;
    table[byte] = crc;
  }
  return table;
}
