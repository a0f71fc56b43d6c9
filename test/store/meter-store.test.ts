import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { MeterState } from '../../src/roles/meter.ts';
import { type MeterStore, openMeterStore } from '../../src/store/meter-store.ts';
import { intervalOf, mask, newMeter, placeOf } from './some-meters.ts';
import { errorOf, TemporaryFolder } from './temporary.ts';

function sendNext(store: MeterStore, state: MeterState, offset: number, valueWh = 100): Uint8Array {
  const frame = mask(state, intervalOf(offset), valueWh) as Uint8Array;
  store.commitFrame(state, intervalOf(offset), frame);
  return frame;
}

describe('a meter’s store', () => {
  it('gives the meter back as it was, with the frames that nobody confirmed', () => {
    using folder = new TemporaryFolder();
    const state = newMeter(0);
    {
      using store = openMeterStore(folder.file('meter.db'));
      store.addMeters([state, newMeter(1)]);
      sendNext(store, state, 0);
      sendNext(store, state, 1);
      sendNext(store, state, 100);
      store.confirm([state], intervalOf(0));
      state.outbox.delete(intervalOf(0));
    }
    using store = openMeterStore(folder.file('meter.db'));
    expect(store.loadMeter(placeOf(0))).toEqual(state);
    expect(store.loadMeter(placeOf(1))).toEqual(newMeter(1));
    expect(store.loadMeter(placeOf(2))).toBeUndefined();
    expect(store.meters()).toHaveLength(2);
  });

  it('masks on exactly where it stopped, also in a later epoch', () => {
    using store = openMeterStore(':memory:');
    const state = newMeter(0);
    store.addMeters([state]);
    sendNext(store, state, 95);
    const restored = store.loadMeter(placeOf(0)) as MeterState;
    expect(mask(restored, intervalOf(96), 7)).toEqual(mask(state, intervalOf(96), 7));
  });

  it('refuses an interval that was masked before, from whatever state, and stores nothing of it', () => {
    using store = openMeterStore(':memory:');
    const state = newMeter(0);
    const other = newMeter(1);
    store.addMeters([state, other]);
    const twin = store.loadMeter(placeOf(0)) as MeterState;
    sendNext(store, state, 5, 100);
    const again = mask(twin, intervalOf(5), 3000) as Uint8Array;
    const fine = mask(other, intervalOf(5), 1) as Uint8Array;
    const commits = [
      { state: other, interval: intervalOf(5), frame: fine },
      { state: twin, interval: intervalOf(5), frame: again },
    ];
    expect(errorOf(() => store.commitFrames(commits))).toMatchObject({ code: 'stale-interval' });
    expect(store.loadMeter(placeOf(1))?.lastInterval).toBe(-1);
    expect(store.loadMeter(placeOf(0))).toEqual(state);
    const older = store.loadMeter(placeOf(0)) as MeterState;
    older.lastInterval = -1;
    const frame = mask(older, intervalOf(4), 3000) as Uint8Array;
    expect(errorOf(() => store.commitFrame(older, intervalOf(4), frame))).toMatchObject({
      code: 'stale-interval',
    });
  });

  it('cannot be made to go back, change a frame or forget a meter by other code either', () => {
    using folder = new TemporaryFolder();
    {
      using store = openMeterStore(folder.file('meter.db'));
      const state = newMeter(0);
      store.addMeters([state]);
      sendNext(store, state, 5);
    }
    const sqlite = new DatabaseSync(folder.file('meter.db'));
    for (const sql of [
      'UPDATE meters SET last_interval = last_interval - 1',
      'UPDATE meters SET epoch = epoch - 1',
      'UPDATE meters SET slot = 9',
      'DELETE FROM meters',
      "UPDATE outbox SET frame = x'00'",
    ])
      expect(() => sqlite.exec(sql)).toThrow(/never/);
    sqlite.close();
  });

  it('does not start a slot’s meter anew', () => {
    using store = openMeterStore(':memory:');
    store.addMeters([newMeter(0)]);
    const again = () => store.addMeters([newMeter(1), newMeter(0)]);
    expect(errorOf(again)).toMatchObject({ code: 'known-meter' });
    expect(store.meters()).toHaveLength(1);
  });

  it('names what a caller got wrong', () => {
    using store = openMeterStore(':memory:');
    const state = newMeter(0);
    const frame = mask(state, intervalOf(1), 1) as Uint8Array;
    const unknown = () => store.commitFrame(state, intervalOf(1), frame);
    expect(errorOf(unknown)).toMatchObject({ code: 'unknown-meter' });
    store.addMeters([newMeter(0)]);
    expect(() => store.commitFrame(state, intervalOf(2), frame)).toThrow(RangeError);
  });

  it('drops frames that are too late for anybody', () => {
    using store = openMeterStore(':memory:');
    const state = newMeter(0);
    store.addMeters([state]);
    sendNext(store, state, 0);
    const kept = sendNext(store, state, 1);
    store.prune(intervalOf(1));
    expect([...(store.loadMeter(placeOf(0))?.outbox.values() ?? [])]).toEqual([kept]);
  });

  it('leaves nothing of an ended epoch’s keys in any file, for one meter or for thousands', () => {
    using folder = new TemporaryFolder();
    using store = openMeterStore(folder.file('meters.db'));
    const states = Array.from({ length: 2000 }, (_, at) => newMeter(at));
    store.addMeters(states.slice(0, 1500));
    store.addMeters(states.slice(1500));
    const firstKeys = [0, 3, 255].map((at) => newMeter(at).componentKeys[1] as Uint8Array);
    for (const key of firstKeys) expect(folder.filesWith(key)).not.toEqual([]);
    const send = (offset: number, some: readonly MeterState[]) =>
      store.commitFrames(
        some.map((state) => ({
          state,
          interval: intervalOf(offset),
          frame: mask(state, intervalOf(offset), 1) as Uint8Array,
        })),
      );
    send(95, states);
    // The first meters change epoch on their own, the others together, none in order.
    for (const state of states.slice(0, 4).reverse()) send(96, [state]);
    send(96, states.slice(4).reverse());
    const remnants = Array.from({ length: 256 }, (_, at) => newMeter(at)).flatMap((meter) => [
      ...meter.componentKeys.map((key) => key.subarray(0, 10)),
      meter.authenticationKey.subarray(0, 10),
    ]);
    for (const remnant of remnants) expect(folder.filesWith(remnant)).toEqual([]);
    const second = states[3] as MeterState;
    expect(folder.filesWith(second.authenticationKey)).not.toEqual([]);
    send(192, [second]);
    expect(store.loadMeter(placeOf(3))).toEqual(second);
  });
});
