// Every frame, series and file of every viewer, over intervals with losses, beside plain sums of what
// was delivered: a figure is the sum of those cells inside its row that enough meters reported to.
// Once more after a restart, from the file.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AreaId, areaId } from '../../src/core/area.ts';
import { hasChannel } from '../../src/core/channel.ts';
import { type IntervalIndex, intervalIndex } from '../../src/core/interval.ts';
import { areaAt, areaNamed, isDissolved } from '../../src/core/network-tree.ts';
import { METRIC_CHANNELS } from '../../src/map/layers.ts';
import { ENERGY_METRICS, type EnergyMetric } from '../../src/map/metric.ts';
import { maySee, maySeeInside, type Viewer } from '../../src/map/viewer.ts';
import type { MonitorMap } from '../../src/runtime/monitor-map.ts';
import { createApp } from '../../src/server/create-app.ts';
import { createTokenTable, tokenDigest } from '../../src/server/token-table.ts';
import type { FrameDocument, RowDocument, SeriesDocument } from '../../src/server/wire.ts';
import { createRandom, seedOf } from '../../src/sim/random.ts';
import { openMonitorStore } from '../../src/store/monitor-store.ts';
import { TemporaryFolder } from '../store/temporary.ts';
import { FIRST, startZoomNetwork, type ZoomNetwork } from '../support/zoom-network.ts';

const MIN_METERS = 5;
const MIN_PRESENCE = 0.8;
const INTERVAL_COUNT = 4;
const CHANNELS = ['net', 'export', 'production'];
const VIEWERS = ['all', 'town a', 'all of town a', 'net of a'];
const A_STREET = 'eu/es/mb/u1/s1';
const intervals = Array.from({ length: INTERVAL_COUNT }, (_, i) => intervalIndex(FIRST + i));

let running: ZoomNetwork;
/** By interval and meter: what arrived; undefined where nothing did. */
const delivered: (readonly number[] | undefined)[][] = [];

beforeAll(async () => {
  running = await startZoomNetwork();
  const random = createRandom(seedOf('map sums'), 0);
  const lossShares = [0, 0.05, 0.12, 0.2];
  for (const [at, interval] of intervals.entries()) {
    const readings = running.provisioned.meters.map(() =>
      random() < lossShares[at]! ? undefined : randomReading(random),
    );
    delivered.push(readings);
    await running.run(interval, (meter) => readings[meter] ?? []);
  }
});

afterAll(async () => {
  await running[Symbol.asyncDispose]();
});

function randomReading(random: () => number): number[] {
  const whole = (most: number) => Math.floor(random() * most);
  return [whole(2000) - 500, whole(500), whole(900)];
}

describe('what is shown', () => {
  it('is the plain sum of what was delivered, to every viewer, also after a restart', async () => {
    using folder = new TemporaryFolder();
    const file = folder.file('monitor.db');
    let shown: unknown;
    {
      using store = openMonitorStore(file);
      const map = running.anotherMap(store);
      for (const result of running.results) map.recordResult(result);
      shown = await readEverything(map);
    }
    running.takeRequests();
    using store = openMonitorStore(file);
    expect(await readEverything(running.anotherMap(store))).toEqual(shown);
    expect(running.takeRequests()).toEqual([]);
  });
});

/** Checked on the way: by viewer, area and interval the rows' figures. */
async function readEverything(map: MonitorMap): Promise<Record<string, unknown>> {
  const viewers = [
    ...VIEWERS.map((name) => ({ name, viewer: running.viewer(name) })),
    // Tokens that see a part of what their grant allows.
    ...[['export'], ['production', 'net'], []].map((channels) => ({
      name: `channels ${channels.join(' ')} of all`,
      viewer: { ...running.viewer('all'), channels },
    })),
    { name: 'street of all', viewer: { ...running.viewer('all'), area: areaId(A_STREET) } },
  ];
  const app = createApp({
    source: map,
    tokens: createTokenTable(
      viewers.map(({ name, viewer }) => ({ digestHex: tokenDigest(tokenOf(name)), name, viewer })),
    ),
    anonymous: undefined,
    webDirectory: '/nowhere',
    onError: (error) => {
      throw error;
    },
  });
  const get = (path: string, name: string) =>
    app.request(`http://localhost${path}`, {
      headers: { Authorization: `Bearer ${tokenOf(name)}` },
    });
  const shown: Record<string, unknown> = {};
  let figureCount = 0;
  for (const { name, viewer } of viewers) {
    for (const { id } of running.provisioned.network.areas) {
      const path = `/api/v1/areas/${id.replaceAll('/', '.')}`;
      const rows = new Map<string, RowDocument[]>();
      for (const [at, interval] of intervals.entries()) {
        const response = await get(`${path}/frame?t=${timeOf(interval)}`, name);
        if (!maySee(viewer, id)) {
          expect(response.status).toBe(403);
          continue;
        }
        const frame = (await response.json()) as FrameDocument;
        if (!maySeeInside(viewer, id)) expect(frame.rows).toEqual([]);
        for (const row of [frame.self, ...frame.rows]) {
          figureCount += expectPlainSums(row, at, viewer);
          rows.set(row.id, [...(rows.get(row.id) ?? []), row]);
        }
        shown[`${name} ${id} ${interval}`] = [frame.self, ...frame.rows].map(whatStays);
      }
      const range = `from=${timeOf(intervals[0]!)}&until=${timeOf((intervals.at(-1)! + 1) as IntervalIndex)}`;
      for (const [row, ofFrames] of rows) {
        const query = `${range}&row=${encodeURIComponent(row)}`;
        const series = (await (
          await get(`${path}/series?${query}`, name)
        ).json()) as SeriesDocument;
        expect(series.pendingCount).toBe(0);
        for (const metric of ENERGY_METRICS)
          expect([row, metric, series.energyWh[metric]]).toEqual([
            row,
            metric,
            ofFrames.map(({ energyWh }) => energyWh[metric]),
          ]);
      }
      if (maySeeInside(viewer, id) && rows.size > 1) {
        const csv = await (
          await get(`${path}/export?format=csv&header=none&${range}`, name)
        ).text();
        expect(csvFigures(csv)).toEqual(
          intervals.flatMap((_, at) =>
            [...rows].slice(1).map(([row, ofFrames]) => [row, ofFrames[at]?.energyWh]),
          ),
        );
      }
    }
  }
  // Else it has checked nothing.
  expect(figureCount).toBeGreaterThan(200);
  return shown;
}

