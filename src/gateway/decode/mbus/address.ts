// Who a meter is: EN 13757-7, 7.5 (identification number, manufacturer, version, device type), the
// same eight bytes in the long header and, as M and A field, in the wireless link layer.

import { hexByte, type Reader } from './reader.ts';

export interface MeterAddress {
  /** M field and A field as the wireless link layer has them: manufacturer, id, version, type. */
  readonly linkOrder: Uint8Array;
  /** Eight digits; a meter may abuse A to F. */
  readonly id: string;
  /** Three letters, FLAG association. */
  readonly manufacturer: string;
  readonly version: number;
  readonly deviceType: number;
}

/** Of manufacturer, identification, version, device type. */
export function addressOfLinkOrder(linkOrder: Uint8Array): MeterAddress {
  const [m0 = 0, m1 = 0, , , , , version = 0, deviceType = 0] = linkOrder;
  return {
    linkOrder,
    id: idText(linkOrder.subarray(2, 6)),
    manufacturer: manufacturerLetters(m0 | (m1 << 8)),
    version,
    deviceType,
  };
}

/** The long header has the identification before the manufacturer. */
export function readLongAddress(reader: Reader): MeterAddress {
  const id = reader.take(4, 'the identification number');
  const rest = reader.take(4, 'the manufacturer, version and device type');
  const linkOrder = new Uint8Array(8);
  linkOrder.set(rest.subarray(0, 2), 0);
  linkOrder.set(id, 2);
  linkOrder.set(rest.subarray(2), 6);
  return addressOfLinkOrder(linkOrder);
}

/** Least significant byte first. */
export function idText(bytes: Uint8Array): string {
  let text = '';
  for (let at = bytes.length - 1; at >= 0; at--) text += hexByte(bytes[at] as number);
  return text;
}

/** EN 13757-7, 7.5.2: five bits a letter; bit 15 tells an address that is unique only locally. */
export function manufacturerLetters(code: number): string {
  const letters = [code >>> 10, code >>> 5, code].map((part) => 64 + (part & 0x1f));
  return String.fromCharCode(...letters);
}

export function isManufacturer(code: number): boolean {
  return /^[A-Z]{3}$/u.test(manufacturerLetters(code));
}

export const ELECTRICITY_DEVICE = 0x02;

/** EN 13757-7 table 13 and OMS volume 2, table 2. */
const DEVICE_TYPES: Readonly<Record<number, string>> = {
  0: 'other',
  1: 'oil',
  2: 'electricity',
  3: 'gas',
  4: 'heat',
  5: 'steam',
  6: 'warm water',
  7: 'water',
  8: 'heat cost allocator',
  9: 'compressed air',
  10: 'cooling (outlet)',
  11: 'cooling (inlet)',
  12: 'heat (inlet)',
  13: 'heat and cooling',
  14: 'bus or system component',
  15: 'unknown',
  16: 'irrigation water',
  17: 'water data logger',
  18: 'gas data logger',
  19: 'gas converter',
  20: 'calorific value',
  21: 'hot water',
  22: 'cold water',
  23: 'hot and cold water',
  24: 'pressure',
  25: 'analogue-digital converter',
  26: 'smoke detector',
  27: 'room sensor',
  28: 'gas detector',
  32: 'breaker',
  33: 'valve',
  37: 'customer unit',
  40: 'waste water',
  41: 'garbage',
  48: 'service unit',
  49: 'communication controller',
  50: 'unidirectional repeater',
  51: 'bidirectional repeater',
  54: 'radio converter (system side)',
  55: 'radio converter (meter side)',
  56: 'bus converter (meter side)',
};

export function deviceTypeName(code: number): string {
  return DEVICE_TYPES[code] ?? `device type ${code}`;
}
