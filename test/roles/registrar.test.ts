import { beforeAll, describe, expect, it } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import { channelSetOf } from '../../src/core/channel.ts';
import { BATCH_SEED_EPOCHS } from '../../src/core/enrolment-batch.ts';
import { type Epoch, epoch } from '../../src/core/interval.ts';
import { decodeRoster, isEntryActive, OPEN_END_EPOCH, type Roster } from '../../src/core/roster.ts';
import { openSigned, verifyEd25519 } from '../../src/core/signed.ts';
import { bytesKey } from '../../src/roles/enroller-index.ts';
import {
  createRegistrar,
  createRosters,
  handleBatch,
  handleEnrolment,
  retireMeter,
  signRoster,
} from '../../src/roles/registrar.ts';
import type { EnrolmentContext, InventoryItem } from '../../src/roles/registrar-slots.ts';
import {
  createWorld,
  type EnrolmentWorld,
  enrolBatch,
  enrolMeter,
  FIRST_EPOCH,
  forge,
  meterSigner,
  NETWORK_ID,
  QUORUM,
  readOk,
} from '../support/enrolment.ts';

const street = areaId('es/md/s1');
const otherStreet = areaId('es/md/s2');
const item: InventoryItem = {
  area: street,
  channels: channelSetOf([0]),
  capWh: 5_000,
  connectionPoint: 1,
};
let world: EnrolmentWorld;

beforeAll(async () => {
  world = await createWorld();
});

function createDesk(known: Record<string, InventoryItem>) {
  const items = new Map(
    Object.entries(known).map(([name, value]) => [bytesKey(meterSigner(name).publicKey), value]),
  );
  const provisioners = [meterSigner('factory').publicKey];
  const state = createRegistrar({ networkId: NETWORK_ID, quorum: QUORUM, provisioners });
  const contextAt = (fromEpoch: Epoch): EnrolmentContext => ({
    fromEpoch,
    verify: verifyEd25519,
    inventory: (meter) => items.get(bytesKey(meter)),
  });
  const enrol = (bytes: Uint8Array, from: number = FIRST_EPOCH) =>
    handleEnrolment(state, bytes, contextAt(epoch(from)));
  const enrolAll = (bytes: Uint8Array, from: number = FIRST_EPOCH) =>
    handleBatch(state, bytes, contextAt(epoch(from)));
  const rosterOf = (area = street): Roster =>
    createRosters(state).find((roster) => roster.area === area) as Roster;
  return { state, items, enrol, enrolAll, rosterOf };
}

const refused = (reason: string) => ({ kind: 'refused', reason });

