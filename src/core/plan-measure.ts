// How large a street or area is in one channel: its connection points, the largest cap among them
// and the sum of the caps. A connection point lies in one street, so counts and sums of disjoint
// sets add up and an area's measure is made of its children's, without a look at the meters.

import { hasChannel } from './channel.ts';
import { isStreetNode, type PlanTree } from './plan-tree.ts';
import type { PlanMeter, PlanPolicy, PlanStreet } from './plan-types.ts';

export interface Measure {
  readonly connectionPoints: number;
  /** Largest sum of the caps of the meters of one connection point. */
  readonly largestCapWh: number;
  readonly capSumWh: number;
}

/** One channel's measure of every node of a tree. */
export interface Measures {
  readonly connectionPoints: Float64Array;
  readonly largestCapWh: Float64Array;
  readonly capSumWh: Float64Array;
  /** How many streets below declare the channel. */
  readonly streets: Float64Array;
}

export const NO_MEASURE: Measure = { connectionPoints: 0, largestCapWh: 0, capSumWh: 0 };

export function addMeasures(a: Measure, b: Measure): Measure {
  return {
    connectionPoints: a.connectionPoints + b.connectionPoints,
    largestCapWh: Math.max(a.largestCapWh, b.largestCapWh),
    capSumWh: a.capSumWh + b.capSumWh,
  };
}

export function measureAt(measures: Measures, node: number): Measure {
  return {
    connectionPoints: measures.connectionPoints[node] as number,
    largestCapWh: measures.largestCapWh[node] as number,
    capSumWh: measures.capSumWh[node] as number,
  };
}

/**
 * Whether one connection point's cap exceeds its share of all. Exact for all safe integers: with
 * sum = 1000 q + r, largest / sum > p / 1000 where 1000 (largest - q p) > r p; the right side is
 * below 1e6, so a left side too large to be exact is far above it.
 */
export function isDominated(measure: Measure, maxCapSharePermille: number): boolean {
  const quotient = Math.floor(measure.capSumWh / 1000);
  const rest = measure.capSumWh - quotient * 1000;
  const excess = measure.largestCapWh - quotient * maxCapSharePermille;
  return excess * 1000 > rest * maxCapSharePermille;
}

export function neededMeters(policy: PlanPolicy): number {
  return policy.minMeters + policy.marginMeters;
}

/** Whether a cell of this measure may stand; `fewest` is the minimum, with or without the margin. */
export function isLargeEnough(measure: Measure, policy: PlanPolicy, fewest: number): boolean {
  return measure.connectionPoints >= fewest && !isDominated(measure, policy.maxCapSharePermille);
}

/**
 * The measures of the streets, per channel; areas stay 0 until `sumMeasures`.
 * @throws RangeError where a cap or connection point is no safe integer from 0 up, or a meter
 * declares a channel that there is not.
 */
export function measureStreets(tree: PlanTree, channelCount: number): Measures[] {
  const all = Array.from({ length: channelCount }, () => ({
    connectionPoints: new Float64Array(tree.ids.length),
    largestCapWh: new Float64Array(tree.ids.length),
    capSumWh: new Float64Array(tree.ids.length),
    streets: new Float64Array(tree.ids.length),
  }));
  tree.streets.forEach((street, node) => {
    if (street === undefined) return;
    const meters = byConnectionPoint(street.meters);
    checkMeters(street, channelCount);
    for (let channel = 0; channel < channelCount; channel++) {
      measureStreet(meters, channel, all[channel] as Measures, node);
    }
  });
  return all;
}

/** Takes a street out, as if nobody declared the channel there; its areas follow at `sumMeasures`. */
export function clearNode(measures: Measures, node: number): void {
  measures.connectionPoints[node] = 0;
  measures.largestCapWh[node] = 0;
  measures.capSumWh[node] = 0;
  measures.streets[node] = 0;
}

/**
 * Fills in the areas from the streets below them.
 * @throws RangeError where the caps of a root add up to more than a safe integer.
 */
export function sumMeasures(tree: PlanTree, measures: Measures): void {
  const { connectionPoints, largestCapWh, capSumWh, streets } = measures;
  for (let node = 0; node < tree.ids.length; node++) {
    if (!isStreetNode(tree, node)) clearNode(measures, node);
  }
  // Children have higher numbers than their parents, so each is complete when it is added.
  for (let node = tree.ids.length - 1; node >= 0; node--) {
    const parent = tree.parents[node] as number;
    // All addends are safe and not negative: where the root's sum is safe, so was every partial one.
    if (parent < 0) {
      if ((capSumWh[node] as number) > Number.MAX_SAFE_INTEGER) {
        throw new RangeError(`streets: the caps below "${tree.ids[node]}" add up beyond 2^53`);
      }
      continue;
    }
    connectionPoints[parent]! += connectionPoints[node] as number;
    largestCapWh[parent] = Math.max(largestCapWh[parent] as number, largestCapWh[node] as number);
    capSumWh[parent]! += capSumWh[node] as number;
    streets[parent]! += streets[node] as number;
  }
}

// Most rosters have one meter per connection point, numbered as they came: then nothing is copied.
function byConnectionPoint(meters: readonly PlanMeter[]): readonly PlanMeter[] {
  for (let i = 1; i < meters.length; i++) {
    if ((meters[i] as PlanMeter).connectionPoint < (meters[i - 1] as PlanMeter).connectionPoint) {
      return [...meters].sort((a, b) => a.connectionPoint - b.connectionPoint);
    }
  }
  return meters;
}

function measureStreet(
  meters: readonly PlanMeter[],
  channel: number,
  out: Measures,
  node: number,
): void {
  let count = 0;
  let largest = 0;
  let sum = 0;
  let current = -1;
  let currentCapWh = 0;
  for (const meter of meters) {
    if (!hasChannel(meter.channels, channel)) continue;
    if (meter.connectionPoint !== current) {
      count++;
      current = meter.connectionPoint;
      currentCapWh = 0;
    }
    currentCapWh += meter.capWh;
    sum += meter.capWh;
    if (currentCapWh > largest) largest = currentCapWh;
  }
  out.connectionPoints[node] = count;
  out.largestCapWh[node] = largest;
  out.capSumWh[node] = sum;
  out.streets[node] = count > 0 ? 1 : 0;
}

function checkMeters(street: PlanStreet, channelCount: number): void {
  for (const { capWh, connectionPoint, channels } of street.meters) {
    if (!Number.isSafeInteger(capWh) || capWh < 0) {
      throw new RangeError(
        `capWh: expected a whole number from 0 up, found ${capWh} in "${street.area}"`,
      );
    }
    if (!Number.isSafeInteger(connectionPoint) || connectionPoint < 0) {
      throw new RangeError(
        `connectionPoint: expected a whole number from 0 up, found ${connectionPoint} in "${street.area}"`,
      );
    }
    if (channels >>> channelCount !== 0) {
      throw new RangeError(
        `channels: expected a set of ${channelCount} channels, found ${channels} in "${street.area}"`,
      );
    }
  }
}
