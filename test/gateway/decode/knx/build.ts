// KNX frames of a bus that does not exist.

import { concatBytes, fromHex } from '../../../../src/core/bytes.ts';

/** cEMI L_Data.ind of a GroupValueWrite from 1.1.5 (KNX 03_06_03, 4.1.5.3). */
export function groupWrite(address: string, hex: string): Uint8Array {
  const [main = 0, middle = 0, sub = 0] = address.split('/').map(Number);
  const data = fromHex(hex);
  return concatBytes(
    Uint8Array.of(
      0x29,
      0x00,
      0xbc,
      0xe0,
      0x11,
      0x05,
      (main << 3) | middle,
      sub,
      data.length + 1,
      0x00,
      0x80,
    ),
    data,
  );
}

/** As a routing indication (KNX 03_08_05, 5.2). */
export function routed(cemi: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(0x06, 0x10, 0x05, 0x30, 0, 6 + cemi.length), cemi);
}

/** As a tunnelling request (KNX 03_08_04, 4.4.6). */
export function tunnelled(cemi: Uint8Array): Uint8Array {
  return concatBytes(
    Uint8Array.of(0x06, 0x10, 0x04, 0x20, 0, 10 + cemi.length, 0x04, 1, 7, 0),
    cemi,
  );
}
