// The demo: a whole network over simulated households in this process, on a clock that runs faster
// than ours. Meters, aggregators, trustees, monitor and auditor are the ones of a real network; homes,
// weather, faults and time are simulated. Keys come from the system's randomness, never from the seed.
//
// A factory batch's seeds end after 30 days: then all meters are enrolled anew, in a network of its
// own, and the clock goes on. One process plays all parties, so whoever runs it could see everything.

import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { BATCH_SEED_EPOCHS } from '../core/enrolment-batch.ts';
import {
  DEFAULT_INTERVAL_SECONDS,
  epochOfInterval,
  type IntervalIndex,
  intervalAt,
  intervalIndex,
  intervalStartSeconds,
} from '../core/interval.ts';
import type { MapServer } from '../server/serve-map.ts';
import { createHouseholds } from '../sim/neighbourhood.ts';
import { createStreets, planPilots } from '../sim/places.ts';
import { createSimulator } from '../sim/simulator.ts';
import { type MonitorStore, openMonitorStore } from '../store/monitor-store.ts';
import { readDemoState, saveNetwork } from './demo-data.ts';
import { createFates } from './demo-faults.ts';
import { type DemoInterval, runInterval } from './demo-interval.ts';
import { DemoMap, demoViewers, LIVE_DEPTH } from './demo-map.ts';
import {
  type DemoNetworkOptions,
  loadPrepared,
  type PreparedNetwork,
  prepareNetwork,
  startNodes,
} from './demo-network.ts';
import { type DemoMapAddress, serveDemo } from './demo-serve.ts';
import type { MonitorResult } from './monitor-node.ts';

/** Tuesday 14 October 2025, 08:00 in Madrid: breakfast, and the sun about to rise on the roofs. */
export const DEMO_START_SECONDS = 1_760_421_600;

const INTERVAL_SECONDS = DEFAULT_INTERVAL_SECONDS;
const INTERVALS_PER_DAY = 86_400 / INTERVAL_SECONDS;
/** Days of the virtual clock. */
const KEPT_TOTALS_DAYS = 7;
const KEPT_HISTORY_DAYS = 365;
/** In memory: as long as the longest series. */
const KEPT_MEMORY_DAYS = 31;

export interface DemoOptions extends DemoNetworkOptions {
  /** How much faster than ours the clock runs, where the machine keeps up. */
  readonly speed: number;
  /** Stops after so many; endless where it is undefined. */
  readonly intervalCount?: number | undefined;
  /** Where the map is served; undefined for none. */
  readonly map?: DemoMapAddress | undefined;
  readonly onStep: (step: DemoStep) => void;
  /** What went wrong in the map; the network goes on. */
  readonly onMapError?: (error: unknown) => void;
  readonly onInterval: (shown: PacedInterval) => void;
}

export interface PacedInterval extends DemoInterval {
  /** What it took of our time. */
  readonly workSeconds: number;
  /** What the next one waits for; 0 where the machine does not keep up. */
  readonly waitSeconds: number;
}

/** What the start is doing, with the seconds that it took. */
export type DemoStep =
  | {
      readonly kind: 'households';
      readonly homeCount: number;
      readonly streetCount: number;
      readonly cityCount: number;
      readonly seconds: number;
    }
  | {
      /** Enrolled and planned just now, or read back from the folder. */
      readonly kind: 'planned' | 'loaded';
      readonly cellCount: number;
      /** Homes in the smallest cell of each channel that has any. */
      readonly smallestCell: number;
      readonly trusteeCount: number;
      readonly quorum: number;
      readonly seconds: number;
    }
  | {
      readonly kind: 'started';
      readonly areaCount: number;
      readonly trusteeCount: number;
      readonly startSeconds: number;
      /** Since the demo was started, or began to enrol anew. */
      readonly secondsSinceStart: number;
      readonly seconds: number;
      /** Masked and not opened when the last run ended: it stays empty. */
      readonly cutShort: IntervalIndex | undefined;
    }
  | {
      readonly kind: 'map';
      /** `http://127.0.0.1:8080` */
      readonly url: string;
      /** Whether a browser on this machine sees all without a token. */
      readonly isOpen: boolean;
      /** Of this run alone. */
      readonly tokens: readonly {
        readonly name: string;
        readonly area: string;
        readonly token: string;
      }[];
      /** Since the demo was started. */
      readonly secondsSinceStart: number;
      readonly seconds: number;
    }
  | {
      /** The seeds of the meters' batch have ended: all are enrolled anew. */
      readonly kind: 'expired';
      readonly days: number;
    };

