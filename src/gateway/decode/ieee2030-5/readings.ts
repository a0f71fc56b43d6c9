// Readings of a document with what their ReadingType says of them (IEEE 2030.5-2018, packages
// Metering and Metering Mirror): uom, powerOfTenMultiplier, flowDirection, accumulationBehaviour.
// A ReadingType belongs to the readings of its element and of those within.

import { type Decimal, parseDecimal } from '../decimal.ts';
import { isoOfUnix } from '../time.ts';
import { integerOf, nodesOf, textOf, type XmlNode } from './resources.ts';

export interface Reading {
  /** undefined where the document has no ReadingType for it. */
  readonly type: ReadingType | undefined;
  readonly value: Decimal;
  /** When it ended: a summation's reading, and an interval's. */
  readonly time: string | undefined;
  /** `qualityFlags`, hexadecimal, where they are not plainly valid. */
  readonly quality: string | undefined;
  readonly tier: number | undefined;
}

export interface ReadingType {
  readonly uom: number | undefined;
  readonly scaler: number;
  readonly flow: number | undefined;
  readonly accumulation: number | undefined;
  readonly phase: number;
  readonly intervalSeconds: number | undefined;
}

/** Elements that hold readings, or elements that do. */
const CONTAINERS = [
  'MirrorUsagePoint',
  'UsagePoint',
  'MeterReadingList',
  'MirrorMeterReading',
  'MeterReading',
  'ReadingSetList',
  'MirrorReadingSet',
  'ReadingSet',
  'ReadingList',
];
const MAX_SCALER = 9;
/** Valid, and nothing else. */
const VALID = /^0*1?$/u;

/** In document order. `root` is the document's own element, which may itself be a reading. */
export function readingsOf(root: string, node: XmlNode): readonly Reading[] {
  const readings: Reading[] = [];
  if (root === 'Reading') addReading(readings, node, undefined);
  collect(readings, node, undefined);
  return readings;
}

function collect(readings: Reading[], node: XmlNode, outer: ReadingType | undefined): void {
  const type = typeOf(nodesOf(node, 'ReadingType')[0]) ?? outer;
  for (const reading of nodesOf(node, 'Reading')) addReading(readings, reading, type);
  for (const name of CONTAINERS)
    for (const child of nodesOf(node, name)) collect(readings, child, type);
}

/** One without a value is left out. */
function addReading(readings: Reading[], node: XmlNode, outer: ReadingType | undefined): void {
  const value = parseDecimal(textOf(node, 'value') ?? '');
  if (value === undefined) return;
  const [period] = nodesOf(node, 'timePeriod');
  const start = period && integerOf(period, 'start');
  const duration = (period && integerOf(period, 'duration')) ?? 0;
  const flags = textOf(node, 'qualityFlags');
  readings.push({
    type: typeOf(nodesOf(node, 'ReadingType')[0]) ?? outer,
    value,
    time: start === undefined ? undefined : isoOfUnix(start + duration),
    quality: flags === undefined || VALID.test(flags) ? undefined : `flags ${flags.slice(0, 16)}`,
    tier: integerOf(node, 'touTier'),
  });
}

function typeOf(node: XmlNode | undefined): ReadingType | undefined {
  if (node === undefined) return undefined;
  const scaler = integerOf(node, 'powerOfTenMultiplier') ?? 0;
  return {
    uom: Math.abs(scaler) <= MAX_SCALER ? integerOf(node, 'uom') : undefined,
    scaler,
    flow: integerOf(node, 'flowDirection'),
    accumulation: integerOf(node, 'accumulationBehaviour'),
    phase: integerOf(node, 'phase') ?? 0,
    intervalSeconds: integerOf(node, 'intervalLength'),
  };
}
