// Compact profiles, EN 13757-3:2018 annex F: many values of one quantity at equal distances in one
// record of variable length, as they are or as differences to the one before.

import type { Register } from '../telegram.ts';
import { isBcd, LVAR, readDataField } from './data-field.ts';
import { Reader } from './reader.ts';
import type { DataRecord } from './records.ts';
import { registerOf } from './register-value.ts';

const INVERSE = 'inverse-compact-profile';
const SPACING_UNITS = [1, 60, 3600, 86_400];
/** Values in one telegram; a frame has not more bytes than that. */
const MAX_VALUES = 256;
const DAYS = 3;
const MONTH = 254;
const HALF_MONTH = 253;

/** Registers `name.1`, `name.2` ... of a profile; none where the record is no profile. */
export function* expandProfile(
  record: DataRecord,
  records: readonly DataRecord[],
  nameOf: (record: DataRecord) => string,
): Generator<readonly [name: string, register: Register]> {
  const profile = record.qualifiers.find(({ turnsInto }) => turnsInto === 'profile');
  if (profile === undefined || record.dataField !== LVAR || record.data.kind !== 'text') return;
  // Texts come with the last character first; a profile is read as it was sent.
  const reader = new Reader(record.data.bytes);
  if (reader.left < 2) return;
  const control = reader.byte('the spacing control');
  const spacing = spacingText((control >>> 4) & 3, reader.byte('the spacing'));
  const code = control & 0x0f;
  if (code === 0 || code === 8 || code >= LVAR) return;
  const qualifiers = record.qualifiers.filter((qualifier) => qualifier !== profile);
  let last = baseOf(record, records);
  const mode = control >>> 6;
  const isInverse = profile.word === INVERSE;
  for (let count = 1; count <= MAX_VALUES && reader.left >= widthOf(code); count++) {
    const step = readDataField(reader, code);
    if (step.kind !== 'number') continue;
    const digits = valueAfter(mode, isInverse, last, step.value.digits);
    if (digits === undefined) continue;
    last = digits;
    const value = { digits, exponent: step.value.exponent };
    const register = registerOf({ ...record, qualifiers, data: { ...step, value } });
    yield [`${nameOf(record)}.${count}`, { ...register, quality: spacing }];
  }
}

const ABSOLUTE = 0;
const DECREMENT = 2;

function valueAfter(
  mode: number,
  isInverse: boolean,
  last: bigint | undefined,
  step: bigint,
): bigint | undefined {
  if (mode === ABSOLUTE) return step;
  if (last === undefined) return undefined;
  const isLess = (mode === DECREMENT) !== isInverse;
  return isLess ? last - step : last + step;
}

/** The value that the profile begins at: the same quantity and storage, outside of the profile. */
function baseOf(profile: DataRecord, records: readonly DataRecord[]): bigint | undefined {
  const base = records.find(
    ({ quantity, storage, tariff, subunit, qualifiers, data }) =>
      quantity.name === profile.quantity.name &&
      quantity.exponent === profile.quantity.exponent &&
      storage === profile.storage &&
      tariff === profile.tariff &&
      subunit === profile.subunit &&
      qualifiers.length === profile.qualifiers.length - 1 &&
      data.kind === 'number',
  );
  return base?.data.kind === 'number' ? base.data.value.digits : undefined;
}

const WIDTHS = [0, 1, 2, 3, 4, 4, 6, 8, 0, 1, 2, 3, 4];

function widthOf(code: number): number {
  return isBcd(code) || code < WIDTHS.length ? (WIDTHS[code] as number) : 1;
}

function spacingText(unit: number, spacing: number): string {
  if (unit === DAYS && spacing === MONTH) return 'every month';
  if (unit === DAYS && spacing === HALF_MONTH) return 'every half month';
  return `every ${spacing * (SPACING_UNITS[unit] as number)} s`;
}
