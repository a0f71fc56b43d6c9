// IEC 61850: values of the metering and measurement nodes MMTR and MMXU in reports over MMS
// (report.ts), or written down by reference (reference-lines.ts).
//
// DmdWh is what flows from the busbar to the customer, SupWh the other way (IEC 61850-7-4); TotWh is
// net, and therefore neither total. TotW counts as import where it is positive. Values are in the
// unit's base unless the report has `units.multiplier`.
//
// Not read: GOOSE, sampled values, the association, answers to reads, MMS over TLS, data sets whose
// members the report does not name.

import { type Decimal, parseDecimal } from '../decimal.ts';
import { Registers } from '../registers.ts';
import { type Decoded, type Decoder, damage, MAX_REGISTERS, type Totals } from '../telegram.ts';
import { splitMessages } from './envelope.ts';
import { isCounter, type Point, Points, parseReference, registerOf } from './points.ts';
import { readReferenceLines, splitReferenceLines } from './reference-lines.ts';
import { type Report, readReport } from './report.ts';

/** Knows no device: counters without their pulsQty are counts. */
export const IEC61850: Decoder = createIec61850Decoder();

/**
 * `pulsQty`: what the device's configuration says of all its counters, as a decimal in the unit's base.
 *
 * @throws RangeError where it is no decimal.
 */
export function createIec61850Decoder(pulsQty?: string): Decoder {
  const pulse = pulsQty === undefined ? undefined : parseDecimal(pulsQty);
  if (pulsQty !== undefined && pulse === undefined)
    throw new RangeError(`pulsQty: expected a decimal, found "${pulsQty}"`);
  return {
    protocol: 'iec61850',
    detect: (bytes) => (hasReport(bytes) ? 0.8 : 0),
    split: (bytes, isEnd) => {
      const lines = splitReferenceLines(bytes, isEnd);
      if (lines.pieces.length > 0) return lines;
      const messages = splitMessages(bytes, isEnd);
      if (messages.pieces.length > 0) return messages;
      return { pieces: [], restStart: Math.min(lines.restStart, messages.restStart) };
    },
    decode: (piece) => {
      const report = readReferenceLines(piece) ?? readReport(piece);
      return report.kind === 'damage' ? report : telegramOf(report, pulse);
    },
  };
}

function hasReport(bytes: Uint8Array): boolean {
  return (
    splitReferenceLines(bytes, true).pieces.length > 0 ||
    splitMessages(bytes, true).pieces.some(
      ({ start, end }) => readReport(bytes.subarray(start, end)).kind === 'report',
    )
  );
}

function telegramOf({ values, time: entryTime }: Report, pulsQty: Decimal | undefined): Decoded {
  const points = new Points();
  let strangers = 0;
  for (const { reference, value } of values) {
    const parsed = reference === undefined ? undefined : parseReference(reference);
    if (parsed === undefined) strangers++;
    else points.add(parsed, value);
  }
  const registers = new Registers();
  const warnings = new Set<string>();
  for (const point of points.all) {
    const register = registerOf(point, pulsQty);
    if (register === undefined) continue;
    registers.add(point.name, register);
    if (isCounter(point) && register.unit === undefined)
      warnings.add('counters without pulsQty are counts, not Wh');
  }
  if (registers.map.size === 0)
    return damage(
      'unsupported',
      `expected values of MMTR or MMXU by reference, found ${strangers} others`,
    );
  if (strangers > 0)
    warnings.add(
      `${strangers} values that are not of MMTR or MMXU, or have no reference, left out`,
    );
  if (registers.isFull) warnings.add(`registers beyond the first ${MAX_REGISTERS} left out`);
  const time = entryTime ?? points.all.find((point) => point.time !== undefined)?.time;
  return {
    kind: 'telegram',
    protocol: 'iec61850',
    meter: (points.all[0] as Point).device,
    ...(time !== undefined && { time }),
    registers: registers.map,
    ...totalsOf(points.all, registers),
    warnings: [...warnings],
  };
}

/** Of the first of each; invalid ones do not count. */
function totalsOf(points: readonly Point[], registers: Registers): Totals {
  const find = (object: string, unit: string): number | undefined => {
    const point = points.find((one) => one.object === object);
    const register = point && registers.map.get(point.name);
    const isUsable = register?.unit === unit && register.quality !== 'invalid';
    return isUsable && typeof register.value === 'number' ? register.value : undefined;
  };
  const importWh = find('DmdWh', 'Wh');
  const exportWh = find('SupWh', 'Wh');
  const netW = find('TotW', 'W');
  return {
    ...(importWh !== undefined && { importWh }),
    ...(exportWh !== undefined && { exportWh }),
    ...(netW !== undefined && { importW: Math.max(netW, 0), exportW: Math.max(0 - netW, 0) }),
  };
}
