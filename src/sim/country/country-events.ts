// What changes in the simulated country: a new interval, or a late monitor's that has come in.

import type { IntervalIndex } from '../../core/interval.ts';
import type { MapEvent } from '../../map/map-source.ts';
import type { CountryFigures } from './country-figures.ts';
import type { CountryNode } from './country-tree.ts';
import type { Monitor } from './monitor.ts';

export interface CountryEvents {
  subscribe(listener: (event: MapEvent) => void): Disposable;
  poll(): void;
}

export interface CountryEventsOptions {
  readonly root: CountryNode;
  readonly figures: CountryFigures;
  readonly latestInterval: () => IntervalIndex | undefined;
}

/** After a long sleep only these are told: who listens reads the newest anyway. */
const MAX_TOLD_INTERVALS = 8;

export function createCountryEvents(options: CountryEventsOptions): CountryEvents {
  const { root, figures, latestInterval } = options;
  const listeners = new Set<(event: MapEvent) => void>();
  let late: { readonly monitor: Monitor; readonly interval: IntervalIndex }[] = [];
  let told = latestInterval();
  let sequence = 0;
  // What is late already when it begins is told as well when it comes.
  if (told !== undefined) {
    watch((told - 1) as IntervalIndex);
    watch(told);
  }

  function watch(interval: IntervalIndex): void {
    for (const monitor of root.monitors) {
      if (figures.isLate(monitor, interval)) late.push({ monitor, interval });
    }
  }

  function tell(area: MapEvent['area'], interval: IntervalIndex): void {
    sequence++;
    for (const listener of [...listeners]) listener({ sequence, area, interval });
  }

  function poll(): void {
    const latest = latestInterval();
    if (latest === undefined) return;
    const first = Math.max(told === undefined ? latest : told + 1, latest + 1 - MAX_TOLD_INTERVALS);
    for (let interval = first; interval <= latest; interval++) {
      const index = interval as IntervalIndex;
      watch(index);
      tell(root.area.id, index);
    }
    told = latest;
    const arrived = late.filter(({ monitor, interval }) => !figures.isLate(monitor, interval));
    late = late.filter((entry) => !arrived.includes(entry));
    for (const { monitor, interval } of arrived) tell(monitor.id, interval);
  }

  return {
    poll,
    subscribe: (listener) => {
      // A listener of its own, so that the same function may listen twice.
      const own = (event: MapEvent) => listener(event);
      listeners.add(own);
      return { [Symbol.dispose]: () => void listeners.delete(own) };
    },
  };
}
