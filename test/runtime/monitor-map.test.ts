// A monitor's map over a running network: what is opened every interval, what is opened because
// somebody looks, and what each viewer is shown of it.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BusError } from '../../src/bus/errors.ts';
import { type AreaId, areaId } from '../../src/core/area.ts';
import { type IntervalIndex, intervalIndex } from '../../src/core/interval.ts';
import { encodeAlert } from '../../src/core/notice.ts';
import { signMessage } from '../../src/core/signed.ts';
import { noticeSubject, querySubject } from '../../src/core/subjects.ts';
import type { Frame } from '../../src/map/frame.ts';
import { createMonitor } from '../../src/roles/monitor.ts';
import { createPlatformVerifier } from '../../src/runtime/ed25519.ts';
import { MonitorNode } from '../../src/runtime/monitor-node.ts';
import { Zoom } from '../../src/runtime/zoom.ts';
import { openMonitorStore } from '../../src/store/monitor-store.ts';
import { TemporaryFolder } from '../store/temporary.ts';
import { FIRST, startZoomNetwork, type ZoomNetwork } from '../support/zoom-network.ts';

const never = new AbortController().signal;
const at = (offset: number): IntervalIndex => intervalIndex(FIRST + offset);
const SUBURB = areaId('eu/es/ma/u1');

let running: ZoomNetwork;

beforeAll(async () => {
  running = await startZoomNetwork();
  for (const offset of [0, 1, 2, 3]) await running.run(at(offset));
  running.takeRequests();
});

afterAll(async () => {
  await running[Symbol.asyncDispose]();
});

async function frameOf(
  area: string,
  options: { viewer?: string; interval?: IntervalIndex; map?: ZoomNetwork['map'] } = {},
): Promise<Frame | undefined> {
  return (options.map ?? running.map).frame({
    area: areaId(area),
    interval: options.interval ?? FIRST,
    viewer: running.viewer(options.viewer ?? 'all'),
    signal: never,
  });
}

const netOf = (frame: Frame | undefined) => frame?.rows.map((row) => [row.id, row.energyWh.net]);

describe('a frame', () => {
  it('shows what is opened every interval without asking anybody', async () => {
    const frame = await frameOf('eu/es');
    expect(frame?.self).toMatchObject({ id: 'eu/es', energyWh: { net: 5600, production: 180 } });
    expect(netOf(frame)).toEqual([
      ['eu/es/ma', 4000],
      ['eu/es/mb', 1600],
    ]);
    expect(frame?.rows[0]).toMatchObject({ name: 'Ávila', status: 'published', reason: null });
    expect(frame?.publishedAtMs).toBeGreaterThan((FIRST + 1) * 900_000);
    expect(running.takeRequests()).toEqual([]);
  });

  it('opens a suburb’s cells when somebody looks at it, once', async () => {
    const first = await frameOf(SUBURB);
    expect(netOf(first)).toEqual([
      ['eu/es/ma/u1/s1', 800],
      ['eu/es/ma/u1/{s1+s2}', 1600],
      ['eu/es/ma/u1/s2', 800],
      ['eu/es/ma/u1/{s3+s4}', 1000],
    ]);
    expect(first?.rows[3]?.name).toBe('Street 3 + 1 more');
    expect(running.takeRequests()).toHaveLength(1);
    expect(netOf(await frameOf(SUBURB))).toEqual(netOf(first));
    expect(running.takeRequests()).toEqual([]);
  });

  it('shows a street alone, and nothing of one that is merged', async () => {
    const alone = await frameOf('eu/es/ma/u2/s1', { interval: at(3) });
    expect(alone?.self.energyWh.net).toBe(700);
    expect(running.namesOf(running.takeRequests())).toEqual(['eu/es/ma/u2/s1 net']);
    const chart = await running.map.series({
      area: areaId('eu/es/ma/u2/s1'),
      id: 'eu/es/ma/u2/s1',
      from: FIRST,
      until: at(4),
      viewer: running.viewer('all'),
      signal: never,
    });
    expect(chart?.energyWh.net).toEqual([700, 700, 700, 700]);
    expect(running.namesOf(running.takeRequests())).toEqual(['eu/es/ma/u2/s1 net']);
    const merged = await frameOf('eu/es/ma/u1/s4');
    expect(merged?.self).toMatchObject({ status: 'withheld', reason: 'too-few' });
    expect(running.takeRequests()).toEqual([]);
  });

  it('is late before its time, and nothing that nobody masked is asked for', async () => {
    const late = await frameOf(SUBURB, { interval: at(50) });
    expect(late?.self).toMatchObject({ status: 'late', reason: 'late' });
    expect(late?.publishedAtMs).toBeUndefined();
    // Before the network, and before the grant.
    const before = await frameOf(SUBURB, { interval: at(-200) });
    expect(before?.self).toMatchObject({ status: 'withheld', reason: 'not-granted' });
    expect(running.takeRequests()).toEqual([]);
  });

  it('takes simulated history as it is stored, and says that it is simulated', async () => {
    // A day before the viewer's grant begins: what was made up needs none.
    const interval = at(-96);
    const { store } = running;
    const row = store.row(FIRST, 'eu');
    store.saveLevels(interval, [{ ...row!, interval, origin: 'simulated' }], {
      origin: 'simulated',
    });
    const frame = await frameOf('eu', { interval });
    expect(frame?.self).toMatchObject({ energyWh: { net: 5600 }, origin: 'simulated' });
    expect((await frameOf(SUBURB, { interval }))?.rows[0]?.status).toBe('late');
    expect(running.takeRequests()).toEqual([]);
    expect(running.map.firstInterval()).toBe(interval);
  });
});

