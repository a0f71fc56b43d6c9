// What the HTTP API says, as types: the server's schemas are checked against them, and the page reads
// with them. Areas are written with dots, `eu.es.13`, in paths and in JSON as `eu/es/13`; times are
// ISO 8601 in UTC; energy is whole watt-hours of one interval, null where nothing is published.
//
//   GET    /api/v1/map                          MapDocument: what there is to see with this token
//   POST   /api/v1/session  {"token": "..."}    a cookie for a browser; DELETE ends it
//   GET    /api/v1/search?q=TEXT                SearchDocument
//   GET    /api/v1/areas/{id}                   AreaDocument
//   GET    /api/v1/areas/{id}/geometry/{hash}   TopoJSON, immutable: children, outline, siblings
//   GET    /api/v1/areas/{id}/frame?t=TIME      FrameDocument; without t the newest
//   GET    /api/v1/areas/{id}/series?from=TIME&until=TIME[&row=ROW]   SeriesDocument; row: a cell's id
//   GET    /api/v1/areas/{id}/health            HealthDocument
//   GET    /api/v1/areas/{id}/evidence?t=TIME   EvidenceDocument, where the process can show it
//   GET    /api/v1/areas/{id}/export?format=csv|geojson|parquet[&rows=children|self]
//            [&t=TIME | &from=TIME&until=TIME][&header=comments|none]   docs/exports.md
//   GET    /api/v1/areas/{id}/events            server-sent events: `frame` with a FrameDocument
//                                               (id: its sequence), `clock` with a ClockDocument
//   GET    /ogc/...                             OGC API Features; /openapi.json /docs /healthz /metrics
//
// A token goes in `Authorization: Bearer` or in the session's cookie. Errors are ProblemDocuments.

import type { RowStatus } from '../map/frame.ts';
import type { Origin } from '../map/map-area.ts';
import type { Attribution } from '../map/map-source.ts';
import type { EnergyMetric, Metric } from '../map/metric.ts';

export interface ClockDocument {
  /** The network's clock, Unix milliseconds, when this was sent. */
  readonly nowMs: number;
  /** How much faster than ours it runs: 1 but in the demo. */
  readonly speed: number;
}

export interface MapDocument {
  readonly title: string;
  readonly intervalSeconds: number;
  /** By depth, from the map's roots. */
  readonly levels: readonly string[];
  readonly metrics: readonly EnergyMetric[];
  readonly minMeters: number;
  readonly simulationNote: string | null;
  readonly attributions: readonly Attribution[];
  readonly dataLicence: string;
  readonly timeZone: string;
  readonly publishWithinSeconds: number;
  /** The top of what this viewer may see: the area of its grant. */
  readonly start: string;
  /** Where a page without an address opens: at or below `start`. */
  readonly opensAt: string;
  readonly deepestDepth: number;
  readonly hasEvidence: boolean;
  readonly clock: ClockDocument;
  /** Starts of the oldest and the newest interval with figures; null where there is none yet. */
  readonly first: string | null;
  readonly latest: string | null;
}

export interface AreaItem {
  readonly id: string;
  readonly name: string;
  readonly level: string;
  readonly meterCount: number;
  readonly areaKm2: number | null;
  readonly center: readonly [number, number] | null;
  readonly bbox: readonly [number, number, number, number] | null;
  /** Whether it has children that this viewer may see. */
  readonly isOpen: boolean;
  readonly origin: Origin;
}

export interface AreaDocument extends AreaItem {
  /** From the viewer's start down to the parent. */
  readonly ancestors: readonly {
    readonly id: string;
    readonly name: string;
    readonly level: string;
  }[];
  readonly childLevel: string | null;
  readonly children: readonly AreaItem[];
  /** Null where there is nothing to draw: the page then draws tiles. */
  readonly geometryUrl: string | null;
}

export interface SearchDocument {
  readonly results: readonly (AreaItem & { readonly path: string })[];
}

export interface RowDocument {
  readonly id: string;
  readonly name: string;
  readonly kind: 'area' | 'cell';
  readonly members: readonly string[];
  readonly layers: readonly Metric[];
  readonly meterCount: number;
  readonly energyWh: Readonly<Record<EnergyMetric, number | null>>;
  readonly absent: Readonly<Partial<Record<EnergyMetric, string>>>;
  readonly coverage: number;
  readonly status: RowStatus;
  readonly reason: string | null;
  readonly isChecked: boolean;
  readonly origin: Origin;
}

export interface FrameDocument {
  readonly area: string;
  /** Start and end of the interval. */
  readonly start: string;
  readonly end: string;
  readonly isLatest: boolean;
  readonly publishedAt: string | null;
  readonly revision: number;
  readonly self: RowDocument;
  readonly rows: readonly RowDocument[];
}

export interface SeriesDocument {
  readonly area: string;
  readonly row: string;
  readonly name: string;
  readonly from: string;
  readonly until: string;
  readonly intervalSeconds: number;
  readonly energyWh: Readonly<Record<EnergyMetric, readonly (number | null)[]>>;
  readonly coverage: readonly (number | null)[];
  readonly status: readonly (RowStatus | null)[];
  readonly origin: readonly (Origin | null)[];
  readonly pendingCount: number;
}

export interface HealthDocument {
  readonly area: string;
  readonly now: string;
  readonly newest: {
    readonly start: string;
    readonly end: string;
    /** From the interval's end until now. */
    readonly ageSeconds: number;
    readonly isLate: boolean;
  } | null;
  readonly nextExpectedAt: string | null;
  readonly intervals: readonly {
    readonly start: string;
    readonly publishedAfterSeconds: number | null;
    readonly cellsPublished: number;
    readonly cellsWithheld: Readonly<Record<string, number>>;
    /** Null where only the aggregators know. */
    readonly framesAccepted: number | null;
    readonly framesRejected: Readonly<Record<string, number>>;
    readonly trustees: readonly string[];
    readonly disagreementCount: number;
    readonly auditFindings: readonly string[] | null;
  }[];
  readonly withheld: readonly { id: string; name: string; area: string; reason: string }[];
  readonly late: readonly { id: string; name: string; area: string; reason: string }[];
  readonly trusteeNames: readonly string[];
  readonly sources: readonly {
    readonly area: string;
    readonly name: string;
    readonly origin: Origin;
    readonly newest: string | null;
  }[];
}

export interface WordDocument {
  readonly channel: string;
  readonly hex: string;
}

export interface EvidenceDocument {
  readonly area: string;
  readonly start: string;
  readonly cell: { readonly name: string; readonly members: readonly string[] };
  readonly bus: {
    readonly subject: string;
    readonly frameCount: number;
    readonly frames: readonly string[];
  } | null;
  readonly aggregator: { readonly maskedTotals: readonly WordDocument[] } | null;
  readonly trustees: readonly {
    readonly name: string;
    readonly maskSums: readonly {
      readonly component: number;
      readonly words: readonly WordDocument[];
    }[];
  }[];
  readonly monitor: {
    readonly maskedTotals: readonly WordDocument[];
    readonly maskSums: readonly WordDocument[];
    readonly energyWh: readonly { readonly channel: string; readonly energyWh: number | null }[];
  };
  readonly household: {
    readonly label: string;
    readonly readingWh: readonly { readonly channel: string; readonly energyWh: number }[];
    readonly frame: string;
  } | null;
  readonly notes: readonly string[];
}

/** RFC 9457. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
}
