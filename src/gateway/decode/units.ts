// Units of registers: one spelling each, and prefixes of electrical ones taken out, so that a
// register is always in Wh and never in kWh. What has no exact factor (GJ) stays as it was sent.

import { type Decimal, decimalValue } from './decimal.ts';
import type { Register } from './telegram.ts';

const PREFIXES: Readonly<Record<string, number>> = { '': 0, k: 3, m: 6, g: 9 };
const ELECTRICAL = /^([kmg]?)(wh|w|varh|var|vah|va)$/u;
const BASES: Readonly<Record<string, string>> = {
  wh: 'Wh',
  w: 'W',
  varh: 'varh',
  var: 'var',
  vah: 'VAh',
  va: 'VA',
};

/** Other spellings, in lower case. */
const SPELLINGS: Readonly<Record<string, string>> = {
  v: 'V',
  a: 'A',
  hz: 'Hz',
  s: 's',
  h: 'h',
  m3: 'm3',
  'm³': 'm3',
  dm3: 'dm3',
  m3ph: 'm3/h',
  'm3/h': 'm3/h',
  'm³/h': 'm3/h',
  gj: 'GJ',
  mj: 'MJ',
  j: 'J',
  c: '°C',
  '°c': '°C',
  k: 'K',
  deg: 'deg',
};

/**
 * A number in the unit as sent, as a register. Upper and lower case do not matter: meters send
 * kVAr, kvar and KVAR; none counts milliwatts.
 */
export function measuredRegister(
  value: Decimal,
  unit: string | undefined,
  more: Omit<Register, 'value' | 'unit'> = {},
): Register {
  if (unit === undefined || unit === '') return { value: decimalValue(value), ...more };
  const lower = unit.toLowerCase();
  const electrical = ELECTRICAL.exec(lower);
  if (electrical === null)
    return { value: decimalValue(value), unit: spellingOf(lower) ?? unit, ...more };
  const [, prefix = '', base = ''] = electrical;
  const exponent = value.exponent + (PREFIXES[prefix] as number);
  return {
    value: decimalValue({ digits: value.digits, exponent }),
    unit: BASES[base] as string,
    ...more,
  };
}

function spellingOf(lower: string): string | undefined {
  return Object.hasOwn(SPELLINGS, lower) ? SPELLINGS[lower] : undefined;
}

/** DLMS units, IEC 62056-6-2 (Blue Book) table 4, which SML uses as well. */
const DLMS_UNITS: Readonly<Record<number, string>> = {
  1: 'a',
  2: 'mo',
  3: 'wk',
  4: 'd',
  5: 'h',
  6: 'min',
  7: 's',
  8: 'deg',
  9: '°C',
  10: 'currency',
  11: 'm',
  12: 'm/s',
  13: 'm3',
  14: 'm3',
  15: 'm3/h',
  16: 'm3/h',
  17: 'm3/d',
  18: 'm3/d',
  19: 'l',
  20: 'kg',
  21: 'N',
  22: 'Nm',
  23: 'Pa',
  24: 'bar',
  25: 'J',
  26: 'J/h',
  27: 'W',
  28: 'VA',
  29: 'var',
  30: 'Wh',
  31: 'VAh',
  32: 'varh',
  33: 'A',
  34: 'C',
  35: 'V',
  36: 'V/m',
  37: 'F',
  38: 'ohm',
  42: 'T',
  43: 'A/m',
  44: 'Hz',
  52: 'K',
  56: '%',
};

/** undefined for 255 (no unit) and for what the table does not have. */
export function dlmsUnit(code: number): string | undefined {
  return DLMS_UNITS[code];
}
