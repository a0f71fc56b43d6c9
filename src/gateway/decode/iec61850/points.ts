// Data objects of MMTR, MMTN, MMXU and MMXN (IEC 61850-7-4, group M) out of what a report gave of
// them: counters are BCR of IEC 61850-7-3 (actVal times pulsQty), measured values MV and CMV (mag.f),
// three phases WYE and DEL.
//
// A counter's pulsQty is configuration, and in few data sets. Without it actVal is a count of pulses
// whose size nobody has said.

import { type Decimal, decimalValue } from '../decimal.ts';
import { FLOAT32_DIGITS, FLOAT64_DIGITS, floatDecimal } from '../float-decimal.ts';
import type { Register } from '../telegram.ts';
import type { MmsValue } from './mms-value.ts';

export interface Point {
  /** `LD0/MMTR1.DmdWh`, `LD0/MMXU1.PhV.phsA` */
  readonly name: string;
  /** `DmdWh` */
  readonly object: string;
  readonly device: string;
  value?: Decimal;
  quality?: string;
  time?: string;
  pulsQty?: Decimal;
  /** Power of ten of the unit. */
  multiplier?: number;
}

const REFERENCE = /^(\w{1,64})\/([A-Za-z]\w{0,20})[.$]([\w.$]{1,128})$/u;
const LOGICAL_NODE = /MM(?:TR|TN|XU|XN)\d{0,12}$/u;
const CONSTRAINTS = ['ST', 'MX', 'CF', 'SP', 'DC', 'EX', 'SV'];
const WYE = ['phsA', 'phsB', 'phsC', 'neut', 'net', 'res'];
const DEL = ['phsAB', 'phsBC', 'phsCA'];
const PHASES = [...WYE, ...DEL];
const COUNTER = /(?:Wh|VArh|VAh)$/u;
const VALIDITIES = ['', 'invalid', 'reserved', 'questionable'];
const UNITS: readonly (readonly [RegExp, string])[] = [
  [/VArh$/u, 'varh'],
  [/VAh$/u, 'VAh'],
  [/Wh$/u, 'Wh'],
  [/^(?:Tot)?VAr$/u, 'var'],
  [/^(?:Tot)?VA$/u, 'VA'],
  [/^(?:Tot)?W$/u, 'W'],
  [/^Hz$/u, 'Hz'],
  [/^(?:PPV|PhV|PNV|Vol)$/u, 'V'],
  [/^A(?:mp)?$/u, 'A'],
];

export interface Reference {
  readonly device: string;
  readonly node: string;
  /** Data object and attributes. */
  readonly path: readonly string[];
}

/** undefined for what is no reference into one of the four logical nodes. */
export function parseReference(text: string): Reference | undefined {
  const [, device, node, rest] = REFERENCE.exec(text.replace(/\[[A-Z]{2}\]$/u, '')) ?? [];
  if (device === undefined || node === undefined || !LOGICAL_NODE.test(node)) return undefined;
  const parts = (rest as string).split(/[.$]/u);
  const path = CONSTRAINTS.includes(parts[0] as string) ? parts.slice(1) : parts;
  return path.length === 0 || path.some((part) => part === '') ? undefined : { device, node, path };
}

export class Points {
  readonly #points: Map<string, Point> = new Map();

