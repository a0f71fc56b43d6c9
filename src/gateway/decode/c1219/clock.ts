// ST-52 CLOCK_TBL (ANSI C12.19-2008, decade 5): the clock in the format that ST-0 names
// (LTIME_DATE), and one byte of what it is.

import { isoOfUnix, isoTime } from '../time.ts';
import type { GeneralConfig } from './general-config.ts';

const CLOCK = 52;
const BCD = 1;
const FIELDS = 2;
const MINUTES = 3;
const SECONDS = 4;
/** Of the byte behind the time: the clock is Greenwich's, and no zone has been applied to it. */
const IS_GMT = 0x10;
const IS_ZONE_APPLIED = 0x20;

/** With `Z` where the meter says so, without an offset else. */
export function readClock(
  tables: ReadonlyMap<number, Uint8Array>,
  { timeFormat, isBigEndian }: GeneralConfig,
): string | undefined {
  const table = tables.get(CLOCK);
  if (table === undefined) return undefined;
  const view = new DataView(table.buffer, table.byteOffset, table.length);
  const length = timeFormat === BCD || timeFormat === FIELDS ? 6 : timeFormat === MINUTES ? 5 : 4;
  if (table.length < length) return undefined;
  const quality = table[length] ?? 0;
  const offset = (quality & IS_GMT) !== 0 && (quality & IS_ZONE_APPLIED) === 0 ? 'Z' : '';
  if (timeFormat === MINUTES || timeFormat === SECONDS) {
    const count = view.getUint32(0, !isBigEndian);
    const seconds = timeFormat === SECONDS ? count : count * 60 + (table[4] as number);
    return isoOfUnix(seconds)?.replace('Z', offset);
  }
  if (timeFormat !== BCD && timeFormat !== FIELDS) return undefined;
  const fields = [...table.subarray(0, 6)].map((byte) =>
    timeFormat === FIELDS ? byte : (byte >> 4) * 10 + (byte & 0x0f),
  );
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields;
  // Of C12.19's LTIME_DATE: years from 90 on are of the last century.
  return isoTime(
    { year: year + (year < 90 ? 2000 : 1900), month, day, hour, minute, second },
    offset,
  );
}
