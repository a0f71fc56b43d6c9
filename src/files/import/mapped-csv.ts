// A portal's CSV by a mapping file.

import { FileError } from '../file-error.ts';
import { parseStart } from '../reading-fields.ts';
import { type CsvColumns, type CsvRow, readCsvTable } from './csv-table.ts';
import { isPower } from './energy.ts';
import type { Place, ValueKind } from './imported-values.ts';
import { createLocalClock, type LocalClock } from './local-clock.ts';
import type { CsvMapping } from './mapping.ts';
import { fileError, parseEnergy, type ReadContext, type ReadExport } from './read-context.ts';
import { createStampParser, type Stamp, type StampParser } from './stamp.ts';
import { createTimeZone, startOfLocalDay, type TimeZone } from './time-zone.ts';

interface MappedColumns {
  readonly meter: number;
  readonly stamp: readonly number[];
  readonly period: number;
  readonly offset: number;
  readonly values: readonly { readonly column: number; readonly where: number }[];
  readonly estimated: number;
}

/** What all columns of one kind say in a row. */
interface RowSum {
  readonly kind: ValueKind;
  readonly cumulative: boolean;
  energyMws: bigint | undefined;
  readonly place: Place;
}

interface Reader {
  readonly mapping: CsvMapping;
  readonly context: ReadContext;
  readonly zone: TimeZone | undefined;
  readonly clock: LocalClock | undefined;
  readonly parseStamp: StampParser;
}

export function createMappedCsvReader(mapping: CsvMapping, mappingFile: string): ReadExport {
  return async (source, context) => {
    const zone = context.zone ?? zoneOf(mapping.timezone, mappingFile);
    const reader: Reader = {
      mapping,
      context,
      zone,
      clock: zone && createLocalClock(zone, mapping.stamp.ambiguous),
      parseStamp: createStampParser(mapping.stamp.format),
    };
    const { delimiter, encoding, headerLine } = mapping;
    let columns: MappedColumns | undefined;
    await readCsvTable(
      source,
      {
        delimiter,
        encoding,
        skipLines: Math.max(headerLine - 1, 0),
        hasHeader: headerLine > 0,
        signal: context.signal,
      },
      {
        onColumns(found) {
          columns = columnsOf(mapping, found);
        },
        onRow: (row) => readRow(row, columns as MappedColumns, reader),
      },
    );
  };
}

/** @throws FileError `bad-mapping` for a zone that there is not. */
export function zoneOf(name: string | undefined, file: string): TimeZone | undefined {
  if (name === undefined) return undefined;
  const zone = createTimeZone(name);
  if (zone !== undefined) return zone;
  const expected = 'an IANA time zone such as Europe/Berlin';
  throw fileError('bad-mapping', { file, field: 'timezone' }, expected, name);
}

function columnsOf(mapping: CsvMapping, columns: CsvColumns): MappedColumns {
  const { meter, stamp, values, estimated } = mapping;
  const optional = (name: string | undefined): number =>
    name === undefined ? -1 : columns.find(name);
  return {
    meter: meter !== undefined && 'column' in meter ? columns.find(meter.column) : -1,
    stamp: stamp.columns.map((name) => columns.find(name)),
    period: optional(stamp.period),
    offset: optional(stamp.offsetColumn),
    values: values.map(({ column, where }) => ({
      column: columns.find(column),
      where: optional(where?.column),
    })),
    estimated: optional(estimated?.column),
  };
}

function readRow(row: CsvRow, columns: MappedColumns, reader: Reader): void {
  const { mapping, context } = reader;
  const { counts } = context.values;
  const meter = meterOf(row, columns, reader);
  const seconds = mapping.intervalMinutes * 60;
  const wanted = mapping.values.flatMap((value, i) => {
    const { column, where } = columns.values[i] as { column: number; where: number };
    return where < 0 || matches(row.text(where), value.where?.equals) ? [{ value, column }] : [];
  });
  if (wanted.length === 0) return;
  const texts = wanted.map(({ column }) => row.text(column));
  const isMissing = (text: string): boolean => text === '' || mapping.missing.includes(text);
  let instants: ReturnType<typeof instantsOf>;
  try {
    instants = instantsOf(row, columns, reader, `${meter} ${wanted.map(({ column }) => column)}`);
  } catch (error) {
    // Some portals have rows for the hour that the clock skips, with nothing in them.
    if (error instanceof FileError && error.code === 'bad-start' && texts.every(isMissing)) {
      counts.unmeasured += texts.length;
      return;
    }
    throw error;
  }
  const { startSeconds, endSeconds } = instants;
  if (columns.estimated >= 0 && matches(row.text(columns.estimated), mapping.estimated?.equals))
    counts.estimated++;
  const sums = new Map<string, RowSum>();
  wanted.forEach(({ value, column }, i) => {
    const { kind, unit, multiplier, cumulative } = value;
    const place = row.place(column);
    if (cumulative && isPower(unit)) {
      throw fileError('bad-mapping', place, 'a cumulative register of energy', unit);
    }
    const text = texts[i] as string;
    const style = { decimalSign: mapping.decimal, groupSign: mapping.group };
    const energyMws = isMissing(text)
      ? undefined
      : parseEnergy(text, { unit, seconds, style, multiplier }, place);
    const key = `${kind} ${cumulative}`;
    const sum = sums.get(key);
    if (sum === undefined) sums.set(key, { kind, cumulative, energyMws, place });
    // Tariffs in columns of their own: one that is missing leaves the whole unknown.
    else sum.energyMws = plus(sum.energyMws, energyMws);
  });
  for (const { kind, cumulative, energyMws, place } of sums.values()) {
    if (energyMws === undefined) counts.unmeasured++;
    else if (cumulative) {
      const atSeconds = mapping.stamp.at === 'start' ? startSeconds : endSeconds;
      context.values.addStand({ meter, kind, atSeconds, energyMws }, place);
    } else {
      const span = { meter, kind, startSeconds, durationSeconds: seconds, energyMws };
      context.values.addSpan(span, place);
    }
  }
}

