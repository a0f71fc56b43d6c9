// Imported values as rows of readings.csv: sorted, without duplicates, in intervals of one length,
// in whole watt-hours.
//
// A span is rounded once, after it was added up. A register is rounded at each boundary and then
// subtracted, so that the remainder is carried and the sum over any time stays within half a
// watt-hour of what the register counted. An interval is there only where it is complete.

import { FileError } from '../file-error.ts';
import { MAX_READING_WH } from '../reading-fields.ts';
import { roundToWh } from './energy.ts';
import {
  type ImportedValues,
  type Series,
  VALUE_KINDS,
  type ValueColumns,
  type ValueKind,
} from './imported-values.ts';
import { commonIntervalSeconds, type FoundLength } from './interval-length.ts';

export interface ImportedRow {
  readonly meter: string;
  readonly startSeconds: number;
  /** undefined: not measured. The same for the others. */
  readonly importWh: number | undefined;
  readonly exportWh: number | undefined;
  readonly productionWh: number | undefined;
}

export interface ImportSummary {
  readonly intervalSeconds: number;
  readonly meterCount: number;
  readonly rowCount: number;
  readonly firstSeconds: number | undefined;
  /** Start of the last interval. */
  readonly lastSeconds: number | undefined;
  /** Intervals between a meter's first and last that lack a value which the meter has elsewhere. */
  readonly missingCount: number;
  /** Of those, intervals of which the file has a part. */
  readonly incompleteCount: number;
  readonly duplicateCount: number;
  /** Values that a later revision of the same file replaces. */
  readonly supersededCount: number;
  /** Registers that went back: reset, exchanged or corrected; the interval is left empty. */
  readonly resetCount: number;
  readonly unmeasuredCount: number;
  readonly estimatedCount: number;
  readonly outOfOrderCount: number;
}

export interface AssembledRows {
  readonly rows: Iterable<ImportedRow>;
  /** Complete once `rows` are read to their end. */
  readonly summary: () => ImportSummary;
}

interface Tally {
  meterCount: number;
  rowCount: number;
  firstSeconds: number | undefined;
  lastSeconds: number | undefined;
  missingCount: number;
  incompleteCount: number;
  duplicateCount: number;
  supersededCount: number;
  resetCount: number;
  outOfOrderCount: number;
}

/** Values of one series, as places in the columns, ascending in time, each time once. */
interface SortedSeries extends Series {
  readonly order: Uint32Array;
  /** The length of its spans, or of the shortest step between stands; undefined for a lone stand. */
  readonly stepSeconds: readonly number[];
}

type Energies = Map<number, number>;

/** @throws FileError for values that contradict each other or fit no interval. */
export function assembleRows(values: ImportedValues, chosenSeconds?: number): AssembledRows {
  const columns = values.columns();
  const tally: Tally = {
    meterCount: 0,
    rowCount: 0,
    firstSeconds: undefined,
    lastSeconds: undefined,
    missingCount: 0,
    incompleteCount: 0,
    duplicateCount: 0,
    supersededCount: 0,
    resetCount: 0,
    outOfOrderCount: 0,
  };
  const ofMeter = new Map<string, SortedSeries[]>();
  const lengths = new Map<number, FoundLength>();
  for (const [number, order] of seriesOrders(columns, values.seriesList.length, tally)) {
    const series = values.seriesList[number] as Series;
    const unique = withoutRepeats(series, order, values, columns, tally);
    const stepSeconds = stepsOf(series, unique, columns);
    for (const seconds of stepSeconds) {
      const place = values.placeOf(unique[0] as number);
      if (!lengths.has(seconds)) lengths.set(seconds, { seconds, place, meter: series.meter });
    }
    const list = ofMeter.get(series.meter);
    const sorted = { ...series, order: unique, stepSeconds };
    if (list === undefined) ofMeter.set(series.meter, [sorted]);
    else list.push(sorted);
  }
  const intervalSeconds = commonIntervalSeconds([...lengths.values()], chosenSeconds);
  return {
    rows: allRows(ofMeter, values, columns, intervalSeconds, tally),
    summary: () => ({
      intervalSeconds,
      ...tally,
      unmeasuredCount: values.counts.unmeasured,
      estimatedCount: values.counts.estimated,
    }),
  };
}

