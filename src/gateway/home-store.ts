// What a household measured, unmasked, and what left its house: a file of its own, mode 0600, read
// by nothing but this gateway and pruned after some weeks. It holds no keys.
//
// A register's state and the readings that came out of it are one transaction, which is synced
// before anything is masked. So a boundary's value that a sent reading was made with is never worked
// out a second time, whenever the power fails.

import { type Database, openDatabase, type Statement } from '../store/database.ts';
import type { TrackState } from './registers/track.ts';

const SCHEMA = [
  `CREATE TABLE tracks (name TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE amounts (
     interval INTEGER NOT NULL, track TEXT NOT NULL, amount INTEGER, reason TEXT,
     PRIMARY KEY (interval, track)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE departures (
     interval INTEGER PRIMARY KEY, status TEXT NOT NULL, frame BLOB, sent_ms INTEGER,
     receipt_ms INTEGER
   ) STRICT;`,
];

/** What became of an interval on its way out. */
export type DepartureStatus =
  /** Masked and stored; on its way, or waiting for the bus. */
  | 'waiting'
  /** The aggregator's receipt has our bit. */
  | 'received'
  /** No receipt before the street closed: not on the map. */
  | 'too-late'
  /** Never masked: something was missing, or above the fuse. */
  | 'refused';

export interface Departure {
  readonly interval: number;
  readonly status: DepartureStatus;
  readonly frame: Uint8Array | undefined;
  readonly sentMs: number | undefined;
  readonly receiptMs: number | undefined;
}

export interface StoredAmount {
  readonly interval: number;
  readonly track: string;
  /** undefined: missing. */
  readonly amount: number | undefined;
  readonly reason: string | undefined;
}

/** @throws StoreError */
export function openHomeStore(file: string): HomeStore {
  return new HomeStore(openDatabase(file, { kind: 'SWgh', schema: SCHEMA }));
}

export class HomeStore implements Disposable {
  readonly #database: Database;
  readonly #saveTrack: Statement;
  readonly #addAmount: Statement;
  readonly #range: Statement;
  readonly #depart: Statement;
  readonly #setStatus: Statement;
  readonly #departures: Statement;

  /** Use `openHomeStore`. */
  constructor(database: Database) {
    this.#database = database;
    this.#saveTrack = database.prepare('INSERT OR REPLACE INTO tracks VALUES (?, ?)');
    // After a clock that was ahead an interval may come again: the first one stands.
    this.#addAmount = database.prepare(
      `INSERT INTO amounts VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
       SET amount = excluded.amount, reason = excluded.reason WHERE amounts.amount IS NULL`,
    );
    this.#range = database.prepare(
      'SELECT * FROM amounts WHERE interval >= ? AND interval < ? ORDER BY interval, track',
    );
    this.#depart = database.prepare(
      'INSERT INTO departures VALUES (?, ?, ?, ?, NULL) ON CONFLICT DO NOTHING',
    );
    this.#setStatus = database.prepare(
      'UPDATE departures SET status = ?, receipt_ms = ? WHERE interval = ? AND receipt_ms IS NULL',
    );
    this.#departures = database.prepare(
      'SELECT * FROM departures WHERE interval >= ? ORDER BY interval DESC LIMIT ?',
    );
  }

  loadTracks(): Map<string, TrackState> {
    const rows = this.#database.prepare('SELECT name, state FROM tracks').all();
    return new Map(
      rows.map((row) => [row.name as string, JSON.parse(row.state as string) as TrackState]),
    );
  }

  /** Synced when this returns. */
  save(tracks: ReadonlyMap<string, TrackState>, amounts: readonly StoredAmount[] = []): void {
    this.#database.transaction(() => {
      for (const { interval, track, amount, reason } of amounts)
        this.#addAmount.run(interval, track, amount ?? null, reason ?? null);
      for (const [name, state] of tracks) {
        // JSON has no undefined: what is not there is undefined when it is read.
        this.#saveTrack.run(name, JSON.stringify(state));
      }
    });
  }

  /** Half-open, in order of intervals. */
  amounts(from: number, until: number): readonly StoredAmount[] {
    return this.#range.all(from, until).map((row) => ({
      interval: row.interval as number,
      track: row.track as string,
      amount: (row.amount as number | null) ?? undefined,
      reason: (row.reason as string | null) ?? undefined,
    }));
  }

  /** The first word on an interval stands. */
  depart(interval: number, status: DepartureStatus, frame?: Uint8Array, sentMs?: number): void {
    this.#depart.run(interval, status, frame ?? null, sentMs ?? null);
  }

  setStatus(interval: number, status: DepartureStatus, receiptMs?: number): void {
    this.#setStatus.run(status, receiptMs ?? null, interval);
  }

  /** The newest first. */
  departures(from: number, limit: number): readonly Departure[] {
    return this.#departures.all(from, limit).map((row) => ({
      interval: row.interval as number,
      status: row.status as DepartureStatus,
      frame: (row.frame as Uint8Array | null) ?? undefined,
      sentMs: (row.sent_ms as number | null) ?? undefined,
      receiptMs: (row.receipt_ms as number | null) ?? undefined,
    }));
  }

  /** Forgets, on disk too, what is older. */
  prune(beforeInterval: number): void {
    const gone = this.#database.transaction(
      () =>
        this.#database.prepare('DELETE FROM amounts WHERE interval < ?').run(beforeInterval) +
        this.#database.prepare('DELETE FROM departures WHERE interval < ?').run(beforeInterval),
    );
    if (gone > 0) this.#database.eraseFreed();
  }

  [Symbol.dispose](): void {
    this.#database[Symbol.dispose]();
  }
}
