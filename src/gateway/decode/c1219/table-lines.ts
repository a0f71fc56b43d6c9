// Tables written down as text, one a line, as tools that read meters print them:
//
//   ST-0: 0a 1c 88 ...        standard table of ANSI C12.19
//   BT-23: 40e20100...        basic table of OSGP

import { fromHex } from '../../../core/bytes.ts';
import { type Damage, damage, type Split } from '../telegram.ts';
import { linesOf, splitLines } from '../text-lines.ts';
import type { TableReads } from './session.ts';

export type TableKind = 'ST' | 'BT';

const LINE = /^\s*([SB]T)[- ]?0*(\d{1,4})\s*[:=]\s*([\da-f][\da-f ]*)$/iu;

export function splitTableLines(bytes: Uint8Array, isEnd: boolean, kind: TableKind): Split {
  const isOwn = (line: string) => LINE.exec(line)?.[1]?.toUpperCase() === kind;
  return splitLines(bytes, isEnd, { isOwn, joins: true });
}

/** undefined where the piece is none of such lines. */
export function readTableLines(
  piece: Uint8Array,
  kind: TableKind,
): TableReads | Damage | undefined {
  const tables = new Map<number, Uint8Array>();
  for (const { text, offset } of linesOf(piece)) {
    const [, found = '', table = '', hex = ''] = LINE.exec(text) ?? [];
    if (found.toUpperCase() !== kind) return undefined;
    const digits = hex.replaceAll(' ', '').toLowerCase();
    if (digits.length % 2 !== 0)
      return damage(
        'bad-structure',
        `expected whole bytes of table ${table}, found ${digits.length} digits`,
        offset,
      );
    tables.set(Number(table), fromHex(digits));
  }
  return { kind: 'tables', tables, warnings: [] };
}
