// Several sources as one map: a base that has the whole tree but for a few areas, and parts that have
// these, each a network of its own. Above a part's root the figures are sums of both; a part that
// lags or fails is a gap in them with its reason, and holds nothing up.

import { type AreaId, isWithin, lastToken } from '../core/area.ts';
import type { IntervalIndex } from '../core/interval.ts';
import { joinEvents } from './federation-events.ts';
import { federatedFrame } from './federation-frame.ts';
import { federatedHealth } from './federation-health.ts';
import { federatedSeries } from './federation-series.ts';
import { createFederationTree, type FederationTree } from './federation-tree.ts';
import type { MapArea } from './map-area.ts';
import type { MapAbout, MapSource } from './map-source.ts';
import { compareMatches, foldText, matchRank } from './search-names.ts';

export interface FederationOptions {
  /** Knows every area but those at and below the parts' roots. */
  readonly base: MapSource;
  readonly parts: readonly MapSource[];
  readonly about: MapAbout;
}

/** A part that is further behind than this is late, and the map goes on without it. */
const MAX_LAG_INTERVALS = 2;

/** @throws RangeError where the parts overlap one another or the base. */
export function createFederation({ base, parts, about }: FederationOptions): MapSource {
  const tree = createFederationTree(base, parts, about.levels);
  const federation: MapSource = {
    about,
    roots: base.roots,
    nowMs: () => base.nowMs(),
    area: tree.area,
    children: tree.children,
    search: (text, within, limit) => search(tree, text, within, limit),
    geometry: async (id) => (await tree.ownerOf(id)?.geometry(id)) ?? (await base.geometry(id)),
    latestInterval: () => latestShared(base, parts),
    firstInterval: () => base.firstInterval(),
    frame: (query) => federatedFrame(tree, query),
    series: (query) => federatedSeries(tree, query),
    health: (area, viewer) => federatedHealth(tree, area, viewer),
    subscribe: joinEvents([base, ...parts]),
  };
  if (parts.every(({ evidence }) => evidence === undefined)) return federation;
  return {
    ...federation,
    evidence: async (query) => await tree.ownerOf(query.area)?.evidence?.(query),
  };
}

/** The newest interval that the base and the parts share. */
function latestShared(base: MapSource, parts: readonly MapSource[]): IntervalIndex | undefined {
  const latest = base.latestInterval();
  if (latest === undefined) return undefined;
  let shared = latest;
  for (const part of parts) {
    const own = part.latestInterval();
    if (own !== undefined && own < shared && own >= latest - MAX_LAG_INTERVALS) shared = own;
  }
  return shared;
}

function search(
  tree: FederationTree,
  text: string,
  within: AreaId,
  limit: number,
): readonly MapArea[] {
  const owner = tree.ownerOf(within);
  if (owner !== undefined) return owner.search(text, within, limit);
  const folded = foldText(text);
  const found = new Map<AreaId, MapArea>();
  for (const area of tree.base.search(text, within, limit)) found.set(area.id, area);
  for (const { part, root } of tree.rootsBelow(within)) {
    for (const area of part.search(text, root, limit)) {
      if (isWithin(area.id, root)) found.set(area.id, area);
    }
  }
  return [...found.keys()]
    .flatMap((id) => tree.area(id) ?? [])
    .map((area) => ({
      area,
      // A part may match more than names: that comes last.
      rank: matchRank(foldText(area.name), lastToken(area.id).toLowerCase(), folded) ?? 9,
    }))
    .sort(compareMatches)
    .slice(0, limit)
    .map(({ area }) => area);
}
