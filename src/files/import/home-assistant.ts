// Long-term statistics of Home Assistant: the answer of the websocket call
// recorder/statistics_during_period as JSON, or a table of statistics as CSV. `sum` and `state` stand
// for the end of the row's period, so a row is a register's stand at start + period. Which statistic
// is what, the mapping says: its id is only a name.

import type { CsvSource } from '../csv-source.ts';
import { excerpt } from '../excerpt.ts';
import { FileError } from '../file-error.ts';
import { type CsvColumns, type CsvRow, readCsvTable } from './csv-table.ts';
import type { Place } from './imported-values.ts';
import { createLocalClock } from './local-clock.ts';
import { zoneOf } from './mapped-csv.ts';
import type { HomeAssistantMapping, StatisticMapping } from './mapping.ts';
import { fileError, parseEnergy, type ReadContext, type ReadExport } from './read-context.ts';
import { jsonDepth, readText } from './read-text.ts';
import { createStampParser, type Stamp } from './stamp.ts';

const MAX_JSON_BYTES = 32 * 1024 * 1024;
const MAX_JSON_DEPTH = 16;
const HOUR = 3600;
const PERIODS = [300, HOUR];

interface StatisticRow {
  readonly id: string;
  readonly startSeconds: number;
  /** undefined: not given in the file. */
  readonly periodSeconds: number | undefined;
  readonly sum: string;
  readonly state: string;
  readonly change: string;
  readonly place: Place;
}

export function createHomeAssistantReader(
  mapping: HomeAssistantMapping,
  mappingFile: string,
): ReadExport {
  return async (source, context) => {
    const [first, chunks] = await peek(source);
    const whole: CsvSource = { file: source.file, chunks };
    const rows: StatisticRow[] = [];
    const wanted = new Set(Object.keys(mapping.statistics));
    const others = new Set<string>();
    const add = (row: StatisticRow): void => {
      if (wanted.has(row.id)) rows.push(row);
      else if (others.size < 1000) others.add(row.id);
    };
    if (first === '{' || first === '[') await readJson(whole, context, add);
    else await readCsvRows(whole, context, mapping, mappingFile, add);
    if (rows.length === 0) {
      throw new FileError('file-empty', {
        file: source.file,
        expected: `a statistic that ${mappingFile} names`,
        found: others.size === 0 ? 'none at all' : listed(others),
      });
    }
    if (others.size > 0)
      context.values.warnings.add(`Statistics that the mapping does not name: ${listed(others)}.`);
    addRows(rows, mapping, context);
  };
}

function addRows(
  rows: readonly StatisticRow[],
  mapping: HomeAssistantMapping,
  context: ReadContext,
): void {
  const period = guessPeriod(rows);
  for (const row of rows) {
    const { meter: named, kind, unit, use } = mapping.statistics[row.id] as StatisticMapping;
    const meter = named ?? context.meter ?? '';
    const durationSeconds = row.periodSeconds ?? period;
    const form = { unit, seconds: durationSeconds };
    const text = use === 'sum' ? row.sum : row.state;
    if (text !== '') {
      const energyMws = parseEnergy(text, form, row.place);
      const atSeconds = row.startSeconds + durationSeconds;
      context.values.addStand({ meter, kind, atSeconds, energyMws }, row.place);
    } else if (row.change !== '') {
      const energyMws = parseEnergy(row.change, form, row.place);
      const { startSeconds } = row;
      context.values.addSpan({ meter, kind, startSeconds, durationSeconds, energyMws }, row.place);
    } else context.values.counts.unmeasured++;
  }
}

/** Short-term statistics are of 5 minutes, long-term ones of an hour. */
function guessPeriod(rows: readonly StatisticRow[]): number {
  return rows.some(({ startSeconds }) => startSeconds % HOUR !== 0 && startSeconds % 1800 !== 0)
    ? (PERIODS[0] as number)
    : HOUR;
}

async function readJson(
  source: CsvSource,
  context: ReadContext,
  add: (row: StatisticRow) => void,
): Promise<void> {
  const { file } = source;
  const text = await readText(source, MAX_JSON_BYTES, context.signal);
  if (jsonDepth(text) > MAX_JSON_DEPTH) {
    const expected = `JSON of at most ${MAX_JSON_DEPTH} levels`;
    throw new FileError('bad-json', { file, expected, found: 'more' });
  }
  let json: unknown;
  try {
    // The number's own text where the runtime has it: 17 digits are more than a double shows.
    json = JSON.parse(text, reviveNumber);
  } catch (error) {
    throw new FileError('bad-json', {
      file,
      ...jsonPlace(error, text),
      expected: 'JSON',
      found: 'something else',
      cause: error,
    });
  }
  const result = isObject(json) && isObject(json.result) ? json.result : json;
  if (!isObject(result)) {
    const expected = 'statistics by id, as recorder/statistics_during_period answers';
    throw new FileError('bad-json', { file, expected, found: 'something else' });
  }
  for (const [id, list] of Object.entries(result)) {
    if (!Array.isArray(list)) {
      if (result !== json)
        throw fileError('bad-json', { file, field: excerpt(id) }, 'a list', typeof list);
      continue;
    }
    list.forEach((one: unknown, i) => {
      const place: Place = { file, field: `${excerpt(id, { quoted: false })}[${i}]` };
      if (!isObject(one)) throw fileError('bad-json', place, 'an object', typeof one);
      const startSeconds = instantOf(one.start, place);
      const endSeconds =
        one.end === undefined || one.end === null ? undefined : instantOf(one.end, place);
      if (
        endSeconds !== undefined &&
        (endSeconds <= startSeconds || endSeconds - startSeconds > 86_400)
      ) {
        throw fileError(
          'bad-start',
          place,
          'an end after the start, a day at most',
          String(one.end),
        );
      }
      add({
        id,
        startSeconds,
        periodSeconds: endSeconds === undefined ? undefined : endSeconds - startSeconds,
        sum: textOf(one.sum),
        state: textOf(one.state),
        change: textOf(one.change),
        place,
      });
    });
  }
}

