// What the simulated monitors need to know of places; the demo's geography has all of it.

import type { AreaId } from '../../core/area.ts';
import type { MapArea } from '../../map/map-area.ts';
import type { Geometry } from '../../map/map-source.ts';

export type Place = Pick<
  MapArea,
  'id' | 'name' | 'level' | 'depth' | 'parent' | 'center' | 'bbox' | 'areaKm2'
>;

export interface CountryGeography {
  area(id: AreaId): Place | undefined;
  children(id: AreaId): readonly Place[];
  geometry(id: AreaId): Promise<Geometry | undefined>;
}
