import { describe, expect, it } from 'vitest';
import { type IntervalIndex, intervalIndex } from '../../src/core/interval.ts';
import type { Row } from '../../src/roles/monitor-rows.ts';
import { openMonitorStore } from '../../src/store/monitor-store.ts';
import { errorOf, TemporaryFolder } from './temporary.ts';

const CHANNELS = [{ name: 'net' }, { name: 'production' }, { name: 'export' }];
const AT = intervalIndex(1_920_000);

function at(offset: number): IntervalIndex {
  return intervalIndex(AT + offset);
}

function row(name: string, interval: IntervalIndex, change: Partial<Row> = {}): Row {
  return {
    plan: {
      name,
      depth: name.split('/').length,
      area: 0,
      isCell: false,
      mainChannel: 0,
      meterCount: 30,
      unmeteredProducerCount: 0,
      parts: [],
    },
    interval,
    energyWh: [-1200, 40, undefined],
    importWh: undefined,
    consumptionWh: -1160,
    coverage: 0.95,
    status: 'partial',
    reason: 'low-presence',
    isChecked: true,
    ...change,
  };
}

describe('a monitor’s history', () => {
  it('gives back an interval’s rows in the plan’s order, with empty figures empty', () => {
    using folder = new TemporaryFolder();
    {
      using store = openMonitorStore(folder.file('monitor.db'));
      store.saveRows(AT, [row('es/z', AT), row('es/a', AT)], CHANNELS);
    }
    using store = openMonitorStore(folder.file('monitor.db'));
    const rows = store.rows({ interval: AT });
    expect(rows.map(({ name }) => name)).toEqual(['es/z', 'es/a']);
    expect(rows[0]).toEqual({
      name: 'es/z',
      depth: 2,
      interval: AT,
      netWh: -1200,
      exportWh: undefined,
      productionWh: 40,
      importWh: undefined,
      consumptionWh: -1160,
      coverage: 0.95,
      status: 'partial',
      reason: 'low-presence',
      isChecked: true,
    });
    expect(store.latestInterval()).toBe(AT);
  });

  it('keeps zero apart from nothing, and watt-hours beyond 32 bits', () => {
    using store = openMonitorStore(':memory:');
    const energyWh = [2 ** 52, 0, undefined];
    store.saveRows(
      AT,
      [row('es', AT, { energyWh, reason: undefined, isChecked: false })],
      CHANNELS,
    );
    const [stored] = store.rows({ interval: AT });
    expect(stored).toMatchObject({ netWh: 2 ** 52, productionWh: 0, isChecked: false });
    expect(stored?.exportWh).toBeUndefined();
    expect(stored?.reason).toBeUndefined();
  });

  it('takes figures back when rows are saved again', () => {
    using store = openMonitorStore(':memory:');
    store.saveRows(AT, [row('es', AT), row('es/a', AT)], CHANNELS);
    const withheld = row('es', AT, { energyWh: [], status: 'withheld', reason: 'mismatch' });
    store.saveRows(AT, [withheld], CHANNELS);
    expect(store.rows({ interval: AT })).toMatchObject([
      { name: 'es', netWh: undefined, status: 'withheld', reason: 'mismatch' },
    ]);
  });

  it('gives one name’s series over a half-open range, with missing intervals missing', () => {
    using store = openMonitorStore(':memory:');
    for (const offset of [0, 1, 3])
      store.saveRows(at(offset), [row('es', at(offset)), row('es/a', at(offset))], CHANNELS);
    const intervalsOf = (from: number, until: number, name = 'es/a') =>
      store.series({ name, from, until }).map(({ interval }) => interval - AT);
    expect(intervalsOf(0, 0xffffffff)).toEqual([0, 1, 3]);
    expect(intervalsOf(AT + 1, AT + 3)).toEqual([1]);
    expect(intervalsOf(AT, AT)).toEqual([]);
    expect(intervalsOf(0, 0xffffffff, "es'; DROP TABLE rows")).toEqual([]);
  });

  it('keeps the old rows where the new ones cannot be stored', () => {
    using store = openMonitorStore(':memory:');
    store.saveRows(AT, [row('es', AT)], CHANNELS);
    const twice = () => store.saveRows(AT, [row('new', AT), row('new', AT)], CHANNELS);
    expect(errorOf(twice)).toMatchObject({ code: 'unavailable' });
    expect(store.rows({ interval: AT }).map(({ name }) => name)).toEqual(['es']);
    store.saveRows(AT, [row('new', AT)], CHANNELS);
    expect(store.rows({ interval: AT }).map(({ name }) => name)).toEqual(['new']);
  });

  it('is empty at first and forgets what is older than the retention time', () => {
    using store = openMonitorStore(':memory:');
    expect(store.latestInterval()).toBeUndefined();
    expect(store.series({ name: 'es', from: 0, until: 10 })).toEqual([]);
    for (const offset of [0, 1]) store.saveRows(at(offset), [row('es', at(offset))], CHANNELS);
    store.prune(at(1));
    expect(store.series({ name: 'es', from: 0, until: 0xffffffff })).toHaveLength(1);
  });

  it('takes and gives 10,000 rows well within a second', () => {
    using folder = new TemporaryFolder();
    using store = openMonitorStore(folder.file('monitor.db'));
    const rows = Array.from({ length: 10_000 }, (_, i) => row(`es/md/28079/centro/s${i}`, AT));
    const startMs = performance.now();
    store.saveRows(AT, rows, CHANNELS);
    expect(store.rows({ interval: AT })).toHaveLength(10_000);
    // Some 0.1 s here; the bound only catches a lost transaction or index on a busy machine.
    expect(performance.now() - startMs).toBeLessThan(2000);
  });
});
