// An area as the map knows it: its place in the tree, its name, its size. Never a household.

import type { AreaId } from '../core/area.ts';

/** Where figures come from: masked by real meters, or made up as sums by the demo. */
export type Origin = 'network' | 'simulated';

export interface MapArea {
  readonly id: AreaId;
  /** For people: "Comunidad de Madrid". */
  readonly name: string;
  /** The level's name: "region". */
  readonly level: string;
  /** Number of tokens of the id: 1 for a root. */
  readonly depth: number;
  readonly parent: AreaId | undefined;
  /** Meters on its rosters; 0 where it is not connected. */
  readonly meterCount: number;
  /** Undefined where it has no geometry. */
  readonly areaKm2: number | undefined;
  /** Longitude and latitude in degrees, inside or near the area. */
  readonly center: readonly [lonDeg: number, latDeg: number] | undefined;
  /** West, south, east, north, in degrees (RFC 7946, section 5). */
  readonly bbox: readonly [number, number, number, number] | undefined;
  readonly childCount: number;
  /** The level's name of its children; undefined for a leaf. */
  readonly childLevel: string | undefined;
  readonly origin: Origin;
}
