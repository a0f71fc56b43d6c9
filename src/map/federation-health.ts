// How all the sources are doing: the intervals of the real networks, and everybody's gaps.

import type { AreaId } from '../core/area.ts';
import type { IntervalIndex } from '../core/interval.ts';
import type { FederationTree } from './federation-tree.ts';
import type { HealthReport, IntervalHealth } from './health.ts';
import type { Viewer } from './viewer.ts';

const MAX_ROWS = 200;

export async function federatedHealth(
  tree: FederationTree,
  area: AreaId,
  viewer: Viewer,
): Promise<HealthReport> {
  const owner = tree.ownerOf(area);
  if (owner !== undefined) return await owner.health(area, viewer);
  const below = tree.rootsBelow(area);
  const base = await tree.base.health(area, viewer);
  if (below.length === 0) return base;
  const parts = await Promise.all(below.map(({ part, root }) => part.health(root, viewer)));
  const reports = [...parts, base];
  // Intervals are a whole network's, whichever of its roots is asked: each network's once.
  const networks = parts.filter(
    (_, i) => below.findIndex(({ part }) => part === below[i]?.part) === i,
  );
  const trusteeNames = [...new Set(reports.flatMap((report) => report.trusteeNames))];
  return {
    intervals: mergeIntervals(networks, trusteeNames),
    withheld: distinct(reports.flatMap(({ withheld }) => withheld)).slice(0, MAX_ROWS),
    late: distinct(reports.flatMap(({ late }) => late)).slice(0, MAX_ROWS),
    trusteeNames,
    sources: distinct(reports.flatMap(({ sources }) => sources)),
  };
}

/** A network of several roots tells some things once for each. */
function distinct<Item extends { readonly area: AreaId; readonly name: string }>(
  items: readonly Item[],
): Item[] {
  return [...new Map(items.map((item) => [`${item.area}\n${item.name}`, item])).values()];
}

function mergeIntervals(
  reports: readonly HealthReport[],
  trusteeNames: readonly string[],
): IntervalHealth[] {
  const byInterval = new Map<IntervalIndex, IntervalHealth>();
  for (const report of reports) {
    for (const own of report.intervals) {
      const health = { ...own, trustees: namedAs(trusteeNames, report.trusteeNames, own.trustees) };
      const other = byInterval.get(own.interval);
      byInterval.set(own.interval, other === undefined ? health : addHealth(other, health));
    }
  }
  return [...byInterval.values()].sort((a, b) => a.interval - b.interval);
}

function addHealth(a: IntervalHealth, b: IntervalHealth): IntervalHealth {
  return {
    interval: a.interval,
    publishedAfterSeconds: latest(a.publishedAfterSeconds, b.publishedAfterSeconds),
    cellsPublished: a.cellsPublished + b.cellsPublished,
    cellsWithheld: addCounts(a.cellsWithheld, b.cellsWithheld),
    framesAccepted: added(a.framesAccepted, b.framesAccepted),
    framesRejected: addCounts(a.framesRejected, b.framesRejected),
    trustees: a.trustees.map((answer, i) => worse(answer, b.trustees[i] ?? NOT_ASKED)),
    disagreementCount: a.disagreementCount + b.disagreementCount,
    auditFindings:
      a.auditFindings === undefined && b.auditFindings === undefined
        ? undefined
        : [...(a.auditFindings ?? []), ...(b.auditFindings ?? [])],
  };
}

const ANSWERED = 'answered';
const NOT_ASKED = 'not-asked';

/** One network's answers in the places of all networks' trustees. */
function namedAs(
  names: readonly string[],
  ownNames: readonly string[],
  answers: readonly string[],
): string[] {
  return names.map((name) => answers[ownNames.indexOf(name)] ?? NOT_ASKED);
}

/** A trustee of two networks has answered when it has answered both. */
function worse(a: string, b: string): string {
  if (a === NOT_ASKED) return b;
  if (b === NOT_ASKED) return a;
  return a === ANSWERED ? b : a;
}

/** Not published anywhere counts as not published. */
function latest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : Math.max(a, b);
}

/** Of those that are known. */
function added(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : a + (b ?? 0);
}

function addCounts(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const sum: Record<string, number> = { ...a };
  for (const [reason, count] of Object.entries(b)) sum[reason] = (sum[reason] ?? 0) + count;
  return sum;
}
