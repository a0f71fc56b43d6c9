// Datapoint types of energy and power (KNX 03_07_02, "Datapoint Types"): 13.xxx, four bytes signed
// (section 3.14); 29.xxx, eight bytes signed; 14.xxx, IEEE 754 of four bytes (3.15); 9.xxx,
// KNX's own float of two bytes (3.10). Most significant byte first.

import { type Decimal, decimalValue } from '../decimal.ts';
import type { Register } from '../telegram.ts';
import { measuredRegister } from '../units.ts';

type Coding = 'int32' | 'int64' | 'float32' | 'float16';

const SIZES: Readonly<Record<Coding, number>> = { int32: 4, int64: 8, float32: 4, float16: 2 };

const TYPES: Readonly<Record<string, readonly [Coding, string | undefined]>> = {
  '9.020': ['float16', 'mV'],
  '9.021': ['float16', 'mA'],
  '9.024': ['float16', 'kW'],
  '13.001': ['int32', undefined],
  '13.010': ['int32', 'Wh'],
  '13.011': ['int32', 'VAh'],
  '13.012': ['int32', 'varh'],
  '13.013': ['int32', 'kWh'],
  '13.014': ['int32', 'kVAh'],
  '13.015': ['int32', 'kvarh'],
  '13.016': ['int32', 'MWh'],
  '14.019': ['float32', 'A'],
  '14.027': ['float32', 'V'],
  '14.031': ['float32', 'J'],
  '14.033': ['float32', 'Hz'],
  '14.056': ['float32', 'W'],
  '14.057': ['float32', undefined],
  '29.010': ['int64', 'Wh'],
  '29.011': ['int64', 'VAh'],
  '29.012': ['int64', 'varh'],
};

/** "This value is no value" of 9.xxx. */
const INVALID_FLOAT16 = 0x7fff;
/** What a float of four bytes has. */
const FLOAT32_DIGITS = 7;

/** `'invalid'` where the device has no value; a sentence where the bytes are none of that type. */
export function readDatapoint(
  type: string,
  bytes: Uint8Array,
): Register | 'invalid' | { readonly detail: string } {
  const known = TYPES[type];
  if (known === undefined)
    return { detail: `expected a datapoint type of energy or power, found ${type}` };
  const [coding, unit] = known;
  if (bytes.length !== SIZES[coding])
    return { detail: `expected ${SIZES[coding]} bytes of DPT ${type}, found ${bytes.length}` };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (coding === 'float32') {
    const value = view.getFloat32(0);
    if (!Number.isFinite(value)) return 'invalid';
    return {
      value: Number(value.toPrecision(FLOAT32_DIGITS)),
      ...(unit !== undefined && { unit }),
    };
  }
  if (coding === 'float16') {
    const raw = view.getUint16(0);
    if (raw === INVALID_FLOAT16) return 'invalid';
    return milliBase(float16(raw), unit as string);
  }
  const digits = coding === 'int32' ? BigInt(view.getInt32(0)) : view.getBigInt64(0);
  return measuredRegister({ digits, exponent: 0 }, unit);
}

/** 0.01 * mantissa * 2^exponent, exact. */
function float16(raw: number): Decimal {
  const mantissa = (raw & 0x7ff) - ((raw & 0x8000) === 0 ? 0 : 0x800);
  return { digits: BigInt(mantissa) << BigInt((raw >> 11) & 0x0f), exponent: -2 };
}

/** `measuredRegister` takes no milli: nothing else sends it. */
function milliBase(value: Decimal, unit: string): Register {
  if (!unit.startsWith('m')) return measuredRegister(value, unit);
  return {
    value: decimalValue({ digits: value.digits, exponent: value.exponent - 3 }),
    unit: unit.slice(1),
  };
}
