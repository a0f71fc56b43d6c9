// The monitor's history: the rows that it may show, flat, by interval (design.md section 7). Nothing
// in it is secret to whoever holds the monitor's grant. Unlike the other stores it may be read by a
// second process, and a power cut may take its last interval, which the totals on the bus give back.

import type { IntervalIndex } from '../core/interval.ts';
import type { WithheldReason } from '../roles/monitor-combine.ts';
import type { Row } from '../roles/monitor-rows.ts';
import { type Database, openDatabase, type Statement, type StoredRow } from './database.ts';

/** A row as it was shown; undefined where a figure is not published there, never zero. */
export interface HistoryRow {
  /** The area's id, or a merged cell's name. */
  readonly name: string;
  readonly depth: number;
  readonly interval: IntervalIndex;
  readonly netWh: number | undefined;
  readonly exportWh: number | undefined;
  readonly productionWh: number | undefined;
  readonly importWh: number | undefined;
  readonly consumptionWh: number | undefined;
  /** 0 to 1. */
  readonly coverage: number;
  readonly status: Row['status'];
  readonly reason: WithheldReason | undefined;
  readonly isChecked: boolean;
}

// Rows by interval, then name: an interval of 10,000 rows is one append. A series is then one seek
// for each of its intervals, which is cheaper than a second index that every row would have to enter.
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
];

/** @throws StoreError */
export function openMonitorStore(file: string): MonitorStore {
  const options = { kind: 'SWmo', schema: SCHEMA, isExclusive: false, isSynced: false };
  return new MonitorStore(openDatabase(file, options));
}

export class MonitorStore implements Disposable {
  readonly #database: Database;
  readonly #names = new Map<string, number>();
  readonly #insertName: Statement;
  readonly #deleteInterval: Statement;
  readonly #insertRow: Statement;
  readonly #rows: Statement;
  readonly #series: Statement;
  readonly #bounds: Statement;

  /** Use `openMonitorStore`. */
  constructor(database: Database) {
    this.#database = database;
    this.#insertName = database.prepare(
      'INSERT INTO names (name, depth) VALUES (?, ?) ON CONFLICT DO UPDATE SET depth = depth RETURNING id',
    );
    this.#deleteInterval = database.prepare('DELETE FROM rows WHERE interval = ?');
    this.#insertRow = database.prepare(
      'INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#rows = database.prepare(
      `SELECT rows.*, names.name AS label, names.depth FROM rows JOIN names ON names.id = rows.name
       WHERE interval = ? ORDER BY position`,
    );
    this.#series = database.prepare(
      `WITH RECURSIVE wanted (at) AS (
         SELECT ? UNION ALL SELECT at + 1 FROM wanted WHERE at + 1 < ?
       )
       SELECT rows.*, names.name AS label, names.depth
       FROM names CROSS JOIN wanted CROSS JOIN rows
         ON rows.interval = wanted.at AND rows.name = names.id
       WHERE names.name = ? ORDER BY interval`,
    );
    this.#bounds = database.prepare(
      'SELECT (SELECT min(interval) FROM rows) AS first, (SELECT max(interval) FROM rows) AS last',
    );
  }

  get file(): string {
    return this.#database.file;
  }

  /**
   * The rows of an interval, in place of those that it had: a late alert takes figures back.
   * `channels` are the network's; those other than net, export and production have no column.
   */
  saveRows(
    interval: IntervalIndex,
    rows: readonly Row[],
    channels: readonly { readonly name: string }[],
  ): void {
    const [net, exported, production] = ['net', 'export', 'production'].map((name) =>
      channels.findIndex((channel) => channel.name === name),
    ) as [number, number, number];
    try {
      this.#database.transaction(() => {
        this.#deleteInterval.run(interval);
        for (const [position, row] of rows.entries())
          this.#insertRow.run(
            interval,
            this.#nameId(row.plan.name, row.plan.depth),
            position,
            row.energyWh[net] ?? null,
            row.energyWh[exported] ?? null,
            row.energyWh[production] ?? null,
            row.importWh ?? null,
            row.consumptionWh ?? null,
            row.coverage,
            row.status,
            row.reason ?? null,
            row.isChecked ? 1 : 0,
          );
      });
    } catch (error) {
      // Ids that the failed transaction gave out are void.
      this.#names.clear();
      throw error;
    }
  }

  /** In the order in which they were saved: the plan's. */
  rows({ interval }: { readonly interval: IntervalIndex }): HistoryRow[] {
    return this.#rows.all(interval).map(historyRow);
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

  latestInterval(): IntervalIndex | undefined {
    return (this.#bounds.get()?.last as IntervalIndex | null | undefined) ?? undefined;
  }

  prune(beforeInterval: number): void {
    this.#database.transaction(() => {
      this.#database.prepare('DELETE FROM rows WHERE interval < ?').run(beforeInterval);
    });
  }

  [Symbol.dispose](): void {
    this.#database[Symbol.dispose]();
  }

  #nameId(name: string, depth: number): number {
    const key = `${depth} ${name}`;
    let id = this.#names.get(key);
    if (id === undefined) {
      id = this.#insertName.get(name, depth)?.id as number;
      this.#names.set(key, id);
    }
    return id;
  }
}

function historyRow(row: StoredRow): HistoryRow {
  const energy = (column: string) => (row[column] as number | null) ?? undefined;
  return {
    name: row.label as string,
    depth: row.depth as number,
    interval: row.interval as IntervalIndex,
    netWh: energy('net_wh'),
    exportWh: energy('export_wh'),
    productionWh: energy('production_wh'),
    importWh: energy('import_wh'),
    consumptionWh: energy('consumption_wh'),
    coverage: row.coverage as number,
    status: row.status as HistoryRow['status'],
    reason: (row.reason as WithheldReason | null) ?? undefined,
    isChecked: row.is_checked === 1,
  };
}
