// Who the meter is: ST-5 DEVICE_IDENT_TBL (ANSI C12.19-2008, decade 0), or the serial number of ST-1
// GENERAL_MFG_ID_TBL, behind manufacturer, model and four version bytes.

import { toHex } from '../../../core/bytes.ts';
import { asciiText, isPrintableAscii } from '../text.ts';
import type { GeneralConfig } from './general-config.ts';

const DEVICE_ID = 5;
const MANUFACTURER_ID = 1;
const SERIAL_AT = 16;
const MAX_ID_BYTES = 20;

/** undefined where neither was read, or both are empty. */
export function identityOf(
  tables: ReadonlyMap<number, Uint8Array>,
  { isIdBcd }: Pick<GeneralConfig, 'isIdBcd'>,
): string | undefined {
  const serial = tables.get(MANUFACTURER_ID)?.subarray(SERIAL_AT);
  for (const id of [tables.get(DEVICE_ID), serial]) {
    const bytes = id?.subarray(0, MAX_ID_BYTES) ?? new Uint8Array(0);
    if (isIdBcd && bytes.some((byte) => byte !== 0)) return toHex(bytes);
    const text = asciiText(bytes.filter((byte) => byte !== 0)).trim();
    if (!isIdBcd && text !== '' && isPrintableAscii(bytes.filter((byte) => byte !== 0)))
      return text;
  }
  return undefined;
}
