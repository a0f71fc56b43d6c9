// What there is to see, with this viewer's grant, and what time it is on the network.

import { type AreaId, areaDepth } from '../core/area.ts';
import type { MapSource } from '../map/map-source.ts';
import { maySee, type Viewer } from '../map/viewer.ts';
import { formatIntervalStart } from './parse-time.ts';
import type { ClockDocument, MapDocument } from './wire.ts';

export function mapDocument(source: MapSource, viewer: Viewer): MapDocument {
  const { about } = source;
  const first = source.firstInterval();
  const latest = source.latestInterval();
  return {
    title: about.title,
    intervalSeconds: about.intervalSeconds,
    levels: about.levels,
    metrics: about.metrics,
    minMeters: about.minMeters,
    simulationNote: about.simulationNote ?? null,
    attributions: about.attributions.map(({ text, url, licence }) => ({ text, url, licence })),
    dataLicence: about.dataLicence,
    timeZone: about.timeZone,
    publishWithinSeconds: about.publishWithinSeconds,
    start: viewer.area,
    home: homeOf(source, viewer),
    deepestDepth: Math.max(areaDepth(viewer.area), viewer.deepestDepth),
    hasEvidence: source.evidence !== undefined,
    clock: clockDocument(source),
    first: first === undefined ? null : formatIntervalStart(first, about.intervalSeconds),
    latest: latest === undefined ? null : formatIntervalStart(latest, about.intervalSeconds),
  };
}

/** The map's own where this viewer may see it. */
function homeOf(source: MapSource, viewer: Viewer): AreaId {
  const { home } = source.about;
  const isSeen = home !== undefined && source.area(home) !== undefined && maySee(viewer, home);
  return isSeen ? home : viewer.area;
}

export function clockDocument(source: MapSource): ClockDocument {
  return { nowMs: source.nowMs(), speed: source.about.clockSpeed };
}
