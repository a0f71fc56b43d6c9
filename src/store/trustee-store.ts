// What a trustee must not forget: its ledger and the mask sums that it released (design.md sections
// 5 and 7, corrections 4, 9 and 16). Crash-safe: what was released once is never released
// differently. Bindings, sums and the ledger entry that publishes them are one transaction, synced
// before it returns; the runtime publishes and answers only after that.
//
// Secret: mask sums. Keys are in a file of their own (key-table.ts).

import type { AreaId } from '../core/area.ts';
import { equalBytes } from '../core/bytes.ts';
import type { IntervalIndex } from '../core/interval.ts';
import { type Binding, NO_LEDGER_ENTRY } from '../core/ledger.ts';
import { UNMASK_STATUS, type UnmaskStatus } from '../core/unmask.ts';
import { bytesOfWords, wordsOfBytes } from '../core/words.ts';
import type { MaskSumRecord } from '../roles/trustee.ts';
import type { Statement, StoredRow } from './database.ts';
import { StoreError } from './errors.ts';
import { type KeyedFiles, KeyedStore, openKeyedFiles } from './keyed-store.ts';
import { openRequestLog, REQUEST_LOG_SCHEMA, type RequestLog } from './request-log.ts';

export interface SealCommit {
  readonly bindings: readonly Binding[];
  readonly records: readonly MaskSumRecord[];
  /** Of the state, after the entry over these bindings was created or taken in. */
  readonly ledgerSequence: number;
  readonly ledgerHead: Uint8Array;
  /** The signed entry, kept until it is published: a crash must not leave a gap in the chain. */
  readonly entry?: Uint8Array | undefined;
}

export interface StoredLedger {
  readonly bindings: readonly Binding[];
  readonly ledgerSequence: number;
  readonly ledgerHead: Uint8Array;
}

export interface StoredEntry {
  readonly sequence: number;
  readonly entry: Uint8Array;
}

const STATUSES = Object.keys(UNMASK_STATUS) as UnmaskStatus[];

const SCHEMA = [
  `CREATE TABLE bindings (
     interval INTEGER NOT NULL, area TEXT NOT NULL, seal_digest BLOB NOT NULL,
     PRIMARY KEY (interval, area)
   ) STRICT, WITHOUT ROWID;
   CREATE TRIGGER bindings_stay BEFORE UPDATE ON bindings
     BEGIN SELECT RAISE(ABORT, 'a binding never changes'); END;
   CREATE TABLE mask_sums (
     interval INTEGER NOT NULL, is_area INTEGER NOT NULL, idx INTEGER NOT NULL,
     channel INTEGER NOT NULL, status INTEGER NOT NULL, coverage INTEGER NOT NULL,
     set_digest BLOB NOT NULL, seal_digest BLOB NOT NULL, sums BLOB NOT NULL,
     PRIMARY KEY (interval, is_area, idx, channel)
   ) STRICT, WITHOUT ROWID;
   CREATE TRIGGER mask_sums_stay BEFORE UPDATE ON mask_sums
     BEGIN SELECT RAISE(ABORT, 'a mask sum never changes'); END;
   CREATE TABLE ledger (
     id INTEGER PRIMARY KEY CHECK (id = 0), sequence INTEGER NOT NULL, head BLOB NOT NULL,
     pruned_before INTEGER NOT NULL
   ) STRICT;
   CREATE TRIGGER ledger_forward BEFORE UPDATE ON ledger
     WHEN NEW.sequence < OLD.sequence OR NEW.pruned_before < OLD.pruned_before
     BEGIN SELECT RAISE(ABORT, 'the ledger never goes back'); END;
   CREATE TABLE entries (sequence INTEGER PRIMARY KEY, entry BLOB NOT NULL) STRICT;
   ${REQUEST_LOG_SCHEMA}`,
];

/** Opens the ledger at `file`, and the keys beside it. @throws StoreError */
export function openTrusteeStore(file: string): TrusteeStore {
  return new TrusteeStore(openKeyedFiles(file, { kind: 'SWtr', schema: SCHEMA }));
}

