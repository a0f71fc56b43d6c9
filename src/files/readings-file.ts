// readings.csv: `meter,start,import_wh` and optionally `export_wh` and `production_wh`, rows in any
// order, a million of them in a few seconds. An empty field is "not measured", never zero.

import { DEFAULT_INTERVAL_SECONDS, isIntervalSeconds, isU32 } from '../core/interval.ts';
import { type Header, parseHeader } from './csv-header.ts';
import type { CsvSource } from './csv-source.ts';
import { excerpt } from './excerpt.ts';
import { FileError } from './file-error.ts';
import { readCsv } from './read-csv.ts';
import { MAX_READING_WH, parseEnergyWh, parseStart } from './reading-fields.ts';
import { createReadingsBuilder, type ReadingsTable } from './readings-table.ts';

/** 3.2 GB of columns: beyond it, replay in parts. */
export const MAX_READINGS = 100_000_000;

export interface ReadingsOptions {
  /** Meters of meters.csv in its order; a reading's meter number is the place in this list. */
  readonly meters: readonly string[];
  readonly intervalSeconds?: number;
  readonly signal?: AbortSignal;
}

export interface ReadingsFile {
  readonly file: string;
  readonly intervalSeconds: number;
  readonly table: ReadingsTable;
  /** Rows of readings in the file, those counted in `rejected` too. */
  readonly rowCount: number;
  readonly rejected: {
    readonly 'unknown-meter': number;
    readonly duplicate: number;
    readonly conflict: number;
  };
  /** Fields with a fraction, rounded half up to whole watt-hours. */
  readonly roundedCount: number;
  readonly warnings: readonly string[];
}

type ReadingsHeader = Header<'meter' | 'start' | 'import_wh', 'export_wh' | 'production_wh'>;

/** @throws FileError naming file, line and field of the first thing that is wrong. */
export async function readReadingsFile(
  source: CsvSource,
  options: ReadingsOptions,
): Promise<ReadingsFile> {
  const { file } = source;
  const { meters, intervalSeconds = DEFAULT_INTERVAL_SECONDS, signal } = options;
  if (!isIntervalSeconds(intervalSeconds)) {
    throw new RangeError(
      `intervalSeconds: expected whole seconds that divide a day, found ${intervalSeconds}`,
    );
  }
  const meterNumberOf = new Map(meters.map((meter, number) => [meter, number]));
  const builder = createReadingsBuilder();
  let header: ReadingsHeader | undefined;
  let unknownMeterCount = 0;
  let roundedCount = 0;
  const energyWh = (fields: readonly string[], field: string, at: number, line: number): number => {
    if (at < 0) return Number.NaN;
    const text = fields[at] as string;
    const value = parseEnergyWh(text);
    if (value === undefined) throw badValue(text, { file, line, field });
    if (Number.isNaN(value) || Number.isInteger(value)) return value;
    roundedCount++;
    return Math.round(value);
  };
  await readCsv(source, {
    signal,
    onHeader(names, line) {
      header = parseHeader(
        names,
        {
          required: ['meter', 'start', 'import_wh'],
          optional: ['export_wh', 'production_wh'],
        },
        { file, line },
      );
    },
    onRow(fields, line) {
      const at = (header as ReadingsHeader).at;
      const meter = fields[at.meter] as string;
      if (meter === '') throw noMeter({ file, line });
      const intervalIndex = intervalOf(fields[at.start] as string, intervalSeconds, { file, line });
      const importWh = energyWh(fields, 'import_wh', at.import_wh, line);
      const exportWh = energyWh(fields, 'export_wh', at.export_wh, line);
      const productionWh = energyWh(fields, 'production_wh', at.production_wh, line);
      const meterNumber = meterNumberOf.get(meter);
      if (meterNumber === undefined) {
        unknownMeterCount++;
        return;
      }
      if (builder.count() >= MAX_READINGS) throw tooManyRows({ file, line });
      builder.add(intervalIndex, meterNumber, importWh, exportWh, productionWh);
    },
  });
  const rowCount = builder.count() + unknownMeterCount;
  if (rowCount === 0) {
    throw new FileError('file-empty', { file, expected: 'at least one reading', found: 'none' });
  }
  const { table, duplicateCount, conflictCount } = builder.build();
  return {
    file,
    intervalSeconds,
    table,
    rowCount,
    rejected: {
      'unknown-meter': unknownMeterCount,
      duplicate: duplicateCount,
      conflict: conflictCount,
    },
    roundedCount,
    warnings: [...(header as ReadingsHeader).warnings, ...roundedWarning(roundedCount, file)],
  };
}

interface Place {
  readonly file: string;
  readonly line: number;
}

function intervalOf(text: string, intervalSeconds: number, place: Place): number {
  const startSeconds = parseStart(text);
  const bad = (expected: string): FileError =>
    new FileError('bad-start', { ...place, field: 'start', expected, found: excerpt(text) });
  if (startSeconds === 'no-offset') {
    throw bad('a time with its offset, such as 2018-10-28T23:00:00Z or 2018-10-29T00:00+01:00');
  }
  if (startSeconds === 'not-a-time') throw bad('an ISO 8601 time, such as 2018-10-28T23:00:00Z');
  const intervalIndex = startSeconds / intervalSeconds;
  if (isU32(intervalIndex)) return intervalIndex;
  throw bad(
    intervalSeconds % 60 === 0
      ? `the start of an interval of ${intervalSeconds / 60} minutes`
      : `the start of an interval of ${intervalSeconds} seconds`,
  );
}

function noMeter(place: Place): FileError {
  return new FileError('bad-meter', {
    ...place,
    field: 'meter',
    expected: 'a meter id',
    found: 'nothing',
  });
}

function badValue(text: string, place: Place & { readonly field: string }): FileError {
  return new FileError('bad-value', {
    ...place,
    expected: `watt-hours from 0 to ${MAX_READING_WH} as a decimal number, or nothing where not measured`,
    found: excerpt(text),
  });
}

function tooManyRows(place: Place): FileError {
  return new FileError('too-many-rows', {
    ...place,
    expected: `at most ${MAX_READINGS} readings`,
    found: 'more',
  });
}

function roundedWarning(roundedCount: number, file: string): string[] {
  if (roundedCount === 0) return [];
  const name = excerpt(file, { maxLength: 4096, quoted: false });
  return [`${name}: ${roundedCount} values had a fraction and were rounded to whole watt-hours.`];
}
