// The health of the service as the API says it: nothing of areas beside the viewer's grant.

import { isWithin } from '../core/area.ts';
import { intervalEndSeconds, intervalStartSeconds } from '../core/interval.ts';
import type { AreaFinding, HealthReport, RowWithout } from '../map/health.ts';
import type { MapArea } from '../map/map-area.ts';
import type { MapSource } from '../map/map-source.ts';
import { maySee, type Viewer } from '../map/viewer.ts';
import { formatIntervalStart, formatTime } from './parse-time.ts';
import type { HealthDocument } from './wire.ts';

export function healthDocument(
  source: MapSource,
  viewer: Viewer,
  area: MapArea,
  report: HealthReport,
): HealthDocument {
  const { intervalSeconds } = source.about;
  const seen = (rows: readonly RowWithout[]): HealthDocument['withheld'] =>
    rows
      .filter((row) => maySee(viewer, row.area))
      .map(({ id, name, area: at, reason }) => ({ id, name, area: at, reason }));
  return {
    area: area.id,
    now: formatTime(source.nowMs()),
    newest: newest(source),
    nextExpectedAt: nextExpectedAt(source),
    intervals: report.intervals.map((interval) => ({
      start: formatIntervalStart(interval.interval, intervalSeconds),
      publishedAfterSeconds: interval.publishedAfterSeconds ?? null,
      cellsPublished: interval.cellsPublished,
      cellsWithheld: interval.cellsWithheld,
      framesAccepted: interval.framesAccepted ?? null,
      framesRejected: interval.framesRejected,
      trustees: interval.trustees,
      disagreementCount: interval.disagreementCount,
      auditFindings:
        interval.auditFindings?.flatMap((finding) => findingText(viewer, finding) ?? []) ?? null,
    })),
    withheld: seen(report.withheld),
    late: seen(report.late),
    trusteeNames: report.trusteeNames,
    sources: report.sources
      .filter((one) => isWithin(one.area, viewer.area) || isWithin(viewer.area, one.area))
      .map((one) => ({
        // A source that covers more than the grant is shown as covering the grant.
        area: isWithin(one.area, viewer.area) ? one.area : viewer.area,
        name: one.name,
        origin: one.origin,
        newest:
          one.newestInterval === undefined
            ? null
            : formatIntervalStart(one.newestInterval, intervalSeconds),
      })),
  };
}

/** Undefined of an area beside the grant; of one below it, the deepest that the viewer knows. */
function findingText(viewer: Viewer, { finding, area }: AreaFinding): string | undefined {
  if (!isWithin(area, viewer.area) && !isWithin(viewer.area, area)) return undefined;
  return `${finding} in ${area.split('/').slice(0, viewer.deepestDepth).join('/')}`;
}

/** From the newest interval's end until now, by the network's clock. */
export function newestAgeSeconds(source: MapSource): number | undefined {
  const latest = source.latestInterval();
  if (latest === undefined) return undefined;
  return source.nowMs() / 1000 - intervalEndSeconds(latest, source.about.intervalSeconds);
}

/** The newest interval is never older than this while all is well: the next one is due then. */
export function maxAgeSeconds(source: MapSource): number {
  return source.about.intervalSeconds + source.about.publishWithinSeconds;
}

function newest(source: MapSource): HealthDocument['newest'] {
  const latest = source.latestInterval();
  const ageSeconds = newestAgeSeconds(source);
  if (latest === undefined || ageSeconds === undefined) return null;
  const { intervalSeconds } = source.about;
  return {
    start: formatTime(intervalStartSeconds(latest, intervalSeconds) * 1000),
    end: formatTime(intervalEndSeconds(latest, intervalSeconds) * 1000),
    ageSeconds: Math.round(ageSeconds),
    isLate: ageSeconds > maxAgeSeconds(source),
  };
}

function nextExpectedAt(source: MapSource): string | null {
  const latest = source.latestInterval();
  if (latest === undefined) return null;
  const { intervalSeconds, publishWithinSeconds } = source.about;
  const endSeconds = intervalEndSeconds(latest, intervalSeconds) + intervalSeconds;
  return formatTime((endSeconds + publishWithinSeconds) * 1000);
}
