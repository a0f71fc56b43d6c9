// Orthogonal VIF extensions, EN 13757-3:2018 tables 15 to 17: what they add to a quantity's name,
// change in its number, or say about an error of the record.

export interface Qualifier {
  /** Part of the register's name. */
  readonly word?: string;
  /** The number is multiplied by this power of ten. */
  readonly exponent?: number;
  /** The meter reports why the record has no good value. */
  readonly error?: string;
  readonly direction?: 'forward' | 'backward';
  /** The value is a point in time, or a duration (in steps of `factor` seconds), or a count of it. */
  readonly turnsInto?: 'time' | 'duration' | 'count' | 'profile';
  readonly factor?: number;
  /** The integer has no sign (type C). */
  readonly isUnsigned?: boolean;
}

const ERRORS: Readonly<Record<number, string>> = {
  1: 'too many DIFEs',
  2: 'storage number not implemented',
  3: 'unit number not implemented',
  4: 'tariff number not implemented',
  5: 'function not implemented',
  6: 'data class not implemented',
  7: 'data size not implemented',
  11: 'too many VIFEs',
  12: 'illegal VIF group',
  13: 'illegal VIF exponent',
  14: 'VIF and DIF do not match',
  15: 'action not implemented',
  21: 'no data available',
  22: 'data overflow',
  23: 'data underflow',
  24: 'data error',
  28: 'premature end of record',
};

const WORDS: Readonly<Record<number, string>> = {
  18: 'average',
  20: 'relative-deviation',
  32: 'per-second',
  33: 'per-minute',
  34: 'per-hour',
  35: 'per-day',
  36: 'per-week',
  37: 'per-month',
  38: 'per-year',
  39: 'per-measurement',
  40: 'per-input-pulse-0',
  41: 'per-input-pulse-1',
  42: 'per-output-pulse-0',
  43: 'per-output-pulse-1',
  44: 'per-litre',
  45: 'per-m3',
  46: 'per-kg',
  47: 'per-kelvin',
  48: 'per-kwh',
  49: 'per-gj',
  50: 'per-kw',
  51: 'per-kelvin-litre',
  52: 'per-volt',
  53: 'per-ampere',
  54: 'times-second',
  55: 'times-second-per-volt',
  56: 'times-second-per-ampere',
  58: 'uncorrected',
  61: 'non-metric',
  62: 'at-base-conditions',
  63: 'obis-declaration',
  64: 'lower-limit',
  72: 'upper-limit',
  104: 'during-lower-exceed',
  105: 'leakage',
  108: 'during-upper-exceed',
  109: 'overflow',
  126: 'future',
};

const PROFILES: Readonly<Record<number, string>> = {
  19: 'inverse-compact-profile',
  30: 'compact-profile-registers',
  31: 'compact-profile',
};

const SECONDS = [1, 60, 3600, 86_400];

/** `code` without the extension bit; not 7C (`extendedQualifier`) and not 7F (the vendor's own). */
export function qualifierOf(code: number): Qualifier {
  const error = ERRORS[code];
  if (error !== undefined) return { error };
  const profile = PROFILES[code];
  if (profile !== undefined) return { word: profile, turnsInto: 'profile' };
  const word = WORDS[code];
  if (word !== undefined) return { word };
  if (code === 0x39) return { word: 'start', turnsInto: 'time' };
  if (code === 0x3b) return { word: 'forward', direction: 'forward' };
  if (code === 0x3c) return { word: 'backward', direction: 'backward' };
  if (code >= 0x40 && code < 0x70) return limitQualifier(code);
  if (code >= 0x70 && code < 0x78) return { exponent: (code & 7) - 6 };
  // An offset that is added belongs to the number as well, but no meter was ever seen with one.
  if (code >= 0x78 && code < 0x7c) return { word: `offset-1e${(code & 3) - 3}` };
  if (code === 0x7d) return { exponent: 3 };
  return code === 0 || code === 0x1d ? {} : { word: `vife-${hex(code)}` };
}

function limitQualifier(code: number): Qualifier {
  const limit = (code & 8) === 0 ? 'lower' : 'upper';
  const which = (code & 4) === 0 ? 'first' : 'last';
  const end = (code & 1) === 0 ? 'begin' : 'end';
  if (code === 0x41 || code === 0x49) return { word: `${limit}-exceed-count`, turnsInto: 'count' };
  if (code < 0x50 && (code & 2) !== 0)
    return { word: `${which}-${limit}-exceed-${end}`, turnsInto: 'time' };
  const factor = SECONDS[code & 3] as number;
  if (code >= 0x50 && code < 0x60)
    return { word: `${which}-${limit}-exceed-duration`, turnsInto: 'duration', factor };
  if (code >= 0x60 && code < 0x68)
    return { word: `${which}-duration`, turnsInto: 'duration', factor };
  if (code >= 0x68 && (code & 2) !== 0) return { word: `${which}-${end}`, turnsInto: 'time' };
  return { word: `vife-${hex(code)}` };
}

const EXTENDED: Readonly<Record<number, Qualifier>> = {
  1: { word: 'l1' },
  2: { word: 'l2' },
  3: { word: 'l3' },
  4: { word: 'n' },
  5: { word: 'l1-l2' },
  6: { word: 'l2-l3' },
  7: { word: 'l3-l1' },
  8: { word: 'q1' },
  9: { word: 'q2' },
  10: { word: 'q3' },
  11: { word: 'q4' },
  12: { word: 'import-minus-export' },
  13: { word: 'non-si' },
  16: { word: 'absolute' },
  17: { isUnsigned: true },
  18: {},
  19: { word: 'to-meter' },
  20: { word: 'from-meter' },
};

/** Behind FC: table 16. */
export function extendedQualifier(code: number): Qualifier {
  return EXTENDED[code] ?? { word: `vife-fc-${hex(code)}` };
}

function hex(code: number): string {
  return code.toString(16).padStart(2, '0');
}
