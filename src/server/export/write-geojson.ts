// GeoJSON as RFC 7946 has it: degrees of WGS 84, counterclockwise rings, what the file is in foreign
// members before the features.

import { formatTime } from '../parse-time.ts';
import type { Shape } from './area-shapes.ts';
import type { ExportMetadata } from './export-metadata.ts';
import { EXPORT_COLUMNS, type ExportRecord } from './export-record.ts';

export async function* writeGeoJson(
  batches: AsyncIterable<readonly ExportRecord[]>,
  metadata: ExportMetadata,
  shapeOf: (record: ExportRecord) => Shape | null,
): AsyncGenerator<string> {
  // The same few outlines in every interval: written once, kept as text.
  const outlines = new Map<string, string>();
  const outlineOf = (record: ExportRecord): string => {
    const key = String(record.members);
    const known = outlines.get(key) ?? JSON.stringify(shapeOf(record));
    outlines.set(key, known);
    return known;
  };
  const { title, ...rest } = metadata;
  const head = JSON.stringify({ type: 'FeatureCollection', title, metadata: rest });
  yield `${head.slice(0, -1)},"features":[`;
  let separator = '\n';
  for await (const batch of batches) {
    let text = '';
    for (const record of batch) {
      text += `${separator}{"type":"Feature","geometry":${outlineOf(record)},"properties":${JSON.stringify(recordProperties(record))}}`;
      separator = ',\n';
    }
    yield text;
  }
  yield '\n]}\n';
}

/** A record as JSON has it: times as text. Ids repeat over intervals, so they are no feature's `id`. */
export function recordProperties(
  record: ExportRecord,
): Record<string, string | number | boolean | null> {
  const properties: Record<string, string | number | boolean | null> = {};
  for (const { name, type } of EXPORT_COLUMNS) {
    const value = record[name] ?? null;
    properties[name] = type === 'time' && value !== null ? formatTime(value as number) : value;
  }
  return properties;
}
