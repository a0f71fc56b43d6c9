import { beforeAll, describe, expect, it } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import { channelSet } from '../../src/core/channel.ts';
import { areaNamed, type Network } from '../../src/core/network-tree.ts';
import {
  displayName,
  type LevelPlan,
  type LevelShape,
  planLevel,
  shapeNamed,
} from '../../src/map/layers.ts';
import { METRICS } from '../../src/map/metric.ts';
import { createWorld } from '../support/world.ts';

/** Exports without a production meter. */
const UNMETERED = channelSet(0b011);

let network: Network;

beforeAll(async () => {
  const world = await createWorld({
    label: 'layers',
    streets: {
      // Three producers each: together they may publish what they export.
      'es/r0/m0/s0': { meters: 8, producers: 3 },
      'es/r0/m0/s1': { meters: 8, producers: 3 },
      'es/r0/m0/s2': { meters: 7 },
      'es/r0/m0/s3': { meters: 3 },
      // Enough producers for a map of its own.
      'es/r0/m1/s0': { meters: 9, producers: 8, producerChannels: UNMETERED },
      'es/r0/m1/s1': { meters: 7 },
      // A town of three homes, whose only partner is the town next to it.
      'es/r1/m2/s0': { meters: 7 },
      'es/r1/m3/s0': { meters: 3 },
    },
  });
  network = world.network;
});

function levelOf(area: string): LevelPlan {
  return planLevel(network, areaNamed(network, areaId(area))!);
}

function layer(area: string, metric: (typeof METRICS)[number]): LevelShape[] {
  return levelOf(area).shapes.filter((shape) => shape.layers.includes(metric));
}

const idsOf = (shapes: readonly LevelShape[]) => shapes.map((shape) => shape.id);

describe('the layers of a level', () => {
  it('cover each child exactly once, in every metric', () => {
    for (const { id, areaChildren, streetChildren, street } of network.areas) {
      if (street !== undefined) continue;
      const children = [...areaChildren, ...streetChildren].map((index) =>
        network.areas.idOf(index),
      );
      for (const metric of METRICS) {
        const members = layer(id, metric).flatMap((shape) => shape.members);
        expect([id, metric, members.sort()]).toEqual([id, metric, children.sort()]);
      }
    }
  });

  it('draw net at net cells, and export at the unions of them where it may be published', () => {
    expect(idsOf(layer('es/r0/m0', 'net'))).toEqual([
      'es/r0/m0/s0',
      'es/r0/m0/s1',
      'es/r0/m0/{s2+s3}',
    ]);
    expect(idsOf(layer('es/r0/m0', 'coverage'))).toEqual(idsOf(layer('es/r0/m0', 'net')));
    expect(idsOf(layer('es/r0/m0', 'export'))).toEqual(['es/r0/m0/{s0+s1}', 'es/r0/m0/{s2+s3}']);
  });

  it('say why a shape has no figure, whatever the interval', () => {
    const level = levelOf('es/r0/m0');
    expect(shapeNamed(level, 'es/r0/m0/s0')?.absent).toMatchObject({ export: 'too-few' });
    // Nobody exports there: import is net, and export is nobody's.
    expect(shapeNamed(level, 'es/r0/m0/{s2+s3}')?.absent).toEqual({
      export: 'not-connected',
      production: 'not-connected',
    });
    expect(shapeNamed(level, 'es/r0/m0/{s0+s1}')?.absent).toEqual({});
  });

  it('know no consumption where homes produce without a meter', () => {
    const [street, other] = levelOf('es/r0/m1').shapes;
    expect(street).toMatchObject({
      id: 'es/r0/m1/s0',
      absent: { consumption: 'unmetered-production' },
    });
    expect(street?.absent.export).toBeUndefined();
    expect(other?.absent.consumption).toBeUndefined();
  });

  it('have no row for an area that is dissolved in a cell with its neighbour', () => {
    expect(idsOf(layer('es/r1', 'net'))).toEqual(['es/r1/{m2+m3}']);
    expect(layer('es/r1', 'net')[0]).toMatchObject({ kind: 'cell', meterCount: 10 });
    // Whoever looks inside finds streets, and no figure.
    const inside = levelOf('es/r1/m2');
    expect(inside.self.absent.net).toBe('too-few');
    expect(inside.shapes).toMatchObject([
      { id: 'es/r1/m2/s0', absent: { net: 'too-few', consumption: 'too-few' } },
    ]);
  });
});

describe('a row’s name', () => {
  it('is the street’s, or the first street’s and how many more', () => {
    const name = (area: string) => area.slice(-2).toUpperCase();
    const [s1, s2, s3] = ['a/s1', 'a/s2', 'a/s3'].map(areaId) as [never, never, never];
    expect(displayName([s1], name)).toBe('S1');
    expect(displayName([s1, s2, s3], name)).toBe('S1 + 2 more');
  });
});