async function readCsvRows(
  source: CsvSource,
  context: ReadContext,
  mapping: HomeAssistantMapping,
  mappingFile: string,
  add: (row: StatisticRow) => void,
): Promise<void> {
  const [head, chunks] = await peekLine(source);
  const delimiter = ['\t', ';'].find((sign) => head.includes(sign)) ?? ',';
  const zone = context.zone ?? zoneOf(mapping.timezone, mappingFile);
  const clock = zone && createLocalClock(zone);
  const parsers = ['iso', 'unix', 'DD.MM.YYYY HH:mm'].map(createStampParser);
  const parseMs = createStampParser('unix-ms');
  let at = { id: 0, start: 0, sum: -1, state: -1, change: -1 };
  const stampOf = (text: string): Stamp | undefined => {
    if (/^[0-9]{13}$/.test(text)) return parseMs(text);
    for (const parse of parsers) {
      const stamp = parse(text);
      if (stamp !== undefined) return stamp;
    }
    return undefined;
  };
  const onColumns = (columns: CsvColumns): void => {
    at = {
      id: columns.find('statistic_id'),
      start: columns.find('start', 'start_ts', 'start_time'),
      sum: columns.findOptional('sum'),
      state: columns.findOptional('state'),
      change: columns.findOptional('change', 'delta'),
    };
  };
  const onRow = (row: CsvRow): void => {
    const id = row.text(at.id);
    if (!Object.hasOwn(mapping.statistics, id)) {
      add({
        id,
        startSeconds: 0,
        periodSeconds: undefined,
        sum: '',
        state: '',
        change: '',
        place: row.place(),
      });
      return;
    }
    const text = row.text(at.start);
    const stamp = stampOf(text);
    const place = row.place(at.start);
    if (stamp === undefined)
      throw fileError('bad-start', place, 'an ISO 8601 or Unix time, or DD.MM.YYYY HH:MM', text);
    if (stamp.kind === 'local' && clock === undefined)
      throw fileError('bad-start', place, 'a time with its offset, or --timezone', text);
    const startSeconds =
      stamp.kind === 'instant'
        ? stamp.unixSeconds
        : (clock as NonNullable<typeof clock>).resolve(id, stamp.localSeconds, place);
    const column = [at.sum, at.state, at.change].find((one) => one >= 0 && row.text(one) !== '');
    add({
      id,
      startSeconds,
      periodSeconds: undefined,
      sum: row.text(at.sum),
      state: row.text(at.state),
      change: row.text(at.change),
      place: row.place(column),
    });
  };
  await readCsvTable(
    { file: source.file, chunks },
    { delimiter, signal: context.signal },
    { onColumns, onRow },
  );
}

function reviveNumber(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? (context?.source ?? String(value)) : value;
}

function instantOf(value: unknown, place: Place): number {
  const text = textOf(value);
  // Milliseconds; older versions answered with ISO times.
  const stamp = createStampParser(
    /^[0-9]{12,13}$/.test(text)
      ? 'unix-ms'
      : /^[0-9]/.test(text) && text.includes('-')
        ? 'iso'
        : 'unix',
  )(text);
  if (stamp?.kind === 'instant') return stamp.unixSeconds;
  throw fileError(
    'bad-start',
    place,
    'Unix milliseconds or an ISO 8601 time with its offset',
    text,
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function jsonPlace(error: unknown, text: string): Partial<Place> {
  const position = /position ([0-9]+)/.exec(String(error))?.[1];
  if (position === undefined) return {};
  const before = text.slice(0, Number(position));
  const line = before.split('\n').length;
  return { line, field: `column ${Number(position) - before.lastIndexOf('\n')}` };
}

function listed(ids: ReadonlySet<string>): string {
  const shown = [...ids].slice(0, 5).map((id) => excerpt(id));
  return `${shown.join(', ')}${ids.size > shown.length ? ' and others' : ''}`;
}

async function peek(source: CsvSource): Promise<readonly [string, AsyncIterable<Uint8Array>]> {
  const [head, chunks] = await peekLine(source);
  return [
    head
      .replace(/^\u{feff}/u, '')
      .trimStart()
      .charAt(0),
    chunks,
  ];
}

/** The first line, or the first 4 KiB of it, and all chunks again. */
async function peekLine(source: CsvSource): Promise<readonly [string, AsyncIterable<Uint8Array>]> {
  const iterator = source.chunks[Symbol.asyncIterator]();
  const taken: Uint8Array[] = [];
  let head = '';
  while (
    head.trimStart().length === 0 ||
    (!head.trimStart().includes('\n') && head.length < 4096)
  ) {
    const next = await iterator.next();
    if (next.done === true || head.length > 65_536) break;
    taken.push(next.value);
    head += new TextDecoder('latin1').decode(next.value.subarray(0, 8192)).replace(/^ï»¿/, '');
  }
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield* taken;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
      yield next.value;
  }
  return [head.trimStart().split('\n', 1)[0] ?? '', chunks()];
}
