// Where what is seen can be had as files, and the same by a token.

import { paths } from '../api/paths.ts';
import type { TimeRange } from '../slider/time-range.ts';

export type ExportFormat = 'csv' | 'geojson' | 'parquet';

export interface ExportLink {
  readonly format: ExportFormat;
  readonly label: string;
  readonly href: string;
  /** What the saved file is called where the server does not say. */
  readonly fileName: string;
}

const LABELS: Readonly<Record<ExportFormat, string>> = {
  csv: 'CSV',
  geojson: 'GeoJSON',
  parquet: 'Parquet',
};

export function exportLinks(area: string, range: TimeRange): ExportLink[] {
  return (Object.keys(LABELS) as ExportFormat[]).map((format) => ({
    format,
    label: LABELS[format],
    href: paths.export(area, format, range.fromSeconds, range.untilSeconds),
    fileName: `${fileStem(area, range)}.${format}`,
  }));
}

/** `streetwatt-eu.es.13-20261121T0615Z-20261121T0630Z`: sorts by time, safe on every file system. */
export function fileStem(area: string, range: TimeRange): string {
  const parts = [area.replaceAll('/', '.'), ...[range.fromSeconds, range.untilSeconds].map(stamp)];
  return ['streetwatt', ...parts].join('-').replace(/[^A-Za-z0-9._-]/g, '_');
}

/** `TOKEN` stands for the reader's own: the page knows none. */
export function curlLine(origin: string, path: string): string {
  return `curl -H 'Authorization: Bearer TOKEN' '${origin}${path.replaceAll("'", '%27')}'`;
}

function stamp(unixSeconds: number): string {
  return `${new Date(unixSeconds * 1000).toISOString().slice(0, 16).replace(/[-:]/g, '')}Z`;
}
