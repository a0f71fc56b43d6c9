// A frame as the API says it. The viewer's grant is looked at once more here: a row that is not wholly
// inside it is left out, whatever the source thought.

import { intervalEndSeconds, intervalStartSeconds } from '../core/interval.ts';
import type { Frame, MapRow } from '../map/frame.ts';
import type { MapSource } from '../map/map-source.ts';
import { maySee, maySeeInside, type Viewer } from '../map/viewer.ts';
import { formatTime } from './parse-time.ts';
import type { FrameDocument, RowDocument } from './wire.ts';

export function frameDocument(source: MapSource, viewer: Viewer, frame: Frame): FrameDocument {
  const { intervalSeconds } = source.about;
  const rows = maySeeInside(viewer, frame.area)
    ? frame.rows.filter((row) => row.members.every((member) => maySee(viewer, member)))
    : [];
  return {
    area: frame.area,
    start: formatTime(intervalStartSeconds(frame.interval, intervalSeconds) * 1000),
    end: formatTime(intervalEndSeconds(frame.interval, intervalSeconds) * 1000),
    isLatest: frame.interval === source.latestInterval(),
    publishedAt: frame.publishedAtMs === undefined ? null : formatTime(frame.publishedAtMs),
    revision: frame.revision,
    self: rowDocument(frame.self),
    rows: rows.map(rowDocument),
  };
}

function rowDocument(row: MapRow): RowDocument {
  const { net, consumption, production, import: imported, export: exported } = row.energyWh;
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    members: row.members,
    layers: row.layers,
    meterCount: row.meterCount,
    energyWh: { net, consumption, production, import: imported, export: exported },
    absent: row.absent,
    coverage: row.coverage,
    status: row.status,
    reason: row.reason,
    isChecked: row.isChecked,
    origin: row.origin,
  };
}
