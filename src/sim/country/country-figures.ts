// What the monitors say of an area in one interval or over many: sums of cells, and what is not there
// yet. Keeps the last days' columns of each monitor.

import type { AbsentReason } from '../../map/frame.ts';
import { monitorDelay } from './faults.ts';
import type { Monitor } from './monitor.ts';
import {
  type CellEnergy,
  createDayMaker,
  type MonitorDay,
  readCell,
  sumsAt,
} from './monitor-day.ts';

/** Of an area or a cell in one interval. */
export interface Figures extends Readonly<Omit<CellEnergy, 'coverage'>> {
  readonly meterCount: number;
  /** Not rounded; 0 where nothing is published. */
  readonly coveredMeters: number;
  /** Of what is not covered, the first; null where all is. */
  readonly reason: AbsentReason | null;
}

export interface FiguresOptions {
  readonly intervalSeconds: number;
  readonly seed: string;
  readonly nowMs: () => number;
}

export interface CountryFigures {
  isLate(monitor: Monitor, interval: number): boolean;
  /** All of the monitors' cells together. */
  ofMonitors(monitors: readonly Monitor[], interval: number): Figures;
  ofCell(monitor: Monitor, cell: number, interval: number): Figures;
  /** How many of the monitor's cells are withheld; not of a late one. */
  withheldCells(monitor: Monitor, interval: number): number;
}

/** A series of 31 days, the day that it starts in and the newest. */
const KEPT_DAYS = 33;

const LATE: Omit<Figures, 'meterCount'> = {
  consumptionWh: 0,
  productionWh: 0,
  selfUseWh: 0,
  coveredMeters: 0,
  reason: 'late',
};

export function createCountryFigures(options: FiguresOptions): CountryFigures {
  const { intervalSeconds, seed, nowMs } = options;
  const intervalsPerDay = 86_400 / intervalSeconds;
  const makers = new Map<Monitor, (day: number) => MonitorDay>();
  const scratch: CellEnergy = { consumptionWh: 0, productionWh: 0, selfUseWh: 0, coverage: 0 };

  function dayOf(monitor: Monitor, interval: number): MonitorDay {
    let maker = makers.get(monitor);
    if (maker === undefined) {
      maker = keepLast(KEPT_DAYS, createDayMaker(monitor, intervalSeconds, seed));
      makers.set(monitor, maker);
    }
    return maker(Math.floor(interval / intervalsPerDay));
  }

  function isLate(monitor: Monitor, interval: number): boolean {
    // The longest delay is two intervals: what is older costs no hash.
    const endMs = (interval + 1) * intervalSeconds * 1000;
    const age = nowMs() - endMs;
    if (age >= 2 * intervalSeconds * 1000) return false;
    return age < monitorDelay(monitor, interval) * intervalSeconds * 1000;
  }

  function ofMonitors(monitors: readonly Monitor[], interval: number): Figures {
    let consumptionWh = 0;
    let productionWh = 0;
    let selfUseWh = 0;
    let coveredMeters = 0;
    let meterCount = 0;
    let reason: AbsentReason | null = null;
    const k = interval % intervalsPerDay;
    for (const monitor of monitors) {
      meterCount += monitor.meterCount;
      if (isLate(monitor, interval)) {
        reason = 'late';
        continue;
      }
      const sums = sumsAt(dayOf(monitor, interval), k);
      consumptionWh += sums.consumptionWh[k] as number;
      productionWh += sums.productionWh[k] as number;
      selfUseWh += sums.selfUseWh[k] as number;
      coveredMeters += sums.coveredMeters[k] as number;
      if ((sums.coveredMeters[k] as number) < monitor.meterCount) reason ??= 'low-presence';
    }
    return { consumptionWh, productionWh, selfUseWh, coveredMeters, meterCount, reason };
  }

  function ofCell(monitor: Monitor, cell: number, interval: number): Figures {
    const meterCount = monitor.factors.meters[cell] as number;
    if (isLate(monitor, interval)) return { ...LATE, meterCount };
    readCell(dayOf(monitor, interval), cell, interval % intervalsPerDay, scratch);
    const { consumptionWh, productionWh, selfUseWh, coverage } = scratch;
    const reason = coverage < 1 ? 'low-presence' : null;
    const coveredMeters = meterCount * coverage;
    return { consumptionWh, productionWh, selfUseWh, coveredMeters, meterCount, reason };
  }

  function withheldCells(monitor: Monitor, interval: number): number {
    const k = interval % intervalsPerDay;
    return sumsAt(dayOf(monitor, interval), k).withheldCells[k] as number;
  }

  return { isLate, ofMonitors, ofCell, withheldCells };
}

/** Remembers what was asked for last, so many of them. */
function keepLast<Value>(count: number, make: (key: number) => Value): (key: number) => Value {
  const kept = new Map<number, Value>();
  return (key) => {
    const found = kept.get(key) ?? make(key);
    kept.delete(key);
    kept.set(key, found);
    if (kept.size > count) kept.delete(kept.keys().next().value as number);
    return found;
  };
}
