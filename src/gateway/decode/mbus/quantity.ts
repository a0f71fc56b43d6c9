// What a VIF says a number is, EN 13757-3, 6.4: a name, a unit in its base (Wh, W, var, s, ...) and
// the power of ten that belongs to the integer. Names are ours: the standard has only descriptions.

export type QuantityKind = 'measure' | 'date' | 'time' | 'identifier' | 'flags' | 'data';

export interface Quantity {
  readonly name: string;
  readonly kind: QuantityKind;
  readonly unit?: string;
  /** Of ten. */
  readonly exponent: number;
  /** Minutes, hours and days as seconds. */
  readonly factor?: number;
}

export function measure(name: string, unit: string, exponent: number): Quantity {
  return { name, kind: 'measure', unit, exponent };
}

/** A number without a unit. */
export function count(name: string, exponent: number = 0): Quantity {
  return { name, kind: 'measure', exponent };
}

export function other(name: string, kind: QuantityKind): Quantity {
  return { name, kind, exponent: 0 };
}

const SECONDS = [1, 60, 3600, 86_400];

/** `nn`: second, minute, hour, day; all as seconds. */
export function duration(name: string, nn: number): Quantity {
  return { name, kind: 'measure', unit: 's', exponent: 0, factor: SECONDS[nn & 3] as number };
}

/** `nn`: hour, day, month, year; months and years have no length of their own. */
export function longDuration(name: string, nn: number): Quantity {
  if ((nn & 3) < 2) return duration(name, (nn & 3) + 2);
  return measure(name, (nn & 3) === 2 ? 'mo' : 'a', 0);
}
