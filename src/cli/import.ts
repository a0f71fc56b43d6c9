// streetwatt import: exports of utilities, portals and Home Assistant as readings.csv.

import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { areaDepth, parseAreaId } from '../core/area.ts';
import { excerpt } from '../files/excerpt.ts';
import { FileError } from '../files/file-error.ts';
import { assembleRows, type ImportSummary, iso } from '../files/import/assemble.ts';
import {
  IMPORT_FORMATS,
  type ImportFormat,
  needsMapping,
  readerOf,
} from '../files/import/formats.ts';
import { ImportedValues } from '../files/import/imported-values.ts';
import { createTimeZone, type TimeZone } from '../files/import/time-zone.ts';
import { writeImported } from '../files/import/write-imported.ts';
import type { Cli } from './cli.ts';
import { csvFileWithProgress } from './csv-progress.ts';
import { UsageError } from './errors.ts';
import { parseIntervalMinutes, pathOption, requireOption } from './options.ts';
import { createProgress } from './progress.ts';

const OUT = '--out <file>';

const HELP_AFTER = `
Formats: green-button (ESPI XML), smart-meter-texas, uk-half-hourly, mscons (EDIFACT load
profiles), csv (any portal's, by a mapping file) and home-assistant (statistics, by a
mapping file). Files may be gzipped (.gz); several of one format become one readings.csv.
Values of 5 or 1 minutes are added up to 15 where they are complete; longer ones keep their
length. What was not measured stays empty, never zero. docs/import.md tells where each
export's button is, and what a mapping says.

Examples:
  $ streetwatt import green-button june.xml july.xml --out readings.csv
  $ streetwatt import smart-meter-texas IntervalData.csv --meter home --out readings.csv \\
      --area us/tx/austin/street-1 --meters-out meters.csv
  $ streetwatt import csv consumo.csv --mapping datadis.json --out readings.csv
  $ streetwatt import home-assistant stats.json --mapping ha.json --interval-minutes 60 \\
      --out readings.csv`;

interface ImportCommandOptions {
  readonly out?: string;
  readonly metersOut?: string;
  readonly area?: string;
  readonly mapping?: string;
  readonly timezone?: TimeZone;
  readonly meter?: string;
  readonly intervalMinutes?: number;
}

export function registerImport(program: Command, cli: Cli): void {
  program
    .command('import')
    .description('Turn exports of utilities, portals and Home Assistant into readings.csv.')
    .argument('<format>', IMPORT_FORMATS.join(', '))
    .argument('<file...>', 'exports of that format')
    .addOption(pathOption(OUT, 'readings.csv to write'))
    .addOption(pathOption('--meters-out <file>', 'meters.csv to write, with every meter in --area'))
    .addOption(
      new Option(
        '--area <area>',
        'the street of the meters, such as es/madrid/centro/street-12',
      ).argParser(parseArea),
    )
    .addOption(pathOption('--mapping <file>', 'what the columns or statistics mean, as JSON'))
    .addOption(
      new Option(
        '--timezone <zone>',
        'IANA zone of local times (default: that of the format)',
      ).argParser(parseZone),
    )
    .option('--meter <name>', 'name of the only meter, in place of the one in the files')
    .addOption(
      new Option(
        '--interval-minutes <minutes>',
        'add up to this length (default: 15, or the longer one that the files have)',
      ).argParser((text) => parseIntervalMinutes('--interval-minutes', text)),
    )
    .addHelpText('after', HELP_AFTER)
    .action((format: string, files: string[], options: ImportCommandOptions) =>
      runImport(parseFormat(format), files, options, cli),
    );
}

async function runImport(
  format: ImportFormat,
  files: readonly string[],
  options: ImportCommandOptions,
  cli: Cli,
): Promise<void> {
  const out = requireOption(OUT, options.out);
  checkOptions(format, files, out, options);
  const read = await readerOf(format, options.mapping);
  const values = new ImportedValues(options.meter);
  using progress = createProgress();
  for (const file of files) {
    const source = await csvFileWithProgress(file, progress);
    const { timezone: zone, meter } = options;
    await read(source, { values, zone, meter, signal: cli.signal });
  }
  progress.end();
  const { intervalMinutes, metersOut, area } = options;
  const { rows, summary } = assembleRows(values, intervalMinutes && 60 * intervalMinutes);
  await writeImported(orEmpty(rows, files), {
    readingsPath: out,
    meters: metersOut === undefined ? undefined : { path: metersOut, area: area ?? '' },
    signal: cli.signal,
  });
  for (const warning of values.warnings) cli.warn(warning);
  cli.warn(summaryText(summary()));
}

