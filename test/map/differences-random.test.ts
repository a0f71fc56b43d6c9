// Whatever is published of one interval, over all levels, layers, scopes and single rows, no difference
// of two figures, and no parent less its rows, is of fewer meters than the minimum. Readings tell
// which meters are in a sum, and with which channels, so the figures themselves are looked at.

import { expect, it } from 'vitest';
import { channelSet } from '../../src/core/channel.ts';
import { signGrant } from '../../src/core/grant.ts';
import { type IntervalIndex, intervalIndex } from '../../src/core/interval.ts';
import type { MapRow } from '../../src/map/frame.ts';
import { type LevelPlan, planLevel } from '../../src/map/layers.ts';
import { ENERGY_METRICS } from '../../src/map/metric.ts';
import { mapRowOf } from '../../src/map/monitor-rows.ts';
import { figuresOf } from '../../src/map/row-figures.ts';
import { createMonitor, handleTotal } from '../../src/roles/monitor.ts';
import type { Scope } from '../../src/roles/monitor-plan.ts';
import { createRows } from '../../src/roles/monitor-rows.ts';
import { createRandom, seedOf } from '../../src/sim/random.ts';
import {
  ALL_CHANNELS,
  askTrustees,
  createNodes,
  createWorld,
  grantOf,
  NOON,
  type Nodes,
  type Readings,
  type Run,
  runInterval,
  type StreetSize,
  verify,
  type World,
} from '../support/world.ts';

const MIN_METERS = 5;
const PRODUCERS = [channelSet(0b111), channelSet(0b011), channelSet(0b101)];
/** Net, export and production of a meter, one hex digit of a sum: 5 is import, 9 is consumption. */
const CHANNEL_BITS = [1, 4, 8];
/** Meters that one interval's sums can tell apart. */
const DIGITS = 9;

function randomStreets(random: () => number): Record<string, StreetSize> {
  const below = (limit: number) => Math.floor(random() * limit);
  const streets: Record<string, StreetSize> = {};
  for (let town = 0; town < 2; town++)
    for (let street = 0; street < 2 + below(4); street++) {
      const suburb = below(3);
      const home = suburb === 0 ? `es/t${town}` : `es/t${town}/u${suburb}`;
      const meters = 2 + below(9);
      streets[`${home}/s${street}`] = {
        meters,
        producers: below(3) === 0 ? meters : below(meters + 1),
        producerChannels: PRODUCERS[below(3)]!,
      };
    }
  return streets;
}

/** A digit for each meter in one of several intervals, nothing in the others. */
function readingsOf(group: number): Readings {
  return ({ channels }, index) =>
    CHANNEL_BITS.map((bit, channel) => {
      if (((channels >>> channel) & 1) === 0) return undefined;
      return Math.floor(index / DIGITS) === group ? bit * 16 ** (index % DIGITS) : 0;
    });
}

/** By channel, the meters in a sum, as bits. */
type Contents = readonly bigint[];

interface Found {
  readonly what: string;
  readonly contents: Contents;
}

it.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'no two figures of a random network differ by fewer than the minimum (seed %i)',
  async (seed) => {
    const random = createRandom(seedOf(`differences ${seed}`), 0);
    const world = await createWorld({
      label: `differences ${seed}`,
      streets: randomStreets(random),
    });
    const drop = new Set([...world.meters.keys()].filter(() => random() < 0.06));
    const nodes = createNodes(world);
    const groupCount = Math.ceil(world.meters.length / DIGITS);
    const runs = Array.from({ length: groupCount }, (_, group) => {
      const interval = intervalIndex(NOON + group);
      return runInterval(world, { nodes, interval, drop, readings: readingsOf(group) });
    });
    const levels = world.network.areas.inner;
    const found = new Map<string, Found>();
    for (const area of levels) {
      const level = planLevel(world.network, area);
      // As an area of the scope's last level, as one whose rows are asked for, and with all below it.
      for (const deepestDepth of [area.depth, area.depth + 1, 16]) {
        const scope = { area: area.id, deepestDepth, channels: ALL_CHANNELS };
        const rows = openAll(world, nodes, runs, scope, level);
        for (const one of figuresIn(rows)) found.set(key(one), one);
        if (deepestDepth === area.depth + 1) expectChildrenToHideNobody(rows, area.id);
      }
      for (const shape of level.shapes.filter(({ plan }) => plan !== undefined)) {
        const scope = { area: area.id, deepestDepth: area.depth + 1, channels: ALL_CHANNELS };
        for (const one of figuresIn(openAll(world, nodes, runs, scope, level, shape.id)))
          found.set(key(one), one);
      }
    }
    const figures = [...found.values()];
    expect(figures.length).toBeGreaterThan(2);
    for (const one of figures) {
      expectEnough(one.what, one.contents);
      for (const other of figures)
        expectEnough(`${one.what} less ${other.what}`, difference(one.contents, other.contents));
    }
  },
);

