// Power and energy in words of the reader's locale: SI prefixes, three significant digits, a real
// minus. What is not published is a dash, never a zero.

import type { Classes } from './classes.ts';

export const NO_VALUE = '–';

const MINUS = '−';
const NO_BREAK_SPACE = '\u00a0';
const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P'] as const;

type Figure = number | null | undefined;

export interface EnergyFormatOptions {
  /** A plus before what is above zero: for net, where the sign says the direction. */
  readonly isSigned?: boolean;
  /** Trailing zeros dropped, "1 kW": for a legend's thresholds, which are exact. */
  readonly isShort?: boolean;
}

export interface EnergyFormat {
  /** Mean power: `1.24 MW`. */
  readonly power: (powerW: Figure, options?: EnergyFormatOptions) => string;
  /** Energy: `310 kWh`. */
  readonly energy: (energyWh: Figure, options?: EnergyFormatOptions) => string;
  /** A share of 1: `90%`; only a whole one reads 100. */
  readonly share: (share: Figure) => string;
  /** A count, grouped as the locale does. */
  readonly count: (count: Figure) => string;
  /** What `displayValue` gives, with its unit: `412 W per meter`. */
  readonly value: (value: Figure, unit: Classes['unit'], options?: EnergyFormatOptions) => string;
}

/** `locale` is a BCP 47 tag; undefined, or one that is none, is the runtime's own. */
export function createEnergyFormat(locale?: string): EnergyFormat {
  const exact = numberFormat(locale, { minimumSignificantDigits: 3, maximumSignificantDigits: 3 });
  const short = numberFormat(locale, { maximumSignificantDigits: 3 });
  const percent = numberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const whole = numberFormat(locale, { maximumFractionDigits: 0 });

  const quantity = (value: Figure, unit: string, options: EnergyFormatOptions = {}): string => {
    if (!isFigure(value)) return NO_VALUE;
    const { scaled, prefix } = scale(value);
    // Without a prefix the figure is a whole count of Wh, or nearly: zeros behind it would claim
    // more than was measured.
    const format = options.isShort === true || prefix === '' ? short : exact;
    const plus = options.isSigned === true && scaled > 0 ? '+' : '';
    return `${plus}${print(format, scaled)}${NO_BREAK_SPACE}${prefix}${unit}`;
  };
  const share = (value: Figure): string =>
    isFigure(value) ? print(percent, Math.floor(value * 100 + 1e-9) / 100) : NO_VALUE;
  return {
    power: (powerW, options) => quantity(powerW, 'W', options),
    energy: (energyWh, options) => quantity(energyWh, 'Wh', options),
    share,
    count: (count) => (isFigure(count) ? print(whole, count) : NO_VALUE),
    value(value, unit, options) {
      if (!isFigure(value)) return NO_VALUE;
      if (unit === 'share') return share(value);
      return `${quantity(value, 'W', options)}${SUFFIXES[unit]}`;
    },
  };
}

const SUFFIXES = { W: '', 'W/meter': ' per meter', 'W/km2': ' per km²' } as const;

function isFigure(value: Figure): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Rounded before the prefix is chosen: 999.6 W is 1.00 kW, not 1,000 W. */
function scale(value: number): { scaled: number; prefix: string } {
  const rounded = Number(value.toPrecision(3));
  let power = 0;
  while (power < PREFIXES.length - 1 && Math.abs(rounded) >= 1000 ** (power + 1)) power++;
  return { scaled: rounded / 1000 ** power, prefix: PREFIXES[power]! };
}

/** Most locales print a hyphen before negative numbers; it breaks lines and is read as a dash. */
function print(format: Intl.NumberFormat, value: number): string {
  let text = '';
  for (const part of format.formatToParts(value === 0 ? 0 : value))
    text += part.type === 'minusSign' ? MINUS : part.value;
  return text;
}

function numberFormat(
  locale: string | undefined,
  options: Intl.NumberFormatOptions,
): Intl.NumberFormat {
  try {
    return new Intl.NumberFormat(locale, options);
  } catch {
    return new Intl.NumberFormat(undefined, options);
  }
}
