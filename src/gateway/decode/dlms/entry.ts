// One value of a notification, named by its OBIS code.

import type { Data } from './axdr.ts';

export interface Entry {
  /** As `printObis` writes it. */
  readonly name: string;
  readonly value: Data;
  readonly scaler?: number;
  /** Of the table of units, IEC 62056-6-2 table 4. */
  readonly unitCode?: number;
}

export interface Layout {
  readonly entries: readonly Entry[];
  /** Texts and dates without a code, in order. */
  readonly unnamed: readonly Data[];
}

const CODE_BYTES = 6;
/** Value group A of IEC 62056-6-1, which is four bits: a meter number of six digits is no code. */
const MAX_MEDIUM = 15;

export function isCode(data: Data | undefined): data is Extract<Data, { bytes: Uint8Array }> {
  if (data?.kind !== 'octets' || data.bytes.length !== CODE_BYTES) return false;
  return (data.bytes[0] as number) <= MAX_MEDIUM;
}

/** scal_unit_type of the registers, IEC 62056-6-2, 4.3.2. */
export function scalerUnit(
  data: Data | undefined,
): { readonly scaler: number; readonly unitCode: number } | undefined {
  if (data?.kind !== 'list' || data.items.length !== 2) return undefined;
  const [scaler, unit] = data.items;
  if (scaler?.kind !== 'integer' || unit?.kind !== 'integer') return undefined;
  return { scaler: Number(scaler.value), unitCode: Number(unit.value) };
}