describe('a viewer', () => {
  it('of a town sees it and nothing beside or above it', async () => {
    expect(await frameOf('eu', { viewer: 'town a' })).toBeUndefined();
    expect(await frameOf('eu/es/mb', { viewer: 'town a' })).toBeUndefined();
    expect(netOf(await frameOf('eu/es/ma', { viewer: 'town a' }))).toEqual([
      ['eu/es/ma/u1', 2600],
      ['eu/es/ma/u2', 1400],
    ]);
  });

  it('is not shown below its depth what another one has opened', async () => {
    await frameOf(SUBURB, { viewer: 'all' });
    running.takeRequests();
    const frame = await frameOf(SUBURB, { viewer: 'town a' });
    expect(frame?.self.energyWh.net).toBe(2600);
    expect(frame?.rows).toEqual([]);
    expect(running.takeRequests()).toEqual([]);
  });

  it('is shown of what another one has opened only the channels of its own grant', async () => {
    await frameOf(SUBURB, { viewer: 'all', interval: at(1) });
    running.takeRequests();
    const frame = await frameOf(SUBURB, { viewer: 'net of a', interval: at(1) });
    expect(frame?.rows[1]).toMatchObject({
      energyWh: { net: 1600, export: null, import: null, consumption: null },
      absent: { export: 'not-granted', import: 'not-granted', consumption: 'not-granted' },
      status: 'published',
    });
    expect(running.takeRequests()).toEqual([]);
  });

  it('has the trustees asked for its own channels only, and a wider one for the rest', async () => {
    await frameOf(SUBURB, { viewer: 'net of a', interval: at(2) });
    const names = running.namesOf(running.takeRequests());
    expect(names.every((name) => name.endsWith(' net'))).toBe(true);
    const wide = await frameOf(SUBURB, { viewer: 'all', interval: at(2) });
    expect(wide?.rows[1]?.energyWh).toMatchObject({ export: 60, consumption: 1780 });
    expect(running.namesOf(running.takeRequests())).toContain('eu/es/ma/u1/{s1+s2} export');
  });

  it('whose grant the source does not have is shown nothing', async () => {
    const viewer = { ...running.viewer('all'), grantName: 'somebody’s' };
    const frame = await running.map.frame({ area: SUBURB, interval: FIRST, viewer, signal: never });
    expect(new Set(frame?.rows.map((row) => row.reason))).toEqual(new Set(['not-granted']));
    expect(frame?.self.energyWh.net).toBeNull();
  });

  it('that says more of itself than its grant does is held to the grant', async () => {
    const viewer = { ...running.viewer('town a'), deepestDepth: 16, area: areaId('eu') };
    const query = { interval: FIRST, viewer, signal: never };
    const beside = await running.map.frame({ ...query, area: areaId('eu/es/mb') });
    expect(beside?.self.reason).toBe('not-granted');
    const below = await running.map.frame({ ...query, area: SUBURB });
    expect(new Set(below?.rows.map((row) => row.reason))).toEqual(new Set(['not-granted']));
  });
});