/** The rows of a level, each figure decoded over all intervals. */
function openAll(
  world: World,
  nodes: Nodes,
  runs: readonly Run[],
  scope: Scope,
  level: LevelPlan,
  row?: string,
): ReadonlyMap<string, readonly MapRow[]> {
  const { network } = world;
  const byName = new Map<string, MapRow[]>();
  for (const run of runs) {
    const monitor = createMonitor({
      network,
      ...grantParts(world),
      verify,
      scope,
      ...(row === undefined ? {} : { row }),
    });
    for (const { total } of run.published.values()) handleTotal(monitor, total);
    const opened = askTrustees({ ...nodes, monitor }, run.interval as IntervalIndex);
    for (const one of createRows(monitor, opened)) {
      const shape = [level.self, ...level.shapes].find(({ id }) => id === one.plan.name);
      if (shape === undefined) continue;
      const figures = figuresOf(one, network.channels, scope.channels, 'network');
      const channels = network.channels.map(({ name }) => name);
      const view = { network, channels, name: one.plan.name, origin: 'network' as const };
      byName.set(shape.id, [...(byName.get(shape.id) ?? []), mapRowOf(shape, figures, view)]);
    }
  }
  return byName;
}

function grantParts(world: World) {
  const { signer } = world.parties.monitor;
  const grant = grantOf(world);
  return { grant, signedGrant: signGrant(grant, world.parties.registrar.signer), signer };
}

function figuresIn(rows: ReadonlyMap<string, readonly MapRow[]>): Found[] {
  return [...rows].flatMap(([name, ofGroups]) =>
    ENERGY_METRICS.flatMap((metric) => {
      const values = ofGroups.map((row) => row.energyWh[metric]);
      expect(new Set(values.map((value) => value === null)).size).toBe(1);
      if (values[0] === null) return [];
      return [{ what: `${metric} of ${name}`, contents: decode(values as number[]) }];
    }),
  );
}

function decode(values: readonly number[]): Contents {
  const contents = [0n, 0n, 0n];
  for (const [group, value] of values.entries())
    for (let digit = 0; digit < DIGITS; digit++) {
      const bits = Math.floor(value / 16 ** digit) % 16;
      for (const [channel, bit] of CHANNEL_BITS.entries())
        if ((bits & bit) !== 0) contents[channel]! |= 1n << BigInt(group * DIGITS + digit);
    }
  return contents;
}

function expectChildrenToHideNobody(
  rows: ReadonlyMap<string, readonly MapRow[]>,
  area: string,
): void {
  const own = new Map(rows);
  own.delete(area);
  for (const metric of ENERGY_METRICS) {
    const self = figuresIn(new Map([[area, rows.get(area) ?? []]])).find(
      ({ what }) => what === `${metric} of ${area}`,
    );
    if (self === undefined) continue;
    const layer = [...own].filter(([, [row]]) => row?.layers.includes(metric));
    const parts = figuresIn(new Map(layer)).filter(({ what }) => what.startsWith(`${metric} of`));
    const rest = self.contents.map((meters, channel) =>
      parts.reduce((left, { contents }) => {
        expect(contents[channel]! & ~meters).toBe(0n);
        return left & ~contents[channel]!;
      }, meters),
    );
    expectEnough(`${metric} of ${area} less its rows`, rest);
  }
}

function difference(a: Contents, b: Contents): Contents {
  return a.map((meters, channel) => meters ^ b[channel]!);
}

/** Of each channel: nobody, or at least the minimum. */
function expectEnough(what: string, contents: Contents): void {
  for (const meters of contents) {
    const count = meters.toString(2).replaceAll('0', '').length;
    if (count > 0 && count < MIN_METERS) expect.fail(`${what}: ${count} meters`);
  }
}

function key({ what, contents }: Found): string {
  return `${what} ${contents.join()}`;
}
