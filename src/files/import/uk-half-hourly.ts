// British half-hourly data, as suppliers and data collectors send it: MPAN and settlement date, and
// either a row for each period (long) or a column for each half hour (wide). Settlement periods 1 to
// 46, 48 or 50 count from local midnight, whatever the clock does; columns that are named by clock
// times stand for what the clock shows.

import { type CsvColumns, type CsvRow, readCsvTable } from './csv-table.ts';
import type { ValueKind } from './imported-values.ts';
import { fileError, parseEnergy, type ReadContext, type ReadExport } from './read-context.ts';
import { createStampParser } from './stamp.ts';
import { createTimeZone, startOfLocalDay, type TimeZone } from './time-zone.ts';

const HALF_HOUR = 1800;
const DAY = 86_400;
const DATE_PARSERS = ['YYYY-MM-DD', 'YYYYMMDD', 'DD/MM/YYYY', 'D/M/YYYY', 'DD-MM-YYYY'].map(
  createStampParser,
);
const METER_NAMES = ['mpan', 'mpan core', 'mpan_core', 'mpancore', 'meter', 'meter point'];
const DATE_NAMES = [
  'settlement date',
  'settlement_date',
  'settlementdate',
  'reading date',
  'readdate',
  'consumption date',
  'date',
];
const PERIOD_NAMES = ['settlement period', 'settlement_period', 'settlementperiod', 'period', 'hh'];
const KWH_NAMES = ['kwh', 'consumption (kwh)', 'consumption', 'value', 'reading'];
const TYPE_NAMES = ['measurement quantity', 'measurement_quantity', 'measurement', 'type'];
const NUMBERED = /^(?:hh|hr|p|period|kwh|sp)[ _-]?0*([1-9][0-9]?)$/i;
const CLOCK = /^(?:hh|hr|kwh)?[ _-]?([0-2][0-9]):?([03]0)$/i;

interface WideColumn {
  readonly column: number;
  /** Counted from 0. */
  readonly period?: number;
  /** Seconds after midnight on the clock, and how many columns before have the same. */
  readonly clockSeconds?: number;
  readonly nth?: number;
}

interface Layout {
  readonly meter: number;
  readonly date: number;
  readonly type: number;
  readonly period: number;
  readonly kwh: number;
  readonly wide: readonly WideColumn[];
}

export const readUkHalfHourly: ReadExport = async (source, context) => {
  const zone = context.zone ?? (createTimeZone('Europe/London') as TimeZone);
  let layout: Layout | undefined;
  await readCsvTable(
    source,
    { signal: context.signal },
    {
      onColumns(columns) {
        layout = layoutOf(columns);
      },
      onRow: (row) => readRow(row, layout as Layout, zone, context),
    },
  );
};

function layoutOf(columns: CsvColumns): Layout {
  const period = columns.findOptional(...PERIOD_NAMES);
  const wide = period >= 0 ? [] : wideColumns(columns);
  return {
    meter: columns.findOptional(...METER_NAMES),
    date: columns.find(...DATE_NAMES),
    type: columns.findOptional(...TYPE_NAMES),
    period: wide.length > 0 ? -1 : columns.find(...PERIOD_NAMES),
    kwh: wide.length > 0 ? -1 : columns.find(...KWH_NAMES),
    wide,
  };
}

function wideColumns({ names }: CsvColumns): readonly WideColumn[] {
  const clock: WideColumn[] = [];
  const numbered: WideColumn[] = [];
  const seen = new Map<number, number>();
  names.forEach((name, column) => {
    const time = CLOCK.exec(name);
    if (time !== null && Number(time[1]) < 24) {
      const clockSeconds = Number(time[1]) * 3600 + Number(time[2]) * 60;
      const nth = seen.get(clockSeconds) ?? 0;
      seen.set(clockSeconds, nth + 1);
      clock.push({ column, clockSeconds, nth });
    }
    const number = NUMBERED.exec(name);
    if (number !== null) numbered.push({ column, period: Number(number[1]) - 1 });
  });
  if (clock.length >= 46) return clock;
  return numbered.length >= 46 ? numbered : [];
}

