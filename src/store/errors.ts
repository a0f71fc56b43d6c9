/** What can go wrong with a store; a store throws these, or a TypeError or RangeError for misuse. */
export type StoreErrorCode =
  | 'locked' // another process has the file open
  | 'not-a-database' // the file is something else
  | 'corrupt' // a database, damaged
  | 'wrong-kind' // a database of another role, or of another program
  | 'newer-schema' // written by a later version of Streetwatt
  | 'unavailable' // no such folder, no permission, disk full, I/O failure
  | 'closed' // this store was disposed
  | 'conflicting-binding' // an area and interval is bound to another seal already
  | 'conflicting-sum' // a mask sum was stored with another content already
  | 'conflicting-seal' // an area and interval was sealed differently already
  | 'stale-ledger' // the ledger's sequence would go back, or fork
  | 'stale-epoch' // erased keys would come back
  | 'stale-interval' // a meter would mask an interval at or before its last one
  | 'pruned-interval' // what the store knew of the interval has been pruned
  | 'unknown-meter'
  | 'known-meter'; // the slot has a meter already, and its last interval must not start again

/** Messages name the file and never a value that was stored. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;
  readonly file: string;

  constructor(code: StoreErrorCode, file: string, problem: string, options?: { cause?: unknown }) {
    super(`${file}: ${problem}.`, options);
    this.name = 'StoreError';
    this.code = code;
    this.file = file;
  }
}
