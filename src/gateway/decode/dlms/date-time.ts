// Date and time of COSEM (IEC 62056-6-2, 4.1.6.1; Blue Book 4.1.6.1): 12 bytes of year, month, day,
// day of the week, hour, minute, second, hundredths, deviation from UTC, and the clock's status.

import { isoOffset, isoTime } from '../time.ts';

export const DATE_TIME_BYTES = 12;

const UNSPECIFIED = 0xff;
const DEVIATION_UNSPECIFIED = -0x8000;
/** -720 to 840 by the standard, from the zones of the world. */
const MAX_DEVIATION_MINUTES = 840;
const STATUS: readonly (readonly [bit: number, meaning: string])[] = [
  [0x01, 'invalid'],
  [0x02, 'doubtful'],
  [0x04, 'of another clock base'],
  [0x08, 'of an invalid status'],
];

export interface MeterTime {
  /** With the offset where the meter tells it. */
  readonly iso: string;
  /** In the meter's own words: `invalid`, `doubtful`, ... */
  readonly doubts: readonly string[];
}

/** undefined where the bytes are no date, or leave parts of it open. */
export function readDateTime(bytes: Uint8Array): MeterTime | undefined {
  if (bytes.length !== DATE_TIME_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const second = view.getUint8(7);
  const clock = {
    year: view.getUint16(0),
    month: view.getUint8(2),
    day: view.getUint8(3),
    hour: view.getUint8(5),
    minute: view.getUint8(6),
    second: second === UNSPECIFIED ? 0 : second,
  };
  const iso = isoTime(clock, offsetOf(view.getInt16(9)));
  if (iso === undefined) return undefined;
  return { iso, doubts: doubtsOf(view.getUint8(11)) };
}

/** The deviation is what leads from local time to UTC, so its sign is the other way round. */
function offsetOf(deviationMinutes: number): string {
  if (deviationMinutes === DEVIATION_UNSPECIFIED) return '';
  return Math.abs(deviationMinutes) > MAX_DEVIATION_MINUTES ? '' : isoOffset(0 - deviationMinutes);
}

function doubtsOf(status: number): readonly string[] {
  if (status === UNSPECIFIED) return [];
  return STATUS.filter(([bit]) => (status & bit) !== 0).map(([, meaning]) => meaning);
}
