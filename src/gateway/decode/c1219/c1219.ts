// ANSI C12.19-2008 tables of North American meters, as a session over C12.18 or C12.21 carries them
// (session.ts) or as lines of text (table-lines.ts).
//
// ST-23 CURRENT_REG_DATA_TBL (decade 2) holds the summations, ST-21 ACT_REGS_TBL their number,
// ST-22 DATA_SELECTION_TBL which source each is of, ST-16 and ST-12 what those are. Without
// ST-0, 21 and 23 nothing can be read; without 12, 16 or 22 the summations are numbers without a
// unit, and a warning says so: a guess could be wrong by a thousand.
//
// Not read: demands, coincident values, tiers, load profiles (decade 6), constants (ST-15), logs.

import { decimalValue } from '../decimal.ts';
import { Registers } from '../registers.ts';
import {
  type Decoded,
  type Decoder,
  damage,
  MAX_REGISTERS,
  type Telegram,
  type Totals,
} from '../telegram.ts';
import { readClock } from './clock.ts';
import { type GeneralConfig, niBytes, readGeneralConfig, readNi } from './general-config.ts';
import { identityOf } from './identity.ts';
import { hasPacket } from './packet.ts';
import { readSession, splitSessions, type TableReads } from './session.ts';
import { type SourceUnit, sourceUnit } from './sources.ts';
import { readTableLines, splitTableLines } from './table-lines.ts';

const CONFIG = 0;
const UOM = 12;
const SOURCES = 16;
const ACTUAL_REGISTERS = 21;
const SELECTION = 22;
const CURRENT_DATA = 23;
/** Of ST-21's first byte: ST-23 begins with a counter. */
const HAS_RESET_COUNTER = 0x04;
const SUMMATION_COUNT_AT = 3;

export const C1219: Decoder = {
  protocol: 'c1219',
  detect: (bytes) =>
    hasPacket(bytes) || splitTableLines(bytes, true, 'ST').pieces.length > 0 ? 0.8 : 0,
  split: (bytes, isEnd) => {
    const lines = splitTableLines(bytes, isEnd, 'ST');
    if (lines.pieces.length > 0) return lines;
    const sessions = splitSessions(bytes, isEnd);
    if (sessions.pieces.length > 0) return sessions;
    return { pieces: [], restStart: Math.min(lines.restStart, sessions.restStart) };
  },
  decode: decodeC1219,
};

function decodeC1219(piece: Uint8Array): Decoded {
  const reads = readTableLines(piece, 'ST') ?? readSession(piece);
  return reads.kind === 'damage' ? reads : telegramOf(reads);
}

function telegramOf({ tables, warnings }: TableReads): Decoded {
  const current = tables.get(CURRENT_DATA);
  const config = readGeneralConfig(tables.get(CONFIG) ?? new Uint8Array(0));
  const actual = tables.get(ACTUAL_REGISTERS);
  if (current === undefined)
    return damage('unsupported', warnings[0] ?? `expected table 23, found ${tableNames(tables)}`);
  if (config === undefined || actual === undefined || actual.length <= SUMMATION_COUNT_AT)
    return damage(
      'unsupported',
      `expected tables 0 and 21 beside table 23, found ${tableNames(tables)}`,
    );
  const size = niBytes(config.niFormat1);
  if (size === undefined)
    return damage(
      'bad-structure',
      `expected a number format of 0 to 13, found ${config.niFormat1}`,
    );
  const count = actual[SUMMATION_COUNT_AT] as number;
  const start = ((actual[0] as number) & HAS_RESET_COUNTER) === 0 ? 0 : 1;
  if (current.length < start + count * size)
    return damage(
      'bad-structure',
      `expected ${count} summations of ${size} bytes in table 23, found ${current.length} bytes`,
    );
  const registers = new Registers();
  const notes = new Set(warnings);
  const totals: { importWh?: number; exportWh?: number } = {};
  for (let index = 0; index < count; index++) {
    const at = start + index * size;
    const read = readNi(current.subarray(at, at + size), config.niFormat1, config.isBigEndian);
    if (read === undefined) {
      notes.add(`summation ${index} is no number in format ${config.niFormat1}`);
      continue;
    }
    const unit = unitOfSummation(index, tables, config);
    if (typeof unit === 'string') {
      notes.add(`${unit}: without a unit`);
      registers.add(`summation-${index}`, { value: decimalValue(read) });
      continue;
    }
    const value = decimalValue({ digits: read.digits, exponent: read.exponent + unit.scaler });
    registers.add(nameOf(index, unit), { value, unit: unit.unit, scaler: unit.scaler });
    if (typeof value === 'number' && unit.direction !== undefined)
      totals[`${unit.direction}Wh`] ??= value;
  }
  if (registers.isFull) notes.add(`registers beyond the first ${MAX_REGISTERS} left out`);
  return finish(tables, config, registers, totals, [...notes]);
}

function finish(
  tables: ReadonlyMap<number, Uint8Array>,
  config: GeneralConfig,
  registers: Registers,
  totals: Totals,
  warnings: readonly string[],
): Telegram {
  const meter = identityOf(tables, config);
  const time = readClock(tables, config);
  return {
    kind: 'telegram',
    protocol: 'c1219',
    ...(meter !== undefined && { meter }),
    ...(time !== undefined && { time }),
    registers: registers.map,
    ...totals,
    warnings,
  };
}

/** A sentence where it cannot be told. */
function unitOfSummation(
  index: number,
  tables: ReadonlyMap<number, Uint8Array>,
  { isBigEndian }: GeneralConfig,
): SourceUnit | string {
  const selection = tables.get(SELECTION);
  const uom = tables.get(UOM);
  const sources = tables.get(SOURCES);
  if (selection === undefined || uom === undefined || sources === undefined)
    return 'tables 12, 16 and 22 were not all read';
  const source = selection[index];
  if (source === undefined) return `table 22 does not say what summation ${index} is`;
  return sourceUnit(source, uom, sources, isBigEndian);
}

function nameOf(index: number, { unit, direction }: SourceUnit): string {
  const way = direction === 'import' ? '.delivered' : direction === 'export' ? '.received' : '';
  return `summation-${index}.${unit}${way}`;
}

function tableNames(tables: ReadonlyMap<number, Uint8Array>): string {
  return tables.size === 0 ? 'none' : [...tables.keys()].slice(0, 16).join(', ');
}