function* allRows(
  ofMeter: ReadonlyMap<string, readonly SortedSeries[]>,
  values: ImportedValues,
  columns: ValueColumns,
  intervalSeconds: number,
  tally: Tally,
): Generator<ImportedRow> {
  for (const meter of [...ofMeter.keys()].sort()) {
    const energies = new Map<ValueKind, Energies>();
    for (const series of ofMeter.get(meter) as readonly SortedSeries[]) {
      if (energies.has(series.kind)) throw bothForms(series, values);
      const sum = series.isRegister ? sumRegister : sumSpans;
      energies.set(series.kind, sum(series, values, columns, intervalSeconds, tally));
    }
    const net = energies.get('net');
    if (net !== undefined && (energies.has('import') || energies.has('export'))) {
      throw bothForms(
        ofMeter.get(meter)?.find(({ kind }) => kind === 'net') as SortedSeries,
        values,
      );
    }
    yield* rowsOfMeter(meter, energies, intervalSeconds, tally);
  }
}

function* rowsOfMeter(
  meter: string,
  energies: ReadonlyMap<ValueKind, Energies>,
  intervalSeconds: number,
  tally: Tally,
): Generator<ImportedRow> {
  const indices = new Set<number>();
  const present = VALUE_KINDS.filter((kind) => (energies.get(kind)?.size ?? 0) > 0);
  for (const kind of present)
    for (const index of energies.get(kind)?.keys() ?? []) indices.add(index);
  if (indices.size === 0) return;
  const sorted = Float64Array.from(indices).sort();
  const [first, last] = [sorted[0] as number, sorted[sorted.length - 1] as number];
  tally.meterCount++;
  tally.rowCount += sorted.length;
  tally.missingCount += last - first + 1;
  tally.firstSeconds = Math.min(tally.firstSeconds ?? Infinity, first * intervalSeconds);
  tally.lastSeconds = Math.max(tally.lastSeconds ?? 0, last * intervalSeconds);
  for (const index of sorted) {
    if (present.every((kind) => energies.get(kind)?.has(index))) tally.missingCount--;
    const net = energies.get('net')?.get(index);
    yield {
      meter,
      startSeconds: index * intervalSeconds,
      importWh: net === undefined ? energies.get('import')?.get(index) : Math.max(net, 0),
      exportWh: net === undefined ? energies.get('export')?.get(index) : Math.max(-net, 0),
      productionWh: energies.get('production')?.get(index),
    };
  }
}

/** Of each series, the places of its values in the order of time, the highest rank first. */
function* seriesOrders(
  { count, series, starts, ranks }: ValueColumns,
  seriesCount: number,
  tally: Tally,
): Generator<readonly [number, Uint32Array]> {
  const ends = new Uint32Array(seriesCount + 1);
  for (let at = 0; at < count; at++) ends[(series[at] as number) + 1]!++;
  for (let number = 0; number < seriesCount; number++) ends[number + 1]! += ends[number]!;
  const next = ends.slice(0, seriesCount);
  const all = new Uint32Array(count);
  for (let at = 0; at < count; at++) all[next[series[at] as number]!++] = at;
  for (let number = 0; number < seriesCount; number++) {
    const order = all.subarray(ends[number], ends[number + 1]);
    let isSorted = true;
    for (let i = 1; i < order.length; i++) {
      if (starts[order[i] as number]! >= starts[order[i - 1] as number]!) continue;
      isSorted = false;
      tally.outOfOrderCount++;
    }
    let hasRanks = false;
    for (const at of order) if (ranks[at] !== 0) hasRanks = true;
    if (!isSorted || hasRanks)
      order.sort((a, b) => starts[a]! - starts[b]! || ranks[b]! - ranks[a]! || a - b);
    yield [number, order];
  }
}

function withoutRepeats(
  series: Series,
  order: Uint32Array,
  values: ImportedValues,
  columns: ValueColumns,
  tally: Tally,
): Uint32Array {
  const { starts, durations, energies, ranks } = columns;
  const unique = new Uint32Array(order.length);
  let kept = 0;
  for (const at of order) {
    const before = unique[kept - 1] as number;
    if (kept === 0 || starts[at] !== starts[before]) {
      unique[kept++] = at;
      continue;
    }
    const isSame = energies[at] === energies[before] && durations[at] === durations[before];
    if (ranks[at]! < ranks[before]!) tally.supersededCount++;
    else if (isSame) tally.duplicateCount++;
    else throw conflict(series, before, at, values, starts[at] as number);
  }
  return unique.subarray(0, kept);
}

function stepsOf(series: Series, order: Uint32Array, columns: ValueColumns): readonly number[] {
  const { starts, durations } = columns;
  if (!series.isRegister) {
    const steps = new Set<number>();
    for (const at of order) steps.add(durations[at] as number);
    return [...steps];
  }
  let step = Infinity;
  for (let i = 1; i < order.length; i++) {
    step = Math.min(step, starts[order[i] as number]! - starts[order[i - 1] as number]!);
  }
  return Number.isFinite(step) ? [step] : [];
}