function readRow(row: CsvRow, layout: Layout, zone: TimeZone, context: ReadContext): void {
  const meter = layout.meter < 0 ? (context.meter ?? '') : row.text(layout.meter);
  const kind = layout.type < 0 ? 'import' : kindOf(row, layout.type);
  if (kind === 'not-active') {
    context.values.warnings.add('Reactive energy (RI, RE) is not read.');
    return;
  }
  const dateText = row.text(layout.date);
  const midnight = dateOf(dateText);
  if (midnight === undefined) {
    const expected = 'a date as YYYY-MM-DD, YYYYMMDD or DD/MM/YYYY';
    throw fileError('bad-start', row.place(layout.date), expected, dateText);
  }
  const dayStart = startOfLocalDay(zone, midnight);
  const periodCount = (startOfLocalDay(zone, midnight + DAY) - dayStart) / HALF_HOUR;
  const add = (column: number, period: number): void => {
    const text = row.text(column);
    const place = row.place(column);
    const energyMws = parseEnergy(text, { unit: 'kWh', seconds: HALF_HOUR }, place);
    const startSeconds = dayStart + period * HALF_HOUR;
    const durationSeconds = HALF_HOUR;
    context.values.addSpan({ meter, kind, startSeconds, durationSeconds, energyMws }, place);
  };
  const addPeriod = (column: number, period: number): void => {
    if (row.text(column) === '') {
      if (period < periodCount) context.values.counts.unmeasured++;
      return;
    }
    if (period < periodCount) {
      add(column, period);
      return;
    }
    throw fileError(
      'bad-start',
      row.place(column),
      `nothing beyond period ${periodCount}, the last of ${dateText}`,
      row.text(column),
    );
  };
  if (layout.period >= 0) {
    const text = row.text(layout.period);
    const period = /^[0-9]{1,2}$/.test(text) ? Number(text) : 0;
    if (period >= 1 && period <= 50) {
      addPeriod(layout.kwh, period - 1);
      return;
    }
    throw fileError('bad-start', row.place(layout.period), 'a period from 1 to 50', text);
  }
  for (const one of layout.wide) {
    if (one.period !== undefined) addPeriod(one.column, one.period);
    else if (row.text(one.column) === '') countEmpty(one, midnight, zone, context);
    else addClock(one, { row, midnight, dayStart, zone, layout, context, add });
  }
}

interface ClockRow {
  readonly row: CsvRow;
  readonly midnight: number;
  readonly dayStart: number;
  readonly zone: TimeZone;
  readonly layout: Layout;
  readonly context: ReadContext;
  readonly add: (column: number, period: number) => void;
}

function addClock({ column, clockSeconds = 0, nth = 0 }: WideColumn, all: ClockRow): void {
  const { row, midnight, dayStart, zone, layout, context, add } = all;
  const instants = zone.instantsOf(midnight + clockSeconds);
  const isRepeatedColumn = layout.wide.some(
    (other) => other.clockSeconds === clockSeconds && other.nth === 1,
  );
  if (instants.length === 2 && !isRepeatedColumn) {
    context.values.counts.unmeasured += 2;
    context.values.warnings.add(
      'Where the clock shows an hour twice and the file has one column for both, the hour is left empty.',
    );
    return;
  }
  const instant = instants[nth];
  if (instant !== undefined) {
    add(column, (instant - dayStart) / HALF_HOUR);
    return;
  }
  // Some write zeros into the hour that is not there.
  if (/^0*(?:\.0*)?$/.test(row.text(column))) return;
  const expected = 'nothing at a time that the clock does not show on this day';
  throw fileError('bad-start', row.place(column), expected, row.text(column));
}

function countEmpty(
  { clockSeconds = 0, nth = 0 }: WideColumn,
  midnight: number,
  zone: TimeZone,
  { values }: ReadContext,
): void {
  if (zone.instantsOf(midnight + clockSeconds)[nth] !== undefined) values.counts.unmeasured++;
}

function kindOf(row: CsvRow, column: number): ValueKind | 'not-active' {
  const word = row.text(column).toLowerCase();
  if (['ai', 'import', 'active import', 'kwh', 'consumption', ''].includes(word)) return 'import';
  if (['ae', 'export', 'active export'].includes(word)) return 'export';
  if (['ri', 're', 'kvarh', 'reactive import', 'reactive export'].includes(word))
    return 'not-active';
  const expected = 'AI or import, AE or export';
  throw fileError('bad-value', row.place(column), expected, row.text(column));
}

function dateOf(text: string): number | undefined {
  for (const parse of DATE_PARSERS) {
    const stamp = parse(text);
    if (stamp?.kind === 'local') return stamp.localSeconds;
  }
  return undefined;
}