function plus(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}

function meterOf(row: CsvRow, columns: MappedColumns, { mapping, context }: Reader): string {
  if (columns.meter >= 0) return row.text(columns.meter).replace(/^'/, '');
  if (mapping.meter !== undefined && 'name' in mapping.meter) return mapping.meter.name;
  return context.meter ?? '';
}

function instantsOf(
  row: CsvRow,
  columns: MappedColumns,
  reader: Reader,
  series: string,
): { readonly startSeconds: number; readonly endSeconds: number } {
  const { mapping, zone, parseStamp } = reader;
  const { at, format } = mapping.stamp;
  const seconds = mapping.intervalMinutes * 60;
  const text = columns.stamp.map((column) => row.text(column)).join(' ');
  const place = row.place(columns.stamp[0]);
  const stamp = parseStamp(text);
  if (stamp === undefined) throw fileError('bad-start', place, `a time as ${format}`, text);
  if (columns.period >= 0) {
    const startSeconds = periodStart(row, columns.period, stamp, zone, seconds);
    return { startSeconds, endSeconds: startSeconds + seconds };
  }
  const isLabel = at === 'labelled-end' && stamp.kind === 'local';
  const local: Stamp = isLabel
    ? { kind: 'local', localSeconds: stamp.localSeconds - seconds }
    : stamp;
  const instant = instantOf(local, row, columns, reader, series, place);
  const startSeconds = at === 'start' || isLabel ? instant : instant - seconds;
  return { startSeconds, endSeconds: startSeconds + seconds };
}

function instantOf(
  stamp: Stamp,
  row: CsvRow,
  columns: MappedColumns,
  { mapping, zone, clock }: Reader,
  series: string,
  place: Place,
): number {
  if (stamp.kind === 'instant') return stamp.unixSeconds;
  const { localSeconds } = stamp;
  if (columns.offset >= 0) {
    const text = row.text(columns.offset);
    const offset = offsetOf(text, mapping.stamp.offsets);
    if (offset === undefined) {
      const expected = 'an offset such as +02:00, or a word of "offsets"';
      throw fileError('bad-start', row.place(columns.offset), expected, text);
    }
    return localSeconds - offset;
  }
  if (clock === undefined || zone === undefined) throw noZone(place);
  return clock.resolve(series, localSeconds, place);
}

function periodStart(
  row: CsvRow,
  column: number,
  stamp: Stamp,
  zone: TimeZone | undefined,
  seconds: number,
): number {
  if (zone === undefined) throw noZone(row.place(column));
  const text = row.text(column);
  if (stamp.kind !== 'local' || stamp.localSeconds % 86_400 !== 0) {
    throw fileError('bad-start', row.place(column), 'a date beside a period', text);
  }
  // `25` or, as some write the hour that ends, `25:00`.
  const match = /^0*([1-9][0-9]{0,3})(?::00)?$/.exec(text);
  const dayStart = startOfLocalDay(zone, stamp.localSeconds);
  const dayEnd = startOfLocalDay(zone, stamp.localSeconds + 86_400);
  const count = (dayEnd - dayStart) / seconds;
  const period = match === null ? 0 : Number(match[1]);
  if (period >= 1 && period <= count) return dayStart + (period - 1) * seconds;
  const expected = `a period from 1 to ${Math.floor(count)}, as many as this day has`;
  throw fileError('bad-start', row.place(column), expected, text);
}

function offsetOf(
  text: string,
  words: Readonly<Record<string, number>> | undefined,
): number | undefined {
  if (words !== undefined && Object.hasOwn(words, text)) return 60 * (words[text] as number);
  const midnight = parseStart(`2000-01-01T00:00${text}`);
  return typeof midnight === 'number' ? Date.UTC(2000, 0, 1) / 1000 - midnight : undefined;
}

function matches(text: string, equals: string | readonly string[] | undefined): boolean {
  return typeof equals === 'string' ? equals === text : equals?.includes(text) === true;
}

function noZone(place: Place): FileError {
  return new FileError('bad-start', {
    ...place,
    expected: 'a time zone, by "timezone" in the mapping or --timezone',
    found: 'a local time and no zone',
  });
}
