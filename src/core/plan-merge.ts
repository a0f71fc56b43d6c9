// Grouping the units under one area (design.md section 5, corrections 12 and 13). A unit is what is
// never cut: a street, a whole area, or, for the rarer channels, a net cell. Units that are too
// small are put together; a large one loses its own figure only for a remainder that nothing else
// can take. Sorting decides everything, so the outcome is that of the set, not of its order.

import {
  addMeasures,
  isLargeEnough,
  type Measure,
  NO_MEASURE,
  neededMeters,
} from './plan-measure.ts';
import type { PlanPolicy } from './plan-types.ts';

export interface Unit {
  /** Siblings, as node numbers of the tree, ascending. */
  readonly members: readonly number[];
  readonly measure: Measure;
  /** How many things within it may have a figure of their own, which merging would take away. */
  readonly figures: number;
  /** Whether it is an area that has cells of its own unless it is merged. */
  readonly isArea: boolean;
}

export interface Grouping {
  /** Large enough, of two units or more each. */
  readonly groups: readonly (readonly Unit[])[];
  /** Large enough by themselves and not needed by a remainder. */
  readonly alone: readonly Unit[];
  /** Too small even together with everything else: none where all units together are large enough. */
  readonly rest: readonly Unit[];
}

/** Cost: a sort of the units. */
export function groupUnits(units: readonly Unit[], policy: PlanPolicy): Grouping {
  const needed = neededMeters(policy);
  const isEnough = (measure: Measure) => isLargeEnough(measure, policy, needed);
  const alone = units.filter((unit) => isEnough(unit.measure));
  const small = units.filter((unit) => !isEnough(unit.measure)).sort(bySize);
  const groups: Unit[][] = [];

  // The largest of the small first, filled with the smallest: that overshoots least, and so leaves
  // more and smaller cells than filling from one end.
  let rest: Unit[] = [];
  for (let low = 0, high = small.length - 1; low <= high; ) {
    const group = [small[high--] as Unit];
    let measure = (group[0] as Unit).measure;
    while (!isEnough(measure) && low <= high) {
      const next = small[low++] as Unit;
      group.push(next);
      measure = addMeasures(measure, next.measure);
    }
    if (isEnough(measure)) groups.push(group);
    else rest = group;
  }
  if (rest.length === 0) return { groups, alone, rest };
  return absorb(rest, groups, alone, isEnough) ?? { groups, alone, rest };
}

export function sumUnits(units: readonly Unit[]): Measure {
  return units.reduce((sum, unit) => addMeasures(sum, unit.measure), NO_MEASURE);
}

/**
 * The remainder joins what costs the fewest figures: a group, which has none of its own left, before
 * a street, a street before an area of many; then the smallest. One is enough for a remainder that
 * is too few; one that is dominated may need several.
 */
function absorb(
  rest: readonly Unit[],
  groups: readonly (readonly Unit[])[],
  alone: readonly Unit[],
  isEnough: (measure: Measure) => boolean,
): Grouping | undefined {
  const hosts = [
    ...groups.map((units) => ({
      units,
      figures: 0,
      measure: sumUnits(units),
      first: firstOf(units),
    })),
    ...alone.map((unit) => ({
      units: [unit],
      figures: unit.figures,
      measure: unit.measure,
      first: unit.members[0] as number,
    })),
  ].sort(
    (a, b) =>
      a.figures - b.figures ||
      a.measure.connectionPoints - b.measure.connectionPoints ||
      a.first - b.first,
  );
  let measure = sumUnits(rest);
  let taken = 0;
  while (!isEnough(measure) && taken < hosts.length) {
    measure = addMeasures(measure, (hosts[taken++] as (typeof hosts)[number]).measure);
  }
  if (!isEnough(measure)) return undefined;
  const merged = [...rest];
  for (const host of hosts.slice(0, taken)) for (const unit of host.units) merged.push(unit);
  const left = hosts.slice(taken);
  return {
    groups: [merged, ...left.filter(({ figures }) => figures === 0).map(({ units }) => units)],
    alone: left.filter(({ figures }) => figures > 0).map(({ units }) => units[0] as Unit),
    rest: [],
  };
}

function bySize(a: Unit, b: Unit): number {
  return (
    a.measure.connectionPoints - b.measure.connectionPoints ||
    (a.members[0] as number) - (b.members[0] as number)
  );
}

function firstOf(units: readonly Unit[]): number {
  return units.reduce((first, unit) => Math.min(first, unit.members[0] as number), Infinity);
}
