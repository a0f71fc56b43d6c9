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
    const matches: { rank: number; area: MapArea }[] = [];
    for (const { area, name, token } of entries) {
      const rank = matchRank(name, token, folded);
      if (rank !== undefined && isWithin(area.id, within)) matches.push({ rank, area });
    }
    matches.sort(compareMatches);
    return matches.slice(0, limit).map(({ area }) => area);
  };
}
