// A small network of seven streets in two towns, real nodes on the in-process bus, a live monitor that
// opens whole towns, a map over it, and an observer of every request for mask sums.

import { randomBytes } from 'node:crypto';
import { MemoryBus } from '../../src/bus/memory-bus.ts';
import { type AreaId, areaId } from '../../src/core/area.ts';
import { type ChannelSet, channelSet, hasChannel } from '../../src/core/channel.ts';
import { epochOfInterval, type IntervalIndex } from '../../src/core/interval.ts';
import { areaAt } from '../../src/core/network-tree.ts';
import { splitSigned } from '../../src/core/signed.ts';
import { decodeUnmaskRequest, type UnmaskRequest } from '../../src/core/unmask.ts';
import type { MapAbout, MapEvent } from '../../src/map/map-source.ts';
import type { Viewer } from '../../src/map/viewer.ts';
import { VirtualClock } from '../../src/runtime/clock.ts';
import { createPlatformVerifier } from '../../src/runtime/ed25519.ts';
import { type LocalNetwork, startLocalNetwork } from '../../src/runtime/local-network.ts';
import { createMeters } from '../../src/runtime/meter-fleet.ts';
import { MonitorMap } from '../../src/runtime/monitor-map.ts';
import type { MonitorResult } from '../../src/runtime/monitor-node.ts';
import { createParties, type Parties } from '../../src/runtime/parties.ts';
import {
  defaultPolicy,
  type ProvisionedNetwork,
  provisionNetwork,
  treeDepth,
} from '../../src/runtime/provision.ts';
import { Zoom } from '../../src/runtime/zoom.ts';
import { createNamedGrant, type NamedGrant, viewerOf } from '../../src/runtime/zoom-grant.ts';
import { type MonitorStore, openMonitorStore } from '../../src/store/monitor-store.ts';

export const FIRST: IntervalIndex = 1_900_000 as IntervalIndex;
export const ALL: ChannelSet = channelSet(0b111);
export const NET_ONLY: ChannelSet = channelSet(0b001);
export const CAP_WH = 10_000;
const TOWN_DEPTH = 3;

/** Homes, and how many of them produce. */
const STREETS: Readonly<Record<string, readonly [homes: number, producers: number]>> = {
  'eu/es/ma/u1/s1': [8, 3],
  'eu/es/ma/u1/s2': [8, 3],
  'eu/es/ma/u1/s3': [7, 0],
  'eu/es/ma/u1/s4': [3, 0],
  'eu/es/ma/u2/s1': [7, 0],
  'eu/es/ma/u2/s2': [7, 0],
  'eu/es/mb/u1/s1': [8, 0],
  'eu/es/mb/u1/s2': [8, 0],
};

/** What one home measured: 100 Wh of net, and 10 and 30 of export and production where it produces. */
export const HOME_WH: readonly number[] = [100, 10, 30];

export interface ZoomNetwork extends AsyncDisposable {
  readonly provisioned: ProvisionedNetwork;
  readonly parties: Parties;
  readonly network: LocalNetwork;
  readonly bus: MemoryBus;
  readonly clock: VirtualClock;
  readonly store: MonitorStore;
  readonly map: MonitorMap;
  readonly zoom: Zoom;
  readonly results: MonitorResult[];
  readonly events: MapEvent[];
  /** What trustees were asked for since the last call, each request once. */
  takeRequests(): UnmaskRequest[];
  /** The areas and cells of these requests, by name, with the channel: "eu/es/ma net". */
  namesOf(requests: readonly UnmaskRequest[]): string[];
  viewer(name: string): Viewer;
  grant(name: string): NamedGrant;
  /** A map after a restart: another store, the same network. */
  anotherMap(store: MonitorStore, zoom?: Zoom): MonitorMap;
  run(interval: IntervalIndex, readings?: (meter: number) => readonly number[]): Promise<void>;
}

