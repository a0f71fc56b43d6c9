// A geography with some of its areas divided into invented suburbs and streets, among their neighbours.

import type { AreaId } from '../core/area.ts';
import { divideArea, type Suburb } from './divide-area.ts';
import type { Geography } from './geography.ts';
import { joinGeographies } from './join-geographies.ts';

export interface AreaSuburbs {
  readonly area: AreaId;
  readonly suburbs: readonly Suburb[];
}

/** @throws RangeError for an area that the base has no shape of. */
export async function divideAreas(
  base: Geography,
  divisions: readonly AreaSuburbs[],
  seed: string,
): Promise<Geography> {
  const levels = [...base.levels, 'suburb', 'street'];
  const additions = divisions.map(async ({ area, suburbs }) => {
    const parent = base.area(area);
    const outline = await base.feature(area);
    if (parent === undefined || outline === undefined) {
      throw new RangeError(`area: expected one of the geography, got ${area}`);
    }
    const [west, south, east, north] = parent.bbox;
    const around = base.children(parent.parent ?? area).filter(({ id, bbox: [w, s, e, n] }) => {
      const [lon, lat] = [east - west, north - south];
      return id !== area && w < east + lon && e > west - lon && s < north + lat && n > south - lat;
    });
    const siblings = await Promise.all(around.map(({ id }) => base.feature(id)));
    const known = siblings.filter((feature) => feature !== undefined);
    return divideArea({ parent, outline, suburbs, seed, levels, siblings: known });
  });
  return joinGeographies(base, ...(await Promise.all(additions)));
}
