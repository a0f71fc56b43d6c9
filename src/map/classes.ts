// Stepped classes for the map's colours. Thresholds never follow the values shown: per meter they are
// constants, per km2 and in absolute terms they follow from the siblings' sizes. So a change of
// colour is a change of load, over time and between neighbours.

import { type CellFigures, figureOf } from './cell-state.ts';
import { type Metric, meanPowerW } from './metric.ts';

/** Power per meter, per square kilometre, or as it is. Coverage is the same on each. */
export type Scale = 'meter' | 'km2' | 'abs';

export interface Classes {
  readonly kind: 'sequential' | 'diverging';
  readonly unit: 'W/meter' | 'W/km2' | 'W' | 'share';
  /** Ascending; one fewer than there are classes. Diverging: symmetric around zero. */
  readonly thresholds: readonly number[];
}

/** What of a sibling does not change with the load. */
export interface SiblingSize {
  readonly meterCount: number;
  readonly areaKm2?: number | null | undefined;
}

// Watts per meter, each where its level's figures really lie over a day and a year. Nations differ by
// climate and by how they heat. The regions and towns of one nation differ by some tens of watts at any
// hour, around 230 at night, 300 all day long and 490 in the evening: the steps go through the middle
// of each, and are finest where most hours are. A street goes by what few homes do. Roofs are few in a
// city and many in a village, where they export up to 1 kW a home at noon: their classes widen with
// the figure.
// Net has three steps on each side of zero, since more than seven colours are not told apart.
const STEPS = {
  nation: {
    load: [200, 300, 400, 500, 600, 800],
    solar: [10, 20, 50, 100, 200, 500],
    net: [100, 250, 500],
  },
  between: {
    load: [230, 270, 300, 330, 420, 490],
    solar: [50, 100, 200, 300, 500, 800],
    net: [100, 270, 490],
  },
  street: {
    load: [150, 200, 250, 350, 500, 700],
    solar: [50, 100, 200, 400, 700, 1000],
    net: [100, 250, 500],
  },
} as const;

/** The steps in which trustees tell coverage; see src/core/presence.ts. */
const COVERAGE_THRESHOLDS: readonly number[] = [0.5, 0.8, 0.9, 1];

/** `level` is the level's name of the areas that are coloured. */
export function classesFor(query: {
  readonly metric: Metric;
  readonly scale: Scale;
  readonly level: string;
  readonly children: readonly SiblingSize[];
}): Classes {
  const { metric, scale } = query;
  if (metric === 'coverage')
    return { kind: 'sequential', unit: 'share', thresholds: COVERAGE_THRESHOLDS };
  const perMeter = stepsOf(query.level)[FAMILY[metric]];
  const kind = metric === 'net' ? 'diverging' : 'sequential';
  const sizes = scale === 'meter' ? [1] : sizesOf(query.children, scale);
  const steps =
    scale === 'meter'
      ? perMeter
      : ladder(
          perMeter[0]! * quantile(sizes, kind === 'diverging' ? 0.5 : 0.1),
          perMeter.at(-1)! * quantile(sizes, 0.9),
          perMeter.length,
        );
  const thresholds =
    kind === 'diverging' ? [...steps.map((step) => -step).reverse(), ...steps] : steps;
  return { kind, unit: UNITS[scale], thresholds };
}

const FAMILY = {
  net: 'net',
  consumption: 'load',
  import: 'load',
  production: 'solar',
  export: 'solar',
} as const;
const UNITS = { meter: 'W/meter', km2: 'W/km2', abs: 'W' } as const;

/** Level names are data: one that is not known here lies between nation and street. */
function stepsOf(level: string): (typeof STEPS)[keyof typeof STEPS] {
  return level === 'nation' || level === 'street' ? STEPS[level] : STEPS.between;
}

export function classCount(classes: Classes): number {
  return classes.thresholds.length + 1;
}

/**
 * Index of the value's class, 0 the lowest; undefined for null. A value on a threshold belongs to
 * the class that lies further from zero.
 */
export function classOf(value: number | null | undefined, classes: Classes): number | undefined {
  if (value === null || value === undefined || !Number.isFinite(value)) return undefined;
  const { thresholds } = classes;
  if (classes.kind === 'diverging' && value < 0)
    return thresholds.length - countReached(-value, thresholds);
  return countReached(value, thresholds);
}

function countReached(value: number, thresholds: readonly number[]): number {
  let count = 0;
  while (count < thresholds.length && value >= thresholds[count]!) count++;
  return count;
}

/** Bounds of a class: undefined where it is open. */
export function classRange(
  classes: Classes,
  index: number,
): readonly [from: number | undefined, until: number | undefined] {
  return [classes.thresholds[index - 1], classes.thresholds[index]];
}

/**
 * What a row is coloured by: mean W over the interval, W per meter, W per km2, or a share of 1. Null
 * where there is no figure, or nothing to divide it by. Per meter means per meter that is counted, or
 * a province that is late would look like one that sleeps; a small row is divided by all its meters,
 * since its coverage is known in coarse steps only, and its mark says that a part is missing.
 */
export function displayValue(
  row: CellFigures & { readonly meterCount: number },
  metric: Metric,
  scale: Scale,
  areaKm2: number | null | undefined,
  intervalSeconds: number,
): number | null {
  const figure = figureOf(row, metric);
  if (figure === null || metric === 'coverage') return figure;
  const powerW = meanPowerW(figure, intervalSeconds);
  if (scale === 'abs') return powerW;
  const divisor = scale === 'meter' ? countedMeters(row) : areaKm2;
  if (divisor === null || divisor === undefined || !(divisor > 0)) return null;
  return powerW / divisor;
}

/** From so many meters on, coverage comes in steps of a hundredth. */
const FINE_COVERAGE_METERS = 2000;

function countedMeters({ meterCount, coverage }: CellFigures & { readonly meterCount: number }) {
  return meterCount < FINE_COVERAGE_METERS || !(coverage > 0) ? meterCount : meterCount * coverage;
}

/** Of what the per-meter thresholds are multiplied by: meters per km2, or meters. */
function sizesOf(children: readonly SiblingSize[], scale: 'km2' | 'abs'): number[] {
  const sizes: number[] = [];
  for (const { meterCount, areaKm2 } of children) {
    const size = scale === 'abs' ? meterCount : meterCount / (areaKm2 ?? 0);
    if (size > 0 && Number.isFinite(size)) sizes.push(size);
  }
  return sizes.length === 0 ? [1000] : sizes.sort((a, b) => a - b);
}

/** `sorted` has at least one. The nearest rank below, so that one more sibling changes little. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor((sorted.length - 1) * share)]!;
}

/** `count` thresholds of the 1-2-5 series that reach from about `low` to about `high`, upwards. */
function ladder(low: number, high: number, count: number): number[] {
  const top = Math.round(rungOf(high));
  const stride = Math.max(1, Math.round((top - rungOf(low)) / (count - 1)));
  return Array.from({ length: count }, (_, i) => rungValue(top - (count - 1 - i) * stride));
}

/** The place of a value in 1, 2, 5, 10, 20, ...: 0 is 1 and 3 is 10. */
function rungOf(value: number): number {
  return 3 * Math.log10(value);
}

function rungValue(rung: number): number {
  const decade = Math.floor(rung / 3);
  const digit = [1, 2, 5][rung - 3 * decade]!;
  return decade >= 0 ? digit * 10 ** decade : digit / 10 ** -decade;
}
