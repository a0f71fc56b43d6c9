// A day of a country as a monitor's map holds it: a network of about so many areas, every figure of 96
// intervals opened and saved as a running monitor saves what it opens, in a store in a file. Figures
// are made up: each is a mix of its cell's index and its interval, and one in a hundred is withheld.

import { MAX_AREA_DEPTH } from '../../src/core/area.ts';
import { type ChannelSet, channelSet } from '../../src/core/channel.ts';
import { type IntervalIndex, intervalEndSeconds } from '../../src/core/interval.ts';
import { areaAt, compileNetwork, type Network } from '../../src/core/network-tree.ts';
import { ENERGY_METRICS } from '../../src/map/metric.ts';
import type { Viewer } from '../../src/map/viewer.ts';
import type { Figure } from '../../src/roles/monitor.ts';
import { planMonitor } from '../../src/roles/monitor-plan.ts';
import { createRows, type Row } from '../../src/roles/monitor-rows.ts';
import { MonitorMap } from '../../src/runtime/monitor-map.ts';
import { createNamedGrant, viewerOf } from '../../src/runtime/zoom-grant.ts';
import { openMonitorStore } from '../../src/store/monitor-store.ts';
import { createNationParties } from '../nation/context.ts';
import { createCountry } from '../nation/country.ts';
import { FIRST_EPOCH } from '../nation/street-kinds.ts';

const INTERVALS_A_DAY = 96;
export const FIRST_INTERVAL: IntervalIndex = (FIRST_EPOCH * INTERVALS_A_DAY) as IntervalIndex;
const PUBLISHED_AFTER_SECONDS = 75;
const METERS_AN_AREA = 39.2;
const ALL_CHANNELS: ChannelSet = channelSet(0b111);

export interface MapDay extends AsyncDisposable {
  readonly map: MonitorMap;
  readonly network: Network;
  /** Of everything. */
  readonly viewer: Viewer;
  readonly intervals: readonly IntervalIndex[];
  /** What was saved of an interval, by the row's name. */
  rowsAt(interval: IntervalIndex): ReadonlyMap<string, Row>;
}

export async function createMapDay(options: {
  readonly areaCount: number;
  readonly intervalCount: number;
  readonly file: string;
}): Promise<MapDay> {
  const parties = await createNationParties();
  const country = createCountry('xx', options.areaCount * METERS_AN_AREA, parties);
  const network = compileNetwork(country.document);
  if (typeof network === 'string') throw new Error(`the country's document is refused: ${network}`);
  const root = areaAt(network, network.roots[0] as number).id;
  const everything = { area: root, deepestDepth: MAX_AREA_DEPTH, channels: ALL_CHANNELS };
  const grant = createNamedGrant(network, parties, {
    name: 'everything',
    ...everything,
    fromEpoch: FIRST_EPOCH,
  });
  const { intervalSeconds } = network.document;
  const intervals = Array.from(
    { length: options.intervalCount },
    (_, index) => (FIRST_INTERVAL + index) as IntervalIndex,
  );
  const publishedAtMs = (interval: IntervalIndex): number =>
    (intervalEndSeconds(interval, intervalSeconds) + PUBLISHED_AFTER_SECONDS) * 1000;
  await using owned = new AsyncDisposableStack();
  const store = owned.use(openMonitorStore(options.file));
  const map = owned.use(
    new MonitorMap({
      network,
      about: {
        title: 'A day of a country',
        intervalSeconds,
        levels: ['nation', 'region', 'province', 'municipality', 'suburb', 'street'],
        metrics: ENERGY_METRICS,
        minMeters: network.document.minMeters,
        simulationNote: undefined,
        attributions: [],
        dataLicence: 'CC0-1.0',
        timeZone: 'UTC',
        clockSpeed: 1,
        publishWithinSeconds: 90,
      },
      clock: { nowMs: () => publishedAtMs(intervals[intervals.length - 1] as IntervalIndex) },
      store,
      grants: [grant],
      onError: (error) => {
        throw error;
      },
    }),
  );
  const plan = planMonitor(network, everything);
  // As if every seal had included every child.
  const reach = new Array<number>(network.areas.length).fill(1);
  const rowsOf = (interval: IntervalIndex): Row[] => {
    const figures = plan.targets.map(({ index }) => figureOf(index, interval));
    return createRows({ network, plan }, { interval, figures, reach });
  };
  for (const interval of intervals) {
    const opened = { interval, figures: [], reach, disagreements: [] };
    map.recordResult(
      { opened, rows: rowsOf(interval), channels: ALL_CHANNELS },
      publishedAtMs(interval),
    );
  }
  const disposables = owned.move();
  return {
    map,
    network,
    viewer: viewerOf(network, grant),
    intervals,
    rowsAt: (interval) => new Map(rowsOf(interval).map((row) => [row.plan.name, row])),
    [Symbol.asyncDispose]: () => disposables.disposeAsync(),
  };
}

function figureOf(cell: number, interval: IntervalIndex): Figure {
  const mixed = Math.imul(cell * 2 + 1, 0x9e3779b1) ^ Math.imul(interval, 0x85ebca6b);
  const spread = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35) >>> 0;
  if (spread % 100 === 0) return { kind: 'withheld', reason: 'low-presence' };
  return { kind: 'released', energyWh: spread >>> 16, coverage: 100, isChecked: true };
}