export class TrusteeStore extends KeyedStore {
  readonly requests: RequestLog;
  readonly #insertBinding: Statement;
  readonly #bindingOf: Statement;
  readonly #insertSum: Statement;
  readonly #sumOf: Statement;
  readonly #sums: Statement;
  readonly #ledger: Statement;
  readonly #updateLedger: Statement;
  readonly #insertEntry: Statement;

  /** Use `openTrusteeStore`. */
  constructor(files: KeyedFiles) {
    super(files);
    const { database } = files;
    this.requests = openRequestLog(database);
    this.#insertBinding = database.prepare(
      'INSERT INTO bindings VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    );
    this.#bindingOf = database.prepare(
      'SELECT seal_digest FROM bindings WHERE interval = ? AND area = ?',
    );
    this.#insertSum = database.prepare(
      'INSERT INTO mask_sums VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    );
    this.#sumOf = database.prepare(
      'SELECT * FROM mask_sums WHERE interval = ? AND is_area = ? AND idx = ? AND channel = ?',
    );
    this.#sums = database.prepare('SELECT * FROM mask_sums WHERE interval >= ? AND interval < ?');
    this.#ledger = database.prepare('SELECT sequence, head, pruned_before FROM ledger');
    this.#updateLedger = database.prepare(
      `INSERT INTO ledger VALUES (0, ?, ?, 0)
       ON CONFLICT DO UPDATE SET sequence = excluded.sequence, head = excluded.head`,
    );
    this.#insertEntry = database.prepare(
      'INSERT INTO entries VALUES (?, ?) ON CONFLICT DO NOTHING',
    );
  }

  /**
   * Binds the seals of one ledger entry, with their sums. What is there already and equal is left
   * as it is, so that a replay after a crash is idempotent; what is there and differs is refused,
   * and then nothing of the commit is stored.
   * @throws StoreError conflicting-binding, conflicting-sum, stale-ledger, pruned-interval
   */
  commitSeal(commit: SealCommit): void {
    this.database.transaction(() => {
      const prunedBefore = this.#advanceLedger(commit);
      for (const binding of commit.bindings) {
        this.#refusePruned(binding.interval, prunedBefore);
        this.#bind(binding);
      }
      for (const record of commit.records) {
        this.#refusePruned(record.interval, prunedBefore);
        this.#storeSum(record);
      }
    });
  }

  /** Bindings from this interval on, and the head of the chain. */
  loadLedger(fromInterval: number): StoredLedger {
    const row = this.#ledger.get();
    const bindings = this.database
      .prepare('SELECT area, interval, seal_digest FROM bindings WHERE interval >= ?')
      .all(fromInterval)
      .map((binding) => ({
        area: binding.area as AreaId,
        interval: binding.interval as IntervalIndex,
        sealDigest: binding.seal_digest as Uint8Array,
      }));
    return {
      bindings,
      ledgerSequence: (row?.sequence as number | undefined) ?? 0,
      ledgerHead: (row?.head as Uint8Array | undefined) ?? NO_LEDGER_ENTRY,
    };
  }

  /** Entries that were committed and not marked as published, in order. */
  unpublishedEntries(): StoredEntry[] {
    const rows = this.database
      .prepare('SELECT sequence, entry FROM entries ORDER BY sequence')
      .all();
    return rows.map((row) => ({
      sequence: row.sequence as number,
      entry: row.entry as Uint8Array,
    }));
  }

  /** The stream has taken all entries up to this one. */
  markPublished(sequence: number): void {
    this.database.prepare('DELETE FROM entries WHERE sequence <= ?').run(sequence);
  }

  /** Of the intervals from `fromInterval` up to, and without, `untilInterval`. */
  loadMaskSums(
    fromInterval: number,
    untilInterval: number = Number.MAX_SAFE_INTEGER,
  ): MaskSumRecord[] {
    if (untilInterval <= fromInterval)
      throw new RangeError(
        `untilInterval: expected more than ${fromInterval}, which it excludes, found ${untilInterval}`,
      );
    return this.#sums.all(fromInterval, untilInterval).map((row) => this.#recordOf(row));
  }

  maskSumsOf(interval: IntervalIndex): MaskSumRecord[] {
    return this.loadMaskSums(interval, interval + 1);
  }

  /**
   * Deletes bindings and sums before this interval. It is remembered: an interval that the store
   * has forgotten is never bound again.
   */
  prune(beforeInterval: number): void {
    this.database.transaction(() => {
      this.database
        .prepare(
          `INSERT INTO ledger VALUES (0, 0, ?, ?) ON CONFLICT DO UPDATE
           SET pruned_before = max(pruned_before, excluded.pruned_before)`,
        )
        .run(NO_LEDGER_ENTRY, beforeInterval);
      this.database.prepare('DELETE FROM bindings WHERE interval < ?').run(beforeInterval);
      this.database.prepare('DELETE FROM mask_sums WHERE interval < ?').run(beforeInterval);
    });
    this.database.eraseFreed();
  }

  /** The first interval that is not pruned. */
  #advanceLedger({ ledgerSequence, ledgerHead, entry }: SealCommit): number {
    const row = this.#ledger.get();
    const sequence = (row?.sequence as number | undefined) ?? 0;
    const head = (row?.head as Uint8Array | undefined) ?? NO_LEDGER_ENTRY;
    if (ledgerSequence < sequence || (ledgerSequence === sequence && !equalBytes(ledgerHead, head)))
      throw new StoreError(
        'stale-ledger',
        this.file,
        `expected the ledger to go on after entry ${sequence}, found another entry ${ledgerSequence}`,
      );
    if (ledgerSequence > sequence) {
      this.#updateLedger.run(ledgerSequence, ledgerHead);
      if (entry !== undefined) this.#insertEntry.run(ledgerSequence, entry);
    }
    return (row?.pruned_before as number | undefined) ?? 0;
  }

  #refusePruned(interval: IntervalIndex, prunedBefore: number): void {
    if (interval < prunedBefore)
      throw new StoreError(
        'pruned-interval',
        this.file,
        `interval ${interval}: everything before ${prunedBefore} has been pruned`,
      );
  }

  #bind({ area, interval, sealDigest }: Binding): void {
    if (this.#insertBinding.run(interval, area, sealDigest) === 1) return;
    const bound = this.#bindingOf.get(interval, area)?.seal_digest as Uint8Array;
    if (!equalBytes(bound, sealDigest))
      throw new StoreError(
        'conflicting-binding',
        this.file,
        `${area}, interval ${interval}: it is bound to another seal already`,
      );
  }

  #storeSum(record: MaskSumRecord): void {
    const { kind, index, channel, interval } = record;
    const isArea = kind === 'area' ? 1 : 0;
    const status = UNMASK_STATUS[record.status];
    const { coverage, setDigest, sealDigest } = record;
    const sums = bytesOfWords(record.sums);
    const key = [interval, isArea, index, channel] as const;
    if (this.#insertSum.run(...key, status, coverage, setDigest, sealDigest, sums) === 1) return;
    const row = this.#sumOf.get(...key) as StoredRow;
    if (
      row.status !== status ||
      row.coverage !== coverage ||
      !equalBytes(row.set_digest as Uint8Array, setDigest) ||
      !equalBytes(row.seal_digest as Uint8Array, sealDigest) ||
      !equalBytes(row.sums as Uint8Array, sums)
    )
      throw new StoreError(
        'conflicting-sum',
        this.file,
        `${kind} ${index}, channel ${channel}, interval ${interval}: it was stored differently before`,
      );
  }

  #recordOf(row: StoredRow): MaskSumRecord {
    const status = STATUSES.find((name) => UNMASK_STATUS[name] === row.status);
    const sums = wordsOfBytes(row.sums as Uint8Array);
    if (status === undefined || sums === undefined)
      throw new StoreError('corrupt', this.file, 'a mask sum cannot be read');
    return {
      kind: row.is_area === 1 ? 'area' : 'cell',
      index: row.idx as number,
      channel: row.channel as number,
      interval: row.interval as IntervalIndex,
      status,
      sums,
      setDigest: row.set_digest as Uint8Array,
      sealDigest: row.seal_digest as Uint8Array,
      coverage: row.coverage as number,
    };
  }
}
