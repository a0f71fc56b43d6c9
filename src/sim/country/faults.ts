// What goes wrong in the simulated monitors, so that the map's states are seen: seeded by place and
// time like the figures, so that the same interval always shows the same faults.

import { hashUnit } from '../random.ts';
import type { Monitor } from './monitor.ts';

/** A fault of a cell lasts so long. */
const WINDOW_SECONDS = 4 * 3600;
/** Only small places: an outage of a whole city is another kind of day. */
const MAX_OUTAGE_METERS = 3000;
const MAX_WITHHELD_METERS = 400;

const OUTAGE_SHARE = 0.001;
const PARTIAL_SHARE = 0.004;
const WITHHELD_SHARE = 0.003;
/** Of a monitor's intervals: for one of 52 provinces on most quarter-hours. */
const LATE_SHARE = 0.02;

/** Share of the cell's meters that reported: 0.8 to 1, 0 where it is withheld. */
export interface CellFault {
  readonly coverage: number;
  readonly isOutage: boolean;
}

const NO_FAULT: CellFault = { coverage: 1, isOutage: false };
const OUTAGE: CellFault = { coverage: 1, isOutage: true };
const WITHHELD: CellFault = { coverage: 0, isOutage: false };

export function faultWindow(monitor: Monitor, cell: number, unixSeconds: number): number {
  return Math.floor(unixSeconds / WINDOW_SECONDS + (monitor.factors.phase[cell] as number));
}

export function cellFault(monitor: Monitor, cell: number, window: number): CellFault {
  const { factors, cells } = monitor;
  // A nation's cell stands for all its monitors: their faults even out.
  if (cells.length === 1) return NO_FAULT;
  const seed = factors.seeds[cell]!;
  const draw = hashUnit(seed, -1 - window);
  const meters = factors.meters[cell] as number;
  if (draw < OUTAGE_SHARE) return meters <= MAX_OUTAGE_METERS ? OUTAGE : NO_FAULT;
  const partial = draw - OUTAGE_SHARE;
  if (partial < PARTIAL_SHARE) {
    return { coverage: 0.75 + (0.14 * partial) / PARTIAL_SHARE, isOutage: false };
  }
  const isWithheld = draw > 1 - WITHHELD_SHARE && meters <= MAX_WITHHELD_METERS;
  return isWithheld ? WITHHELD : NO_FAULT;
}

/** By how many intervals the monitor's figures of this one come late: 0, 1 or 2. */
export function monitorDelay(monitor: Monitor, interval: number): 0 | 1 | 2 {
  const draw = hashUnit(monitor.seed, interval);
  if (draw >= LATE_SHARE) return 0;
  return draw < LATE_SHARE / 2 ? 1 : 2;
}
