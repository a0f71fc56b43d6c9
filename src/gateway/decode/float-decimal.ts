// Floats that devices send, as decimals of as many digits as they mean.

import { type Decimal, parseDecimal } from './decimal.ts';

/** Of a float of four bytes, and of eight. */
export const FLOAT32_DIGITS = 7;
export const FLOAT64_DIGITS = 15;

/** undefined of infinities and of what is no number. */
export function floatDecimal(value: number, digits: number): Decimal | undefined {
  if (!Number.isFinite(value)) return undefined;
  const [mantissa = '0', power = '0'] = value.toExponential(digits - 1).split('e');
  const decimal = parseDecimal(mantissa);
  return decimal && { digits: decimal.digits, exponent: decimal.exponent + Number(power) };
}
