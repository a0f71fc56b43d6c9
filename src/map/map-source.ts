// The port between the map's server and what knows the figures: a running monitor, simulated regional
// monitors, or a federation of both. The server checks a viewer's grant before it asks; a source
// opens what is not open yet with that same grant, so that the trustees check it as well.

import type { AreaId } from '../core/area.ts';
import type { IntervalIndex } from '../core/interval.ts';
import type { StreetEvidence } from './evidence.ts';
import type { Frame } from './frame.ts';
import type { HealthReport } from './health.ts';
import type { MapArea } from './map-area.ts';
import type { EnergyMetric } from './metric.ts';
import type { Series } from './series.ts';
import type { Viewer } from './viewer.ts';

export interface Attribution {
  readonly text: string;
  readonly url: string;
  /** SPDX identifier or name. */
  readonly licence: string;
}

export interface MapAbout {
  /** "Streetwatt demo". */
  readonly title: string;
  readonly intervalSeconds: number;
  /** Names of the levels, by depth: `levels[0]` is that of the roots. */
  readonly levels: readonly string[];
  readonly metrics: readonly EnergyMetric[];
  /** Fewest meters in anything published. */
  readonly minMeters: number;
  /** What is simulated, in a sentence for the page and the exports; undefined where nothing is. */
  readonly simulationNote: string | undefined;
  readonly attributions: readonly Attribution[];
  /** Of the figures: SPDX identifier or name. */
  readonly dataLicence: string;
  /** The IANA name of the time zone that the map's people live in. */
  readonly timeZone: string;
  /** How much faster than ours the network's clock runs: 1 but in the demo. */
  readonly clockSpeed: number;
  /** By when after its end an interval is on the map. */
  readonly publishWithinSeconds: number;
  /** Where a page without an address opens, for a viewer who may see it; else at the viewer's area. */
  readonly opensAt?: AreaId | undefined;
}

export interface Geometry {
  /** Hex digest of the bytes: the file's name, so that it can be cached for ever. */
  readonly hash: string;
  /**
   * TopoJSON in degrees (WGS 84) with the objects `children` (one geometry for each child, its `id`
   * the area's id), `outline` (the area) and `siblings` (the areas around it, faint).
   */
  readonly json: Uint8Array;
}

/** Something has changed in one interval, somewhere at or below `area`. */
export interface MapEvent {
  /** Grows by one with every event, from 1. */
  readonly sequence: number;
  readonly area: AreaId;
  readonly interval: IntervalIndex;
}

export interface MapSource {
  readonly about: MapAbout;
  readonly roots: readonly AreaId[];
  /** Unix milliseconds of the network's clock. */
  nowMs(): number;
  /** Undefined where there is no such area. */
  area(id: AreaId): MapArea | undefined;
  children(id: AreaId): readonly MapArea[];
  /** Areas whose name or id has the text, ignoring case and accents; best first. */
  search(text: string, within: AreaId, limit: number): readonly MapArea[];
  /** Undefined where the area has no children with geometry. */
  geometry(id: AreaId): Promise<Geometry | undefined>;
  /** The newest interval that is published at the roots. */
  latestInterval(): IntervalIndex | undefined;
  /** The oldest interval that it has figures of. */
  firstInterval(): IntervalIndex | undefined;
  /** Opens on demand what is not open yet. Undefined where there is no such area. */
  frame(query: {
    readonly area: AreaId;
    readonly interval: IntervalIndex;
    readonly viewer: Viewer;
    readonly signal: AbortSignal;
  }): Promise<Frame | undefined>;
  /** Undefined where there is no such area or cell. `id` is a row's. */
  series(query: {
    /** The area, or the area whose cell it is. */
    readonly area: AreaId;
    readonly id: string;
    readonly from: IntervalIndex;
    /** Not included. */
    readonly until: IntervalIndex;
    readonly viewer: Viewer;
    readonly signal: AbortSignal;
  }): Promise<Series | undefined>;
  health(area: AreaId, viewer: Viewer): Promise<HealthReport>;
  subscribe(listener: (event: MapEvent) => void): Disposable;
  /** Where this process can show what the parties hold. Undefined where there is no such street. */
  evidence?(query: {
    readonly area: AreaId;
    readonly interval: IntervalIndex;
    readonly viewer: Viewer;
  }): Promise<StreetEvidence | undefined>;
}
