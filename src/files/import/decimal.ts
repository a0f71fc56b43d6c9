// Numbers of an export as the exact decimals that its text says: digits * 10^exponent. A double
// would make 0.29 kWh 289.99999999999994 Wh, and half a watt-hour round the wrong way.

export interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

export interface NumberStyle {
  readonly decimalSign?: '.' | ',' | undefined;
  /** Between groups of three digits: `1.234,5` has a point. */
  readonly groupSign?: '.' | ',' | ' ' | "'" | undefined;
}

export const ONE: Decimal = { digits: 1n, exponent: 0 };

/** Longer than any number that means something, short enough for cheap arithmetic. */
const MAX_LENGTH = 64;
const MAX_EXPONENT = 60;
const FORM = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,3}))?$/;

/** undefined where `text` is no number of that style. */
export function parseDecimal(text: string, style: NumberStyle = {}): Decimal | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const plain = toPlain(text, style);
  const match = plain === undefined ? null : FORM.exec(plain);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponentText = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const exponent = Number(exponentText) - fraction.length;
  if (Math.abs(exponent) > MAX_EXPONENT) return undefined;
  const digits = BigInt(`${whole}${fraction}`);
  return { digits: sign === '-' ? -digits : digits, exponent };
}

/** a * b */
export function multiply(a: Decimal, b: Decimal): Decimal {
  return { digits: a.digits * b.digits, exponent: a.exponent + b.exponent };
}

/** `value * factor` as a whole number, what is finer being cut off towards zero. */
export function truncateTimes(value: Decimal, factor: bigint): bigint {
  const product = value.digits * factor;
  const power = 10n ** BigInt(Math.abs(value.exponent));
  return value.exponent >= 0 ? product * power : product / power;
}

function toPlain(text: string, { decimalSign = '.', groupSign }: NumberStyle): string | undefined {
  let plain = text;
  if (groupSign !== undefined && plain.includes(groupSign)) {
    const [whole = '', ...rest] = plain.split(decimalSign);
    const groups = whole.replace(/^[+-]/, '').split(groupSign);
    const isGrouped = groups.every((group, i) =>
      i === 0 ? /^[0-9]{1,3}$/.test(group) : /^[0-9]{3}$/.test(group),
    );
    // 1.5 with a point between groups is 15 to nobody: refuse it.
    if (!isGrouped) return undefined;
    plain = [whole.replaceAll(groupSign, ''), ...rest].join(decimalSign);
  }
  if (decimalSign === '.') return plain;
  return plain.includes('.') ? undefined : plain.replace(',', '.');
}
