import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { areaId } from '../../../src/core/area.ts';
import { openEnrolment, readEnrolment } from '../../../src/core/enrolment.ts';
import { indexOfArea } from '../../../src/core/network-tree.ts';
import { findPlace, openEnrolmentStore, writeRecord } from '../../../src/gateway/node/enrolment.ts';
import { createParty } from '../../../src/runtime/parties.ts';
import { TemporaryFolder } from '../../store/temporary.ts';
import { createWorld, verify } from '../../support/world.ts';

const world = await createWorld();
const STREET = areaId('es/r0/m0/s0');
const { signer } = createParty(new Uint8Array(32).fill(9));
const NOW_MS = world.firstEpoch * 86_400_000;

describe('a gateway that enrols itself', () => {
  it('seals its seeds to the aggregator that hosts its street, also where the street is new', async () => {
    const { keyPair } = world.parties.aggregators[1]!;
    for (const street of [STREET, areaId('es/r0/m0/new-street')]) {
      using folder = new TemporaryFolder();
      using store = openEnrolmentStore(folder.file('enrolment.db'));
      const record = await store.create(world.network, street, signer, NOW_MS);
      const read = readEnrolment(record, verify);
      if (typeof read === 'string') throw new Error(read);
      const { networkId } = world.policy;
      const open = { networkId, quorum: world.network.quorum, keyPairs: [keyPair] };
      expect(await openEnrolment(read, { kind: 'aggregator' }, open)).toEqual([
        store.waitingKeys()!.authenticationKey,
      ]);
    }
  });

  it('has one record and its keys, however often it starts before it has a slot', async () => {
    using folder = new TemporaryFolder();
    const file = folder.file('enrolment.db');
    let record: Uint8Array;
    {
      using store = openEnrolmentStore(file);
      record = await store.create(world.network, STREET, signer, NOW_MS);
      await expect(store.create(world.network, STREET, signer, NOW_MS)).rejects.toThrow();
    }
    using again = openEnrolmentStore(file);
    expect(again.record).toEqual(record);
    expect(again.waitingKeys()?.componentKeys).toHaveLength(3);
    await writeRecord(folder.file('enrolment.bin'), record);
    await writeRecord(folder.file('enrolment.bin'), record);
    expect(new Uint8Array(readFileSync(folder.file('enrolment.bin')))).toEqual(record);
  });

  it('leaves no copy of its first keys behind once they have moved', async () => {
    using folder = new TemporaryFolder();
    const store = openEnrolmentStore(folder.file('enrolment.db'));
    const record = await store.create(world.network, STREET, signer, NOW_MS);
    const { componentKeys, authenticationKey } = store.waitingKeys()!;
    const keys = [...componentKeys, authenticationKey].map((key) => key.slice());
    store.eraseKeys();
    expect(store.waitingKeys()).toBeUndefined();
    expect(store.record).toEqual(record);
    store[Symbol.dispose]();
    for (const key of keys) expect(folder.filesWith(key)).toEqual([]);
  });

  it('has no place before a roster names this very record', () => {
    const [meter] = world.meters;
    const street = world.network.streets[indexOfArea(world.network, meter!.area)!]!;
    const { meter: identity } = street.roster.entries[0]!;
    expect(findPlace(world.network, meter!.area, identity, new Uint8Array(100))).toBeUndefined();
    expect(findPlace(world.network, meter!.area, identity, world.records[0]!)).toBeDefined();
    expect(findPlace(world.network, STREET, signer.publicKey, world.records[0]!)).toBeUndefined();
  });
});
