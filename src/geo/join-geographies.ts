// One geography of several: a base, and what divides some of its areas further.

import type { AreaId } from '../core/area.ts';
import { createGeography, type Geography } from './geography.ts';

/** Where two know the same area or file, the first of them counts. */
export function joinGeographies(base: Geography, ...additions: readonly Geography[]): Geography {
  const all = [base, ...additions];
  const byId = new Map(
    all.toReversed().flatMap(({ areas }) => areas.map((area) => [area.id, area] as const)),
  );
  const levels = all.reduce(
    (longest, { levels: one }) => (one.length > longest.length ? one : longest),
    base.levels,
  );
  const read = async (parent: AreaId) => {
    for (const one of all) {
      const geometry = await one.geometry(parent);
      if (geometry !== undefined) return geometry;
    }
    return undefined;
  };
  return createGeography({ levels, areas: [...byId.values()], read });
}