describe('the registrar', () => {
  it('assigns slots in order and signs rosters that read back', async () => {
    const desk = createDesk({ ana: item, ben: item, eva: { ...item, area: otherStreet } });
    const records = await Promise.all(['ana', 'ben', 'eva'].map((name) => enrolMeter(world, name)));
    const [ana, ben, eva] = records.map(({ record }) => desk.enrol(record));
    expect(ana).toEqual({ kind: 'assigned', area: street, slot: 0, fromEpoch: FIRST_EPOCH });
    expect(ben).toMatchObject({ area: street, slot: 1 });
    expect(eva).toMatchObject({ area: otherStreet, slot: 0 });
    const roster = desk.rosterOf();
    expect(roster.version).toBe(1);
    expect(roster.entries[0]).toMatchObject({
      meter: meterSigner('ana').publicKey,
      fromEpoch: FIRST_EPOCH,
      untilEpoch: OPEN_END_EPOCH,
    });
    const signer = meterSigner('registrar');
    const body = openSigned(
      'roster',
      signRoster(roster, signer),
      [signer.publicKey],
      verifyEd25519,
    );
    expect(decodeRoster(body as Uint8Array)).toEqual(roster);
  });

  it('gives a roster a new version only when it changes', async () => {
    const desk = createDesk({ ana: item, ben: item });
    desk.enrol((await enrolMeter(world, 'ana')).record);
    expect([desk.rosterOf().version, desk.rosterOf().version]).toEqual([1, 1]);
    desk.enrol((await enrolMeter(world, 'ben')).record);
    expect(desk.rosterOf().version).toBe(2);
  });

  it('refuses meters that the inventory does not know, and counts them', async () => {
    const desk = createDesk({});
    const { record } = await enrolMeter(world, 'ana');
    expect(desk.enrol(record)).toEqual(refused('unknown-meter'));
    expect(desk.state.refused.get('unknown-meter')).toBe(1);
    expect(createRosters(desk.state)).toEqual([]);
  });

  it('refuses records of another network, quorum or epoch, tampered or unsigned', async () => {
    const desk = createDesk({ ana: item });
    const { record } = await enrolMeter(world, 'ana');
    const elsewhere = await enrolMeter(world, 'ana', { networkId: 'other' });
    expect(desk.enrol(elsewhere.record)).toEqual(refused('wrong-network'));
    const signer = meterSigner('ana');
    const cut = forge(record, signer, { commitments: readOk(record).commitments.slice(1) });
    expect(desk.enrol(cut)).toEqual(refused('wrong-quorum'));
    for (const from of [FIRST_EPOCH - 31, FIRST_EPOCH + 31, 0])
      expect(desk.enrol(record, from)).toEqual(refused('wrong-epoch'));
    expect(desk.enrol(forge(record, meterSigner('ben'), {}))).toEqual(refused('bad-signature'));
    expect(desk.enrol(record.subarray(1))).toEqual(refused('malformed'));
    expect(desk.enrol(new Uint8Array(0))).toEqual(refused('malformed'));
    expect(desk.enrol(record)).toMatchObject({ kind: 'assigned' });
  });

  it('ends the old slot of a reset meter where its new one begins, and never reuses it', async () => {
    const desk = createDesk({ ana: item });
    desk.enrol((await enrolMeter(world, 'ana')).record);
    const again = await enrolMeter(world, 'ana', { seedLabel: 'reset' });
    expect(desk.enrol(again.record, FIRST_EPOCH + 5)).toMatchObject({ slot: 1 });
    const [old, next] = desk.rosterOf().entries;
    expect(old?.untilEpoch).toBe(FIRST_EPOCH + 5);
    expect(next?.fromEpoch).toBe(FIRST_EPOCH + 5);
    for (const day of [0, 4, 5, 9]) {
      const active = [old!, next!].filter((e) => isEntryActive(e, epoch(FIRST_EPOCH + day)));
      expect(active).toHaveLength(1);
    }
  });

  it('lets a meter come back after it has left, in a new slot', async () => {
    const desk = createDesk({ ana: item });
    expect(retireMeter(desk.state, meterSigner('ana').publicKey, FIRST_EPOCH)).toBe(false);
    desk.enrol((await enrolMeter(world, 'ana')).record);
    retireMeter(desk.state, meterSigner('ana').publicKey, epoch(FIRST_EPOCH + 2));
    expect(desk.rosterOf().entries[0]?.untilEpoch).toBe(FIRST_EPOCH + 2);
    const again = await enrolMeter(world, 'ana', { seedLabel: 'back' });
    expect(desk.enrol(again.record, FIRST_EPOCH + 9)).toMatchObject({ slot: 1 });
    expect(desk.rosterOf().entries[0]?.untilEpoch).toBe(FIRST_EPOCH + 2);
  });
});

