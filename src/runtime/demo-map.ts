// The map of the demo: the pilots' real network among simulated regional monitors, on one clock and in
// one geography, with a history that was simulated as sums.

import { fileURLToPath } from 'node:url';
import { type AreaId, MAX_AREA_DEPTH } from '../core/area.ts';
import { type ChannelSet, MAX_CHANNELS } from '../core/channel.ts';
import {
  DEFAULT_INTERVAL_SECONDS,
  epochOfInterval,
  type IntervalIndex,
  intervalEndSeconds,
  intervalStartSeconds,
} from '../core/interval.ts';
import { areaAt } from '../core/network-tree.ts';
import type { VerifySignature } from '../core/signed.ts';
import { divideAreas } from '../geo/divide-areas.ts';
import { type Geography, loadGeography } from '../geo/geography.ts';
import { createFederation } from '../map/federation.ts';
import type { MapAbout } from '../map/map-source.ts';
import { ENERGY_METRICS } from '../map/metric.ts';
import type { Viewer } from '../map/viewer.ts';
import { type CountrySource, createCountrySource } from '../sim/country/country-source.ts';
import type { Household } from '../sim/neighbourhood.ts';
import { PILOT_DEPTH, type PilotPlan, PLACE_LEVELS, placeNames } from '../sim/places.ts';
import { createSimulator } from '../sim/simulator.ts';
import type { MonitorStore } from '../store/monitor-store.ts';
import { DemoClock } from './demo-clock.ts';
import type { DemoSettings } from './demo-data.ts';
import { createEvidence } from './demo-evidence.ts';
import type { Fates } from './demo-faults.ts';
import { createSums, fillHistory, planEverything } from './demo-history.ts';
import type { DemoInterval } from './demo-interval.ts';
import type { DemoNetwork, PreparedNetwork } from './demo-network.ts';
import { CurrentSource } from './map-current.ts';
import { rootedAt } from './map-roots.ts';
import { MonitorMap } from './monitor-map.ts';
import type { MonitorResult } from './monitor-node.ts';
import type { RandomBytes } from './parties.ts';
import { Zoom } from './zoom.ts';
import { createNamedGrant } from './zoom-grant.ts';

const GEOGRAPHY_DIRECTORY = fileURLToPath(new URL('../../build/geography', import.meta.url));
const INTERVALS_PER_DAY = 86_400 / DEFAULT_INTERVAL_SECONDS;
/** A week ago, for every interval of the first day. */
export const HISTORY_DAYS = 8;
/** Before the map is served; the others follow behind. */
const FIRST_HISTORY_DAYS = 2;
const POLL_MS = 1000;
const ALL_CHANNELS = (2 ** MAX_CHANNELS - 1) as ChannelSet;
const CHANNEL_NAMES: readonly string[] = ['net', 'export', 'production'];

export const OPERATOR_GRANT = 'operator';
const OPENS_AT = 'eu/es' as AreaId;

export interface DemoMapOptions {
  readonly settings: DemoSettings;
  readonly households: readonly Household[];
  readonly pilots: readonly PilotPlan[];
  readonly fatesOf: (interval: IntervalIndex) => Fates;
  readonly store: MonitorStore;
  /** The first interval of the whole demo: what lies before it is simulated as sums. */
  readonly firstInterval: IntervalIndex;
  readonly speed: number;
  readonly random: RandomBytes;
  readonly verify: VerifySignature;
  readonly onError: (error: unknown) => void;
}

/** Who may look: the operator everywhere, each city at itself. */
export function demoViewers(pilots: readonly PilotPlan[]): readonly Viewer[] {
  const viewer = (grantName: string, area: AreaId): Viewer => ({
    grantName,
    area,
    deepestDepth: PLACE_LEVELS.length,
    channels: CHANNEL_NAMES,
  });
  return [
    viewer(OPERATOR_GRANT, 'eu' as AreaId),
    ...pilots.map(({ id, name }) => viewer(cityGrant(name), id)),
  ];
}

function cityGrant(name: string): string {
  const plain = name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return `city-${plain.replaceAll(/[^a-z0-9]+/gu, '-')}`;
}

/** One running network's part of it. */
interface Attached {
  readonly map: MonitorMap;
  readonly country: CountrySource;
  readonly clock: DemoClock;
}

