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
    opensAt: openingOf(source, viewer),
    deepestDepth: Math.max(areaDepth(viewer.area), viewer.deepestDepth),
    hasEvidence: source.evidence !== undefined,
    clock: clockDocument(source),
    first: first === undefined ? null : formatIntervalStart(first, about.intervalSeconds),
    latest: latest === undefined ? null : formatIntervalStart(latest, about.intervalSeconds),
  };
}

/** The map's own where this viewer may see it. */
function openingOf(source: MapSource, viewer: Viewer): AreaId {
  const { opensAt } = source.about;
  const isSeen =
    opensAt !== undefined && source.area(opensAt) !== undefined && maySee(viewer, opensAt);
  return isSeen ? opensAt : viewer.area;
}

export function clockDocument(source: MapSource): ClockDocument {
  return { nowMs: source.nowMs(), speed: source.about.clockSpeed };
}