describe('a series', () => {
  const seriesOf = (area: string, id: string, viewer = 'all') =>
    running.map.series({
      area: areaId(area),
      id,
      from: FIRST,
      until: at(6),
      viewer: running.viewer(viewer),
      signal: never,
    });

  it('opens one street’s intervals, and nothing of the streets beside it', async () => {
    running.takeRequests();
    const series = await seriesOf('eu/es/mb/u1', 'eu/es/mb/u1/s1');
    expect(series?.energyWh.net).toEqual([800, 800, 800, 800, null, null]);
    expect(series?.status).toEqual([
      'published',
      'published',
      'published',
      'published',
      null,
      null,
    ]);
    expect(series?.pendingCount).toBe(0);
    const requests = running.takeRequests();
    expect(requests).toHaveLength(4);
    expect(running.namesOf(requests)).toEqual(['eu/es/mb/u1/s1 net']);
    await seriesOf('eu/es/mb/u1', 'eu/es/mb/u1/s1');
    expect(running.takeRequests()).toEqual([]);
  });

  it('of more than may wait says what is left, and is whole for whoever asks again', async () => {
    using store = openMonitorStore(':memory:');
    const map = running.anotherMap(store);
    map.recordResult(running.results[0]!);
    const [root] = store.rows({ interval: FIRST });
    store.saveLevels(at(1999), [{ ...root!, interval: at(1999) }]);
    const ask = () =>
      map.series({
        area: areaId('eu/es/mb/u1'),
        id: 'eu/es/mb/u1/s1',
        from: FIRST,
        until: at(2000),
        viewer: running.viewer('all'),
        signal: never,
      });
    const first = await ask();
    expect(first?.pendingCount).toBeGreaterThan(900);
    expect(running.zoom.pendingCount).toBeLessThan(1100);
    let last = first;
    for (let asks = 0; asks < 9 && last?.pendingCount !== 0; asks++) last = await ask();
    expect(last?.pendingCount).toBe(0);
    expect(last?.energyWh.net.slice(0, 4)).toEqual([800, 800, 800, 800]);
    running.takeRequests();
  });

  it('shows a suburb by its whole, which the frame of the town above then need not wait for', async () => {
    const series = await seriesOf('eu/es/mb/u1', 'eu/es/mb/u1');
    expect(series?.energyWh.net.slice(0, 4)).toEqual([1600, 1600, 1600, 1600]);
    expect(running.namesOf(running.takeRequests())).toEqual(['eu/es/mb/u1 net']);
  });

  it('is nobody’s below the viewer’s depth, or where there is no such row', async () => {
    expect(await seriesOf(SUBURB, 'eu/es/ma/u1/s1', 'town a')).toBeUndefined();
    expect(await seriesOf(SUBURB, 'eu/es/ma/u1/{s1+s9}')).toBeUndefined();
    expect(await seriesOf('eu/nowhere', 'eu/nowhere')).toBeUndefined();
    expect(running.takeRequests()).toEqual([]);
  });
});

describe('what is watched', () => {
  it('is opened as soon as an interval is published, and said', async () => {
    await using live = await startZoomNetwork();
    await live.run(FIRST);
    const viewer = live.viewer('all');
    await live.map.frame({ area: SUBURB, interval: FIRST, viewer, signal: never });
    live.takeRequests();
    live.events.length = 0;
    await live.run(at(1));
    await live.map[Symbol.asyncDispose]();
    expect(live.events.map(({ area, interval }) => [area, interval])).toEqual([
      ['eu', at(1)],
      [SUBURB, at(1)],
    ]);
    expect(live.namesOf(live.takeRequests())).toContain('eu/es/ma/u1/s1 net');
    const frame = await live.map.frame({ area: SUBURB, interval: at(1), viewer, signal: never });
    expect(frame?.rows[0]?.energyWh.net).toBe(800);
    expect(live.takeRequests()).toEqual([]);
  });
});

