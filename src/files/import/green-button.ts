// Green Button "Download My Data": ESPI XML (NAESB REQ.21). An IntervalBlock belongs to the
// MeterReading that its links name, that to a ReadingType and a UsagePoint; where a simple file has
// no links, to those that came last. Starts are UTC, whatever LocalTimeParameters say: those are for
// showing, and change nothing here.

import { excerpt } from '../excerpt.ts';
import { FileError } from '../file-error.ts';
import { parseDecimal } from './decimal.ts';
import { type EspiBlock, type EspiContent, type EspiEntry, parseEspiEntry } from './espi-entry.ts';
import type { Place, ValueKind } from './imported-values.ts';
import { fileError, parseEnergy, type ReadContext, type ReadExport } from './read-context.ts';
import { readXmlEntries } from './xml-entries.ts';

const ELECTRICITY = '0';
const WATT_HOURS = '72';
const DELTA = '4';
const KINDS: Readonly<Record<string, ValueKind>> = {
  '': 'import',
  '1': 'import',
  '4': 'net',
  '19': 'export',
};
/** Estimated by a reference day or by interpolation, manually edited, mixed. */
const ESTIMATED = ['7', '8', '9', '13'];
/** Projected: nothing was measured. */
const UNMEASURED = ['12'];
const DAY = 86_400;
/** Readings that wait for their ReadingType. */
const MAX_WAITING_READINGS = 2_000_000;
const MAX_ENTRIES = 200_000;

type ReadingType = Extract<EspiContent, { kind: 'reading-type' }>;

interface Blocks {
  readonly entry: EspiEntry;
  readonly blocks: readonly EspiBlock[];
  readonly meterReading: string;
  readonly lastUsagePoint: string;
  readonly lastType: string;
}

interface Feed {
  readonly usagePoints: Map<string, string>;
  /** MeterReading to ReadingType. */
  readonly typeOf: Map<string, string>;
  readonly types: Map<string, ReadingType & { readonly byteOffset: number }>;
}

export const readGreenButton: ReadExport = async (source, context) => {
  const { file } = source;
  const feed: Feed = { usagePoints: new Map(), typeOf: new Map(), types: new Map() };
  let waiting: Blocks[] = [];
  let waitingCount = 0;
  let entryCount = 0;
  let readCount = 0;
  let lastUsagePoint = '';
  let lastType = '';
  let lastMeterReading = '';
  for await (const xml of readXmlEntries(source)) {
    context.signal?.throwIfAborted();
    if (++entryCount > MAX_ENTRIES)
      throw new FileError('too-many-rows', {
        file,
        expected: `at most ${MAX_ENTRIES} entries`,
        found: 'more',
      });
    const entry = parseEspiEntry(xml, file);
    const { content, self, related } = entry;
    if (content.kind === 'usage-point') {
      lastUsagePoint = self;
      [lastMeterReading, lastType] = ['', ''];
      feed.usagePoints.set(self, content.serviceKind);
    } else if (content.kind === 'meter-reading') {
      lastMeterReading = self;
      const type = related.find(
        (href) => href.includes('/ReadingType/') || href.startsWith('ReadingType/'),
      );
      if (type !== undefined) feed.typeOf.set(self, type);
    } else if (content.kind === 'reading-type') {
      lastType = self;
      feed.types.set(self, { ...content, byteOffset: entry.byteOffset });
    } else if (content.kind === 'interval-blocks') {
      const { blocks } = content;
      const meterReading = beforeSegment(entry.up, entry.self, 'IntervalBlock') || lastMeterReading;
      waiting.push({ entry, blocks, meterReading, lastUsagePoint, lastType });
      for (const { readings } of blocks) waitingCount += readings.length;
      readCount++;
    }
    // Most files have the type first: their readings need not wait for the end of the file.
    if (waitingCount > 0 && waiting.every((one) => typeHref(one, feed) !== undefined)) {
      for (const one of waiting) addBlocks(one, feed, file, context);
      [waiting, waitingCount] = [[], 0];
    }
    if (waitingCount > MAX_WAITING_READINGS) {
      throw new FileError('too-many-rows', {
        file,
        byteOffset: entry.byteOffset,
        expected: `a ReadingType before ${MAX_WAITING_READINGS} readings of it`,
        found: 'none',
      });
    }
  }
  for (const one of waiting) addBlocks(one, feed, file, context);
  if (readCount === 0)
    throw new FileError('file-empty', {
      file,
      expected: 'an Atom entry with an IntervalBlock',
      found: 'none',
    });
};

