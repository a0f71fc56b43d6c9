// What an aggregator keeps: its seals and masked totals, stored before they are published and until
// the retention time ends, so that history can be zoomed into later (design.md section 7,
// corrections 16 and 20). Everything here is masked; authentication keys are in a file of their own
// (key-table.ts).

import type { AreaId } from '../core/area.ts';
import { equalBytes } from '../core/bytes.ts';
import type { IntervalIndex } from '../core/interval.ts';
import type { Statement, StoredRow } from './database.ts';
import { StoreError } from './errors.ts';
import { type KeyedFiles, KeyedStore, openKeyedFiles } from './keyed-store.ts';

export interface SealedRecord {
  readonly area: AreaId;
  readonly interval: IntervalIndex;
  /** Encoded, as published. */
  readonly seal: Uint8Array;
  /** Encoded, as published; undefined where another's seal won and we lack one of its frames. */
  readonly total: Uint8Array | undefined;
}

/** Areas by name, or an area with everything below it. */
export type AreaChoice = { readonly areas: readonly AreaId[] } | { readonly within: AreaId };

export interface StoredTotal {
  readonly area: AreaId;
  readonly interval: IntervalIndex;
  readonly total: Uint8Array;
}

// By interval first: a commit appends, pruning cuts off the front, and a query of some areas over
// many intervals is one seek for each.
const SCHEMA = [
  `CREATE TABLE sealed (
     interval INTEGER NOT NULL, area TEXT NOT NULL, seal BLOB NOT NULL, total BLOB,
     is_published INTEGER NOT NULL,
     PRIMARY KEY (interval, area)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX unpublished ON sealed (interval, area) WHERE is_published = 0;`,
];

/** Opens the totals at `file`, and the keys beside it. @throws StoreError */
export function openAggregatorStore(file: string): AggregatorStore {
  return new AggregatorStore(openKeyedFiles(file, { kind: 'SWag', schema: SCHEMA }));
}

export class AggregatorStore extends KeyedStore {
  readonly #insert: Statement;
  readonly #replace: Statement;
  readonly #select: Statement;
  readonly #mark: Statement;
  readonly #intervals: Statement;
  readonly #within: Statement;

  /** Use `openAggregatorStore`. */
  constructor(files: KeyedFiles) {
    super(files);
    const { database } = files;
    this.#insert = database.prepare(
      'INSERT INTO sealed VALUES (?, ?, ?, ?, 0) ON CONFLICT DO NOTHING',
    );
    this.#replace = database.prepare('INSERT OR REPLACE INTO sealed VALUES (?, ?, ?, ?, 1)');
    this.#select = database.prepare('SELECT * FROM sealed WHERE interval = ? AND area = ?');
    this.#mark = database.prepare(
      'UPDATE sealed SET is_published = 1 WHERE interval = ? AND area = ?',
    );
    // The next interval that has data, so that a long range without any costs nothing.
    this.#intervals = database.prepare(
      'SELECT min(interval) AS interval FROM sealed WHERE interval >= ?',
    );
    // '0' follows '/' in ASCII: the areas below `a` are those from 'a/' up to 'a0'.
    this.#within = database.prepare(
      `SELECT area, interval, total FROM sealed WHERE interval = ? AND area = ?
       UNION ALL
       SELECT area, interval, total FROM sealed WHERE interval = ? AND area > ? AND area < ?`,
    );
  }

  /**
   * Before anything of them is published. What was sealed once is never sealed differently: after
   * a restart, publish what `unpublished` gives instead of sealing again.
   * @throws StoreError conflicting-seal, and then nothing of the list is stored
   */
  commitSealed(records: readonly (SealedRecord & { readonly total: Uint8Array })[]): void {
    this.database.transaction(() => {
      for (const { area, interval, seal, total } of records) {
        if (this.#insert.run(interval, area, seal, total) === 1) continue;
        const known = this.sealedOf(area, interval);
        if (known === undefined || !equalBytes(known.seal, seal))
          throw new StoreError(
            'conflicting-seal',
            this.file,
            `${area}, interval ${interval}: it was sealed differently before`,
          );
      }
    });
  }

  /** The stream took another's seal first: that one and its total stand instead of ours. */
  adoptSealed({ area, interval, seal, total }: SealedRecord): void {
    this.#replace.run(interval, area, seal, total ?? null);
  }

  sealedOf(area: AreaId, interval: IntervalIndex): SealedRecord | undefined {
    const row = this.#select.get(interval, area);
    return row && sealedRecord(row);
  }

  /** What was committed and may not have reached the bus, oldest first: publish it again. */
  unpublished(): (SealedRecord & { readonly total: Uint8Array })[] {
    const rows = this.database
      .prepare('SELECT * FROM sealed WHERE is_published = 0 ORDER BY interval, area')
      .all();
    return rows.map((row) => ({ ...sealedRecord(row), total: row.total as Uint8Array }));
  }

  markPublished(records: readonly Pick<SealedRecord, 'area' | 'interval'>[]): void {
    this.database.transaction(() => {
      for (const { area, interval } of records) this.#mark.run(interval, area);
    });
  }

  /** From `fromInterval` up to, and without, `untilInterval`; by interval. Areas without a total are left out. */
  totalsOf(choice: AreaChoice, fromInterval: number, untilInterval: number): StoredTotal[] {
    const totals: StoredTotal[] = [];
    for (let next = fromInterval; ; next++) {
      const found = this.#intervals.get(next)?.interval;
      if (typeof found !== 'number' || found >= untilInterval) return totals;
      next = found;
      const rows =
        'within' in choice
          ? this.#within.all(next, choice.within, next, `${choice.within}/`, `${choice.within}0`)
          : choice.areas.map((area) => this.#select.get(next, area)).filter(isDefined);
      for (const row of rows) {
        if (row.total === null) continue;
        totals.push({
          area: row.area as AreaId,
          interval: row.interval as IntervalIndex,
          total: row.total as Uint8Array,
        });
      }
    }
  }

  prune(beforeInterval: number): void {
    this.database.prepare('DELETE FROM sealed WHERE interval < ?').run(beforeInterval);
    this.database.eraseFreed();
  }
}

function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined;
}

function sealedRecord(row: StoredRow): SealedRecord {
  return {
    area: row.area as AreaId,
    interval: row.interval as IntervalIndex,
    seal: row.seal as Uint8Array,
    total: (row.total as Uint8Array | null) ?? undefined,
  };
}
