// A role's store with the file of its keys beside it: what trustee and aggregator stores share.

import { type Database, type DatabaseOptions, openDatabase } from './database.ts';
import { type KeyTable, keyFileOf, openKeyTable } from './key-table.ts';

export interface KeyedFiles {
  readonly database: Database;
  readonly keys: KeyTable;
}

/** Opens both files or neither. @throws StoreError */
export function openKeyedFiles(file: string, options: DatabaseOptions): KeyedFiles {
  const database = openDatabase(file, options);
  try {
    return { database, keys: openKeyTable(keyFileOf(file)) };
  } catch (error) {
    database[Symbol.dispose]();
    throw error;
  }
}

export class KeyedStore implements Disposable {
  readonly keys: KeyTable;
  protected readonly database: Database;

  constructor({ database, keys }: KeyedFiles) {
    this.database = database;
    this.keys = keys;
  }

  get file(): string {
    return this.database.file;
  }

  [Symbol.dispose](): void {
    this.keys[Symbol.dispose]();
    this.database[Symbol.dispose]();
  }
}
