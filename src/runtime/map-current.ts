// A source that stands for another, which may be replaced while the server runs: the demo's meters
// are enrolled anew every 30 days, in a network and with a monitor of its own.

import type { MapEvent, MapSource } from '../map/map-source.ts';

export class CurrentSource implements MapSource, Disposable {
  #source: MapSource;
  #subscription: Disposable;
  #sequence = 0;
  readonly #listeners = new Set<(event: MapEvent) => void>();

  constructor(source: MapSource) {
    this.#source = source;
    this.#subscription = this.#follow(source);
  }

  /** From here on everything is asked of this one. */
  replace(source: MapSource): void {
    this.#subscription[Symbol.dispose]();
    this.#source = source;
    this.#subscription = this.#follow(source);
  }

  get about(): MapSource['about'] {
    return this.#source.about;
  }

  get roots(): MapSource['roots'] {
    return this.#source.roots;
  }

  nowMs(): number {
    return this.#source.nowMs();
  }

  readonly area: MapSource['area'] = (id) => this.#source.area(id);
  readonly children: MapSource['children'] = (id) => this.#source.children(id);
  readonly search: MapSource['search'] = (text, within, limit) =>
    this.#source.search(text, within, limit);
  readonly geometry: MapSource['geometry'] = (id) => this.#source.geometry(id);
  readonly latestInterval: MapSource['latestInterval'] = () => this.#source.latestInterval();
  readonly firstInterval: MapSource['firstInterval'] = () => this.#source.firstInterval();
  readonly frame: MapSource['frame'] = (query) => this.#source.frame(query);
  readonly series: MapSource['series'] = (query) => this.#source.series(query);
  readonly health: MapSource['health'] = (area, viewer) => this.#source.health(area, viewer);
  readonly evidence: NonNullable<MapSource['evidence']> = async (query) =>
    await this.#source.evidence?.(query);

  subscribe(listener: (event: MapEvent) => void): Disposable {
    const own = (event: MapEvent) => listener(event);
    this.#listeners.add(own);
    return { [Symbol.dispose]: () => void this.#listeners.delete(own) };
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
    this.#listeners.clear();
  }

  /** One sequence over all sources: a reader who resumes knows only numbers. */
  #follow(source: MapSource): Disposable {
    return source.subscribe(({ area, interval }) => {
      const event: MapEvent = { sequence: ++this.#sequence, area, interval };
      for (const listener of this.#listeners) listener(event);
    });
  }
}
