// IEEE 2030.5 (Smart Energy Profile 2): MirrorUsagePoint, MirrorMeterReading, MeterReading,
// ReadingSet and Reading in XML, of the namespaces of 2013 and 2018 and of ZigBee's SEP 2.
//
// A register is named by the standard's own numbers, `uom72.flow1.acc9`: unit 72 (Wh) or 38 (W),
// direction 1 (forward, to the customer) or 19 (reverse), accumulation 9 (summation), 3 (cumulative),
// 4 (delta), 12 (instantaneous). Only summations and cumulative values without a phase and a tier are
// totals; the energy of an interval is not.
//
// Not read: EXI, readings whose ReadingType is another document (they have no unit).

import { decimalValue } from '../decimal.ts';
import { Registers } from '../registers.ts';
import {
  type Decoded,
  type Decoder,
  damage,
  MAX_REGISTERS,
  type Register,
  type Totals,
} from '../telegram.ts';
import { isoOfUnix } from '../time.ts';
import { hasDocument, hasExiCookie, isExi, ROOTS, splitDocuments } from './documents.ts';
import { type Reading, readingsOf } from './readings.ts';
import { integerOf, nodesOf, parseDocument, textOf, type XmlNode } from './resources.ts';

const UNITS: Readonly<Record<number, string>> = {
  5: 'A',
  29: 'V',
  31: 'J',
  33: 'Hz',
  38: 'W',
  42: 'm3',
  61: 'VA',
  63: 'var',
  71: 'VAh',
  72: 'Wh',
  73: 'varh',
};
const ENERGY = 72;
const POWER = 38;
const FORWARD = 1;
const REVERSE = 19;
const CUMULATIVE = [3, 9];
const INSTANTANEOUS = 12;
const IDENTITIES = ['mRID', 'deviceLFDI'];
const MAX_ID_LENGTH = 64;

export const IEEE2030_5: Decoder = {
  protocol: 'ieee2030-5',
  detect: (bytes) => (hasDocument(bytes) || hasExiCookie(bytes) ? 0.9 : 0),
  split: splitDocuments,
  decode: decodeDocument,
};

function decodeDocument(piece: Uint8Array): Decoded {
  if (isExi(piece))
    return damage(
      'unsupported',
      'expected IEEE 2030.5 in XML, found EXI, its binary form, which is not read',
    );
  if (piece[piece.length - 1] !== 0x3e)
    return damage('cut-short', 'expected the end tag of the document, found none', piece.length);
  const document = parseDocument(piece);
  if (document.kind === 'damage') return document;
  const { root, node } = document;
  if (!ROOTS.includes(root))
    return damage(
      'not-a-telegram',
      'expected a resource with readings of IEEE 2030.5, found another',
    );
  const readings = readingsOf(root, node);
  if (readings.length === 0)
    return damage('unsupported', 'expected readings, found none in the document');
  return telegramOf(readings, node);
}

function telegramOf(readings: readonly Reading[], root: XmlNode): Decoded {
  const registers = new Registers();
  const warnings = new Set<string>();
  const totals: { -readonly [Name in keyof Totals]: number } = {};
  for (const reading of readings) {
    const register = registerOf(reading);
    registers.add(nameOf(reading), register);
    if (reading.type === undefined)
      warnings.add('a reading whose ReadingType is not in the document has no unit');
    else if (register.unit === undefined)
      warnings.add(`the unit of measure ${reading.type.uom ?? 'none'} is not known here`);
    Object.assign(totals, totalOf(reading, register));
  }
  if (registers.isFull) warnings.add(`registers beyond the first ${MAX_REGISTERS} left out`);
  const usagePoint = nodesOf(root, 'MirrorUsagePoint')[0] ?? root;
  const meter = IDENTITIES.map((name) => textOf(usagePoint, name)).find((id) => id !== undefined);
  const updated = findUpdate(usagePoint);
  const time = readings.findLast((reading) => reading.time !== undefined)?.time ?? updated;
  return {
    kind: 'telegram',
    protocol: 'ieee2030-5',
    ...(meter !== undefined && { meter: meter.slice(0, MAX_ID_LENGTH) }),
    ...(time !== undefined && { time }),
    registers: registers.map,
    ...totals,
    warnings: [...warnings],
  };
}

function registerOf({ type, value, time, quality }: Reading): Register {
  const unit = type?.uom === undefined ? undefined : UNITS[type.uom];
  const scaler = type === undefined || unit === undefined ? 0 : type.scaler;
  return {
    value: decimalValue({ digits: value.digits, exponent: value.exponent + scaler }),
    ...(unit !== undefined && { unit }),
    ...(scaler !== 0 && { scaler }),
    ...(time !== undefined && { time }),
    ...(quality !== undefined && { quality }),
  };
}

function nameOf({ type, tier }: Reading): string {
  if (type === undefined) return 'reading';
  const { uom, flow, accumulation, phase } = type;
  return [
    `uom${uom ?? ''}`,
    ...(flow === undefined ? [] : [`flow${flow}`]),
    ...(accumulation === undefined ? [] : [`acc${accumulation}`]),
    ...(phase === 0 ? [] : [`phase${phase}`]),
    ...(tier === undefined || tier === 0 ? [] : [`tier${tier}`]),
  ].join('.');
}

/** The last of several counts: sets of readings are in the order of time. */
function totalOf({ type, tier }: Reading, { value }: Register): Totals {
  if (type === undefined || typeof value !== 'number' || type.phase !== 0 || (tier ?? 0) !== 0)
    return {};
  const isForward = type.flow === FORWARD;
  if (!isForward && type.flow !== REVERSE) return {};
  if (type.uom === ENERGY && CUMULATIVE.includes(type.accumulation ?? 0))
    return isForward ? { importWh: value } : { exportWh: value };
  if (type.uom !== POWER || (type.accumulation ?? INSTANTANEOUS) !== INSTANTANEOUS) return {};
  // Forward and negative is reverse: devices with one signed power do so.
  const forwardW = isForward ? value : 0 - value;
  return forwardW >= 0 && isForward
    ? { importW: forwardW }
    : { exportW: Math.max(0 - forwardW, 0) };
}

function findUpdate(usagePoint: XmlNode): string | undefined {
  for (const node of [usagePoint, ...nodesOf(usagePoint, 'MirrorMeterReading')]) {
    const seconds = integerOf(node, 'lastUpdateTime');
    if (seconds !== undefined) return isoOfUnix(seconds);
  }
  return undefined;
}
