import { describe, expect, it } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import { intervalIndex } from '../../src/core/interval.ts';
import { openAggregatorStore } from '../../src/store/aggregator-store.ts';
import { errorOf, TemporaryFolder } from './temporary.ts';

function sealed(area: string, interval: number, seed = 1) {
  return {
    area: areaId(area),
    interval: intervalIndex(interval),
    seal: Uint8Array.of(seed, 2, 3),
    total: new TextEncoder().encode(`${area} ${interval} ${seed}`),
  };
}

describe('an aggregator’s store', () => {
  it('gives back what was sealed and not published, oldest first, after a restart', () => {
    using folder = new TemporaryFolder();
    {
      using store = openAggregatorStore(folder.file('aggregator.db'));
      store.commitSealed([sealed('es/md', 8), sealed('es/vc', 8)]);
      store.commitSealed([sealed('es/md', 7)]);
      store.markPublished([sealed('es/vc', 8)]);
    }
    using store = openAggregatorStore(folder.file('aggregator.db'));
    expect(store.unpublished()).toEqual([sealed('es/md', 7), sealed('es/md', 8)]);
    expect(store.sealedOf(areaId('es/vc'), intervalIndex(8))).toEqual(sealed('es/vc', 8));
    expect(store.sealedOf(areaId('es/vc'), intervalIndex(9))).toBeUndefined();
  });

  it('never seals an interval differently, and stores nothing of a list that tries', () => {
    using store = openAggregatorStore(':memory:');
    store.commitSealed([sealed('es/md', 7)]);
    store.commitSealed([sealed('es/md', 7)]);
    const error = errorOf(() => store.commitSealed([sealed('es/vc', 7), sealed('es/md', 7, 9)]));
    expect(error).toMatchObject({ code: 'conflicting-seal' });
    expect(store.unpublished()).toEqual([sealed('es/md', 7)]);
  });

  it('lets the winner of a hot pair stand, also where we cannot add up its set', () => {
    using store = openAggregatorStore(':memory:');
    store.commitSealed([sealed('es/md', 7), sealed('es/vc', 7)]);
    store.adoptSealed(sealed('es/md', 7, 9));
    store.adoptSealed({ ...sealed('es/vc', 7, 9), total: undefined });
    expect(store.unpublished()).toEqual([]);
    expect(store.sealedOf(areaId('es/vc'), intervalIndex(7))?.total).toBeUndefined();
    expect(store.totalsOf({ within: areaId('es') }, 0, 100)).toEqual([
      { area: 'es/md', interval: 7, total: sealed('es/md', 7, 9).total },
    ]);
  });

  it('answers a zoom with an area and what is below it, and with no neighbour of a like name', () => {
    using store = openAggregatorStore(':memory:');
    const names = ['es/md', 'es/md/a', 'es/md/a/b', 'es/md-2', 'es/md_', 'es/mda', 'es/md0', 'es'];
    store.commitSealed(names.map((name) => sealed(name, 7)));
    const found = store.totalsOf({ within: areaId('es/md') }, 7, 8);
    expect(found.map(({ area }) => area)).toEqual(['es/md', 'es/md/a', 'es/md/a/b']);
  });

  it('answers for named areas over a half-open range, however long', () => {
    using store = openAggregatorStore(':memory:');
    store.commitSealed([5, 6, 900_000].flatMap((at) => [sealed('es/md', at), sealed('es/vc', at)]));
    const areas = [areaId('es/vc'), areaId('es/none')];
    expect(store.totalsOf({ areas }, 6, 900_000)).toEqual([
      { area: 'es/vc', interval: 6, total: sealed('es/vc', 6).total },
    ]);
    expect(store.totalsOf({ areas }, 0, 0xffffffff)).toHaveLength(3);
  });

  it('forgets what is older than the retention time', () => {
    using store = openAggregatorStore(':memory:');
    store.commitSealed([sealed('es/md', 7), sealed('es/md', 8)]);
    store.prune(8);
    expect(store.totalsOf({ within: areaId('es') }, 0, 100)).toHaveLength(1);
  });
});