/** Nothing is written where there is nothing. */
function* orEmpty<Row>(rows: Iterable<Row>, files: readonly string[]): Generator<Row> {
  let isEmpty = true;
  for (const row of rows) {
    isEmpty = false;
    yield row;
  }
  if (!isEmpty) return;
  throw new FileError('file-empty', {
    file: files[0] ?? '',
    expected: 'at least one complete interval',
    found: 'none',
  });
}

function summaryText(summary: ImportSummary): string {
  const { firstSeconds = 0, lastSeconds = 0, intervalSeconds } = summary;
  const meters = counted(summary.meterCount, 'meter');
  const intervals = counted(summary.rowCount, 'interval');
  const parts = [
    `${counted(summary.missingCount, 'interval')} missing or in part`,
    `${counted(summary.duplicateCount, 'duplicate')} dropped`,
  ];
  const others: readonly (readonly [number, string])[] = [
    [summary.incompleteCount, 'incomplete and left empty'],
    [summary.unmeasuredCount, 'marked as not measured'],
    [summary.estimatedCount, 'estimated by the sender and taken'],
    [summary.supersededCount, 'replaced by a newer revision'],
    [summary.resetCount, 'left empty where a register went back'],
    [summary.outOfOrderCount, 'sorted into place'],
  ];
  for (const [count, text] of others) if (count > 0) parts.push(`${number(count)} ${text}`);
  return `${meters}, ${intervals} of ${intervalSeconds / 60} minutes from ${iso(firstSeconds)} to ${iso(lastSeconds + intervalSeconds)}; ${parts.join(', ')}.`;
}

function checkOptions(
  format: ImportFormat,
  files: readonly string[],
  out: string,
  { mapping, metersOut, area, meter }: ImportCommandOptions,
): void {
  const bad = (text: string): UsageError => new UsageError('bad-option', text);
  if (needsMapping(format)) {
    if (mapping === undefined)
      throw bad(`--mapping: expected a mapping file, which ${format} needs, found none.`);
  } else if (mapping !== undefined)
    throw bad(`--mapping: expected csv or home-assistant as the format, found ${format}.`);
  if ((metersOut === undefined) !== (area === undefined))
    throw bad('--area: expected it together with --meters-out, found one without the other.');
  if (meter === '') throw bad('--meter: expected a name, found nothing.');
  const outputs = [out, ...(metersOut === undefined ? [] : [metersOut])].map((path) =>
    resolve(path),
  );
  const inputs = [...files, ...(mapping === undefined ? [] : [mapping])].map((path) =>
    resolve(path),
  );
  if (new Set([...outputs, ...inputs]).size < outputs.length + new Set(inputs).size)
    throw bad('--out: expected a file of its own, found one that is read or written besides.');
  if (new Set(inputs).size < inputs.length)
    throw bad('file: expected each file once, found one twice.');
}

function parseFormat(text: string): ImportFormat {
  const format = IMPORT_FORMATS.find((one) => one === text);
  if (format !== undefined) return format;
  throw new UsageError(
    'bad-option',
    `format: expected ${IMPORT_FORMATS.join(', ')}, found ${excerpt(text)}.`,
  );
}

function parseArea(text: string): string {
  const area = parseAreaId(text);
  if (area !== undefined && areaDepth(area) >= 2) return area;
  throw new UsageError(
    'bad-option',
    `--area: expected a path such as es/madrid/centro/street-12, found ${excerpt(text)}.`,
  );
}

function parseZone(text: string): TimeZone {
  const zone = createTimeZone(text);
  if (zone !== undefined) return zone;
  throw new UsageError(
    'bad-option',
    `--timezone: expected an IANA time zone such as Europe/Berlin, found ${excerpt(text)}.`,
  );
}

function counted(count: number, noun: string): string {
  return `${number(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
