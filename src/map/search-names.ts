// Finding areas by their names: accents and case do not count, the beginning of a name counts most.

import type { MapArea } from './map-area.ts';

const MARKS = /\p{M}/gu;

/** "Ávila" as "avila". */
export function foldText(text: string): string {
  return text.normalize('NFD').replace(MARKS, '').toLowerCase().trim();
}

/**
 * How well an area matches a folded text: 0 its whole name, 1 the name's beginning, 2 a word's, 3 the
 * beginning of the id's last token, 4 anywhere in the name; undefined where not at all.
 */
export function matchRank(foldedName: string, idToken: string, text: string): number | undefined {
  const at = foldedName.indexOf(text);
  if (at === 0) return foldedName.length === text.length ? 0 : 1;
  if (at > 0 && hasWordAt(foldedName, text, at)) return 2;
  if (idToken.startsWith(text)) return 3;
  return at > 0 ? 4 : undefined;
}

/** Best first: the rank, the larger area's level, the more meters, the alphabet. */
export function compareMatches(
  a: { readonly rank: number; readonly area: MapArea },
  b: { readonly rank: number; readonly area: MapArea },
): number {
  return (
    a.rank - b.rank ||
    a.area.depth - b.area.depth ||
    b.area.meterCount - a.area.meterCount ||
    (a.area.name < b.area.name ? -1 : 1)
  );
}

function hasWordAt(name: string, text: string, first: number): boolean {
  for (let at = first; at > 0; at = name.indexOf(text, at + 1)) {
    if (!/[\p{L}\p{N}]/u.test(name[at - 1] as string)) return true;
  }
  return false;
}