export async function startZoomNetwork(
  options: {
    readonly liveDepth?: number;
    /** Meters whose own fuse does not stop them: they may send anything. */
    readonly liars?: readonly number[];
  } = {},
): Promise<ZoomNetwork> {
  const random = (length: number) => new Uint8Array(randomBytes(length));
  const quorum = { trusteeCount: 3, quorum: 2 };
  const parties = await createParties(quorum, random);
  const verify = createPlatformVerifier();
  const meters = Object.entries(STREETS).flatMap(([area, [homes, producers]]) =>
    Array.from({ length: homes }, (_, home) => ({
      area: areaId(area),
      channels: home < producers ? ALL : NET_ONLY,
      capWh: CAP_WH,
    })),
  );
  const provisioned = await provisionNetwork({
    meters,
    policy: defaultPolicy({
      networkId: 'zoom',
      quorum,
      minMeters: 5,
      depth: treeDepth(meters),
    }),
    parties,
    firstEpoch: epochOfInterval(FIRST, 900),
    random,
    verify,
  });
  const clock = new VirtualClock(FIRST * 900_000);
  const bus = new MemoryBus({ nowMs: () => clock.nowMs() });
  const store = openMonitorStore(':memory:');
  const results: MonitorResult[] = [];
  const fail = (error: unknown) => {
    throw error;
  };
  const network = await startLocalNetwork({
    provisioned,
    parties,
    connect: async () => bus.connect(),
    clock,
    random,
    verify,
    isDriven: true,
    liveDepth: options.liveDepth ?? TOWN_DEPTH,
    meters: createMeters(
      provisioned.network,
      provisioned.meters.map((meter, index) =>
        options.liars?.includes(index) === true ? { ...meter, capWh: 2 ** 50 } : meter,
      ),
    ),
    onInterval: (result) => {
      results.push(result);
      map.recordResult(result);
    },
    onError: fail,
  });
  const live = network.monitors[0];
  const fromEpoch = provisioned.firstEpoch;
  const grants = [
    { name: 'all', area: areaId('eu'), deepestDepth: 16, channels: ALL, fromEpoch },
    { name: 'town a', area: areaId('eu/es/ma'), deepestDepth: 4, channels: ALL, fromEpoch },
    { name: 'all of town a', area: areaId('eu/es/ma'), deepestDepth: 3, channels: ALL, fromEpoch },
    { name: 'net of a', area: areaId('eu/es/ma'), deepestDepth: 5, channels: NET_ONLY, fromEpoch },
  ].map((choice) => createNamedGrant(provisioned.network, parties, choice));
  const zoom = new Zoom({
    network: provisioned.network,
    bus: bus.connect(),
    verify,
    random,
    totalOf: (area, interval) => live?.totalOf(area, interval),
    alertsOf: (interval) => live?.alertsOf(interval) ?? [],
    // Of real time, for work in this process.
    requestTimeoutMs: 30_000,
  });
  const makeMap = (into: MonitorStore, opener: Zoom = zoom) =>
    new MonitorMap({
      network: provisioned.network,
      about: ABOUT,
      clock,
      store: into,
      zoom: opener,
      grants,
      names: (area) => NAMES[area],
      onError: fail,
    });
  const map = makeMap(store);
  const events: MapEvent[] = [];
  map.subscribe((event) => events.push(event));
  let requests: UnmaskRequest[] = [];
  await bus.connect().subscribe('sw.v1.unmask.0', ({ data }) => {
    const split = splitSigned('unmask-request', data);
    const request = split && decodeUnmaskRequest(split.body);
    if (request !== undefined) requests.push(request);
  });
  const grant = (name: string) => grants.find((candidate) => candidate.name === name)!;
  return {
    provisioned,
    parties,
    network,
    bus,
    clock,
    store,
    map,
    zoom,
    results,
    events,
    takeRequests: () => {
      const taken = requests;
      requests = [];
      return taken;
    },
    namesOf: (taken) => namesOf(provisioned, taken),
    grant,
    viewer: (name) => viewerOf(provisioned.network, grant(name)),
    anotherMap: makeMap,
    run: async (interval, readings = () => HOME_WH) => {
      network.expectInterval(interval);
      await clock.advanceTo((interval + 1) * 900_000 + 1000);
      const sent = await network.meters.send(interval, (meter) =>
        HOME_WH.map((_, channel) =>
          hasChannel(meters[meter]!.channels, channel) ? readings(meter)[channel] : undefined,
        ),
      );
      await network.readingsTaken(sent.lastSeq);
      await bus.idle();
      // Level by level: a child must not be late for its parent.
      const deadlineMs = network.deadlineMs(interval);
      for (let atMs = (interval + 1) * 900_000 + 60_000; atMs < deadlineMs; atMs += 2000) {
        await clock.advanceTo(atMs);
        await bus.idle();
        for (const aggregator of network.aggregators) await aggregator.settled();
        await bus.idle();
      }
      await clock.advanceTo(deadlineMs);
      await bus.idle();
    },
    [Symbol.asyncDispose]: async () => {
      await map[Symbol.asyncDispose]();
      await zoom[Symbol.asyncDispose]();
      await network[Symbol.asyncDispose]();
      await bus[Symbol.asyncDispose]();
      store[Symbol.dispose]();
    },
  };
}

const NAMES: Readonly<Record<string, string>> = {
  'eu/es/ma': 'Ávila',
  'eu/es/ma/u1/s3': 'Street 3',
  'eu/es/ma/u1/s4': 'Street 4',
};

export const ABOUT: MapAbout = {
  title: 'a test',
  intervalSeconds: 900,
  levels: ['continent', 'nation', 'municipality', 'suburb', 'street'],
  metrics: ['net', 'consumption', 'production', 'import', 'export'],
  minMeters: 5,
  simulationNote: undefined,
  attributions: [],
  dataLicence: 'CC0-1.0',
  timeZone: 'Europe/Madrid',
  clockSpeed: 1,
  publishWithinSeconds: 90,
};

/** The meters of an area, by their place in the network. */
export function metersIn({ provisioned }: ZoomNetwork, area: string): number[] {
  return provisioned.meters.flatMap((meter, index) =>
    `${meter.area}/`.startsWith(`${area}/`) ? [index] : [],
  );
}

function namesOf({ network }: ProvisionedNetwork, requests: readonly UnmaskRequest[]): string[] {
  const names = requests.flatMap(({ targets }) =>
    targets.map(({ kind, index, channel }) => {
      const name =
        kind === 'cell' ? network.cells.at(index)!.name : (areaAt(network, index).id as AreaId);
      return `${name} ${network.channels[channel]!.name}`;
    }),
  );
  return [...new Set(names)].sort();
}