describe('an aggregator that does not answer', () => {
  it('leaves a gap for now, and none in the history', async () => {
    const bus = running.bus.connect();
    let isAway = true;
    const asked = bus.request.bind(bus);
    bus.request = (subject, data, options) =>
      isAway && subject === querySubject(areaId('eu/es/ma/u2'))
        ? Promise.reject(new BusError('no-responders', 'away'))
        : asked(subject, data, options);
    await using zoom = new Zoom({
      network: running.provisioned.network,
      bus,
      verify: createPlatformVerifier(),
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    });
    using store = openMonitorStore(':memory:');
    const map = running.anotherMap(store, zoom);
    map.recordResult(running.results[0]!);
    const before = await frameOf('eu/es/ma', { map });
    expect(before?.rows.find(({ id }) => id === 'eu/es/ma/u2')).toMatchObject({
      energyWh: { net: null },
      reason: 'no-seal',
    });
    expect(before?.rows.find(({ id }) => id === SUBURB)?.energyWh.net).not.toBeNull();
    expect(store.levelRows(FIRST, areaId('eu/es/ma'))).toEqual([]);
    isAway = false;
    const later = performance.now() + 60_000;
    const clock = vi.spyOn(performance, 'now').mockReturnValue(later);
    const after = await frameOf('eu/es/ma', { map });
    clock.mockRestore();
    expect(after?.rows.find(({ id }) => id === 'eu/es/ma/u2')?.energyWh.net).toBe(1400);
    running.takeRequests();
  });
});

describe('an alert', () => {
  it('takes back what was opened below, and the revision says so', async () => {
    await using live = await startZoomNetwork();
    await live.run(FIRST);
    const viewer = live.viewer('all');
    const ask = () => live.map.frame({ area: SUBURB, interval: FIRST, viewer, signal: never });
    const before = await ask();
    live.takeRequests();
    live.map.recordResult(live.results[0]!);
    expect(live.store.levelRows(FIRST, SUBURB)).toEqual([]);
    const after = await ask();
    expect(after?.rows.map((row) => row.energyWh)).toEqual(before?.rows.map((row) => row.energyWh));
    expect(after?.revision).toBeGreaterThan(before?.revision ?? 0);
    expect(live.takeRequests()).toHaveLength(1);
  });
});

describe('an alert that came while no monitor listened', () => {
  it('takes back what is stored from before it, and nothing that was opened under it', async () => {
    await using live = await startZoomNetwork();
    await live.run(FIRST);
    const alertAtMs = live.clock.nowMs();
    const alert = {
      area: areaId('eu/es/ma/u1'),
      interval: FIRST,
      sealDigest: new Uint8Array(32),
      finding: 'wrong-total' as const,
      cells: [],
      detail: 'a test',
    };
    const bytes = signMessage('alert', encodeAlert(alert), live.parties.auditor.signer);
    await live.bus.connect().append(noticeSubject(alert.area), bytes);
    const { grant, signedGrant, signer, keyPair } = live.grant('all');
    const told: (readonly [IntervalIndex, number])[] = [];
    await using restarted = new MonitorNode({
      state: createMonitor({
        network: live.provisioned.network,
        grant,
        signedGrant,
        signer,
        verify: createPlatformVerifier(),
      }),
      keyPair,
      bus: live.bus.connect(),
      // An hour later: what is that old is not opened at the start.
      clock: {
        isVirtual: false,
        nowMs: () => live.clock.nowMs() + 3_600_000,
        at: (timeMs, callback) => live.clock.at(timeMs, callback),
      },
      random: (length) => new Uint8Array(length),
      onInterval: () => {},
      onLateAlert: (interval, storedAtMs) => told.push([interval, storedAtMs]),
      onError: (error) => expect.unreachable(String(error)),
      isDriven: true,
    });
    await restarted.start();
    expect(told).toEqual([[FIRST, alertAtMs]]);

    using store = openMonitorStore(':memory:');
    const map = live.anotherMap(store);
    map.recordResult(live.results[0]!, alertAtMs + 1);
    map.withdraw(...told[0]!);
    expect(store.row(FIRST, 'eu')).toBeDefined();
    map.recordResult(live.results[0]!, alertAtMs - 1);
    map.withdraw(...told[0]!);
    expect(store.row(FIRST, 'eu')).toBeUndefined();
  });
});

