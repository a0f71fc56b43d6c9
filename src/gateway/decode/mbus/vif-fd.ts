// Second extension of VIF codes, behind FD: EN 13757-3:2018 table 14.

import { count, duration, longDuration, measure, other, type Quantity } from './quantity.ts';

const BY_RANGE: readonly (readonly [first: number, last: number, of: (at: number) => Quantity])[] =
  [
    [0x00, 0x03, (n) => measure('credit', 'currency', n - 3)],
    [0x04, 0x07, (n) => measure('debit', 'currency', n - 3)],
    [0x08, 0x08, () => count('access-number')],
    [0x09, 0x09, () => count('device-type')],
    [0x0a, 0x0a, () => other('manufacturer-name', 'identifier')],
    [0x0b, 0x0b, () => other('parameter-set', 'identifier')],
    [0x0c, 0x0c, () => other('model', 'identifier')],
    [0x0d, 0x0d, () => other('hardware-version', 'identifier')],
    [0x0e, 0x0e, () => other('firmware-version', 'identifier')],
    [0x0f, 0x0f, () => other('software-version', 'identifier')],
    [0x10, 0x10, () => other('customer-location', 'identifier')],
    [0x11, 0x11, () => other('customer', 'identifier')],
    // 12 to 16 and 19 are access codes, a password and a key: named, and never shown.
    [0x12, 0x16, () => other('secret', 'data')],
    [0x17, 0x17, () => other('error-flags', 'flags')],
    [0x18, 0x18, () => other('error-mask', 'flags')],
    [0x19, 0x19, () => other('secret', 'data')],
    [0x1a, 0x1a, () => other('digital-output', 'flags')],
    [0x1b, 0x1b, () => other('digital-input', 'flags')],
    [0x1c, 0x1c, () => measure('baud-rate', 'baud', 0)],
    [0x1d, 0x1d, () => count('response-delay-bit-times')],
    [0x1e, 0x1e, () => count('retries')],
    [0x1f, 0x1f, () => other('remote-control', 'flags')],
    [0x20, 0x20, () => count('first-storage')],
    [0x21, 0x21, () => count('last-storage')],
    [0x22, 0x22, () => count('storage-block-size')],
    [0x23, 0x23, () => other('tariff-descriptor', 'data')],
    [0x24, 0x27, (n) => duration('storage-interval', n)],
    [0x28, 0x29, (n) => longDuration('storage-interval', n + 2)],
    [0x2a, 0x2a, () => other('operator-data', 'data')],
    [0x2b, 0x2b, () => measure('time-point-second', 's', 0)],
    [0x2c, 0x2f, (n) => duration('duration-since-readout', n)],
    [0x30, 0x30, () => other('tariff-start', 'time')],
    [0x31, 0x33, (n) => duration('tariff-duration', n + 1)],
    [0x34, 0x37, (n) => duration('tariff-period', n)],
    [0x38, 0x39, (n) => longDuration('tariff-period', n + 2)],
    [0x3a, 0x3a, () => count('dimensionless')],
    [0x3b, 0x3b, () => other('wireless-data-container', 'data')],
    [0x3c, 0x3f, (n) => duration('transmission-period', n)],
    [0x40, 0x4f, (n) => measure('voltage', 'V', n - 9)],
    [0x50, 0x5f, (n) => measure('current', 'A', n - 12)],
    [0x60, 0x60, () => count('reset-counter')],
    [0x61, 0x61, () => count('cumulation-counter')],
    [0x62, 0x62, () => other('control-signal', 'flags')],
    [0x63, 0x63, () => count('day-of-week')],
    [0x64, 0x64, () => count('week-number')],
    [0x65, 0x65, () => other('day-change-time', 'time')],
    [0x66, 0x66, () => other('parameter-activation', 'flags')],
    [0x67, 0x67, () => other('supplier-information', 'data')],
    [0x68, 0x6b, (n) => longDuration('duration-since-cumulation', n)],
    [0x6c, 0x6f, (n) => longDuration('battery-operating-time', n)],
    [0x70, 0x70, () => other('battery-change', 'time')],
    [0x71, 0x71, () => measure('reception-level', 'dBm', 0)],
    [0x72, 0x72, () => other('daylight-saving', 'data')],
    [0x73, 0x73, () => other('listening-window', 'data')],
    [0x74, 0x74, () => duration('remaining-battery', 3)],
    [0x75, 0x75, () => count('stop-counter')],
    [0x76, 0x76, () => other('vendor-data-container', 'data')],
  ];

/** `code` without the extension bit. */
export function secondExtension(code: number): Quantity | undefined {
  const range = BY_RANGE.find(([first, last]) => code >= first && code <= last);
  return range?.[2](code - range[0]);
}
