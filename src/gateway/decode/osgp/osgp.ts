// OSGP (Open Smart Grid Protocol, ETSI GS OSG 001 V1.1.1): tables that look like ANSI C12.19's, but
// whose registers are at fixed places: BT-23 the energies in Wh, BT-28 the powers now.
//
// Read are the sessions of the meter's optical port, which are those of C12.18 (../c1219), lines of
// tables in hexadecimal (`BT-23: ...`), and a read with its answer in clear as the application layer
// over EN 14908 carries them: `3F TTTT OOOOOO NNNN`, then `00 NNNN <data>`, each perhaps with the
// sequence number (4 bytes) and digest (8 bytes) behind it, which are not verified.
//
// What is encrypted (RC4 under the OMA digest) is refused: keys are in no household's hands, and the
// scheme is broken (Jovanovic and Neves, "Dumb Crypto in Smart Grids", FSE 2015), so that what
// opens under it proves nothing.
//
// The places in BT-23 and BT-28 are those that readers of such meters use (openHAB's smartmeterosgp),
// for numbers of 32 bits; others are refused.

import { identityOf } from '../c1219/identity.ts';
import { readSession, splitSessions, type TableReads } from '../c1219/session.ts';
import { readTableLines, splitTableLines } from '../c1219/table-lines.ts';
import { decimalValue } from '../decimal.ts';
import {
  type Damage,
  type Decoded,
  type Decoder,
  damage,
  type Register,
  type Telegram,
} from '../telegram.ts';
import { readAppExchanges, splitAppExchanges } from './app-exchange.ts';

const CONFIG = 0;
const ENERGIES = 23;
const POWERS = 28;
const FIELD_BYTES = 4;
/** INT32, of ST-0 and BT-00. */
const INT32_FORMAT = 8;

interface Field {
  readonly name: string;
  readonly unit: string;
  readonly scaler: number;
}

const ENERGY_FIELDS: readonly Field[] = [
  { name: 'fwd-active-energy', unit: 'Wh', scaler: 0 },
  { name: 'rev-active-energy', unit: 'Wh', scaler: 0 },
];
const POWER_FIELDS: readonly Field[] = [
  { name: 'fwd-active-power', unit: 'W', scaler: 0 },
  { name: 'rev-active-power', unit: 'W', scaler: 0 },
  { name: 'import-reactive-power', unit: 'var', scaler: 0 },
  { name: 'export-reactive-power', unit: 'var', scaler: 0 },
  { name: 'current-l1', unit: 'A', scaler: -3 },
  { name: 'current-l2', unit: 'A', scaler: -3 },
  { name: 'current-l3', unit: 'A', scaler: -3 },
  { name: 'voltage-l1', unit: 'V', scaler: -3 },
  { name: 'voltage-l2', unit: 'V', scaler: -3 },
  { name: 'voltage-l3', unit: 'V', scaler: -3 },
];

export const OSGP: Decoder = {
  protocol: 'osgp',
  // The optical port's packets are those of C12.18: only who knows the meter can name this one.
  detect: (bytes) => (splitTableLines(bytes, true, 'BT').pieces.length > 0 ? 0.8 : 0),
  split: (bytes, isEnd) => {
    const lines = splitTableLines(bytes, isEnd, 'BT');
    if (lines.pieces.length > 0) return lines;
    const sessions = splitSessions(bytes, isEnd);
    if (sessions.pieces.length > 0) return sessions;
    return splitAppExchanges(bytes, isEnd, Math.min(lines.restStart, sessions.restStart));
  },
  decode: decodeOsgp,
};

function decodeOsgp(piece: Uint8Array): Decoded {
  const reads = readTableLines(piece, 'BT') ?? readAppExchanges(piece) ?? readSession(piece);
  return reads.kind === 'damage' ? reads : telegramOf(reads);
}

function telegramOf({ tables, warnings }: TableReads): Telegram | Damage {
  const config = tables.get(CONFIG);
  const energies = tables.get(ENERGIES);
  const powers = tables.get(POWERS);
  if (energies === undefined && powers === undefined)
    return damage(
      'unsupported',
      `expected BT-23 or BT-28, found ${[...tables.keys()].slice(0, 16).join(', ')}`,
    );
  const format = config === undefined ? INT32_FORMAT : (config[2] ?? 0) & 0x0f;
  if (format !== INT32_FORMAT)
    return damage(
      'unsupported',
      `expected registers of 32 bits, found the number format ${format}`,
    );
  const isBigEndian = ((config?.[0] ?? 0) & 1) === 1;
  const notes = [...warnings];
  if (config === undefined)
    notes.push('BT-00 was not read: taken as least significant byte first, which most meters use');
  const registers = new Map<string, Register>();
  addFields(registers, energies, ENERGY_FIELDS, isBigEndian);
  addFields(registers, powers, POWER_FIELDS, isBigEndian);
  if (registers.size === 0)
    return damage('bad-structure', 'expected numbers of 4 bytes in BT-23 or BT-28, found less');
  const isIdBcd = ((config?.[1] ?? 0) & 0x20) !== 0;
  const meter = identityOf(tables, { isIdBcd });
  const totals = {
    importWh: numberOf(registers, 'fwd-active-energy'),
    exportWh: numberOf(registers, 'rev-active-energy'),
    importW: numberOf(registers, 'fwd-active-power'),
    exportW: numberOf(registers, 'rev-active-power'),
  };
  return {
    kind: 'telegram',
    protocol: 'osgp',
    ...(meter !== undefined && { meter }),
    registers,
    ...(totals.importWh !== undefined && { importWh: totals.importWh }),
    ...(totals.exportWh !== undefined && { exportWh: totals.exportWh }),
    ...(totals.importW !== undefined && { importW: totals.importW }),
    ...(totals.exportW !== undefined && { exportW: totals.exportW }),
    warnings: notes,
  };
}

/** As many as were read. Unsigned: an energy counter may have its top bit set. */
function addFields(
  registers: Map<string, Register>,
  table: Uint8Array | undefined,
  fields: readonly Field[],
  isBigEndian: boolean,
): void {
  if (table === undefined) return;
  const view = new DataView(table.buffer, table.byteOffset, table.length);
  for (const [index, { name, unit, scaler }] of fields.entries()) {
    const at = index * FIELD_BYTES;
    if (at + FIELD_BYTES > table.length) return;
    const digits = BigInt(view.getUint32(at, !isBigEndian));
    registers.set(name, {
      value: decimalValue({ digits, exponent: scaler }),
      unit,
      ...(scaler !== 0 && { scaler }),
    });
  }
}

function numberOf(registers: ReadonlyMap<string, Register>, name: string): number | undefined {
  const value = registers.get(name)?.value;
  return typeof value === 'number' ? value : undefined;
}