describe('after a restart', () => {
  it('has what was zoomed into from its file, without asking again', async () => {
    using folder = new TemporaryFolder();
    const file = folder.file('monitor.db');
    {
      using store = openMonitorStore(file);
      const map = running.anotherMap(store);
      map.recordResult(running.results[0]!);
      await frameOf(SUBURB, { map });
      expect(running.takeRequests()).toHaveLength(1);
    }
    using store = openMonitorStore(file);
    const frame = await frameOf(SUBURB, { map: running.anotherMap(store) });
    expect(frame?.rows[0]?.energyWh.net).toBe(800);
    expect(running.takeRequests()).toEqual([]);
  });
});

describe('the areas of a map', () => {
  it('are those of the network’s tree, by name and level', () => {
    expect(running.map.area(SUBURB)).toMatchObject({
      name: 'u1',
      level: 'suburb',
      parent: 'eu/es/ma',
      meterCount: 26,
      childCount: 4,
      childLevel: 'street',
    });
    expect(running.map.area('eu/xx' as AreaId)).toBeUndefined();
    expect(running.map.children(areaId('eu/es')).map(({ id }) => id)).toEqual([
      'eu/es/ma',
      'eu/es/mb',
    ]);
  });

  it('are found by their names, whatever the case and the accents, within an area', () => {
    const found = (text: string, within = 'eu') =>
      running.map.search(text, areaId(within), 10).map(({ id }) => id);
    expect(found('avila')).toEqual(['eu/es/ma']);
    expect(found('street 4')).toEqual(['eu/es/ma/u1/s4']);
    expect(found('avila', 'eu/es/mb')).toEqual([]);
    expect(found('')).toEqual([]);
    expect(running.map.search('s', areaId('eu'), 3)).toHaveLength(3);
  });
});

describe('a health report', () => {
  it('keeps a day of intervals, the last word on each', async () => {
    const viewer = running.viewer('all');
    const health = (interval: IntervalIndex, cellsPublished: number) => ({
      interval,
      publishedAfterSeconds: 62,
      cellsPublished,
      cellsWithheld: {},
      framesAccepted: 56,
      framesRejected: {},
      trustees: ['answered', 'answered', 'answered'],
      disagreementCount: 0,
      auditFindings: undefined,
    });
    running.map.recordHealth(health(FIRST, 1));
    running.map.recordHealth(health(FIRST, 9));
    for (let offset = 1; offset <= 96; offset++) running.map.recordHealth(health(at(offset), 9));
    const report = await running.map.health(areaId('eu'), viewer);
    expect(report.intervals.map(({ interval }) => interval)).toEqual(
      Array.from({ length: 96 }, (_, index) => at(index + 1)),
    );
    expect(report.trusteeNames).toHaveLength(3);
    expect(report.sources).toMatchObject([{ area: 'eu', newestInterval: at(3) }]);
  });

  it('names the rows without a figure that the viewer may see', async () => {
    await using live = await startZoomNetwork();
    const silent = new Set([0, 1, 2, 3]);
    await live.run(FIRST, (meter) => (silent.has(meter) ? [] : [100, 10, 30]));
    await live.map.frame({
      area: SUBURB,
      interval: FIRST,
      viewer: live.viewer('all'),
      signal: never,
    });
    const report = await live.map.health(areaId('eu'), live.viewer('all'));
    expect(report.withheld).toEqual([
      { id: 'eu/es/ma/u1/s1', name: 's1', area: SUBURB, reason: 'too-few' },
    ]);
    const less = await live.map.health(areaId('eu'), live.viewer('town a'));
    expect(less.withheld).toEqual([]);
    // The town lacks a cell: it says so, and shows no consumption.
    const town = await live.map.frame({
      area: areaId('eu/es/ma'),
      interval: FIRST,
      viewer: live.viewer('all'),
      signal: never,
    });
    expect(town?.self).toMatchObject({ status: 'partial', reason: 'too-few' });
    expect(town?.self.energyWh).toMatchObject({ net: 3200, consumption: null });
  });
});