export class DemoMap implements AsyncDisposable {
  readonly #options: DemoMapOptions;
  readonly #geography: Geography;
  readonly #stopping = new AbortController();
  #history: Promise<unknown> = Promise.resolve();
  #attached: Attached | undefined;
  #source: CurrentSource | undefined;
  #poll: NodeJS.Timeout | undefined;

  private constructor(options: DemoMapOptions, geography: Geography) {
    this.#options = options;
    this.#geography = geography;
  }

  /** @throws Error where `npm run build` has not made the geography */
  static async open(options: DemoMapOptions): Promise<DemoMap> {
    const { pilots, settings } = options;
    const base = await loadGeography(GEOGRAPHY_DIRECTORY);
    const divisions = pilots.map(({ id, suburbs }) => ({ area: id, suburbs }));
    return new DemoMap(options, await divideAreas(base, divisions, settings.seed));
  }

  /** What is served; after `attach`. */
  get source(): CurrentSource {
    if (this.#source === undefined) throw new Error('attach a network first');
    return this.#source;
  }

  /** Shows this network from here on. What it opens ends with the network's `stack`. */
  async attach(
    prepared: PreparedNetwork,
    running: DemoNetwork,
    stack: AsyncDisposableStack,
  ): Promise<void> {
    const { settings, households, pilots, store, random, verify, onError, firstInterval } =
      this.#options;
    const { network, firstEpoch } = prepared.provisioned;
    const clock = new DemoClock(running.clock);
    const about = this.#about();
    const live = running.network.monitors[0];
    const root = areaAt(network, network.roots[0] as number).id;
    const grants = demoViewers(pilots).map(({ grantName: name, area }) =>
      createNamedGrant(network, prepared.parties, {
        name,
        area: name === OPERATOR_GRANT ? root : area,
        deepestDepth: MAX_AREA_DEPTH,
        channels: ALL_CHANNELS,
        // What networks before this one have opened is still theirs to see.
        fromEpoch: epochOfInterval(firstInterval, DEFAULT_INTERVAL_SECONDS),
      }),
    );
    const zoom = stack.use(
      new Zoom({
        network,
        bus: await running.connect(),
        verify,
        random,
        totalOf: (area, interval) => live?.totalOf(area, interval),
        alertsOf: (interval) => live?.alertsOf(interval) ?? [],
      }),
    );
    const evidence = createEvidence({
      network,
      firstInterval: Math.max(firstInterval, firstEpoch * INTERVALS_PER_DAY) as IntervalIndex,
      parties: prepared.parties,
      bus: await running.connect(),
      clock: running.clock,
      random,
      verify,
      places: prepared.meters,
      readingOf: (home, interval) => readingOf(households[home], interval),
    });
    const names = placeNames(pilots);
    const map = stack.use(
      new MonitorMap({
        network,
        about,
        clock,
        store,
        zoom,
        grants,
        places: this.#geography,
        names: (area) => names.get(area),
        trusteeNames: network.document.trustees.map((_, index) => `Trustee ${index + 1}`),
        evidence,
        onError,
      }),
    );
    const country = createCountrySource({
      geography: this.#geography,
      seed: settings.seed,
      handedOver: pilots.map(({ id }) => id),
      nowMs: () => clock.nowMs(),
      firstInterval: (firstInterval - HISTORY_DAYS * INTERVALS_PER_DAY) as IntervalIndex,
      latestInterval: () => map.latestInterval(),
      about,
    });
    const source = createFederation({
      base: country,
      parts: [
        rootedAt(
          map,
          pilots.map(({ id }) => id),
        ),
      ],
      about,
    });
    this.#attached = { map, country, clock };
    if (this.#source === undefined) this.#source = new CurrentSource(source);
    else this.#source.replace(source);
    this.#poll ??= setInterval(() => this.#attached?.country.poll(), POLL_MS).unref();
  }

  /** The two newest days now, and the others while the network runs. */
  async fillHistory({ provisioned: { network } }: PreparedNetwork): Promise<void> {
    const { households, fatesOf, store, firstInterval: until } = this.#options;
    const sums = createSums({
      network,
      plan: planEverything(network),
      households,
      simulate: createSimulator(households),
      fatesOf,
    });
    const days = (count: number) => until - count * INTERVALS_PER_DAY;
    await fillHistory({ network, store, sums, from: days(FIRST_HISTORY_DAYS), until });
    const { signal } = this.#stopping;
    this.#history = fillHistory({
      network,
      store,
      sums,
      from: days(HISTORY_DAYS),
      until: days(FIRST_HISTORY_DAYS),
      signal,
    }).catch(this.#options.onError);
  }

  /** What the live monitor has opened, or opened again. */
  take(result: MonitorResult): void {
    this.#attached?.map.recordResult(result);
  }

  /** The interval is over, and nothing happens for so long. */
  record(interval: IntervalIndex, shown: DemoInterval, waitMs: number): void {
    if (this.#attached === undefined) return;
    const { map, country, clock } = this.#attached;
    map.recordHealth({
      interval,
      publishedAfterSeconds: shown.openedAfterSeconds,
      cellsPublished: shown.figuresPublished,
      cellsWithheld: Object.fromEntries(shown.figuresWithheld),
      framesAccepted: shown.frames.accepted,
      framesRejected: Object.fromEntries(shown.frames.rejected),
      trustees: shown.trustees,
      disagreementCount: shown.disagreementCount,
      auditFindings: shown.audit?.alerts.map(({ finding, area }) => ({ finding, area })),
    });
    const nextEndSeconds = intervalEndSeconds(
      (interval + 1) as IntervalIndex,
      DEFAULT_INTERVAL_SECONDS,
    );
    clock.rest(nextEndSeconds * 1000, waitMs);
    country.poll();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#poll);
    this.#stopping.abort();
    await this.#history;
    this.#source?.[Symbol.dispose]();
  }

  #about(): MapAbout {
    const { settings, pilots, firstInterval, speed } = this.#options;
    const startSeconds = intervalStartSeconds(firstInterval, DEFAULT_INTERVAL_SECONDS);
    const began = new Intl.DateTimeFormat('en-GB', {
      timeZone: 'Europe/Madrid',
      dateStyle: 'medium',
      timeStyle: 'short',
    }).format(startSeconds * 1000);
    const cities = pilots.map(({ name }) => name).join(', ');
    return {
      title: 'Streetwatt demo',
      intervalSeconds: DEFAULT_INTERVAL_SECONDS,
      levels: PLACE_LEVELS,
      metrics: ENERGY_METRICS,
      minMeters: settings.minMeters,
      simulationNote: `All homes, readings and faults are simulated, and suburbs and streets are invented. In ${cities} ${settings.meters.toLocaleString('en-US')} simulated homes are masked and opened by a real network; figures before ${began} were simulated as sums; nothing was masked then. Everywhere else simulated regional monitors deliver sums.`,
      attributions: [
        {
          text: 'Municipalities, provinces and regions of Spain: © Instituto Geográfico Nacional de España',
          url: 'https://www.ign.es',
          licence: 'CC-BY-4.0',
        },
        {
          text: 'Countries: Natural Earth',
          url: 'https://www.naturalearthdata.com',
          licence: 'Public domain',
        },
      ],
      dataLicence: 'CC0-1.0',
      timeZone: 'Europe/Madrid',
      clockSpeed: speed,
      publishWithinSeconds: 90,
      opensAt: OPENS_AT,
    };
  }
}

/** As the home's own screen shows it; a home alone is the same as among the others. */
function readingOf(
  household: Household | undefined,
  interval: IntervalIndex,
): readonly (number | undefined)[] {
  if (household === undefined) return [];
  const startSeconds = intervalStartSeconds(interval, DEFAULT_INTERVAL_SECONDS);
  const [reading] = createSimulator([household])(startSeconds);
  if (reading === undefined) return [];
  const { importWh, exportWh, productionWh } = reading;
  const has = (name: (typeof household.channels)[number]) => household.channels.includes(name);
  return [
    importWh - exportWh,
    has('export') ? exportWh : undefined,
    has('production') ? productionWh : undefined,
  ];
}

/** The live monitor goes no deeper: suburbs and streets are opened when somebody looks. */
export const LIVE_DEPTH: number = PILOT_DEPTH;
