// The events of all sources under one sequence.

import type { MapEvent, MapSource } from './map-source.ts';

/** Listens to the sources only while somebody listens to it; the sequence goes on either way. */
export function joinEvents(sources: readonly MapSource[]): MapSource['subscribe'] {
  const listeners = new Set<(event: MapEvent) => void>();
  let upstream: Disposable[] = [];
  let sequence = 0;

  function forward({ area, interval }: MapEvent): void {
    sequence++;
    for (const listener of [...listeners]) listener({ sequence, area, interval });
  }

  return (listener) => {
    // A listener of its own, so that the same function may listen twice.
    const own = (event: MapEvent) => listener(event);
    listeners.add(own);
    if (listeners.size === 1) upstream = sources.map((source) => source.subscribe(forward));
    return {
      [Symbol.dispose]: () => {
        if (!listeners.delete(own) || listeners.size > 0) return;
        for (const subscription of upstream) subscription[Symbol.dispose]();
        upstream = [];
      },
    };
  };
}
