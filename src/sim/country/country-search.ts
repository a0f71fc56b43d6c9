// Search over all areas of the country: names are folded once, a search is one pass over them.

import { type AreaId, isWithin, lastToken } from '../../core/area.ts';
import type { MapArea } from '../../map/map-area.ts';
import { compareMatches, foldText, matchRank } from '../../map/search-names.ts';

export type Search = (text: string, within: AreaId, limit: number) => readonly MapArea[];

const MAX_TEXT_LENGTH = 100;

export function createSearch(areas: readonly MapArea[]): Search {
  const entries = areas.map((area) => ({
    area,
    name: foldText(area.name),
    token: lastToken(area.id).toLowerCase(),
  }));
  return (text, within, limit) => {
    const folded = foldText(text.slice(0, MAX_TEXT_LENGTH));
    if (folded === '') return [];
    const byRank: MapArea[][] = [];
    for (const { area, name, token } of entries) {
      const rank = matchRank(name, token, folded);
      if (rank === undefined || !isWithin(area.id, within)) continue;
      byRank[rank] ??= [];
      byRank[rank].push(area);
    }
    const found: MapArea[] = [];
    for (const [rank, matches] of byRank.entries()) {
      // One letter matches thousands: they are sorted only as far as is needed.
      if (matches === undefined || found.length >= limit) continue;
      matches.sort((a, b) => compareMatches({ rank, area: a }, { rank, area: b }));
      for (const area of matches.slice(0, limit - found.length)) found.push(area);
    }
    return found;
  };
}
