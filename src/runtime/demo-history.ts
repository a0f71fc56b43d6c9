// The days before the demo's first interval. Nobody masked anything then: the same simulated readings
// are summed in the plain, per cell and channel of the signed plan, and shown by the rules of a live
// interval, so that areas, cells, thresholds and reasons are those of the network. Its rows are
// stored as simulated, and the map says so.

import { setImmediate } from 'node:timers/promises';
import { MAX_AREA_DEPTH } from '../core/area.ts';
import { type ChannelSet, MAX_CHANNELS } from '../core/channel.ts';
import {
  DEFAULT_INTERVAL_SECONDS,
  type IntervalIndex,
  intervalEndSeconds,
  intervalStartSeconds,
} from '../core/interval.ts';
import { areaAt, type Network } from '../core/network-tree.ts';
import { coverageStep, decideCell, type Presence } from '../core/presence.ts';
import type { Figure } from '../roles/monitor.ts';
import { type MonitorPlan, planMonitor } from '../roles/monitor-plan.ts';
import { createRows, type Row } from '../roles/monitor-rows.ts';
import type { Household } from '../sim/neighbourhood.ts';
import type { Simulator } from '../sim/simulator.ts';
import type { MonitorStore } from '../store/monitor-store.ts';
import type { Fates } from './demo-faults.ts';

/** As of a live interval: behind the close of its streets. */
const PUBLISHED_AFTER_SECONDS = 61;
/** Of our time, between which the network's own work has its turn. */
const SLICE_MS = 12;

export interface SumsOptions {
  readonly network: Network;
  /** Of every cell: that of a grant for the whole tree, down to its streets. */
  readonly plan: MonitorPlan;
  readonly households: readonly Household[];
  /** Its own: it forgets days, and those of the history are not the clock's. */
  readonly simulate: Simulator;
  readonly fatesOf: (interval: IntervalIndex) => Fates;
}

/** Rows of an interval as the monitor would have shown them. About 1.5 ms for 4,000 homes. */
export function createSums(options: SumsOptions): (interval: IntervalIndex) => Row[] {
  const { network, plan, households, simulate, fatesOf } = options;
  const cellOf = cellsOfHomes(network, households);
  const { channels, cells, document } = network;
  // As if every seal had included every child.
  const reach = new Array<number>(network.areas.length).fill(1);
  const sumsWh = new Float64Array(cells.length);
  const declared = new Int32Array(cells.length);
  const present = new Int32Array(cells.length);
  return (interval) => {
    const fateOf = fatesOf(interval);
    const readings = simulate(intervalStartSeconds(interval, DEFAULT_INTERVAL_SECONDS));
    sumsWh.fill(0);
    declared.fill(0);
    present.fill(0);
    for (const [home, { importWh, exportWh, productionWh }] of readings.entries()) {
      const fate = fateOf(home);
      const isThere = fate === 'delivered' || fate === 'resent';
      for (let channel = 0; channel < channels.length; channel++) {
        const cell = cellOf[channel]?.[home] as number;
        if (cell < 0) continue;
        declared[cell] = (declared[cell] as number) + 1;
        if (!isThere) continue;
        present[cell] = (present[cell] as number) + 1;
        const energyWh =
          channel === 0 ? importWh - exportWh : channel === 1 ? exportWh : productionWh;
        sumsWh[cell] = (sumsWh[cell] as number) + energyWh;
      }
    }
    const figures = plan.targets.map(({ index }): Figure => {
      const presence: Presence = {
        slotsDeclared: declared[index] as number,
        slotsPresent: present[index] as number,
        pointsPresent: present[index] as number,
        isSealed: true,
      };
      const decision = decideCell(presence, document);
      if (decision !== 'included') return { kind: 'withheld', reason: decision };
      return {
        kind: 'released',
        energyWh: sumsWh[index] as number,
        coverage: coverageStep(presence),
        isChecked: true,
      };
    });
    return createRows({ network, plan }, { interval, figures, reach });
  };
}

/** By channel, the cell that each home's reading is summed in; -1 where it declares no such channel. */
function cellsOfHomes(network: Network, households: readonly Household[]): readonly Int32Array[] {
  return network.channels.map(({ name }, channel) => {
    const cellOfStreet = new Map<string, number>();
    for (const cell of network.cells) {
      if (cell.channel !== channel) continue;
      for (const street of cell.streets) {
        cellOfStreet.set(network.areas.idOf(street), cell.index);
      }
    }
    return Int32Array.from(households, ({ area, channels }) =>
      channels.some((declaredName) => declaredName === name) ? (cellOfStreet.get(area) ?? -1) : -1,
    );
  });
}

/** What a monitor with a grant of everything opens. */
export function planEverything(network: Network): MonitorPlan {
  return planMonitor(network, {
    area: areaAt(network, network.roots[0] as number).id,
    deepestDepth: MAX_AREA_DEPTH,
    channels: (2 ** MAX_CHANNELS - 1) as ChannelSet,
  });
}

export interface HistoryOptions {
  readonly network: Network;
  readonly store: MonitorStore;
  readonly sums: (interval: IntervalIndex) => readonly Row[];
  readonly from: number;
  /** Not included. */
  readonly until: number;
  /** Gives the network's own work its turn in between, and ends early when it is aborted. */
  readonly signal?: AbortSignal;
}

/** Stores what is not there yet, the newest first; how many intervals it stored. */
export async function fillHistory(options: HistoryOptions): Promise<number> {
  const { network, store, sums, from, until, signal } = options;
  const root = areaAt(network, network.roots[0] as number).id;
  let count = 0;
  let sliceMs = performance.now();
  for (let at = until - 1; at >= from && signal?.aborted !== true; at--) {
    const interval = at as IntervalIndex;
    if (store.opened(interval, root) !== undefined) continue;
    const endSeconds = intervalEndSeconds(interval, DEFAULT_INTERVAL_SECONDS);
    store.saveRows(interval, sums(interval), network.channels, {
      publishedAtMs: (endSeconds + PUBLISHED_AFTER_SECONDS) * 1000,
      origin: 'simulated',
    });
    count++;
    if (signal === undefined || performance.now() - sliceMs < SLICE_MS) continue;
    await setImmediate();
    sliceMs = performance.now();
  }
  return count;
}
