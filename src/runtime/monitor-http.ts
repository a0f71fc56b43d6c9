// The map of a monitor that runs as a process of its own: its live rows and history, what tokens may
// zoom into, and shapes where the operator has some; without them the page draws tiles.

import type { AreaId } from '../core/area.ts';
import { areaAt, deepestDepth, type Network } from '../core/network-tree.ts';
import { readGeoJsonGeography } from '../geo/geojson-geography.ts';
import { ENERGY_METRICS } from '../map/metric.ts';
import { createTokenTable } from '../server/token-table.ts';
import type { MonitorStore } from '../store/monitor-store.ts';
import { serveSource } from './map-serve.ts';
import { MonitorMap } from './monitor-map.ts';
import type { MonitorNode, MonitorResult } from './monitor-node.ts';
import { type HttpConfig, readNames } from './node-config.ts';
import type { NodeContext } from './node-context.ts';
import type { RandomBytes } from './parties.ts';
import { readTokenFile } from './token-file.ts';
import { Zoom } from './zoom.ts';
import type { NamedGrant } from './zoom-grant.ts';

export interface MonitorHttp extends AsyncDisposable {
  readonly map: MonitorMap;
  readonly url: string;
  /** What the live monitor has opened: rows and how it went. */
  take(result: MonitorResult): void;
}

export interface MonitorHttpOptions {
  readonly http: HttpConfig;
  readonly context: Pick<NodeContext, 'network' | 'bus' | 'clock' | 'verify' | 'onError'>;
  readonly grant: NamedGrant;
  readonly store: MonitorStore;
  readonly random: RandomBytes;
  /** The live monitor, once it is there. */
  readonly node: () => MonitorNode | undefined;
}

/** @throws FileError, or Error with a `code` where the port cannot be had */
export async function startMonitorHttp(options: MonitorHttpOptions): Promise<MonitorHttp> {
  const { http, context, grant, store, random, node } = options;
  const { network, bus, verify, onError } = context;
  await using started = new AsyncDisposableStack();
  const { entries, grants } = await readTokenFile(http.tokens, network, grant, verify);
  const places =
    http.geometry === undefined ? undefined : await readGeoJsonGeography(http.geometry);
  const names = http.names === undefined ? undefined : await readNames(http.names);
  const zoom = started.use(
    new Zoom({
      network,
      bus,
      verify,
      random,
      totalOf: (area, interval) => node()?.totalOf(area, interval),
      alertsOf: (interval) => node()?.alertsOf(interval) ?? [],
    }),
  );
  const map = started.use(
    new MonitorMap({
      network,
      about: aboutOf(network, http),
      clock: context.clock,
      store,
      zoom,
      grants,
      ...(places === undefined ? {} : { places }),
      names: (area: AreaId) => names?.get(area),
      onError,
    }),
  );
  const server = started.use(
    await serveSource({
      source: map,
      tokens: createTokenTable(entries),
      anonymous: undefined,
      host: http.host,
      port: http.port,
      publicUrl: http.publicUrl,
      mayMove: false,
      onError,
    }),
  );
  const owned = started.move();
  return {
    map,
    url: server.url,
    take: (result) => {
      map.recordResult(result);
      recordHealth(map, network, result, node());
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Frames are counted by the aggregators, who tell nobody. */
function recordHealth(
  map: MonitorMap,
  network: Network,
  { opened, trustees }: MonitorResult,
  node: MonitorNode | undefined,
): void {
  const { interval, figures, disagreements } = opened;
  const cellsWithheld: Record<string, number> = {};
  let cellsPublished = 0;
  for (const figure of figures) {
    if (figure.kind === 'released') cellsPublished++;
    else cellsWithheld[figure.reason] = (cellsWithheld[figure.reason] ?? 0) + 1;
  }
  const endMs = (interval + 1) * network.document.intervalSeconds * 1000;
  const alerts = node?.alertsOf(interval) ?? [];
  map.recordHealth({
    interval,
    publishedAfterSeconds: Math.max(0, Math.round((map.nowMs() - endMs) / 1000)),
    cellsPublished,
    cellsWithheld,
    framesAccepted: undefined,
    framesRejected: {},
    trustees,
    disagreementCount: disagreements.length,
    auditFindings:
      alerts.length === 0 ? undefined : alerts.map(({ finding, area }) => ({ finding, area })),
  });
}

function aboutOf(network: Network, http: HttpConfig): MonitorMap['about'] {
  const { intervalSeconds, minMeters, closeAfterSeconds, levelSeconds } = network.document;
  const depth = deepestDepth(network);
  const root = areaAt(network, network.roots[0] as number).id;
  return {
    title: http.title ?? `Streetwatt, ${root}`,
    intervalSeconds,
    levels: http.levels ?? Array.from({ length: depth }, (_, index) => `level ${index + 1}`),
    metrics: ENERGY_METRICS,
    minMeters,
    simulationNote: http.simulationNote,
    attributions: [],
    dataLicence: http.dataLicence ?? 'All rights reserved',
    timeZone: http.timeZone ?? 'UTC',
    clockSpeed: 1,
    publishWithinSeconds: closeAfterSeconds + levelSeconds * depth,
  };
}
