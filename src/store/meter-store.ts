// The meter's own memory (design.md section 4, "one value per interval"). The state after a frame
// was masked and the frame itself are one transaction, synced before the frame is sent: a crash
// before it has sent nothing, a crash after it resends the very same frame. One file holds one meter,
// or the many of a gateway or a simulator.
//
// The last interval never goes back: a trigger of the table refuses it, whatever code runs above.
// Secret: keys. Not to be backed up: a restored file would mask intervals twice, and hold old keys.

import type { AreaId } from '../core/area.ts';
import type { Epoch, IntervalIndex } from '../core/interval.ts';
import { KEY_BYTES } from '../core/mask.ts';
import type { Slot } from '../core/roster.ts';
import { createMeter, type MeterPlace, type MeterState } from '../roles/meter.ts';
import { type Database, openDatabase, type Statement } from './database.ts';
import { StoreError } from './errors.ts';

export interface MeterId {
  readonly street: AreaId;
  readonly slot: Slot;
}

export interface FrameCommit {
  /** As `createFrame` left it. */
  readonly state: MeterState;
  readonly interval: IntervalIndex;
  readonly frame: Uint8Array;
}

// Keys have a table of their own, of rows that are appended once and then overwritten in place by
// as many bytes: SQLite never moves such a row, so no copy of an old key is left behind in a page.
const SCHEMA = [
  `CREATE TABLE meters (
     id INTEGER PRIMARY KEY, street TEXT NOT NULL, slot INTEGER NOT NULL, epoch INTEGER NOT NULL,
     last_interval INTEGER NOT NULL,
     UNIQUE (street, slot)
   ) STRICT;
   CREATE TRIGGER meters_forward BEFORE UPDATE ON meters
     WHEN NEW.last_interval < OLD.last_interval OR NEW.epoch < OLD.epoch OR NEW.id <> OLD.id
       OR NEW.street <> OLD.street OR NEW.slot <> OLD.slot
     BEGIN SELECT RAISE(ABORT, 'a meter never goes back'); END;
   CREATE TRIGGER meters_stay BEFORE DELETE ON meters
     BEGIN SELECT RAISE(ABORT, 'a meter is never forgotten'); END;
   CREATE TABLE meter_keys (id INTEGER PRIMARY KEY REFERENCES meters, keys BLOB NOT NULL) STRICT;
   CREATE TABLE outbox (
     interval INTEGER NOT NULL, meter INTEGER NOT NULL REFERENCES meters, frame BLOB NOT NULL,
     PRIMARY KEY (interval, meter)
   ) STRICT, WITHOUT ROWID;
   CREATE TRIGGER outbox_stays BEFORE UPDATE ON outbox
     BEGIN SELECT RAISE(ABORT, 'a frame never changes'); END;`,
];

/** @throws StoreError */
export function openMeterStore(file: string): MeterStore {
  return new MeterStore(openDatabase(file, { kind: 'SWme', schema: SCHEMA }));
}

export class MeterStore implements Disposable {
  readonly #database: Database;
  readonly #ids = new Map<string, number>();
  readonly #find: Statement;
  readonly #insertMeter: Statement;
  readonly #insertKeys: Statement;
  readonly #meter: Statement;
  readonly #keys: Statement;
  readonly #outbox: Statement;
  readonly #advance: Statement;
  readonly #updateKeys: Statement;
  readonly #insertFrame: Statement;
  readonly #confirm: Statement;

