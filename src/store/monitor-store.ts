// The monitor's history: the rows that it may show, flat, by interval and level (design.md section
// 7). A level is what the map of one area shows: its children and cells. Levels are opened, and
// replaced, one by one, so that what somebody zoomed into stands beside what is opened every time.
//
// Nothing in it is secret to whoever holds the monitor's grants. Unlike the other stores it may be
// read by a second process, and a power cut may take its last interval, which the totals on the bus
// give back.

import type { AreaId } from '../core/area.ts';
import type { ChannelSet } from '../core/channel.ts';
import type { IntervalIndex } from '../core/interval.ts';
import type { Origin } from '../map/map-area.ts';
import { figuresOf, type RowFigures } from '../map/row-figures.ts';
import type { WithheldReason } from '../roles/monitor-combine.ts';
import type { Row } from '../roles/monitor-rows.ts';
import { type Database, openDatabase, type Statement, type StoredRow } from './database.ts';

/** A row as it was shown; undefined where a figure is not published there, never zero. */
export type HistoryRow = RowFigures;

/** One level of an interval: that all of it was opened, when, and in which channels. */
export interface StoredLevel {
  readonly channels: ChannelSet;
  readonly origin: Origin;
  readonly publishedAtMs: number;
  /** From 1; grows each time that it is opened again. */
  readonly revision: number;
}

export interface SaveOptions {
  /** Unix milliseconds of the network's clock. */
  readonly publishedAtMs?: number;
  readonly origin?: Origin;
  /** The channels that were asked for; all by default. */
  readonly opened?: ChannelSet;
}

const ALL_CHANNELS = 0xff as ChannelSet;

// A figure is a row of an interval, then of a level, then by name: a map is one range, an interval of
// 10,000 rows one append. A series is one seek for each of its intervals, which is cheaper than a
// second index that every row would have to enter. Each root is a level by itself: `^es`.
const SCHEMA = [
  `CREATE TABLE names (
     id INTEGER PRIMARY KEY, name TEXT NOT NULL, depth INTEGER NOT NULL, UNIQUE (name, depth)
   ) STRICT;
   CREATE TABLE rows (
     interval INTEGER NOT NULL, name INTEGER NOT NULL REFERENCES names, position INTEGER NOT NULL,
     net_wh INTEGER, export_wh INTEGER, production_wh INTEGER, import_wh INTEGER,
     consumption_wh INTEGER, coverage REAL NOT NULL, status TEXT NOT NULL, reason TEXT,
     is_checked INTEGER NOT NULL,
     PRIMARY KEY (interval, name)
   ) STRICT, WITHOUT ROWID;`,
  // Rows without their level cannot be drawn; the totals that they came from are with the aggregators.
  `DROP TABLE rows;
   DROP TABLE names;
   CREATE TABLE names (
     id INTEGER PRIMARY KEY, name TEXT NOT NULL, depth INTEGER NOT NULL, level INTEGER NOT NULL,
     UNIQUE (name, depth)
   ) STRICT;
   CREATE TABLE levels (id INTEGER PRIMARY KEY, area TEXT NOT NULL UNIQUE) STRICT;
   CREATE TABLE opened (
     interval INTEGER NOT NULL, level INTEGER NOT NULL REFERENCES levels,
     channels INTEGER NOT NULL, origin TEXT NOT NULL, published_at_ms INTEGER NOT NULL,
     revision INTEGER NOT NULL,
     PRIMARY KEY (interval, level)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE rows (
     interval INTEGER NOT NULL, level INTEGER NOT NULL REFERENCES levels,
     name INTEGER NOT NULL REFERENCES names, position INTEGER NOT NULL,
     net_wh INTEGER, export_wh INTEGER, production_wh INTEGER, import_wh INTEGER,
     consumption_wh INTEGER, coverage REAL NOT NULL, status TEXT NOT NULL, reason TEXT,
     export_reason TEXT, production_reason TEXT, is_checked INTEGER NOT NULL,
     channels INTEGER NOT NULL, origin TEXT NOT NULL,
     PRIMARY KEY (interval, level, name)
   ) STRICT, WITHOUT ROWID;`,
];

const COLUMNS = 'rows.*, names.name AS label, names.depth, levels.area';
const SELECT = `SELECT ${COLUMNS} FROM rows JOIN names ON names.id = rows.name JOIN levels ON levels.id = rows.level`;

/** A file of an older schema loses its rows: they lack what is stored now. @throws StoreError */
export function openMonitorStore(file: string): MonitorStore {
  const options = { kind: 'SWmo', schema: SCHEMA, isExclusive: false, isSynced: false };
  return new MonitorStore(openDatabase(file, options));
}

export class MonitorStore implements Disposable {
  readonly #database: Database;
  readonly #names = new Map<string, number>();
  readonly #levels = new Map<string, number>();
  readonly #insertName: Statement;
  readonly #insertLevel: Statement;
  readonly #deleteLevel: Statement;
  readonly #openLevel: Statement;
  readonly #insertRow: Statement;
  readonly #rows: Statement;
  readonly #levelRows: Statement;
  readonly #row: Statement;
  readonly #series: Statement;
  readonly #bounds: Statement;
  readonly #opened: Statement;
  readonly #openedRoot: Statement;
  readonly #openedLevels: Statement;

