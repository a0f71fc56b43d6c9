import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AreaId, areaId } from '../../src/core/area.ts';
import { epoch } from '../../src/core/interval.ts';
import type { EnrolledStreet } from '../../src/roles/enroller.ts';
import { openAggregatorStore } from '../../src/store/aggregator-store.ts';
import { openKeyTable, type StreetKeyRecord } from '../../src/store/key-table.ts';
import { openTrusteeStore } from '../../src/store/trustee-store.ts';
import { errorOf, TemporaryFolder } from './temporary.ts';

const STREET = areaId('es/md/a');

/** Keys that can be told from those of other epochs in any eleven bytes of them. */
function keysOf(day: number, length: number): Uint8Array {
  return new Uint8Array(Buffer.alloc(length, Uint8Array.of(0xa5, day, 0x5a, day)));
}

/** Stands in every remnant of such keys that is longer than a third of one key. */
function remnantOf(day: number): Uint8Array {
  return keysOf(day, 8);
}

function record(day: number, change: Partial<StreetKeyRecord> = {}): StreetKeyRecord {
  return {
    street: STREET,
    epoch: epoch(day),
    keys: keysOf(day, 64),
    previous: undefined,
    ...change,
  };
}

const ENROLLED: EnrolledStreet = {
  version: 3,
  rosterDigest: new Uint8Array(32).fill(1),
  slots: [
    {
      meter: new Uint8Array(32).fill(2),
      enrolmentDigest: new Uint8Array(32).fill(3),
      commitments: new Uint8Array(128).fill(4),
      fromEpoch: 20_000,
      untilEpoch: 0xffffffff,
      firstEpoch: 19_999,
      seedUntilEpoch: 0xffffffff,
      hasKeys: true,
    },
    undefined,
  ],
};

describe('a key table', () => {
  it('gives back keys and verified streets after a restart', () => {
    using folder = new TemporaryFolder();
    {
      using keys = openKeyTable(folder.file('keys.db'));
      keys.save([record(10, { previous: keysOf(9, 64) })], [[STREET, ENROLLED]]);
    }
    using keys = openKeyTable(folder.file('keys.db'));
    expect(keys.load()).toEqual([record(10, { previous: keysOf(9, 64) })]);
    expect(keys.loadStreets()).toEqual(new Map([[STREET, ENROLLED]]));
  });

  it('stores no street whose keys it refuses', () => {
    using keys = openKeyTable(':memory:');
    keys.save([record(10)]);
    const error = errorOf(() => keys.save([record(9)], [[STREET, ENROLLED]])) as Error;
    expect(error).toMatchObject({ code: 'stale-epoch' });
    expect(error.message).toBe(':memory:: es/md/a: expected keys of epoch 10 or later, found 9.');
    expect(keys.loadStreets().size).toBe(0);
    expect(errorOf(() => keys.replaceAll([record(9)]))).toMatchObject({ code: 'stale-epoch' });
    expect(keys.load()).toEqual([record(10)]);
  });

  it('stands in a file of its own beside the store, for trustee and aggregator', () => {
    using folder = new TemporaryFolder();
    using trustee = openTrusteeStore(folder.file('trustee.db'));
    using aggregator = openAggregatorStore(folder.file('aggregator.db'));
    trustee.keys.save([record(10)]);
    aggregator.keys.save([record(11)]);
    expect(folder.filesWith(remnantOf(10))).toEqual(['trustee.keys.db']);
    expect(folder.filesWith(remnantOf(11))).toEqual(['aggregator.keys.db']);
  });

  it('leaves nothing of the keys before the last in any file after the ratchet', () => {
    using folder = new TemporaryFolder();
    using keys = openKeyTable(folder.file('keys.db'));
    keys.save([record(10)]);
    keys.replaceAll([record(11, { previous: keysOf(10, 64) })]);
    expect(folder.filesWith(remnantOf(10))).toEqual(['keys.db']);
    keys.replaceAll([record(12, { previous: keysOf(11, 64) })]);
    expect(folder.filesWith(remnantOf(10))).toEqual([]);
    keys.erasePrevious();
    expect(folder.filesWith(remnantOf(11))).toEqual([]);
    expect(folder.filesWith(remnantOf(12))).toEqual(['keys.db']);
  });

  it('leaves nothing of them whatever streets came, grew and went in whatever order', () => {
    // Erasing row by row fails this: SQLite leaves copies of rows that it moved between pages.
    const changes = fc.integer({ min: 2, max: 60 }).chain((maxSlots) =>
      fc.array(fc.record({ street: fc.nat(120), slots: fc.integer({ min: 1, max: maxSlots }) }), {
        minLength: 200,
        maxLength: 300,
        size: 'max',
      }),
    );
    fc.assert(
      fc.property(changes, (list) => {
        using folder = new TemporaryFolder();
        using keys = openKeyTable(folder.file('keys.db'));
        const lengths = new Map<AreaId, number>();
        const record = (day: number, street: AreaId, length: number): StreetKeyRecord => ({
          street,
          epoch: epoch(day),
          keys: keysOf(day, length),
          previous: keysOf(day - 1, length),
        });
        for (let at = 0; at < list.length; at += 50) {
          const some = list.slice(at, at + 50).map(({ street, slots }) => {
            const area = areaId(`es/s${street}`);
            const length = Math.max(lengths.get(area) ?? 0, 32 * slots);
            lengths.set(area, length);
            return record(2, area, length);
          });
          keys.save(some);
        }
        keys.replaceAll([...lengths].map(([street, length]) => record(3, street, length)));
        expect(folder.filesWith(remnantOf(1))).toEqual([]);
        keys.erasePrevious();
        expect(folder.filesWith(remnantOf(2))).toEqual([]);
        expect(folder.filesWith(remnantOf(3))).toEqual(['keys.db']);
      }),
      { numRuns: 20, seed: 1, endOnFailure: true },
    );
  });

  it('says that a street is damaged instead of forgetting it', () => {
    using folder = new TemporaryFolder();
    {
      using keys = openKeyTable(folder.file('keys.db'));
      keys.save([], [[STREET, ENROLLED]]);
    }
    const sqlite = new DatabaseSync(folder.file('keys.db'));
    sqlite.exec("UPDATE streets SET body = x'01a0'");
    sqlite.close();
    using keys = openKeyTable(folder.file('keys.db'));
    expect(errorOf(() => keys.loadStreets())).toMatchObject({ code: 'corrupt' });
  });
});
