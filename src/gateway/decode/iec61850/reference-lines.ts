// Values by reference as text: what client tools print, and what can be taken out of any log.
//
//   LD0/MMTR1.DmdWh.actVal=123456
//   LD0/MMTR1.DmdWh.pulsQty=1
//   {"LD0/MMXU1.TotW.mag.f": 230.5, "LD0/MMXU1.TotW.t": "2024-01-15T10:30:00Z"}
//
// Lines one after another are one telegram.

import { parseDecimal } from '../decimal.ts';
import { type Damage, damage, type Split } from '../telegram.ts';
import { linesOf, splitLines } from '../text-lines.ts';
import { type ClockReading, isoTime } from '../time.ts';
import type { MmsValue } from './mms-value.ts';
import { parseReference } from './points.ts';
import type { Report, ReportedValue } from './report.ts';

const LINE = /^\s*([\w/.$[\]]{3,200})\s*[=:]\s*(\S[^=]{0,63})$/u;
const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(Z|[+-]\d\d:\d\d)?$/u;
const VALIDITIES: Readonly<Record<string, readonly boolean[]>> = {
  good: [false, false],
  invalid: [false, true],
  questionable: [true, true],
};
const MAX_LINE_VALUES = 1024;

export function splitReferenceLines(bytes: Uint8Array, isEnd: boolean): Split {
  return splitLines(bytes, isEnd, {
    isOwn: (line) => valuesOf(line.trim()) !== undefined,
    joins: true,
  });
}

/** undefined where the piece is none of such lines. */
export function readReferenceLines(piece: Uint8Array): Report | Damage | undefined {
  const values: ReportedValue[] = [];
  for (const { text, offset } of linesOf(piece)) {
    const found = valuesOf(text);
    if (found === undefined) return undefined;
    for (const [reference, written] of found) {
      const value = readWritten(written);
      if (value === undefined)
        return damage(
          'bad-structure',
          `expected a value of ${reference}, found neither number, time nor validity`,
          offset,
        );
      values.push({ reference, value });
    }
  }
  return { kind: 'report', values };
}

/** undefined for a line of something else. */
function valuesOf(line: string): readonly (readonly [string, unknown])[] | undefined {
  if (line.startsWith('{')) return valuesOfJson(line);
  const [, reference, value] = LINE.exec(line) ?? [];
  if (reference === undefined || parseReference(reference) === undefined) return undefined;
  return [[reference, (value as string).trim()]];
}

function valuesOfJson(line: string): readonly (readonly [string, unknown])[] | undefined {
  try {
    const object: unknown = JSON.parse(line);
    if (typeof object !== 'object' || object === null) return undefined;
    const found = Object.entries(object).filter(([key]) => parseReference(key) !== undefined);
    return found.length > 0 && found.length <= MAX_LINE_VALUES ? found : undefined;
  } catch {
    return undefined;
  }
}

function readWritten(written: unknown): MmsValue | undefined {
  const text = String(written);
  const bits = VALIDITIES[text];
  if (bits !== undefined) return { kind: 'bits', bits };
  const clock = TIME.exec(text);
  if (clock !== null) {
    const [year, month, day, hour, minute, second] = clock.slice(1, 7).map(Number);
    return {
      kind: 'time',
      time: isoTime({ year, month, day, hour, minute, second } as ClockReading, clock[7] ?? ''),
    };
  }
  const decimal = parseDecimal(text);
  if (decimal !== undefined && decimal.exponent === 0)
    return { kind: 'integer', value: decimal.digits };
  const value = Number(text);
  return text !== '' && Number.isFinite(value)
    ? { kind: 'float', value, isDouble: true }
    : undefined;
}