  /** Use `openMonitorStore`. */
  constructor(database: Database) {
    this.#database = database;
    this.#insertName = database.prepare(
      `INSERT INTO names (name, depth, level) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET level = excluded.level RETURNING id`,
    );
    this.#insertLevel = database.prepare(
      'INSERT INTO levels (area) VALUES (?) ON CONFLICT DO UPDATE SET area = area RETURNING id',
    );
    this.#deleteLevel = database.prepare('DELETE FROM rows WHERE interval = ? AND level = ?');
    this.#openLevel = database.prepare(
      `INSERT INTO opened VALUES (?, ?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET
         channels = excluded.channels, origin = excluded.origin,
         published_at_ms = excluded.published_at_ms, revision = revision + 1`,
    );
    this.#insertRow = database.prepare(
      'INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#rows = database.prepare(`${SELECT} WHERE interval = ? ORDER BY position`);
    this.#levelRows = database.prepare(
      `${SELECT} WHERE rows.interval = ? AND levels.area = ? ORDER BY position`,
    );
    this.#row = database.prepare(
      `SELECT ${COLUMNS} FROM names CROSS JOIN rows CROSS JOIN levels
         ON rows.interval = ? AND rows.level = names.level AND rows.name = names.id
         AND levels.id = rows.level
       WHERE names.name = ?`,
    );
    this.#series = database.prepare(
      `WITH RECURSIVE wanted (at) AS (
         SELECT ? UNION ALL SELECT at + 1 FROM wanted WHERE at + 1 < ?
       )
       SELECT ${COLUMNS} FROM names CROSS JOIN wanted CROSS JOIN rows CROSS JOIN levels
         ON rows.interval = wanted.at AND rows.level = names.level AND rows.name = names.id
         AND levels.id = rows.level
       WHERE names.name = ? ORDER BY interval`,
    );
    this.#bounds = database.prepare(
      'SELECT (SELECT min(interval) FROM opened) AS first, (SELECT max(interval) FROM opened) AS last',
    );
    this.#opened = database.prepare(
      `SELECT opened.* FROM levels JOIN opened ON opened.level = levels.id
       WHERE levels.area = ? AND interval = ?`,
    );
    this.#openedRoot = database.prepare(
      `SELECT opened.* FROM levels CROSS JOIN opened
         ON opened.interval = ? AND opened.level = levels.id
       WHERE levels.area >= '^' AND levels.area < '_' LIMIT 1`,
    );
    this.#openedLevels = database.prepare(
      `SELECT levels.area FROM opened JOIN levels ON levels.id = opened.level
       WHERE interval = ? AND channels > 0`,
    );
  }

  get file(): string {
    return this.#database.file;
  }

  /** All rows of some levels of an interval, as they were opened, in place of those that they had. */
  saveRows(
    interval: IntervalIndex,
    rows: readonly Row[],
    channels: readonly { readonly name: string }[],
    options: SaveOptions = {},
  ): void {
    const { opened = ALL_CHANNELS, origin = 'network' } = options;
    this.saveLevels(
      interval,
      rows.map((row) => figuresOf(row, channels, opened, origin)),
      options,
    );
  }

  /** The same of flat rows. Each level that one of them is of is replaced: a late alert takes figures back. */
  saveLevels(
    interval: IntervalIndex,
    rows: readonly RowFigures[],
    { publishedAtMs = 0, origin = 'network', opened = ALL_CHANNELS }: SaveOptions = {},
  ): void {
    this.#write(() => {
      for (const level of new Set(rows.map(levelKeyOf))) {
        const id = this.#levelId(level);
        this.#deleteLevel.run(interval, id);
        this.#openLevel.run(interval, id, opened, origin, Math.trunc(publishedAtMs));
      }
      for (const [position, row] of rows.entries()) this.#put(interval, position, row);
    });
  }

  /** One row of a level of which no other need be opened. Nothing where it is there in these channels. */
  saveRow(row: RowFigures): void {
    this.#write(() => {
      const known = this.row(row.interval, row.name);
      if (known !== undefined && (row.channels & ~known.channels) === 0) return;
      this.#database
        .prepare('DELETE FROM rows WHERE interval = ? AND level = ? AND name = ?')
        .run(row.interval, this.#levelId(levelKeyOf(row)), this.#nameId(row));
      this.#put(row.interval, 0, row);
    });
  }

  /** Of an interval: in the order in which they were saved, the plan's. */
  rows({ interval }: { readonly interval: IntervalIndex }): HistoryRow[] {
    return this.#rows.all(interval).map(historyRow);
  }

  /** What the map of an area shows; all of it only where `opened` says so. */
  levelRows(interval: IntervalIndex, level: AreaId): HistoryRow[] {
    return this.#levelRows.all(interval, level).map(historyRow);
  }

  row(interval: IntervalIndex, name: string): HistoryRow | undefined {
    const found = this.#row.get(interval, name);
    return found && historyRow(found);
  }

  /**
   * Undefined where the level was never opened; without channels where it was withdrawn. Of no level,
   * a root's.
   */
  opened(interval: IntervalIndex, level: AreaId | undefined): StoredLevel | undefined {
    const row =
      level === undefined ? this.#openedRoot.get(interval) : this.#opened.get(level, interval);
    if (row === undefined) return undefined;
    return {
      channels: row.channels as ChannelSet,
      origin: row.origin as Origin,
      publishedAtMs: row.published_at_ms as number,
      revision: row.revision as number,
    };
  }

  /** Takes back all levels of an interval but those of `keep`: what was opened before an alert is wrong. */
  withdraw(interval: IntervalIndex, keep: readonly Pick<RowFigures, 'name' | 'level'>[]): void {
    const kept = new Set(keep.map(levelKeyOf));
    this.#write(() => {
      for (const { area } of this.#openedLevels.all(interval)) {
        if (kept.has(area as string)) continue;
        const id = this.#levelId(area as string);
        this.#database
          .prepare(
            'UPDATE opened SET channels = 0, revision = revision + 1 WHERE interval = ? AND level = ?',
          )
          .run(interval, id);
      }
      const keptIds = [...kept].map((area) => this.#levelId(area));
      this.#database
        .prepare(
          `DELETE FROM rows WHERE interval = ? AND level NOT IN (SELECT value FROM json_each(?))`,
        )
        .run(interval, JSON.stringify(keptIds));
    });
  }

  /** One area or cell over time, from `from` up to, and without, `until`. Missing intervals are missing. */
  series(query: {
    readonly name: string;
    readonly from: number;
    readonly until: number;
  }): HistoryRow[] {
    const bounds = this.#bounds.get();
    if (typeof bounds?.first !== 'number' || typeof bounds.last !== 'number') return [];
    const from = Math.max(query.from, bounds.first);
    const until = Math.min(query.until, bounds.last + 1);
    return from < until ? this.#series.all(from, until, query.name).map(historyRow) : [];
  }

  firstInterval(): IntervalIndex | undefined {
    return (this.#bounds.get()?.first as IntervalIndex | null | undefined) ?? undefined;
  }

  latestInterval(): IntervalIndex | undefined {
    return (this.#bounds.get()?.last as IntervalIndex | null | undefined) ?? undefined;
  }

  prune(beforeInterval: number): void {
    this.#database.transaction(() => {
      for (const table of ['rows', 'opened'])
        this.#database.prepare(`DELETE FROM ${table} WHERE interval < ?`).run(beforeInterval);
    });
  }

  [Symbol.dispose](): void {
    this.#database[Symbol.dispose]();
  }

  #write(change: () => void): void {
    try {
      this.#database.transaction(change);
    } catch (error) {
      // Ids that the failed transaction gave out are void.
      this.#names.clear();
      this.#levels.clear();
      throw error;
    }
  }

  #put(interval: IntervalIndex, position: number, row: RowFigures): void {
    this.#insertRow.run(
      interval,
      this.#levelId(levelKeyOf(row)),
      this.#nameId(row),
      position,
      row.netWh ?? null,
      row.exportWh ?? null,
      row.productionWh ?? null,
      row.importWh ?? null,
      row.consumptionWh ?? null,
      row.coverage,
      row.status,
      row.reason ?? null,
      row.exportReason ?? null,
      row.productionReason ?? null,
      row.isChecked ? 1 : 0,
      row.channels,
      row.origin,
    );
  }

  #levelId(area: string): number {
    let id = this.#levels.get(area);
    if (id === undefined) {
      id = this.#insertLevel.get(area)?.id as number;
      this.#levels.set(area, id);
    }
    return id;
  }

  #nameId(row: Pick<RowFigures, 'name' | 'depth' | 'level'>): number {
    const { name, depth } = row;
    const key = `${depth} ${name}`;
    let id = this.#names.get(key);
    if (id === undefined) {
      id = this.#insertName.get(name, depth, this.#levelId(levelKeyOf(row)))?.id as number;
      this.#names.set(key, id);
    }
    return id;
  }
}

function levelKeyOf({ name, level }: Pick<RowFigures, 'name' | 'level'>): string {
  return level ?? `^${name}`;
}

function historyRow(row: StoredRow): HistoryRow {
  const energy = (column: string) => (row[column] as number | null) ?? undefined;
  const reason = (column: string) => (row[column] as WithheldReason | null) ?? undefined;
  return {
    name: row.label as string,
    depth: row.depth as number,
    level: (row.area as string).startsWith('^') ? undefined : (row.area as AreaId),
    interval: row.interval as IntervalIndex,
    netWh: energy('net_wh'),
    exportWh: energy('export_wh'),
    productionWh: energy('production_wh'),
    importWh: energy('import_wh'),
    consumptionWh: energy('consumption_wh'),
    coverage: row.coverage as number,
    status: row.status as HistoryRow['status'],
    reason: reason('reason'),
    exportReason: reason('export_reason'),
    productionReason: reason('production_reason'),
    isChecked: row.is_checked === 1,
    channels: row.channels as ChannelSet,
    origin: row.origin as Origin,
  };
}
