// The keys of a trustee or an aggregator, with the verified streets that they belong to: a file of
// its own beside the role's store, since backups never hold keys (design.md section 11, correction
// 9). Secret.
//
// Erasing: SQLite copies rows between pages when it balances its trees, and a copy that is left in
// the unused part of a page outlives the row. Freed pages are overwritten whole. So keys are erased
// by emptying their whole table, never row by row: the ratchet replaces every street at once, and
// the previous epoch's keys have a table of their own.

import type { AreaId } from '../core/area.ts';
import type { Epoch } from '../core/interval.ts';
import type { EnrolledStreet } from '../roles/enroller.ts';
import { type Database, openDatabase, type Statement, type StoredRow } from './database.ts';
import { decodeEnrolledStreet, encodeEnrolledStreet } from './enrolled-street.ts';
import { StoreError } from './errors.ts';

/** The keys of one street, as the role holds them: flat, 32 bytes each. Secret. */
export interface StreetKeyRecord {
  readonly street: AreaId;
  readonly epoch: Epoch;
  readonly keys: Uint8Array;
  /** Of `epoch - 1`, while it is kept. */
  readonly previous?: Uint8Array | undefined;
}

const SCHEMA = [
  `CREATE TABLE keys (street TEXT PRIMARY KEY, epoch INTEGER NOT NULL, keys BLOB NOT NULL) STRICT;
   CREATE TABLE previous_keys (street TEXT PRIMARY KEY, keys BLOB NOT NULL) STRICT;
   CREATE TABLE streets (street TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT;`,
];

/** `trustee.db` has its keys in `trustee.keys.db`. */
export function keyFileOf(storeFile: string): string {
  if (storeFile === ':memory:') return storeFile;
  return storeFile.endsWith('.db') ? `${storeFile.slice(0, -3)}.keys.db` : `${storeFile}.keys`;
}

/** @throws StoreError */
export function openKeyTable(file: string): KeyTable {
  return new KeyTable(openDatabase(file, { kind: 'SWky', schema: SCHEMA }));
}

export class KeyTable implements Disposable {
  readonly #database: Database;
  readonly #insertKeys: Statement;
  readonly #insertPrevious: Statement;
  readonly #deletePrevious: Statement;
  readonly #insertStreet: Statement;
  readonly #epochOf: Statement;
  readonly #newestEpoch: Statement;

  /** Use `openKeyTable`. */
  constructor(database: Database) {
    this.#database = database;
    this.#insertKeys = database.prepare('INSERT OR REPLACE INTO keys VALUES (?, ?, ?)');
    this.#insertPrevious = database.prepare('INSERT OR REPLACE INTO previous_keys VALUES (?, ?)');
    this.#deletePrevious = database.prepare('DELETE FROM previous_keys WHERE street = ?');
    this.#insertStreet = database.prepare('INSERT OR REPLACE INTO streets VALUES (?, ?)');
    this.#epochOf = database.prepare('SELECT epoch FROM keys WHERE street = ?');
    this.#newestEpoch = database.prepare('SELECT max(epoch) AS epoch FROM keys');
  }

  get file(): string {
    return this.#database.file;
  }

  /**
   * Adds or changes some streets' keys together with the verified streets: one without the other
   * would leave meters that count as enrolled and have no key. For the ratchet use `replaceAll`.
   */
  save(
    records: Iterable<StreetKeyRecord>,
    streets: Iterable<readonly [AreaId, EnrolledStreet]> = [],
  ): void {
    this.#database.transaction(() => {
      for (const record of records) {
        this.#refuseOlder(record, this.#epochOf.get(record.street)?.epoch);
        this.#insert(record);
        if (record.previous === undefined) this.#deletePrevious.run(record.street);
      }
      for (const [area, street] of streets)
        this.#insertStreet.run(area, encodeEnrolledStreet(street));
    });
    this.#database.eraseFreed();
  }

  load(): StreetKeyRecord[] {
    const rows = this.#database
      .prepare(
        `SELECT street, epoch, keys.keys AS keys, previous_keys.keys AS previous
         FROM keys LEFT JOIN previous_keys USING (street) ORDER BY street`,
      )
      .all();
    return rows.map(recordOf);
  }

  /** After the ratchet: these are all keys there are. What was stored before is erased. */
  replaceAll(records: Iterable<StreetKeyRecord>): void {
    this.#database.transaction(() => {
      const newest = this.#newestEpoch.get()?.epoch;
      this.#database.exec('DELETE FROM keys; DELETE FROM previous_keys;');
      for (const record of records) {
        this.#refuseOlder(record, newest);
        this.#insert(record);
      }
    });
    this.#database.eraseFreed();
  }

  erasePrevious(): void {
    this.#database.transaction(() => this.#database.exec('DELETE FROM previous_keys'));
    this.#database.eraseFreed();
  }

  /** What `createEnroller` starts from. */
  loadStreets(): Map<AreaId, EnrolledStreet> {
    const streets = new Map<AreaId, EnrolledStreet>();
    for (const row of this.#database.prepare('SELECT street, body FROM streets').all()) {
      const street = decodeEnrolledStreet(row.body as Uint8Array);
      if (street === undefined)
        throw new StoreError('corrupt', this.file, 'an enrolled street cannot be read');
      streets.set(row.street as AreaId, street);
    }
    return streets;
  }

  [Symbol.dispose](): void {
    this.#database[Symbol.dispose]();
  }

  #insert({ street, epoch, keys, previous }: StreetKeyRecord): void {
    this.#insertKeys.run(street, epoch, keys);
    if (previous !== undefined) this.#insertPrevious.run(street, previous);
  }

  #refuseOlder(record: StreetKeyRecord, known: StoredRow[string] | undefined): void {
    if (typeof known === 'number' && record.epoch < known)
      throw new StoreError(
        'stale-epoch',
        this.file,
        `${record.street}: expected keys of epoch ${known} or later, found ${record.epoch}`,
      );
  }
}

function recordOf(row: StoredRow): StreetKeyRecord {
  return {
    street: row.street as AreaId,
    epoch: row.epoch as Epoch,
    keys: row.keys as Uint8Array,
    previous: (row.previous as Uint8Array | null) ?? undefined,
  };
}