function tokenOf(name: string): string {
  return `the-token-of-${name.replaceAll(' ', '-')}`;
}

function timeOf(interval: IntervalIndex): string {
  return new Date(interval * 900_000).toISOString();
}

/** How many figures it has. */
function expectPlainSums(row: RowDocument, at: number, viewer: Viewer): number {
  let count = 0;
  for (const metric of ENERGY_METRICS) {
    const expected = expectedWh(row, metric, at, viewer);
    expect([row.id, at, metric, row.energyWh[metric], row.absent[metric]]).toEqual([
      row.id,
      at,
      metric,
      expected,
      expected === null ? expect.any(String) : undefined,
    ]);
    if (expected !== null) count++;
  }
  return count;
}

function expectedWh(
  row: RowDocument,
  metric: EnergyMetric,
  at: number,
  viewer: Viewer,
): number | null {
  const parts = METRIC_CHANNELS[metric].map((name) => ({
    name,
    ...cellsInside(row, CHANNELS.indexOf(name), at),
  }));
  if (!viewer.channels.includes(METRIC_CHANNELS[metric][0]!)) return null;
  const isDerived = metric === 'import' || metric === 'consumption';
  if (!isDerived) {
    if (!viewer.channels.includes(metric)) return null;
    const [part] = parts;
    // Beside its own channel a cell's row shows all of its streets or nothing; an area's is a sum.
    const main = [...running.provisioned.network.cells].find(
      (cell) => cell.name === row.id,
    )?.channel;
    const isOwn = row.kind === 'area' || CHANNELS.indexOf(metric) === main;
    if (!isOwn && part?.isWhole === false) return null;
    return part?.sumWh ?? null;
  }
  const [net, other] = parts;
  if (net === undefined || other === undefined || net.sumWh === null) return null;
  if (other.declaredCount === 0) return net.sumWh;
  if (!viewer.channels.includes(other.name)) return null;
  return net.isWhole && other.isWhole && other.sumWh !== null ? net.sumWh + other.sumWh : null;
}

/** Of one channel: what the cells inside the row add up to, of those with enough contributors. */
function cellsInside(row: RowDocument, channel: number, at: number) {
  const { network, meters } = running.provisioned;
  const isInside = (area: AreaId) =>
    row.members.some((member) => `${area}/`.startsWith(`${member}/`));
  const declares = (meter: number) => hasChannel(meters[meter]!.channels, channel);
  const inside = [...meters.keys()].filter((meter) => isInside(meters[meter]!.area));
  const declaredCount = inside.filter(declares).length;
  let sumWh: number | null = null;
  let coveredCount = 0;
  const [only, ...more] = row.members;
  const self = more.length === 0 ? areaNamed(network, only as AreaId) : undefined;
  // An area that lies in a larger cell has no figure.
  const hasNone = self !== undefined && self.street === undefined && isDissolved(self, channel);
  for (const cell of network.cells) {
    if (cell.channel !== channel || hasNone) continue;
    const streets = cell.streets.map((street) => areaAt(network, street).id);
    if (!streets.every(isInside)) continue;
    const own = inside.filter((meter) => declares(meter) && streets.includes(meters[meter]!.area));
    const reporting = own.filter((meter) => delivered[at]?.[meter] !== undefined);
    if (reporting.length < MIN_METERS || reporting.length < MIN_PRESENCE * own.length) continue;
    coveredCount += own.length;
    sumWh = reporting.reduce((sum, meter) => sum + delivered[at]![meter]![channel]!, sumWh ?? 0);
  }
  return { sumWh, declaredCount, isWhole: coveredCount === declaredCount };
}

/** All but when it was opened. */
function whatStays({ id, energyWh, absent, status, reason, coverage }: RowDocument): unknown {
  return { id, energyWh, absent, status, reason, coverage };
}

function csvFigures(text: string): unknown[] {
  const [head, ...lines] = text
    .trim()
    .split('\r\n')
    .map((line) => line.split(','));
  const at = (name: string) => head!.indexOf(name);
  return lines.map((line) => [
    line[at('id')],
    Object.fromEntries(
      ENERGY_METRICS.map((metric) => {
        const value = line[at(`${metric}_wh`)];
        return [metric, value === '' ? null : Number(value)];
      }),
    ),
  ]);
}