describe('attacks on the registrar', () => {
  it('refuses a meter that copies the sealed seeds and commitments of another', async () => {
    const thieves = Array.from({ length: 3 }, (_, i) => `thief ${i}`);
    const known = Object.fromEntries(['victim', ...thieves].map((name) => [name, item]));
    const desk = createDesk(known);
    const { record } = await enrolMeter(world, 'victim');
    expect(desk.enrol(record)).toMatchObject({ kind: 'assigned', slot: 0 });
    for (const name of thieves) {
      const meter = meterSigner(name).publicKey;
      const copied = forge(record, meterSigner(name), { meter });
      expect(desk.enrol(copied)).toEqual(refused('duplicate-commitment'));
    }
    expect(desk.rosterOf().entries).toHaveLength(1);
  });

  it('refuses the same record again, and old seeds in a new record', async () => {
    const desk = createDesk({ ana: item });
    const { record } = await enrolMeter(world, 'ana');
    desk.enrol(record);
    expect(desk.enrol(record)).toEqual(refused('duplicate-record'));
    const later = await enrolMeter(world, 'ana', { firstEpoch: epoch(FIRST_EPOCH + 1) });
    expect(desk.enrol(later.record, FIRST_EPOCH + 1)).toEqual(refused('duplicate-commitment'));
    const [entry] = desk.rosterOf().entries;
    expect(entry?.untilEpoch).toBe(OPEN_END_EPOCH);
  });
});

describe('factory batches at the registrar', () => {
  const names = ['m0', 'm1', 'm2'];
  const known = Object.fromEntries(names.map((name) => [name, item]));

  it('get slots that end with the seeds, after 30 epochs', async () => {
    const desk = createDesk({ m0: item, m2: { ...item, area: otherStreet } });
    const result = desk.enrolAll((await enrolBatch(world, names)).record);
    expect(result).toMatchObject({
      kind: 'batch',
      meters: [{ area: street, slot: 0 }, refused('unknown-meter'), { area: otherStreet, slot: 0 }],
    });
    expect(desk.rosterOf().entries[0]?.untilEpoch).toBe(FIRST_EPOCH + BATCH_SEED_EPOCHS);
  });

  it('may come again for meters that the inventory learns of later', async () => {
    const desk = createDesk({ m0: item });
    const { record } = await enrolBatch(world, names);
    desk.enrolAll(record);
    desk.items.set(bytesKey(meterSigner('m1').publicKey), item);
    expect(desk.enrolAll(record)).toMatchObject({
      meters: [refused('duplicate-identity'), { slot: 1 }, refused('unknown-meter')],
    });
  });

  it('are replaced by a meter’s own enrolment, and by the factory’s next batch, not the other way', async () => {
    const desk = createDesk(known);
    desk.enrolAll((await enrolBatch(world, names)).record);
    expect(desk.enrol((await enrolMeter(world, 'm0')).record, FIRST_EPOCH + 3)).toMatchObject({
      kind: 'assigned',
      slot: 3,
    });
    const firstEpoch = epoch(FIRST_EPOCH + BATCH_SEED_EPOCHS);
    const next = await enrolBatch(world, names, { firstEpoch, seedLabel: 'next' });
    expect(desk.enrolAll(next.record, firstEpoch)).toMatchObject({
      meters: [refused('duplicate-identity'), { slot: 4 }, { slot: 5 }],
    });
    const { entries } = desk.rosterOf();
    expect(entries[0]?.untilEpoch).toBe(FIRST_EPOCH + 3);
    expect(entries[1]?.untilEpoch).toBe(firstEpoch);
    expect(entries[3]?.untilEpoch).toBe(OPEN_END_EPOCH);
  });

  it('are refused from an unknown provisioner, out of time, or malformed', async () => {
    const desk = createDesk(known);
    const stranger = await enrolBatch(world, names, { signer: meterSigner('stranger') });
    expect(desk.enrolAll(stranger.record)).toEqual(refused('unknown-provisioner'));
    const { record } = await enrolBatch(world, names);
    expect(desk.enrolAll(record, FIRST_EPOCH + 30)).toMatchObject({
      meters: names.map(() => refused('wrong-epoch')),
    });
    expect(desk.enrolAll(record.subarray(0, -1))).toEqual(refused('malformed'));
    expect(desk.enrolAll((await enrolMeter(world, 'm0')).record)).toEqual(refused('malformed'));
  });

  it('give a meter that is listed twice one slot', async () => {
    const desk = createDesk(known);
    const twice = await enrolBatch(world, ['m0', 'm0']);
    expect(desk.enrolAll(twice.record)).toMatchObject({
      meters: [{ slot: 0 }, refused('duplicate-identity')],
    });
  });
});
