// All readings of a file in columns, sorted by interval and then by meter: 32 bytes a reading
// while it is built and 28 after, where an object each would take some 200.

export interface ReadingsTable {
  /** The intervals that have readings, ascending. */
  readonly intervalIndices: Uint32Array;
  /** Readings of interval k are the half-open range offsets[k] to offsets[k + 1]. */
  readonly offsets: Uint32Array;
  /** Place of the reading's meter in meters.csv; ascending within an interval, each once. */
  readonly meterNumbers: Uint32Array;
  /** Whole watt-hours; NaN: not measured. */
  readonly importWh: Float64Array;
  readonly exportWh: Float64Array;
  readonly productionWh: Float64Array;
}

export interface BuiltReadings {
  readonly table: ReadingsTable;
  /** Rows left out because an earlier row of the file had the same meter, interval and values. */
  readonly duplicateCount: number;
  /** Rows left out because an earlier one had the same meter and interval, but other values. */
  readonly conflictCount: number;
}

export interface ReadingsBuilder {
  readonly add: (
    intervalIndex: number,
    meterNumber: number,
    importWh: number,
    exportWh: number,
    productionWh: number,
  ) => void;
  readonly count: () => number;
  readonly build: () => BuiltReadings;
}

export function createReadingsBuilder(): ReadingsBuilder {
  let capacity = 4096;
  let count = 0;
  let intervals = new Uint32Array(capacity);
  let meters = new Uint32Array(capacity);
  let imports = new Float64Array(capacity);
  let exports = new Float64Array(capacity);
  let productions = new Float64Array(capacity);
  const grow = (): void => {
    capacity *= 2;
    intervals = grown(new Uint32Array(capacity), intervals);
    meters = grown(new Uint32Array(capacity), meters);
    imports = grown(new Float64Array(capacity), imports);
    exports = grown(new Float64Array(capacity), exports);
    productions = grown(new Float64Array(capacity), productions);
  };
  return {
    add(intervalIndex, meterNumber, importWh, exportWh, productionWh) {
      if (count === capacity) grow();
      intervals[count] = intervalIndex;
      meters[count] = meterNumber;
      imports[count] = importWh;
      exports[count] = exportWh;
      productions[count] = productionWh;
      count++;
    },
    count: () => count,
    build: () =>
      sortReadings({
        intervals: intervals.subarray(0, count),
        meters: meters.subarray(0, count),
        imports,
        exports,
        productions,
      }),
  };
}

interface Columns {
  readonly intervals: Uint32Array;
  readonly meters: Uint32Array;
  readonly imports: Float64Array;
  readonly exports: Float64Array;
  readonly productions: Float64Array;
}

/** Two stable passes, minor key first, so that equal keys keep the file's order: first one stands. */
function sortReadings(columns: Columns): BuiltReadings {
  const { intervals, meters, imports, exports, productions } = columns;
  const rowCount = intervals.length;
  const intervalIndices = Uint32Array.from(new Set(intervals)).sort();
  const rankOfInterval = new Map<number, number>();
  for (const [rank, intervalIndex] of intervalIndices.entries()) {
    rankOfInterval.set(intervalIndex, rank);
  }
  const ranks = intervals.map((intervalIndex) => rankOfInterval.get(intervalIndex) as number);
  const byMeter = stableOrder(
    Uint32Array.from({ length: rowCount }, (_, row) => row),
    meters,
  );
  const order = stableOrder(byMeter, ranks);

  const offsets = new Uint32Array(intervalIndices.length + 1);
  const out = {
    meterNumbers: new Uint32Array(rowCount),
    importWh: new Float64Array(rowCount),
    exportWh: new Float64Array(rowCount),
    productionWh: new Float64Array(rowCount),
  };
  let kept = 0;
  let keptRow = -1;
  let duplicateCount = 0;
  let conflictCount = 0;
  for (const row of order) {
    const isRepeat =
      keptRow >= 0 && ranks[keptRow] === ranks[row] && meters[keptRow] === meters[row];
    if (isRepeat) {
      const isSame =
        Object.is(imports[keptRow], imports[row]) &&
        Object.is(exports[keptRow], exports[row]) &&
        Object.is(productions[keptRow], productions[row]);
      if (isSame) duplicateCount++;
      else conflictCount++;
      continue;
    }
    keptRow = row;
    out.meterNumbers[kept] = meters[row] as number;
    out.importWh[kept] = imports[row] as number;
    out.exportWh[kept] = exports[row] as number;
    out.productionWh[kept] = productions[row] as number;
    kept++;
    offsets[(ranks[row] as number) + 1] = kept;
  }
  const table: ReadingsTable = {
    intervalIndices,
    offsets,
    meterNumbers: out.meterNumbers.subarray(0, kept),
    importWh: out.importWh.subarray(0, kept),
    exportWh: out.exportWh.subarray(0, kept),
    productionWh: out.productionWh.subarray(0, kept),
  };
  return { table, duplicateCount, conflictCount };
}

/** `rows` by `keys[row]`, ascending and stable: a counting sort, since keys are dense. */
function stableOrder(rows: Uint32Array, keys: Uint32Array): Uint32Array {
  let maxKey = 0;
  for (const key of keys) if (key > maxKey) maxKey = key;
  const next = new Uint32Array(maxKey + 2);
  for (const key of keys) next[key + 1] = (next[key + 1] as number) + 1;
  for (let key = 1; key < next.length; key++) {
    next[key] = (next[key] as number) + (next[key - 1] as number);
  }
  const order = new Uint32Array(rows.length);
  for (const row of rows) {
    const key = keys[row] as number;
    order[next[key] as number] = row;
    next[key] = (next[key] as number) + 1;
  }
  return order;
}

function grown<Column extends Uint32Array | Float64Array>(larger: Column, column: Column): Column {
  larger.set(column);
  return larger;
}
