// A source as a part of a federation: the same areas, of which the map begins further down. The
// demo's network has one root, the continent; what it answers for are its pilots.

import type { AreaId } from '../core/area.ts';
import type { MapSource } from '../map/map-source.ts';

/** `source` with these roots, which are areas of it. */
export function rootedAt(source: MapSource, roots: readonly AreaId[]): MapSource {
  return {
    about: source.about,
    roots,
    nowMs: () => source.nowMs(),
    area: (id) => source.area(id),
    children: (id) => source.children(id),
    search: (text, within, limit) => source.search(text, within, limit),
    geometry: (id) => source.geometry(id),
    latestInterval: () => source.latestInterval(),
    firstInterval: () => source.firstInterval(),
    frame: (query) => source.frame(query),
    series: (query) => source.series(query),
    health: (area, viewer) => source.health(area, viewer),
    subscribe: (listener) => source.subscribe(listener),
    evidence: async (query) => await source.evidence?.(query),
  };
}
