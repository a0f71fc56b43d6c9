import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import { toHex } from '../../src/core/bytes.ts';
import { intervalIndex } from '../../src/core/interval.ts';
import { NO_LEDGER_ENTRY } from '../../src/core/ledger.ts';
import type { MaskSumRecord } from '../../src/roles/trustee.ts';
import { openTrusteeStore, type SealCommit } from '../../src/store/trustee-store.ts';
import { errorOf, TemporaryFolder } from './temporary.ts';

const bytes = (seed: number) => new Uint8Array(32).fill(seed);
const INTERVAL = intervalIndex(1_920_000);

function record(index: number, change: Partial<MaskSumRecord> = {}): MaskSumRecord {
  return {
    kind: 'cell',
    index,
    channel: 0,
    interval: INTERVAL,
    status: 'released',
    sums: BigUint64Array.of(2n ** 64n - 1n, 5n),
    setDigest: bytes(1),
    sealDigest: bytes(2),
    coverage: 95,
    ...change,
  };
}

function commit(sequence: number, change: Partial<SealCommit> = {}): SealCommit {
  return {
    bindings: [{ area: areaId('es/md'), interval: INTERVAL, sealDigest: bytes(2) }],
    records: [record(0)],
    ledgerSequence: sequence,
    ledgerHead: bytes(100 + sequence),
    ...change,
  };
}

