// One SQLite file of one role (design.md sections 4, 7 and 8). WAL, every commit synced, 0600.
//
// One writer: the file is opened in exclusive locking mode, so the kernel holds the lock and drops
// it when the process dies, however it dies. Exclusive WAL keeps its index in memory: no -shm file.
//
// Erasure: `secure_delete` overwrites what a row or a page held when it is freed, and `eraseFreed`
// moves the log into the file and empties it. It does not reach what the file system or the disk
// keeps of old blocks: snapshots, SSD spare areas. Whoever fears for the disk encrypts it.

import { chmodSync, closeSync, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite';
import { StoreError, type StoreErrorCode } from './errors.ts';

export type StoredRow = Record<string, SQLOutputValue>;

export interface Statement {
  /** How many rows it changed. */
  run(...values: SQLInputValue[]): number;
  get(...values: SQLInputValue[]): StoredRow | undefined;
  all(...values: SQLInputValue[]): StoredRow[];
}

export interface DatabaseOptions {
  /** What kind of store this is: four ASCII letters, kept as the file's application id. */
  readonly kind: string;
  /** Schema steps; a file that has taken the first `n` of them is at version `n`. Append only. */
  readonly schema: readonly string[];
  /** False lets others read beside; the default is one process and no other. */
  readonly isExclusive?: boolean;
  /** False where losing the last commits to a power cut does no harm. Default: every commit synced. */
  readonly isSynced?: boolean;
}

const MEMORY = ':memory:';
/** Long enough for a supervisor that starts the next process while the last one is closing. */
const BUSY_TIMEOUT_MS = 1000;

const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/** Opens the file, creating it where it is missing. @throws StoreError */
export function openDatabase(file: string, options: DatabaseOptions): Database {
  const { kind, schema, isExclusive = true, isSynced = true } = options;
  const database = new Database(file);
  try {
    if (isExclusive) database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = ${isSynced ? 'FULL' : 'NORMAL'};
      PRAGMA fullfsync = ON;
      PRAGMA secure_delete = ON;
      PRAGMA temp_store = MEMORY;
      PRAGMA foreign_keys = ON;
    `);
    migrate(database, kind, schema);
    return database;
  } catch (error) {
    database[Symbol.dispose]();
    throw error;
  }
}

export class Database implements Disposable {
  readonly file: string;
  readonly #sqlite: DatabaseSync;
  #isInTransaction = false;

  /** Use `openDatabase`. */
  constructor(file: string) {
    this.file = file;
    if (file !== MEMORY) createPrivateFile(file);
    this.#sqlite = this.#guard(() => new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS }));
  }

  exec(sql: string): void {
    this.#guard(() => this.#sqlite.exec(sql));
  }

  prepare(sql: string): Statement {
    const statement = this.#guard(() => this.#sqlite.prepare(sql));
    return {
      run: (...values) => this.#guard(() => Number(statement.run(...values).changes)),
      get: (...values) => this.#guard(() => statement.get(...values)),
      all: (...values) => this.#guard(() => statement.all(...values)),
    };
  }

  /** All of `change` or none of it, durable when this returns. `change` is synchronous. */
  transaction<T>(change: () => T): T {
    if (this.#isInTransaction) throw new TypeError('transaction: expected none to be open already');
    this.exec('BEGIN IMMEDIATE');
    this.#isInTransaction = true;
    try {
      const result = change();
      this.exec('COMMIT');
      return result;
    } catch (error) {
      // SQLite has rolled back by itself after some failures; the first error is the one to report.
      try {
        this.#sqlite.exec('ROLLBACK');
      } catch {}
      throw error;
    } finally {
      this.#isInTransaction = false;
    }
  }

  /** When this returns, what was deleted or overwritten is in neither the file nor its log. */
  eraseFreed(): void {
    const result = this.#guard(() => this.#sqlite.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get());
    if (result?.busy !== 0)
      throw new StoreError('locked', this.file, 'a reader keeps the log from being erased');
  }

  /** Closing twice is fine. */
  [Symbol.dispose](): void {
    if (this.#sqlite.isOpen) this.#sqlite.close();
  }

  #guard<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw toStoreError(this.file, error);
    }
  }
}

/** Key files are private from their first byte; the log takes over the file's mode. */
function createPrivateFile(file: string): void {
  try {
    // Only where there is none: closing a descriptor of an open database would drop its lock.
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw toStoreError(file, error);
    try {
      chmodSync(file, 0o600);
    } catch (cause) {
      throw toStoreError(file, cause);
    }
  }
}

function migrate(database: Database, kind: string, schema: readonly string[]): void {
  const id = applicationId(kind);
  database.transaction(() => {
    const version = pragma(database, 'user_version');
    const found = pragma(database, 'application_id');
    const tables = database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.n;
    if (found !== id && (found !== 0 || version !== 0 || tables !== 0))
      throw new StoreError(
        'wrong-kind',
        database.file,
        `expected a Streetwatt store of kind "${kind}", found another database`,
      );
    if (version > schema.length)
      throw new StoreError(
        'newer-schema',
        database.file,
        `expected schema version ${schema.length} or older, found ${version}: a later Streetwatt wrote it`,
      );
    for (const step of schema.slice(version)) database.exec(step);
    if (version === schema.length) return;
    database.exec(`PRAGMA application_id = ${id}; PRAGMA user_version = ${schema.length};`);
  });
}

function applicationId(kind: string): number {
  let id = 0;
  for (let i = 0; i < 4; i++) id = (id << 8) | (kind.charCodeAt(i) & 0x7f);
  return id;
}

function pragma(database: Database, name: 'user_version' | 'application_id'): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function toStoreError(file: string, error: unknown): unknown {
  if (error instanceof StoreError) return error;
  const code = codeOf(error);
  if (code === 'ERR_INVALID_STATE')
    return new StoreError('closed', file, 'the store is closed', { cause: error });
  if (code !== 'ERR_SQLITE_ERROR' && !(error instanceof Error && 'syscall' in error)) return error;
  const [storeCode, problem] = describe(error as Error & { errcode?: number });
  return new StoreError(storeCode, file, problem, { cause: error });
}

function describe(error: Error & { errcode?: number }): readonly [StoreErrorCode, string] {
  // The low byte is the primary code; the rest says which of its kinds.
  switch ((error.errcode ?? 0) & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ['locked', 'another process has it open, and only one may'];
    case SQLITE_CORRUPT:
      return ['corrupt', 'the database is damaged; restore it or start with a new one'];
    case SQLITE_NOTADB:
      return ['not-a-database', 'expected a Streetwatt store, found a file that is no database'];
    default:
      return ['unavailable', `it cannot be used (${error.message})`];
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