  /** Use `openMeterStore`. */
  constructor(database: Database) {
    this.#database = database;
    this.#find = database.prepare('SELECT id FROM meters WHERE street = ? AND slot = ?');
    this.#insertMeter = database.prepare(
      'INSERT INTO meters VALUES (NULL, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id',
    );
    this.#insertKeys = database.prepare('INSERT INTO meter_keys VALUES (?, ?)');
    this.#meter = database.prepare('SELECT epoch, last_interval FROM meters WHERE id = ?');
    this.#keys = database.prepare('SELECT keys FROM meter_keys WHERE id = ?');
    this.#outbox = database.prepare(
      'SELECT interval, frame FROM outbox WHERE meter = ? ORDER BY interval',
    );
    this.#advance = database.prepare(
      'UPDATE meters SET epoch = ?, last_interval = ? WHERE id = ? AND last_interval < ?',
    );
    this.#updateKeys = database.prepare('UPDATE meter_keys SET keys = ? WHERE id = ?');
    this.#insertFrame = database.prepare('INSERT INTO outbox VALUES (?, ?, ?)');
    this.#confirm = database.prepare('DELETE FROM outbox WHERE interval = ? AND meter = ?');
  }

  get file(): string {
    return this.#database.file;
  }

  /**
   * New meters, before their first frame. @throws StoreError known-meter: the slot has a meter; a
   * meter that is enrolled again gets a new slot
   */
  addMeters(states: readonly MeterState[]): void {
    this.#database.transaction(() => {
      for (const state of states) {
        const { street, slot, epoch, lastInterval } = state;
        const id = this.#insertMeter.get(street, slot, epoch, lastInterval)?.id;
        if (id === undefined)
          throw new StoreError(
            'known-meter',
            this.file,
            `${street}, slot ${slot}: it has a meter already`,
          );
        this.#insertKeys.run(id, joinKeys(state));
        for (const [interval, frame] of state.outbox) this.#insertFrame.run(interval, id, frame);
      }
    });
  }

  /** The meter as it was last stored, in the place that its roster gives it now; undefined where it is not here. */
  loadMeter(place: MeterPlace): MeterState | undefined {
    const id = this.#idOf(place);
    if (id === undefined) return undefined;
    const row = this.#meter.get(id);
    const keys = this.#keys.get(id)?.keys;
    if (row === undefined || !(keys instanceof Uint8Array) || keys.length % KEY_BYTES !== 0)
      throw new StoreError('corrupt', this.file, 'a meter has no keys');
    const state = createMeter(place, { ...splitKeys(keys), firstEpoch: row.epoch as Epoch });
    keys.fill(0);
    state.lastInterval = row.last_interval as number;
    for (const { interval, frame } of this.#outbox.all(id))
      state.outbox.set(interval as IntervalIndex, frame as Uint8Array);
    return state;
  }

  /** Every meter in the file. */
  meters(): MeterId[] {
    const rows = this.#database.prepare('SELECT street, slot FROM meters ORDER BY id').all();
    return rows.map((row) => ({ street: row.street as AreaId, slot: row.slot as Slot }));
  }

  /** `commitFrames` for one meter. */
  commitFrame(state: MeterState, interval: IntervalIndex, frame: Uint8Array): void {
    this.commitFrames([{ state, interval, frame }]);
  }

  /**
   * Stores masked frames with the states that masked them; they may be sent when this returns.
   * Keys of an epoch that has ended are erased from the file and its log.
   * @throws StoreError stale-interval: one of them was masked before; nothing is stored, send nothing
   */
  commitFrames(commits: readonly FrameCommit[]): void {
    let hasErased = false;
    this.#database.transaction(() => {
      for (const { state, interval, frame } of commits) {
        if (state.lastInterval !== interval)
          throw new RangeError(
            `interval: expected the last one that the meter masked (${state.lastInterval}), found ${interval}`,
          );
        const id = this.#knownId(state);
        const epochBefore = this.#meter.get(id)?.epoch;
        if (this.#advance.run(state.epoch, interval, id, interval) === 0)
          throw new StoreError(
            'stale-interval',
            this.file,
            `${state.street}, slot ${state.slot}: interval ${interval} or a later one was masked before`,
          );
        if (epochBefore !== state.epoch) {
          this.#updateKeys.run(joinKeys(state), id);
          hasErased = true;
        }
        this.#insertFrame.run(interval, id, frame);
      }
    });
    if (hasErased) this.#database.eraseFreed();
  }

  /** Takes confirmed frames out of the outbox. */
  confirm(meters: Iterable<MeterId>, interval: IntervalIndex): void {
    this.#database.transaction(() => {
      for (const meter of meters) this.#confirm.run(interval, this.#knownId(meter));
    });
  }

  /** Drops frames that no aggregator takes any more. */
  prune(beforeInterval: number): void {
    this.#database.prepare('DELETE FROM outbox WHERE interval < ?').run(beforeInterval);
  }

  [Symbol.dispose](): void {
    this.#database[Symbol.dispose]();
  }

  #knownId(meter: MeterId): number {
    const id = this.#idOf(meter);
    if (id === undefined)
      throw new StoreError(
        'unknown-meter',
        this.file,
        `${meter.street}, slot ${meter.slot}: there is no such meter here`,
      );
    return id;
  }

  /** A meter is never deleted, so what was found stays true. */
  #idOf({ street, slot }: MeterId): number | undefined {
    const key = `${street} ${slot}`;
    const known = this.#ids.get(key) ?? (this.#find.get(street, slot)?.id as number | undefined);
    if (known !== undefined) this.#ids.set(key, known);
    return known;
  }
}

/** Component keys in order, then the authentication key. */
function joinKeys({ componentKeys, authenticationKey }: MeterState): Uint8Array {
  const joined = new Uint8Array(KEY_BYTES * (componentKeys.length + 1));
  for (const [position, key] of componentKeys.entries()) joined.set(key, position * KEY_BYTES);
  joined.set(authenticationKey, componentKeys.length * KEY_BYTES);
  return joined;
}

function splitKeys(joined: Uint8Array): {
  componentKeys: Uint8Array[];
  authenticationKey: Uint8Array;
} {
  const last = joined.length - KEY_BYTES;
  const componentKeys: Uint8Array[] = [];
  for (let at = 0; at < last; at += KEY_BYTES)
    componentKeys.push(joined.subarray(at, at + KEY_BYTES));
  return { componentKeys, authenticationKey: joined.subarray(last) };
}