describe('a trustee’s store', () => {
  it('is empty at first', () => {
    using store = openTrusteeStore(':memory:');
    expect(store.loadLedger(0)).toEqual({
      bindings: [],
      ledgerSequence: 0,
      ledgerHead: NO_LEDGER_ENTRY,
    });
    expect(store.loadMaskSums(0)).toEqual([]);
    expect(store.keys.load()).toEqual([]);
  });

  it('gives back all that was committed after a restart', () => {
    using folder = new TemporaryFolder();
    const withheld = record(3, {
      kind: 'area',
      channel: 2,
      status: 'too-few',
      sums: new BigUint64Array(0),
      setDigest: new Uint8Array(0),
      coverage: 0,
    });
    const later = record(0, { interval: intervalIndex(INTERVAL + 1) });
    {
      using store = openTrusteeStore(folder.file('trustee.db'));
      store.commitSeal(commit(1, { records: [record(0), withheld], entry: bytes(9) }));
      store.commitSeal(commit(2, { bindings: [], records: [later], entry: bytes(10) }));
    }
    using store = openTrusteeStore(folder.file('trustee.db'));
    expect(store.loadLedger(INTERVAL)).toEqual({
      bindings: commit(1).bindings,
      ledgerSequence: 2,
      ledgerHead: bytes(102),
    });
    expect(store.loadLedger(INTERVAL + 1).bindings).toEqual([]);
    expect(store.maskSumsOf(INTERVAL)).toEqual([record(0), withheld]);
    expect(store.loadMaskSums(INTERVAL)).toEqual([record(0), withheld, later]);
    expect(store.loadMaskSums(INTERVAL, INTERVAL + 1)).toHaveLength(2);
  });

  it('keeps an entry until it is published, so that a crash leaves no gap in the chain', () => {
    using store = openTrusteeStore(':memory:');
    store.commitSeal(commit(1, { entry: bytes(9) }));
    store.commitSeal(commit(2, { bindings: [], records: [], entry: bytes(10) }));
    expect(store.unpublishedEntries()).toEqual([
      { sequence: 1, entry: bytes(9) },
      { sequence: 2, entry: bytes(10) },
    ]);
    store.markPublished(1);
    expect(store.unpublishedEntries().map(({ sequence }) => sequence)).toEqual([2]);
  });

  it('takes a replayed commit again and changes nothing', () => {
    using store = openTrusteeStore(':memory:');
    store.commitSeal(commit(1));
    store.commitSeal(commit(1));
    store.commitSeal(commit(2));
    expect(store.loadLedger(0).bindings).toHaveLength(1);
    expect(store.maskSumsOf(INTERVAL)).toHaveLength(1);
  });

  const conflicts: readonly [string, string, Partial<SealCommit>][] = [
    [
      'another seal for a bound area and interval',
      'conflicting-binding',
      { bindings: [{ area: areaId('es/md'), interval: INTERVAL, sealDigest: bytes(3) }] },
    ],
    [
      'another sum',
      'conflicting-sum',
      { records: [record(0, { sums: BigUint64Array.of(1n, 5n) })] },
    ],
    ['another set', 'conflicting-sum', { records: [record(0, { setDigest: bytes(8) })] }],
    [
      'a release of what was withheld',
      'conflicting-sum',
      { records: [record(1, { status: 'released' })] },
    ],
  ];
  it.each(conflicts)('refuses %s, with all that came along', (_name, code, change) => {
    using store = openTrusteeStore(':memory:');
    store.commitSeal(commit(1, { records: [record(0), record(1, { status: 'low-presence' })] }));
    const before = [store.loadLedger(0), store.loadMaskSums(0)];
    const attempt = commit(2, {
      ...change,
      records: [record(7), ...(change.records ?? [])],
    });
    expect(errorOf(() => store.commitSeal(attempt))).toMatchObject({ code });
    expect([store.loadLedger(0), store.loadMaskSums(0)]).toEqual(before);
  });

  it('refuses a ledger that goes back or forks', () => {
    using store = openTrusteeStore(':memory:');
    store.commitSeal(commit(5));
    const back = () => store.commitSeal(commit(4));
    const fork = () => store.commitSeal(commit(5, { ledgerHead: bytes(1) }));
    expect(errorOf(back)).toMatchObject({ code: 'stale-ledger' });
    expect(errorOf(fork)).toMatchObject({ code: 'stale-ledger' });
  });

  it('never binds an interval again that it has pruned', () => {
    using folder = new TemporaryFolder();
    {
      using store = openTrusteeStore(folder.file('trustee.db'));
      store.commitSeal(commit(1));
      store.prune(INTERVAL + 1);
      expect(store.loadMaskSums(0)).toEqual([]);
      expect(store.loadLedger(0)).toMatchObject({ bindings: [], ledgerSequence: 1 });
      store.prune(0);
    }
    using store = openTrusteeStore(folder.file('trustee.db'));
    const again = () => store.commitSeal(commit(2));
    expect(errorOf(again)).toMatchObject({ code: 'pruned-interval' });
  });

  it('cannot be made to change a binding or a sum by other code either', () => {
    using folder = new TemporaryFolder();
    const file = folder.file('trustee.db');
    {
      using store = openTrusteeStore(file);
      store.commitSeal(commit(2));
    }
    const sqlite = new DatabaseSync(file);
    for (const sql of [
      "UPDATE bindings SET seal_digest = x'00'",
      "UPDATE mask_sums SET sums = x'00'",
      'UPDATE ledger SET sequence = 1',
    ])
      expect(() => sqlite.exec(sql)).toThrow(/never/);
    sqlite.close();
  });

  it('logs every request, in order', () => {
    using store = openTrusteeStore(':memory:');
    const request = {
      atSeconds: 1_728_000_000,
      monitor: toHex(bytes(4)),
      interval: INTERVAL,
      area: areaId('es'),
      targetCount: 12,
      releasedCount: 0,
      requestDigest: bytes(5),
    };
    store.requests.add(request);
    store.requests.add({ ...request, atSeconds: 1_728_000_900, releasedCount: 11 });
    expect(store.requests.since(0).map((logged) => logged.releasedCount)).toEqual([0, 11]);
    expect(store.requests.since(1_728_000_001)).toHaveLength(1);
    store.requests.prune(1_728_000_001);
    expect(store.requests.since(0)).toEqual([
      { ...request, atSeconds: 1_728_000_900, releasedCount: 11 },
    ]);
  });

  it('says nothing of what it stores in an error', () => {
    using store = openTrusteeStore(':memory:');
    const sums = BigUint64Array.of(0x1122334455667788n, 1n);
    store.commitSeal(commit(1, { records: [record(0, { sums })] }));
    const error = errorOf(() => store.commitSeal(commit(2))) as Error;
    expect(error.message).toBe(
      ':memory:: cell 0, channel 0, interval 1920000: it was stored differently before.',
    );
    expect(error.cause).toBeUndefined();
  });

  it('refuses a range that ends before it starts, rather than finding nothing', () => {
    using store = openTrusteeStore(':memory:');
    expect(() => store.loadMaskSums(5, 5)).toThrow(RangeError);
  });
});
