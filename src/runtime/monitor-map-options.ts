// What a monitor's map is made of.

import type { AreaId } from '../core/area.ts';
import type { Network } from '../core/network-tree.ts';
import type { MapAbout, MapSource } from '../map/map-source.ts';
import type { MonitorStore } from '../store/monitor-store.ts';
import type { Clock } from './clock.ts';
import type { Zoom } from './zoom.ts';
import type { NamedGrant } from './zoom-grant.ts';

/** Where areas lie; `Geography` of src/geo is one. */
export interface MapPlaces {
  area(id: AreaId):
    | {
        readonly name: string;
        readonly areaKm2: number;
        readonly center: readonly [lonDeg: number, latDeg: number];
        readonly bbox: readonly [number, number, number, number];
      }
    | undefined;
  geometry(parent: AreaId): ReturnType<MapSource['geometry']>;
}

export interface MonitorMapOptions {
  readonly network: Network;
  readonly about: MapAbout;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Where rows are kept: what is opened every interval, what somebody zoomed into, and history. */
  readonly store: MonitorStore;
  /** Opens on demand. Without one, only what is in the store is shown. */
  readonly zoom?: Zoom;
  /** By name, as a viewer's `grantName`. */
  readonly grants: readonly NamedGrant[];
  readonly places?: MapPlaces;
  /** Names where the places have none. */
  readonly names?: (area: AreaId) => string | undefined;
  readonly trusteeNames?: readonly string[];
  readonly evidence?: NonNullable<MapSource['evidence']>;
  /** What goes wrong where nobody waits for it. */
  readonly onError: (error: unknown) => void;
}
