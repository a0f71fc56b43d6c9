// Data sets of IEC 62056-21 (6.5): `address(value*unit)(value)...`, which P1 telegrams are made of
// as well. Values may go on in the next line.

import { parseDecimal } from './decimal.ts';
import type { Register } from './telegram.ts';
import { measuredRegister } from './units.ts';

export interface DataSet {
  readonly address: string;
  /** One at least. */
  readonly values: readonly string[];
  /** In the text that was read. */
  readonly offset: number;
}

export interface DataSets {
  readonly sets: readonly DataSet[];
  /** Where something stands that is no data set; undefined where all was read. */
  readonly badOffset?: number;
}

const SPACE = /\s*/uy;
/** A P1 text message has up to 2048 hexadecimal digits. */
const DATA_SET = /([^()\s!/]{1,32})((?:\s*\([^()\r\n]{0,4096}\))+)/uy;
const VALUE = /\(([^()]*)\)/gu;
const MEASURED = /^\s*([+-]?[\d.,]{1,32})\*([^\d\s*&()][^\s*&()]{0,15})\s*$/u;

export function readDataSets(text: string, start: number, end: number): DataSets {
  const sets: DataSet[] = [];
  let at = start;
  for (;;) {
    at = skip(SPACE, text, at);
    if (at >= end) return { sets };
    DATA_SET.lastIndex = at;
    const found = DATA_SET.exec(text);
    if (found === null || DATA_SET.lastIndex > end) return { sets, badOffset: at };
    const [, address = '', list = ''] = found;
    sets.push({
      address,
      values: [...list.matchAll(VALUE)].map(([, value = '']) => value),
      offset: at,
    });
    at = DATA_SET.lastIndex;
  }
}

/** `00.034*kWh`, as 34 Wh; undefined for a value without a unit. */
export function measuredValue(
  text: string,
  more: Omit<Register, 'value' | 'unit'> = {},
): Register | undefined {
  const found = MEASURED.exec(text);
  const value = found === null ? undefined : parseDecimal(found[1] as string);
  if (value === undefined) return undefined;
  return measuredRegister(value, (found as RegExpExecArray)[2], more);
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  pattern.exec(text);
  return Math.max(at, pattern.lastIndex);
}
