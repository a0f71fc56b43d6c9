// Decimals as meters send them, moved by powers of ten without the error of a multiplication:
// 1.005 kWh are 1005 Wh, and not 1004.9999999999999. A correctly rounded parse of
// the moved digits is the nearest double, which prints as those digits up to 15 of them.

const DECIMAL = /^([+-]?)(\d{1,40})(?:\.(\d{0,40}))?$/u;
const EXPONENT_LIMIT = 300;

/** digits * 10^exponent */
export interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

/** undefined where `text` is no plain decimal number. A comma counts as a point. */
export function parseDecimal(text: string): Decimal | undefined {
  const found = DECIMAL.exec(text.trim().replace(',', '.'));
  if (found === null) return undefined;
  const [, sign, whole, fraction = ''] = found;
  const digits = BigInt(`${whole}${fraction}`);
  return { digits: sign === '-' ? -digits : digits, exponent: 0 - fraction.length };
}

/** The value as a number, or as text where a number would lose digits of it. */
export function decimalValue({ digits, exponent }: Decimal): number | string {
  const value = decimalNumber({ digits, exponent });
  if (significantDigits(digits) <= 15) return value;
  return isSameDecimal(value, digits, exponent) ? value : printDecimal({ digits, exponent });
}

/** The nearest number. */
export function decimalNumber({ digits, exponent }: Decimal): number {
  if (Math.abs(exponent) > EXPONENT_LIMIT) return exponent > 0 && digits !== 0n ? Infinity : 0;
  // Adding zero turns -0 into 0.
  return Number(`${digits}e${exponent}`) + 0;
}

export function printDecimal({ digits, exponent }: Decimal): string {
  if (exponent >= 0) return `${digits}${'0'.repeat(Math.min(exponent, EXPONENT_LIMIT))}`;
  const sign = digits < 0n ? '-' : '';
  const text = String(digits < 0n ? -digits : digits).padStart(1 - exponent, '0');
  return `${sign}${text.slice(0, exponent)}.${text.slice(exponent)}`;
}

/** `value` * 10^exponent, exact where both print with up to 15 digits. */
export function shiftNumber(value: number, exponent: number): number {
  const { digits, exponent: own } = decimalOf(value);
  return decimalNumber({ digits, exponent: own + exponent });
}

/** The sum of what the numbers print as. */
export function addNumbers(values: readonly number[]): number {
  const decimals = values.map(decimalOf);
  const exponent = Math.min(0, ...decimals.map((decimal) => decimal.exponent));
  let digits = 0n;
  for (const decimal of decimals)
    digits += decimal.digits * 10n ** BigInt(Math.min(600, decimal.exponent - exponent));
  return decimalNumber({ digits, exponent });
}

function decimalOf(value: number): Decimal {
  if (!Number.isFinite(value)) return { digits: 0n, exponent: 0 };
  const [mantissa = '0', power = '0'] = String(value).split('e');
  const { digits, exponent } = parseDecimal(mantissa) as Decimal;
  return { digits, exponent: exponent + Number(power) };
}

function isSameDecimal(value: number, digits: bigint, exponent: number): boolean {
  const other = decimalOf(value);
  const lowest = Math.min(other.exponent, exponent);
  if (Math.max(other.exponent, exponent) - lowest > EXPONENT_LIMIT) return false;
  return (
    other.digits * 10n ** BigInt(other.exponent - lowest) ===
    digits * 10n ** BigInt(exponent - lowest)
  );
}

function significantDigits(digits: bigint): number {
  return String(digits).replace(/^-/u, '').replace(/0+$/u, '').length;
}
