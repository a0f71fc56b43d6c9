// Which levels viewers look at: those that somebody asked for within the last minutes. They are opened
// as soon as an interval is published, so that a live map does not wait.

import type { AreaId } from '../core/area.ts';
import type { Viewer } from '../map/viewer.ts';

const WATCHED_FOR_MS = 3 * 60_000;
const MAX_WATCHED = 128;

interface Watched {
  readonly area: AreaId;
  readonly viewer: Viewer;
  readonly atMs: number;
}

export class WatchedLevels {
  /** Oldest first. */
  readonly #levels = new Map<string, Watched>();

  touch(area: AreaId, viewer: Viewer): void {
    const key = `${viewer.grantName} ${viewer.channels.join()} ${area}`;
    this.#levels.delete(key);
    for (const oldest of this.#levels.keys()) {
      if (this.#levels.size < MAX_WATCHED) break;
      this.#levels.delete(oldest);
    }
    this.#levels.set(key, { area, viewer, atMs: performance.now() });
  }

  recent(): readonly Watched[] {
    const since = performance.now() - WATCHED_FOR_MS;
    return [...this.#levels.values()].filter(({ atMs }) => atMs >= since).reverse();
  }
}
