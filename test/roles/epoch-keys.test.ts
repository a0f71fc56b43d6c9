// What a party has of its keys when it stops: nothing.

import { expect, it } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import type { Epoch } from '../../src/core/interval.ts';
import {
  advanceAggregator,
  createAggregator,
  eraseAggregatorKeys,
} from '../../src/roles/aggregator.ts';
import type { EpochKeys } from '../../src/roles/epoch-keys.ts';
import { advanceTrustee, createTrustee, eraseTrusteeKeys } from '../../src/roles/trustee.ts';
import { createWorld, FIRST_DAY, verify } from '../support/world.ts';

const TOMORROW = (FIRST_DAY + 1) as Epoch;

/** The arrays themselves, of today and of the day before. */
function arraysOf(held: Iterable<EpochKeys>): Uint8Array[] {
  return [...held].flatMap(({ keys, previous }) => [keys, previous as Uint8Array]);
}

function isSecret(keys: Uint8Array): boolean {
  return keys.some((byte) => byte !== 0);
}

it('overwrites the keys of every epoch, at an aggregator and at a trustee', async () => {
  const world = await createWorld();
  const { network, parties } = world;
  const { signer, keyPair } = parties.aggregators[1]!;
  const aggregator = createAggregator({
    ...{ network, signer, verify, keyPair, epoch: FIRST_DAY, areas: [areaId('es/r0/m0')] },
    keysOf: (street) => world.aggregatorKeys.get(street)?.slice(),
  });
  const trustee = createTrustee({
    ...{ network, index: 0, signer: parties.trustees[0]!.signer, verify, epoch: FIRST_DAY },
    keysOf: (street) => world.trusteeKeys[0]!.get(street)?.slice(),
  });
  advanceAggregator(aggregator, TOMORROW);
  advanceTrustee(trustee, TOMORROW);
  const held = [
    ...arraysOf([...aggregator.streetKeys.values()].map(({ keys }) => keys)),
    ...arraysOf(trustee.keys.values()),
  ];
  expect(held.every(isSecret)).toBe(true);
  eraseAggregatorKeys(aggregator);
  eraseTrusteeKeys(trustee);
  expect(held.some(isSecret)).toBe(false);
});