function sumSpans(
  series: SortedSeries,
  values: ImportedValues,
  { starts, durations, energies }: ValueColumns,
  intervalSeconds: number,
  tally: Tally,
): Energies {
  const sums: Energies = new Map();
  let index = -1;
  let sum = 0n;
  let seconds = 0;
  let first = 0;
  let endSeconds = 0;
  const finish = (): void => {
    if (seconds === intervalSeconds) sums.set(index, checkedWh(sum, first, values));
    else if (seconds > 0) tally.incompleteCount++;
  };
  for (const at of series.order) {
    const start = starts[at] as number;
    const own = Math.floor(start / intervalSeconds);
    const end = start + (durations[at] as number);
    if (start < endSeconds) throw overlap(series, at, values, start);
    if (end > (own + 1) * intervalSeconds) throw offBoundary(at, values, start, intervalSeconds);
    if (own !== index) {
      finish();
      [index, sum, seconds, first] = [own, 0n, 0, at];
    }
    sum += energies[at] as bigint;
    seconds += durations[at] as number;
    endSeconds = end;
  }
  finish();
  return sums;
}

function sumRegister(
  { order }: SortedSeries,
  values: ImportedValues,
  { starts, energies }: ValueColumns,
  intervalSeconds: number,
  tally: Tally,
): Energies {
  const sums: Energies = new Map();
  /** The last stand on a boundary; -1 after a reset, from which nothing can be counted. */
  let from = -1;
  for (let i = 0; i < order.length; i++) {
    const at = order[i] as number;
    const hasGoneBack = i > 0 && energies[at]! < energies[order[i - 1] as number]!;
    if (hasGoneBack) {
      tally.resetCount++;
      from = -1;
    }
    if (starts[at]! % intervalSeconds !== 0) continue;
    if (from >= 0 && starts[at]! - starts[from]! === intervalSeconds) {
      const energyWh = roundToWh(energies[at]!) - roundToWh(energies[from]!);
      sums.set(starts[from]! / intervalSeconds, checkedRange(energyWh, at, values));
    }
    from = at;
  }
  return sums;
}

function checkedWh(energy: bigint, at: number, values: ImportedValues): number {
  return checkedRange(roundToWh(energy), at, values);
}

function checkedRange(energyWh: number, at: number, values: ImportedValues): number {
  if (Math.abs(energyWh) <= MAX_READING_WH) return energyWh;
  throw new FileError('bad-value', {
    ...values.placeOf(at),
    expected: `at most ${MAX_READING_WH} Wh in an interval`,
    found: `${energyWh} Wh`,
  });
}

function conflict(
  { meter, kind }: Series,
  one: number,
  other: number,
  values: ImportedValues,
  atSeconds: number,
): FileError {
  const [first, second] = one < other ? [one, other] : [other, one];
  const { file, line, byteOffset, field } = values.placeOf(first);
  let where = field ?? 'the start';
  if (line !== undefined) where = `line ${line}`;
  else if (byteOffset !== undefined) where = `byte ${byteOffset}`;
  return new FileError('conflicting-values', {
    ...values.placeOf(second),
    expected: `one ${kind} of meter ${meter} at ${iso(atSeconds)}`,
    found: `another than in ${file}, ${where}`,
  });
}

function overlap(
  { meter, kind }: Series,
  at: number,
  values: ImportedValues,
  start: number,
): FileError {
  return new FileError('conflicting-values', {
    ...values.placeOf(at),
    expected: `intervals of the ${kind} of meter ${meter} one after another`,
    found: `one from ${iso(start)}, before the end of the one before`,
  });
}

function offBoundary(
  at: number,
  values: ImportedValues,
  start: number,
  intervalSeconds: number,
): FileError {
  return new FileError('bad-start', {
    ...values.placeOf(at),
    expected: `times within intervals of ${intervalSeconds / 60} minutes, counted in UTC`,
    found: `one from ${iso(start)} that crosses a boundary`,
  });
}

function bothForms({ meter, kind, order }: SortedSeries, values: ImportedValues): FileError {
  return new FileError('conflicting-values', {
    ...values.placeOf(order[0] as number),
    expected: `either energies or registers, and either net or import and export, of meter ${meter}`,
    found: `both (${kind})`,
  });
}

export function iso(unixSeconds: number): string {
  return `${new Date(unixSeconds * 1000).toISOString().slice(0, 19)}Z`;
}
