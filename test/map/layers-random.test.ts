import { expect, it } from 'vitest';
import { channelSet } from '../../src/core/channel.ts';
import { planLevel } from '../../src/map/layers.ts';
import { METRICS } from '../../src/map/metric.ts';
import { createRandom, seedOf } from '../../src/sim/random.ts';
import { createWorld, type StreetSize } from '../support/world.ts';

const PRODUCERS = [channelSet(0b111), channelSet(0b011), channelSet(0b101)];

/** Towns and suburbs of any size, streets beside suburbs among them. */
function randomStreets(seed: number): Record<string, StreetSize> {
  const random = createRandom(seedOf(`layers ${seed}`), 0);
  const below = (limit: number) => Math.floor(random() * limit);
  const streets: Record<string, StreetSize> = {};
  for (let town = 0; town < 3; town++)
    for (let street = 0; street < 1 + below(7); street++) {
      const suburb = below(3);
      const home = suburb === 0 ? `es/t${town}` : `es/t${town}/u${suburb}`;
      const meters = 1 + below(9);
      streets[`${home}/s${street}`] = {
        meters,
        producers: below(meters + 1),
        producerChannels: PRODUCERS[below(3)]!,
      };
    }
  return streets;
}

it.each([1, 2, 3, 4, 5, 6])(
  'layers of a random tree cover each child once (seed %i)',
  async (seed) => {
    const { network } = await createWorld({
      label: `layers ${seed}`,
      streets: randomStreets(seed),
    });
    for (const area of network.areas) {
      if (area.street !== undefined) continue;
      const { shapes } = planLevel(network, area);
      expect(new Set(shapes.map(({ id }) => id)).size).toBe(shapes.length);
      const children = [...area.areaChildren, ...area.streetChildren].map((child) =>
        network.areas.idOf(child),
      );
      for (const metric of METRICS) {
        const drawn = shapes.filter(({ layers }) => layers.includes(metric));
        const members = drawn.flatMap((shape) => shape.members);
        expect([area.id, metric, members.sort()]).toEqual([area.id, metric, children.toSorted()]);
      }
    }
  },
);