  get all(): readonly Point[] {
    return [...this.#points.values()];
  }

  add({ device, node, path }: Reference, value: MmsValue): void {
    const [object = '', ...attributes] = path;
    const phase = PHASES.includes(attributes[0] as string) ? attributes.shift() : undefined;
    if (value.kind === 'list' && attributes.length === 0 && phase === undefined) {
      const phases = phasesOf(object, value.items);
      for (const [name, part] of phases) this.add({ device, node, path: [object, name] }, part);
      if (phases.length > 0) return;
    }
    const name = `${device}/${node}.${object}${phase === undefined ? '' : `.${phase}`}`;
    const point = this.#points.get(name) ?? { name, object, device };
    this.#points.set(name, point);
    if (value.kind === 'list') assignStructure(point, value.items);
    else assignAttribute(point, attributes, value);
  }
}

/** Wh and its like only where the size of a pulse is known. */
export function registerOf(point: Point, pulsQty: Decimal | undefined): Register | undefined {
  const { value, object, quality, time, multiplier = 0 } = point;
  if (value === undefined) return undefined;
  const more = { ...(time !== undefined && { time }), ...(quality && { quality }) };
  const unit = UNITS.find(([pattern]) => pattern.test(object))?.[1];
  const pulse = COUNTER.test(object) ? (point.pulsQty ?? pulsQty) : { digits: 1n, exponent: 0 };
  if (pulse === undefined) return { value: decimalValue(value), ...more };
  const digits = value.digits * pulse.digits;
  const scaled = decimalValue({ digits, exponent: value.exponent + pulse.exponent + multiplier });
  return { value: scaled, ...(unit !== undefined && { unit }), ...more };
}

export function isCounter({ object }: Point): boolean {
  return COUNTER.test(object);
}

/** Structures of structures: one for each phase, in the order of the standard. */
function phasesOf(
  object: string,
  items: readonly MmsValue[],
): readonly (readonly [string, MmsValue])[] {
  if (!/^(?:PPV|PhV|PNV|A|W|VAr|VA|PF|Z)$/u.test(object)) return [];
  const names = object === 'PPV' ? DEL : WYE;
  const parts = items.filter(
    (item) => item.kind === 'list' && item.items.some(({ kind }) => kind === 'list'),
  );
  return parts.slice(0, names.length).map((part, index) => [names[index] as string, part]);
}

/** BCR: actVal, then frVal. MV and CMV: instMag, then mag, which counts. */
function assignStructure(point: Point, items: readonly MmsValue[]): void {
  for (const item of items) {
    if (item.kind === 'bits') assignAttribute(point, ['q'], item);
    else if (item.kind === 'time') assignAttribute(point, ['t'], item);
  }
  const magnitudes = items.filter(
    (item) => item.kind === 'list' && firstNumber(item) !== undefined,
  );
  const found = magnitudes.length > 0 ? (magnitudes[1] ?? magnitudes[0]) : items.find(isNumber);
  const value = found && firstNumber(found);
  if (value !== undefined) point.value = value;
}

function assignAttribute(point: Point, attributes: readonly string[], value: MmsValue): void {
  const [first = ''] = attributes;
  if (value.kind === 'bits' && first === 'q') {
    const [high = false, low = false] = value.bits;
    point.quality = VALIDITIES[(high ? 2 : 0) + (low ? 1 : 0)] as string;
  } else if (value.kind === 'time') {
    if (first === 't' && value.time !== undefined) point.time = value.time;
  } else {
    const number = firstNumber(value);
    if (number === undefined) return;
    if (first === 'pulsQty') point.pulsQty = number;
    else if (first === 'units') point.multiplier = multiplierOf(attributes, number) ?? 0;
    else if (first === '' || isMain(attributes)) point.value = number;
  }
}

/** `actVal`, `mag.f`, `cVal.mag.f`: not instMag, not an angle. */
function isMain(attributes: readonly string[]): boolean {
  return /^(?:actVal|mag(?:\.[fi])?|cVal(?:\.mag(?:\.[fi])?)?)$/u.test(attributes.join('.'));
}

function multiplierOf(
  attributes: readonly string[],
  { digits, exponent }: Decimal,
): number | undefined {
  const value = Number(digits) * 10 ** exponent;
  return attributes[1] === 'multiplier' && Number.isInteger(value) && Math.abs(value) <= 24
    ? value
    : undefined;
}

function isNumber({ kind }: MmsValue): boolean {
  return kind === 'integer' || kind === 'float';
}

/** Depth first. */
function firstNumber(value: MmsValue): Decimal | undefined {
  if (value.kind === 'integer') return { digits: value.value, exponent: 0 };
  if (value.kind === 'float')
    return floatDecimal(value.value, value.isDouble ? FLOAT64_DIGITS : FLOAT32_DIGITS);
  if (value.kind !== 'list') return undefined;
  for (const item of value.items) {
    const found = firstNumber(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
