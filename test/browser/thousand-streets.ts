// A level of a thousand cells with the shapes of real borders, behind the made-up map: Madrid, divided.

import { type AreaId, areaId } from '../../src/core/area.ts';
import { divideArea } from '../../src/geo/divide-area.ts';
import type { GeoArea } from '../../src/geo/geography.ts';
import type { MapRow } from '../../src/map/frame.ts';
import type { MapArea } from '../../src/map/map-area.ts';
import type { MapSource } from '../../src/map/map-source.ts';
import { ENERGY_METRICS, METRICS } from '../../src/map/metric.ts';
import { buildAtlas, madeUpSuburbs } from '../geo/atlas.ts';
import type { TableSource } from '../support/table-source.ts';

const MADRID: AreaId = areaId('eu/es/13/28/28079');
export const THOUSAND_AREA = `${MADRID}/s1`;
export const THOUSAND_NAME = 'Suburb 1';

/** To be given to `serveTable` as `change`. */
export async function thousandStreets(): Promise<(source: TableSource) => MapSource> {
  await using atlas = await buildAtlas();
  const outline = await atlas.geography.feature(MADRID);
  if (outline === undefined) throw new Error('Madrid has no shape');
  const levels = atlas.geography.levels;
  const { geometry, areas } = divideArea({
    parent: atlas.geography.area(MADRID) as GeoArea,
    outline,
    suburbs: madeUpSuburbs(MADRID, [1000]),
    seed: 'thousand',
    levels: [...levels, 'suburb', 'street'].slice(0, 7),
  });
  const suburb = areaId(THOUSAND_AREA);
  const streets = areas.filter(({ parent }) => parent === suburb);
  const known = new Map<AreaId, MapArea>(
    areas.map((area): [AreaId, MapArea] => [
      area.id,
      {
        ...area,
        meterCount: area.id === suburb ? 30_000 : 30,
        childCount: area.id === suburb ? streets.length : 0,
        childLevel: area.id === suburb ? 'street' : undefined,
        origin: 'simulated',
      },
    ]),
  );
  return (source) => ({
    ...source,
    area: (id) => known.get(id) ?? source.area(id),
    children: (id) =>
      id === suburb ? streets.map((one) => known.get(one.id) as MapArea) : source.children(id),
    geometry: async (id) => (id === suburb ? await geometry(id) : await source.geometry(id)),
    // Its charts are those of the municipality around it.
    series: async (query) => {
      if (query.area !== suburb) return await source.series(query);
      const around = await source.series({ ...query, area: MADRID, id: MADRID });
      return around && { ...around, id: query.id };
    },
    frame: async (query) => {
      if (query.area !== suburb) return await source.frame(query);
      const around = await source.frame({ ...query, area: MADRID });
      if (around === undefined) return undefined;
      const rowOf = ({ id, name, meterCount }: MapArea, i: number): MapRow => ({
        ...{ id, name, meterCount, kind: 'area', members: [id], layers: METRICS },
        energyWh: Object.fromEntries(
          ENERGY_METRICS.map((metric) => [
            metric,
            ((i * 7919 + query.interval * 104_729) % 900) * 8,
          ]),
        ) as MapRow['energyWh'],
        ...{ absent: {}, coverage: 1, status: 'published', reason: null, isChecked: true },
        origin: 'simulated',
      });
      const rows = streets.map((one, i) => rowOf(known.get(one.id) as MapArea, i));
      return { ...around, area: suburb, self: rowOf(known.get(suburb) as MapArea, 1), rows };
    },
  });
}