export interface DemoOutcome {
  readonly intervalCount: number;
  /** Where the virtual clock stands: the next interval's start. */
  readonly nextStartSeconds: number;
}

/** Runs until the count, or until the signal, which is no error. @throws FileError, BusError, StoreError */
export async function runDemo(options: DemoOptions): Promise<DemoOutcome> {
  const { settings, directory, onStep, signal } = options;
  const onMapError = options.onMapError ?? (() => {});
  let startMs = performance.now();
  const households = createHouseholds({ ...settings, meteredRoofShare: 1 });
  const simulate = createSimulator(households, INTERVAL_SECONDS);
  const streets = [...new Set(households.map((home) => home.area))];
  const streetNumbers = new Map(streets.map((street, index) => [street, index]));
  const fatesOf = createFates(
    settings.seed,
    households.map((home) => streetNumbers.get(home.area) as number),
  );
  onStep({
    kind: 'households',
    homeCount: households.length,
    streetCount: streets.length,
    cityCount: new Set(households.map((home) => home.municipality.area)).size,
    seconds: secondsSince(startMs),
  });

  const kept = directory === undefined ? undefined : await readDemoState(directory);
  let networkNumber = kept?.networkNumber ?? 1;
  let isKept = kept !== undefined;
  const first = intervalAt(DEMO_START_SECONDS, INTERVAL_SECONDS);
  let next = first;
  let done = 0;
  let dueMs = Number.NaN;
  await using opened = new AsyncDisposableStack();
  let history: MonitorStore | undefined;
  let map: DemoMap | undefined;
  let server: MapServer | undefined;
  const keptHistoryDays = directory === undefined ? KEPT_MEMORY_DAYS : KEPT_HISTORY_DAYS;
  const isOver = () =>
    signal.aborted || done >= (options.intervalCount ?? Number.POSITIVE_INFINITY);

  while (!isOver()) {
    await using stack = new AsyncDisposableStack();
    const enrolMs = performance.now();
    const prepared = isKept
      ? await loadPrepared(options, households, networkNumber, stack)
      : await prepareNetwork(options, households, networkNumber, next, stack);
    const { network: verified } = prepared.provisioned;
    onStep({
      kind: isKept ? 'loaded' : 'planned',
      cellCount: verified.cells.length,
      smallestCell: Math.min(...Array.from(verified.cells, (cell) => cell.meterCount)),
      trusteeCount: settings.trustees,
      quorum: settings.quorum,
      seconds: secondsSince(enrolMs),
    });
    if (history === undefined && (directory !== undefined || options.map !== undefined))
      history = opened.use(
        openMonitorStore(directory === undefined ? ':memory:' : join(directory, 'monitor.db')),
      );
    const resumed = isKept ? resumeAt(prepared, history, next) : undefined;
    next = resumed?.next ?? next;
    const startingMs = performance.now();
    const nodes = {
      ...options,
      liveDepth: LIVE_DEPTH,
      onResult: (result: MonitorResult) => map?.take(result),
    };
    const running = await startNodes(nodes, prepared, networkNumber, next, stack);
    if (directory !== undefined && prepared.bundleBytes !== undefined) {
      await saveNetwork(
        directory,
        { settings, networkNumber },
        { parties: prepared.parties, bundleBytes: prepared.bundleBytes },
      );
    }
    onStep({
      kind: 'started',
      areaCount: verified.areas.inner.length,
      trusteeCount: settings.trustees,
      startSeconds: intervalStartSeconds(next, INTERVAL_SECONDS),
      secondsSinceStart: secondsSince(startMs),
      seconds: secondsSince(startingMs),
      cutShort: resumed?.cutShort,
    });
    if (options.map !== undefined && history !== undefined) {
      const mapMs = performance.now();
      const pilots = planPilots(createStreets(settings.meters, settings.seed));
      map ??= opened.use(
        await DemoMap.open({
          settings,
          households,
          pilots,
          fatesOf,
          store: history,
          firstInterval: first,
          speed: options.speed,
          random: options.random,
          verify: options.verify,
          onError: onMapError,
        }),
      );
      if (server === undefined) await map.fillHistory(prepared);
      await map.attach(prepared, running, stack);
      if (server === undefined) {
        const served = await serveDemo(map.source, demoViewers(pilots), options.map, onMapError);
        server = opened.use(served.server);
        onStep({
          kind: 'map',
          url: served.server.url,
          isOpen: served.isOpen,
          tokens: served.tokens,
          secondsSinceStart: secondsSince(startMs),
          seconds: secondsSince(mapMs),
        });
      }
    }
    if (Number.isNaN(dueMs)) dueMs = performance.now();

    try {
      while (!isOver() && epochOfInterval(next, INTERVAL_SECONDS) <= running.lastEpoch) {
        const workMs = performance.now();
        const shown = await runInterval(running, next, simulate, fatesOf(next));
        const { channels } = running.network.aggregators[0]?.state.network ?? verified;
        if (map === undefined) history?.saveRows(next, shown.rows, channels);
        running.meterStore?.prune(next + 1);
        running.network.keepKeys();
        next = intervalIndex(next + 1);
        done++;
        if (next % INTERVALS_PER_DAY === 0) {
          running.network.prune(intervalIndex(next - KEPT_TOTALS_DAYS * INTERVALS_PER_DAY));
          history?.prune(next - keptHistoryDays * INTERVALS_PER_DAY);
        }
        dueMs += (INTERVAL_SECONDS * 1000) / options.speed;
        const waitMs = dueMs - performance.now();
        if (waitMs < 0) dueMs = performance.now();
        map?.record(intervalIndex(next - 1), shown, Math.max(0, waitMs));
        options.onInterval({
          ...shown,
          workSeconds: secondsSince(workMs),
          waitSeconds: Math.max(0, waitMs) / 1000,
        });
        // Also where nothing is waited for: signals are heard between two turns of the loop.
        await setImmediate();
        if (waitMs > 0 && !isOver()) await setTimeout(waitMs, undefined, { signal });
      }
    } catch (error) {
      if (!signal.aborted || !isAbort(error, signal)) throw error;
    }
    // Nobody is told of what is being taken apart.
    if (isOver()) await server?.[Symbol.asyncDispose]();
    else onStep({ kind: 'expired', days: BATCH_SEED_EPOCHS });
    startMs = performance.now();
    networkNumber++;
    isKept = false;
  }
  return {
    intervalCount: done,
    nextStartSeconds: intervalStartSeconds(next, INTERVAL_SECONDS),
  };
}

/** Behind whatever was masked, and not before the network that is to mask it. */
function resumeAt(
  { meters, provisioned }: PreparedNetwork,
  history: MonitorStore | undefined,
  first: IntervalIndex,
): { readonly next: IntervalIndex; readonly cutShort: IntervalIndex | undefined } {
  const shown = history?.latestInterval() ?? -1;
  const masked = meters.reduce((last, meter) => Math.max(last, meter.lastInterval), -1);
  const networkFirst = provisioned.firstEpoch * INTERVALS_PER_DAY;
  return {
    next: intervalIndex(
      shown < 0 && masked < 0
        ? Math.max(first, networkFirst)
        : Math.max(masked + 1, shown + 1, networkFirst),
    ),
    cutShort: masked > shown ? intervalIndex(masked) : undefined,
  };
}

function isAbort(error: unknown, signal: AbortSignal): boolean {
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError');
}

function secondsSince(startMs: number): number {
  return (performance.now() - startMs) / 1000;
}
