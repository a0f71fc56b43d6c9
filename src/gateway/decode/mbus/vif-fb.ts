// First extension of VIF codes, behind FB: EN 13757-3:2018 table 12, and the units of the English
// system that older versions of it had there.

import { measure, type Quantity } from './quantity.ts';

const BY_RANGE: readonly (readonly [first: number, last: number, of: (at: number) => Quantity])[] =
  [
    [0x00, 0x01, (n) => measure('energy', 'Wh', n + 5)],
    [0x02, 0x03, (n) => measure('reactive-energy', 'varh', n + 3)],
    [0x04, 0x05, (n) => measure('apparent-energy', 'VAh', n + 3)],
    [0x08, 0x09, (n) => measure('energy', 'J', n + 8)],
    [0x0c, 0x0f, (n) => measure('energy', 'cal', n + 5)],
    [0x10, 0x11, (n) => measure('volume', 'm3', n + 2)],
    [0x14, 0x17, (n) => measure('reactive-power', 'var', n)],
    [0x18, 0x19, (n) => measure('mass', 'kg', n + 5)],
    [0x1a, 0x1b, (n) => measure('relative-humidity', '%', n - 1)],
    [0x20, 0x20, () => measure('volume', 'ft3', 0)],
    [0x21, 0x21, () => measure('volume', 'ft3', -1)],
    [0x22, 0x22, () => measure('volume', 'gal', -1)],
    [0x23, 0x23, () => measure('volume', 'gal', 0)],
    [0x24, 0x24, () => measure('volume-flow', 'gal/min', -3)],
    [0x25, 0x25, () => measure('volume-flow', 'gal/min', 0)],
    [0x26, 0x26, () => measure('volume-flow', 'gal/h', 0)],
    [0x28, 0x29, (n) => measure('power', 'W', n + 5)],
    [0x2a, 0x2a, () => measure('phase-voltage-to-voltage', 'deg', -1)],
    [0x2b, 0x2b, () => measure('phase-voltage-to-current', 'deg', -1)],
    [0x2c, 0x2f, (n) => measure('frequency', 'Hz', n - 3)],
    [0x30, 0x31, (n) => measure('power', 'J/h', n + 8)],
    [0x34, 0x37, (n) => measure('apparent-power', 'VA', n)],
    [0x58, 0x5b, (n) => measure('flow-temperature', '°F', n - 3)],
    [0x5c, 0x5f, (n) => measure('return-temperature', '°F', n - 3)],
    [0x60, 0x63, (n) => measure('temperature-difference', '°F', n - 3)],
    [0x64, 0x67, (n) => measure('external-temperature', '°F', n - 3)],
    [0x70, 0x73, (n) => measure('temperature-limit', '°F', n - 3)],
    [0x74, 0x77, (n) => measure('temperature-limit', '°C', n - 3)],
    [0x78, 0x7f, (n) => measure('cumulated-maximum-power', 'W', n - 3)],
  ];

/** `code` without the extension bit. */
export function firstExtension(code: number): Quantity | undefined {
  const range = BY_RANGE.find(([first, last]) => code >= first && code <= last);
  return range?.[2](code - range[0]);
}