function typeHref({ meterReading, lastType }: Blocks, feed: Feed): string | undefined {
  const linked = feed.typeOf.get(meterReading);
  if (linked !== undefined) return feed.types.has(linked) ? linked : undefined;
  if (feed.types.has(lastType)) return lastType;
  return undefined;
}

function addBlocks(blocks: Blocks, feed: Feed, file: string, context: ReadContext): void {
  const { entry, meterReading } = blocks;
  const { values } = context;
  const href =
    typeHref(blocks, feed) ?? (feed.types.size === 1 ? [...feed.types.keys()][0] : undefined);
  const type = feed.types.get(href ?? '\0');
  const place: Place = { file, byteOffset: entry.byteOffset };
  if (type === undefined) {
    const expected = 'a MeterReading with a link to its ReadingType';
    throw new FileError('bad-xml', { ...place, field: 'IntervalBlock', expected, found: 'none' });
  }
  const point = beforeSegment('', meterReading, 'MeterReading') || blocks.lastUsagePoint;
  const service = feed.usagePoints.get(point) ?? ELECTRICITY;
  if (service !== ELECTRICITY && service !== '') {
    values.warnings.add(
      `Usage points of service kind ${excerpt(service)}, no electricity, are not read.`,
    );
    return;
  }
  if (type.uom !== WATT_HOURS) {
    values.warnings.add(`Readings of uom ${excerpt(type.uom)}, no watt-hours (72), are not read.`);
    return;
  }
  const kind = kindOf(type, file);
  const powerText = type.powerOfTen === '' ? '0' : type.powerOfTen;
  const power = /^-?[0-9]{1,2}$/.test(powerText) ? Number(powerText) : Number.NaN;
  const multiplier = Number.isInteger(power) && parseDecimal(`1e${power}`);
  if (!multiplier) {
    const at = { file, byteOffset: type.byteOffset, field: 'powerOfTenMultiplier' };
    throw fileError('bad-value', at, 'a power of ten', powerText);
  }
  const meter = meterOf(point, context);
  for (const { start, readings } of blocks.blocks) {
    readings.forEach((reading, i) => {
      const at: Place = { file, byteOffset: reading.byteOffset, field: 'IntervalReading' };
      const durationSeconds = wholeSeconds(reading.duration || type.intervalLength, 'duration', at);
      const startSeconds =
        reading.start === ''
          ? wholeSeconds(start, 'start', at) + i * durationSeconds
          : wholeSeconds(reading.start, 'start', at);
      if (durationSeconds >= DAY) {
        values.warnings.add('Readings of a day or longer are not read.');
        return;
      }
      if (reading.value === '' || UNMEASURED.includes(reading.quality)) {
        values.counts.unmeasured++;
        return;
      }
      if (ESTIMATED.includes(reading.quality)) values.counts.estimated++;
      const form = { unit: 'Wh', seconds: durationSeconds, multiplier } as const;
      const energyMws = parseEnergy(reading.value, form, at);
      values.addSpan({ meter, kind, startSeconds, durationSeconds, energyMws }, at);
    });
  }
}

function kindOf(type: ReadingType & { readonly byteOffset: number }, file: string): ValueKind {
  const { accumulation, flowDirection, byteOffset } = type;
  if (accumulation !== '' && accumulation !== DELTA) {
    const at = { file, byteOffset, field: 'accumulationBehaviour' };
    throw fileError(
      'not-supported',
      at,
      '4, the energy of each interval (deltaData)',
      accumulation,
    );
  }
  const kind = Object.hasOwn(KINDS, flowDirection) ? KINDS[flowDirection] : undefined;
  if (kind !== undefined) return kind;
  const at = { file, byteOffset, field: 'flowDirection' };
  throw fileError('not-supported', at, '1 (delivered), 19 (received) or 4 (net)', flowDirection);
}

/** `9b6c7063-01` of .../RetailCustomer/9b6c7063/UsagePoint/01: titles may be names and addresses. */
function meterOf(point: string, { meter }: ReadContext): string {
  const match = /(?:RetailCustomer\/([^/]+)\/)?UsagePoint\/([^/]+)$/.exec(point);
  if (match === null) return meter ?? '';
  return match[1] === undefined ? `${match[2]}` : `${match[1]}-${match[2]}`;
}

/** What of the first link that has it stands before `/segment`. */
function beforeSegment(up: string, self: string, segment: string): string {
  for (const href of [up, self]) {
    const at = href.lastIndexOf(`/${segment}`);
    if (at > 0) return href.slice(0, at);
  }
  return '';
}

function wholeSeconds(text: string, field: string, place: Place): number {
  if (/^[0-9]{1,10}$/.test(text) && (field === 'start' || Number(text) > 0)) return Number(text);
  throw fileError('bad-start', { ...place, field }, 'whole seconds', text);
}
