// ST-0, GEN_CONFIG_TBL (ANSI C12.19-2008, decade 0): the byte order and the formats of all other
// tables, and numbers written in them (NI_FMAT1 and NI_FMAT2).

import { type Decimal, parseDecimal } from '../decimal.ts';
import { FLOAT32_DIGITS, FLOAT64_DIGITS, floatDecimal } from '../float-decimal.ts';
import { asciiText } from '../text.ts';

export interface GeneralConfig {
  readonly isBigEndian: boolean;
  /** TM_FORMAT: 1 BCD, 2 bytes, 3 minutes and seconds, 4 seconds. */
  readonly timeFormat: number;
  /** Identities are BCD, and not characters. */
  readonly isIdBcd: boolean;
  readonly niFormat1: number;
  readonly niFormat2: number;
}

/** What precedes the lists of tables. */
const MIN_BYTES = 3;
const TWOS_COMPLEMENT = 0;

/** Bytes of each NI_FORMAT. */
const SIZES: readonly number[] = [8, 4, 12, 6, 4, 6, 4, 3, 4, 5, 6, 8, 8, 21];
/** Two digits a byte. */
const BCD_FORMATS = [5, 6, 12];
const TEXT_FORMATS = [2, 3, 13];
/** Its decimal point is implied, and descriptions differ on where. */
const IMPLIED_POINT = 4;

/** undefined where the table is too short, or integers are in a format that no meter uses. */
export function readGeneralConfig(table: Uint8Array): GeneralConfig | undefined {
  const [control1 = 0, control2 = 0, control3 = 0] = table;
  if (table.length < MIN_BYTES || control2 >> 6 !== TWOS_COMPLEMENT) return undefined;
  return {
    isBigEndian: (control1 & 1) === 1,
    timeFormat: control2 & 7,
    isIdBcd: (control2 & 0x20) !== 0,
    niFormat1: control3 & 0x0f,
    niFormat2: control3 >> 4,
  };
}

/** undefined for a format that the standard does not have. */
export function niBytes(format: number): number | undefined {
  return SIZES[format];
}

/** undefined where it is no number, or the format has one that cannot be told. */
export function readNi(
  bytes: Uint8Array,
  format: number,
  isBigEndian: boolean,
): Decimal | undefined {
  if (bytes.length !== SIZES[format] || format === IMPLIED_POINT) return undefined;
  if (TEXT_FORMATS.includes(format)) return parseDecimal(asciiText(bytes));
  if (format <= 1) return readFloat(bytes, isBigEndian);
  const ordered = isBigEndian ? bytes : bytes.toReversed();
  let digits = 0n;
  if (BCD_FORMATS.includes(format)) {
    for (const byte of ordered) {
      if (byte >> 4 > 9 || (byte & 0x0f) > 9) return undefined;
      digits = digits * 100n + BigInt((byte >> 4) * 10 + (byte & 0x0f));
    }
    return { digits, exponent: 0 };
  }
  for (const byte of ordered) digits = (digits << 8n) | BigInt(byte);
  return { digits: BigInt.asIntN(8 * bytes.length, digits), exponent: 0 };
}

function readFloat(bytes: Uint8Array, isBigEndian: boolean): Decimal | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return bytes.length === 4
    ? floatDecimal(view.getFloat32(0, !isBigEndian), FLOAT32_DIGITS)
    : floatDecimal(view.getFloat64(0, !isBigEndian), FLOAT64_DIGITS);
}
