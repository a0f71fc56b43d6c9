// Primary VIF codes, EN 13757-3:2018 table 10.

import { count, duration, measure, other, type Quantity } from './quantity.ts';

/** `code` without the extension bit, below 0x7b; 0x7b to 0x7f are not quantities. */
export function primaryVif(code: number): Quantity | undefined {
  const nnn = code & 7;
  const nn = code & 3;
  switch (code >>> 3) {
    case 0:
      return measure('energy', 'Wh', nnn - 3);
    case 1:
      return measure('energy', 'J', nnn);
    case 2:
      return measure('volume', 'm3', nnn - 6);
    case 3:
      return measure('mass', 'kg', nnn - 3);
    case 4:
      return duration(code < 0x24 ? 'on-time' : 'operating-time', nn);
    case 5:
      return measure('power', 'W', nnn - 3);
    case 6:
      return measure('power', 'J/h', nnn);
    case 7:
      return measure('volume-flow', 'm3/h', nnn - 6);
    case 8:
      return measure('volume-flow', 'm3/min', nnn - 7);
    case 9:
      return measure('volume-flow', 'm3/s', nnn - 9);
    case 10:
      return measure('mass-flow', 'kg/h', nnn - 3);
    case 11:
      return measure(code < 0x5c ? 'flow-temperature' : 'return-temperature', '°C', nn - 3);
    case 12:
      return code < 0x64
        ? measure('temperature-difference', 'K', nn - 3)
        : measure('external-temperature', '°C', nn - 3);
    case 13:
      return code < 0x6c ? measure('pressure', 'bar', nn - 3) : timeOrCount(code);
    case 14:
      return duration(code < 0x74 ? 'averaging-duration' : 'actuality-duration', nn);
    default:
      return identity(code);
  }
}

function timeOrCount(code: number): Quantity | undefined {
  if (code === 0x6c) return other('date', 'date');
  if (code === 0x6d) return other('time', 'time');
  return code === 0x6e ? count('heat-cost-units') : undefined;
}

function identity(code: number): Quantity | undefined {
  if (code === 0x78) return other('fabrication-number', 'identifier');
  if (code === 0x79) return other('enhanced-identification', 'identifier');
  return code === 0x7a ? count('bus-address') : undefined;
}
