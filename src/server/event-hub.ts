// Who is listening. One subscription to the source serves all streams, and ends with the last of
// them. The newest events are kept, so that a reader who comes back can be told whether it missed one.

import { type AreaId, isWithin } from '../core/area.ts';
import type { IntervalIndex } from '../core/interval.ts';
import type { MapEvent, MapSource } from '../map/map-source.ts';
import { Problem } from './problem.ts';
import type { ServerLimits } from './server-deps.ts';

const KEPT_EVENTS = 1024;

interface KeptEvent extends MapEvent {
  /** The newest interval of the map when it came. */
  readonly latest: IntervalIndex | undefined;
}

export class EventHub {
  readonly #source: MapSource;
  readonly #limits: ServerLimits;
  readonly #listeners = new Set<(event: MapEvent) => void>();
  readonly #countByViewer = new Map<string, number>();
  #subscription: Disposable | undefined;
  #kept: KeptEvent[] = [];

  constructor(source: MapSource, limits: ServerLimits) {
    this.#source = source;
    this.#limits = limits;
  }

  get streamCount(): number {
    return this.#listeners.size;
  }

  /** Of the newest event; 0 before the first. */
  get sequence(): number {
    return this.#kept.at(-1)?.sequence ?? 0;
  }

  /** @throws Problem `too-many-streams`. */
  join(viewerName: string, listener: (event: MapEvent) => void): Disposable {
    const count = this.#countByViewer.get(viewerName) ?? 0;
    const { maxStreams, maxStreamsPerViewer } = this.#limits;
    if (this.#listeners.size >= maxStreams || count >= maxStreamsPerViewer)
      throw new Problem('too-many-streams', undefined, { headers: { 'Retry-After': '30' } });
    const own = (event: MapEvent): void => listener(event);
    this.#listeners.add(own);
    this.#countByViewer.set(viewerName, count + 1);
    this.#subscription ??= this.#source.subscribe((event) => this.#handleEvent(event));
    return { [Symbol.dispose]: () => this.#leave(viewerName, own) };
  }

  /** Whether something at or around `area` has changed after that event, as far as is known. */
  hasChangedSince(area: AreaId, sequence: number): boolean {
    const oldest = this.#kept[0];
    // An id of before this process, or of before the kept ones: nobody knows.
    if (oldest === undefined || sequence < oldest.sequence || sequence > this.sequence) return true;
    const seen = this.#kept.find((event) => event.sequence === sequence);
    if (seen?.latest !== this.#source.latestInterval()) return true;
    return this.#kept.some((event) => event.sequence > sequence && isAbout(event, area));
  }

  #handleEvent(event: MapEvent): void {
    this.#kept.push({ ...event, latest: this.#source.latestInterval() });
    if (this.#kept.length > KEPT_EVENTS) this.#kept.shift();
    for (const listener of [...this.#listeners]) listener(event);
  }

  #leave(viewerName: string, listener: (event: MapEvent) => void): void {
    if (!this.#listeners.delete(listener)) return;
    const count = (this.#countByViewer.get(viewerName) ?? 1) - 1;
    if (count > 0) this.#countByViewer.set(viewerName, count);
    else this.#countByViewer.delete(viewerName);
    if (this.#listeners.size > 0) return;
    this.#subscription?.[Symbol.dispose]();
    this.#subscription = undefined;
    this.#kept = [];
  }
}

/** An event tells of `event.area` and of anything below it; a change below shows in the sums above. */
export function isAbout(event: MapEvent, area: AreaId): boolean {
  return isWithin(event.area, area) || isWithin(area, event.area);
}
