// Everything that a network publishes for one interval, as rows over (meter, channel) unknowns: each
// released cell, every area's total of the released cells within it, and what is derived from them
// (corrections 14 and 15). `faults` break one rule each, so that a test of the planner can fail.

import { type AreaId, isWithin, parentArea } from '../../src/core/area.ts';
import { hasChannel } from '../../src/core/channel.ts';
import type { Plan, PlannedCell, PlanStreet } from '../../src/core/plan-types.ts';
import type { Publication } from './derivable.ts';
import { NET } from './plan-networks.ts';

export interface Day {
  readonly minMeters: number;
  readonly isPresent: (street: number, meter: number) => boolean;
  /** Withheld for a reason that is none of the planner's: no seal, no quorum, implausible. */
  readonly isLost: (cell: number) => boolean;
}

export interface Faults {
  /** Releases cells of any size. */
  readonly ignoresMinimum?: boolean;
  /** Adds withheld cells to the totals above them. */
  readonly totalsIncludeWithheld?: boolean;
  /** Publishes import beside every net cell, whether or not the export there is a cell. */
  readonly derivesEverywhere?: boolean;
}

export interface DayPublication extends Publication {
  readonly channels: readonly number[];
  readonly releasedCells: number;
}

const MIN_PRESENCE = 0.8;

/** One interval's unknowns: a column for each channel of each meter that reported. */
interface Column {
  readonly street: AreaId;
  readonly channel: number;
  readonly owner: number;
}

export function publicationOf(
  streets: readonly PlanStreet[],
  plan: Plan,
  day: Day,
  faults: Faults = {},
): DayPublication {
  const { columns, declaredSlots } = columnsOf(streets, day);
  const row = (cell: PlannedCell): number[] => {
    const inside = new Set(cell.streets);
    return columns.map((c) => (c.channel === cell.channel && inside.has(c.street) ? 1 : 0));
  };
  const cells = plan.cells.map((cell, index) => {
    const vector = row(cell);
    const owners = new Set(columns.flatMap(({ owner }, i) => (vector[i] === 1 ? [owner] : [])));
    const declared = cell.streets.reduce(
      (sum, street) => sum + (declaredSlots.get(`${street} ${cell.channel}`) ?? 0),
      0,
    );
    const isLargeEnough = faults.ignoresMinimum === true || owners.size >= day.minMeters;
    const present = vector.reduce((a, b) => a + b, 0);
    const isReleased = isLargeEnough && present / declared >= MIN_PRESENCE && !day.isLost(index);
    return { ...cell, vector, isReleased };
  });

  const rows: number[][] = [];
  for (const cell of cells) if (cell.isReleased) rows.push(cell.vector);
  const places: (readonly AreaId[])[] = [
    ...areasOf(streets).map((area) => [area]),
    ...cells.filter(({ channel }) => channel !== NET).map(({ members }) => members),
    ...(faults.derivesEverywhere ? cells.map(({ members }) => members) : []),
  ];
  for (const place of places) {
    const isInside = (area: AreaId) => place.some((member) => isWithin(area, member));
    const totals = new Map<number, number[]>();
    for (let channel = 0; channel < 3; channel++) {
      const inside = cells.filter((c) => c.channel === channel && c.members.every(isInside));
      const included = inside.filter((c) => c.isReleased || faults.totalsIncludeWithheld);
      if (included.length === 0) continue;
      const total = included.map(({ vector }) => vector).reduce(addRows);
      rows.push(total);
      const declaring = streets.filter(
        ({ area }) => isInside(area) && (declaredSlots.get(`${area} ${channel}`) ?? 0) > 0,
      );
      const covered = new Set(included.flatMap((cell) => cell.streets));
      const isWhole = included.length === inside.length && included.every((c) => c.isReleased);
      if (isWhole && declaring.every(({ area }) => covered.has(area))) totals.set(channel, total);
    }
    const net = totals.get(NET);
    if (net === undefined) continue;
    for (const [channel, total] of totals) if (channel !== NET) rows.push(addRows(net, total));
    if (faults.derivesEverywhere) {
      const all = columns.map((c) => (c.channel === 1 && isInside(c.street) ? 1 : 0));
      rows.push(addRows(net, all));
    }
  }
  return {
    rows,
    owners: columns.map(({ owner }) => owner),
    channels: columns.map(({ channel }) => channel),
    releasedCells: cells.filter(({ isReleased }) => isReleased).length,
  };
}

function columnsOf(
  streets: readonly PlanStreet[],
  day: Day,
): { columns: Column[]; declaredSlots: Map<string, number> } {
  const columns: Column[] = [];
  const declaredSlots = new Map<string, number>();
  const owners = new Map<string, number>();
  streets.forEach(({ area, meters }, s) => {
    meters.forEach(({ channels, connectionPoint }, m) => {
      const home = `${area} ${connectionPoint}`;
      const owner = owners.get(home) ?? owners.size;
      owners.set(home, owner);
      for (let channel = 0; channel < 3; channel++) {
        if (!hasChannel(channels, channel)) continue;
        const key = `${area} ${channel}`;
        declaredSlots.set(key, (declaredSlots.get(key) ?? 0) + 1);
        if (day.isPresent(s, m)) columns.push({ street: area, channel, owner });
      }
    });
  });
  return { columns, declaredSlots };
}

function areasOf(streets: readonly PlanStreet[]): AreaId[] {
  const areas = new Set<AreaId>();
  for (const { area } of streets) {
    for (let a: AreaId | undefined = area; a !== undefined; a = parentArea(a)) areas.add(a);
  }
  return [...areas];
}

function addRows(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, i) => value + (b[i] as number));
}
