// What a trustee and an aggregator accept of the registrar's rosters, and every way in which a
// meter, a factory or the registrar itself may try to get more.

import { beforeAll, describe, expect, it } from 'vitest';
import { type AreaId, areaId } from '../../src/core/area.ts';
import { attestedSlots } from '../../src/core/attestation.ts';
import { bitIndices } from '../../src/core/bitmap.ts';
import { concatBytes } from '../../src/core/bytes.ts';
import { channelSetOf } from '../../src/core/channel.ts';
import { enrolmentDigest } from '../../src/core/enrolment.ts';
import { BATCH_SEED_EPOCHS, batchMeterKeys } from '../../src/core/enrolment-batch.ts';
import { type Epoch, epoch } from '../../src/core/interval.ts';
import { nextEpochKey } from '../../src/core/ratchet.ts';
import { OPEN_END_EPOCH, type Roster, type RosterEntry } from '../../src/core/roster.ts';
import { type Signer, verifyEd25519 } from '../../src/core/signed.ts';
import {
  createEnroller,
  type EnrollerState,
  type VerifiedRoster,
  verifyRoster,
  verifyRosters,
} from '../../src/roles/enroller.ts';
import { forgetRecords, openRecord } from '../../src/roles/enroller-records.ts';
import { signRoster } from '../../src/roles/registrar.ts';
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

const registrar = meterSigner('registrar');
const street = areaId('es/md/s1');
const otherStreet = areaId('es/md/s2');
let world: EnrolmentWorld;
let ana: Awaited<ReturnType<typeof enrolMeter>>;
let ben: Awaited<ReturnType<typeof enrolMeter>>;

beforeAll(async () => {
  world = await createWorld();
  [ana, ben] = await Promise.all([enrolMeter(world, 'ana'), enrolMeter(world, 'ben')]);
});

function createTrustee(index: number): EnrollerState {
  return createEnroller({
    networkId: NETWORK_ID,
    quorum: QUORUM,
    recipient: { kind: 'trustee', index },
    keyPairs: [world.trustees[index]!],
    registrarKeys: [registrar.publicKey],
    provisioners: [meterSigner('factory').publicKey],
  });
}

function entryOf(name: string, record: Uint8Array, change: Partial<RosterEntry> = {}): RosterEntry {
  return {
    meter: meterSigner(name).publicKey,
    channels: channelSetOf([0]),
    capWh: 5_000,
    connectionPoint: 1,
    fromEpoch: FIRST_EPOCH,
    untilEpoch: OPEN_END_EPOCH,
    enrolmentDigest: enrolmentDigest(record),
    ...change,
  };
}

function sign(
  entries: readonly RosterEntry[],
  change: Partial<Roster> = {},
  signer: Signer = registrar,
): Uint8Array {
  const roster = { networkId: NETWORK_ID, area: street, version: 1, entries, ...change };
  return signRoster(roster, signer);
}

function verified(
  state: EnrollerState,
  roster: Uint8Array,
  at: Epoch = FIRST_EPOCH,
): VerifiedRoster {
  const result = verifyRoster(state, roster, { epoch: at, verify: verifyEd25519 });
  if (result.kind === 'rejected') throw new Error(`expected a roster, found ${result.reason}`);
  return result;
}

function reasonOf(state: EnrollerState, roster: Uint8Array): string {
  const result = verifyRoster(state, roster, { epoch: FIRST_EPOCH, verify: verifyEd25519 });
  return result.kind === 'rejected' ? result.reason : 'verified';
}

const open = (state: EnrollerState, record: Uint8Array) => openRecord(state, record, verifyEd25519);
const slotsOf = (bitmap: Uint8Array) => [...bitIndices(bitmap)];

describe('a trustee that verifies a roster', () => {
  it('holds flat keys of every accepted slot, ratcheted to the epoch asked for', async () => {
    const state = createTrustee(2);
    for (const { record } of [ana, ben]) expect(await open(state, record)).toBe('opened');
    const entries = [entryOf('ana', ana.record), entryOf('ben', ben.record)];
    const result = verified(state, sign(entries), epoch(FIRST_EPOCH + 2));
    expect(slotsOf(result.accepted)).toEqual([0, 1]);
    expect(result.opened).toEqual(result.accepted);
    const after = (key: Uint8Array) => nextEpochKey(nextEpochKey(key));
    const expected = [ana, ben].flatMap(({ keys }) => keys.componentKeys.slice(1).map(after));
    expect(result.keys).toEqual(concatBytes(...expected));
    expect(result.rejected.size).toBe(0);
  });

  it('is an aggregator where it holds authentication keys', async () => {
    const state = createEnroller({
      networkId: NETWORK_ID,
      quorum: QUORUM,
      recipient: { kind: 'aggregator' },
      keyPairs: [world.aggregator],
      registrarKeys: [registrar.publicKey],
    });
    await open(state, ana.record);
    const { keys } = verified(state, sign([entryOf('ana', ana.record)]));
    expect(keys).toEqual(ana.keys.authenticationKey);
  });

  it('hands out each slot’s keys once, and needs no record again for the next version', async () => {
    const state = createTrustee(0);
    await open(state, ana.record);
    const first = entryOf('ana', ana.record);
    expect(slotsOf(verified(state, sign([first])).opened)).toEqual([0]);
    forgetRecords(state);
    await open(state, ben.record);
    const entries = [first, entryOf('ben', ben.record)];
    const next = verified(state, sign(entries, { version: 2 }));
    expect(slotsOf(next.accepted)).toEqual([0, 1]);
    expect(slotsOf(next.opened)).toEqual([1]);
    expect(next.keys.subarray(0, 64)).toEqual(new Uint8Array(64));
  });

  it('picks up later what was missing', async () => {
    const state = createTrustee(0);
    const roster = sign([entryOf('ana', ana.record)]);
    expect(verified(state, roster).rejected).toEqual(new Map([['no-record', 1]]));
    await open(state, ana.record);
    expect(slotsOf(verified(state, roster).opened)).toEqual([0]);
  });

  it('attests a slot before its first epoch, and hands out the keys when it comes', async () => {
    const state = createTrustee(0);
    const firstEpoch = epoch(FIRST_EPOCH + 2);
    const { record, keys } = await enrolMeter(world, 'ana', { firstEpoch });
    await open(state, record);
    const roster = sign([entryOf('ana', record, { fromEpoch: firstEpoch })]);
    const early = verified(state, roster);
    expect([slotsOf(early.accepted), slotsOf(early.opened)]).toEqual([[0], []]);
    expect(verified(state, roster, firstEpoch).keys.subarray(0, 32)).toEqual(keys.componentKeys[0]);
  });

  it('continues from what an earlier state had verified', async () => {
    const before = createTrustee(0);
    await open(before, ana.record);
    const roster = sign([entryOf('ana', ana.record)]);
    verified(before, roster);
    const fresh = createTrustee(0);
    const state = createEnroller({ ...fresh, streets: before.streets });
    expect(slotsOf(verified(state, roster).accepted)).toEqual([0]);
    const copy = sign([entryOf('ana', ana.record)], { area: otherStreet });
    await open(state, ana.record);
    expect(verified(state, copy).rejected).toEqual(new Map([['duplicate-identity', 1]]));
  });

  it('opens a batch once for the streets of all its meters', async () => {
    const state = createTrustee(1);
    const batch = await enrolBatch(world, ['m0', 'm1', 'm2']);
    expect(await open(state, batch.record)).toBe('opened');
    const untilEpoch = epoch(FIRST_EPOCH + BATCH_SEED_EPOCHS);
    const entry = (name: string) => entryOf(name, batch.record, { untilEpoch });
    const here = verified(state, sign([entry('m2'), entry('m0')]));
    const there = verified(state, sign([entry('m1')], { area: otherStreet }));
    const [, , c2] = batchMeterKeys(batch.keys, 2).componentKeys;
    expect(here.keys.subarray(32, 64)).toEqual(c2);
    expect(there.keys.subarray(0, 32)).toEqual(batchMeterKeys(batch.keys, 1).componentKeys[0]);
  });

  it('shows no secret in the JSON of its state', async () => {
    const state = createTrustee(0);
    await open(state, ana.record);
    verified(state, sign([entryOf('ana', ana.record)]));
    const text = JSON.stringify({ ...state, streets: [...state.streets] });
    const key = (ana.keys.componentKeys[0] as Uint8Array).subarray(0, 4);
    expect(text).not.toContain(JSON.stringify(key).slice(1, -1));
    expect(text).not.toContain('seed"');
  });
});

describe('attacks on a trustee', () => {
  it('19 meters of one owner with a victim’s sealed seeds give no mask but their own', async () => {
    const names = Array.from({ length: 19 }, (_, i) => `thief ${i}`);
    const copies = names.map((name) => {
      const signer = meterSigner(name);
      return forge(ana.record, signer, { meter: signer.publicKey });
    });
    const entries = names.map((name, i) => entryOf(name, copies[i]!));
    const state = createTrustee(0);
    for (const record of [...copies, ana.record]) await open(state, record);
    const result = verified(state, sign([...entries, entryOf('ana', ana.record)]));
    expect(slotsOf(result.accepted)).toEqual([19]);
    expect(result.rejected).toEqual(new Map([['bad-seal', 19]]));
    expect(result.keys.subarray(0, 19 * 64)).toEqual(new Uint8Array(19 * 64));
  });

  it('one bad enrolment stays unknown to all and the rest of the street works', async () => {
    const [a, b, , d] = readOk(ana.record).sealed;
    // Sealed to trustee 2 is what nobody can open: only trustee 2 can tell.
    const third = { ...a!, keyId: world.trustees[2]!.keyId };
    const bad = forge(ana.record, meterSigner('ana'), { sealed: [a!, b!, third, d!] });
    const roster = sign([entryOf('ana', bad), entryOf('ben', ben.record)]);
    const attestations = await Promise.all(
      [0, 1, 2].map(async (trustee) => {
        const state = createTrustee(trustee);
        for (const record of [bad, ben.record]) await open(state, record);
        const { accepted, rosterDigest } = verified(state, roster);
        const rosters = [{ area: street, rosterDigest, accepted }];
        return { networkId: NETWORK_ID, trustee, rosters };
      }),
    );
    expect(attestations.map(({ rosters }) => slotsOf(rosters[0]!.accepted))).toEqual([
      [0, 1],
      [0, 1],
      [1],
    ]);
    const { rosterDigest } = attestations[0]!.rosters[0]!;
    const target = { networkId: NETWORK_ID, area: street, rosterDigest, slotCount: 2 };
    expect(slotsOf(attestedSlots(attestations, { ...target, trusteeCount: 3 }))).toEqual([1]);
  });

  it('an identity stands in one active slot, wherever the registrar lists it', async () => {
    const again = await enrolMeter(world, 'ana', { seedLabel: 'again' });
    const state = createTrustee(0);
    for (const { record } of [ana, again]) await open(state, record);
    const both = sign([entryOf('ana', ana.record), entryOf('ana', again.record)]);
    const result = verified(state, both);
    expect(slotsOf(result.accepted)).toEqual([0]);
    expect(result.rejected).toEqual(new Map([['duplicate-identity', 1]]));
    const elsewhere = sign([entryOf('ana', again.record)], { area: otherStreet });
    expect(verified(state, elsewhere).rejected).toEqual(new Map([['duplicate-identity', 1]]));
  });

  it('a meter moves to another street or slot where its old slot ends', async () => {
    const again = await enrolMeter(world, 'ana', { seedLabel: 'again' });
    const state = createTrustee(0);
    for (const { record } of [ana, again]) await open(state, record);
    verified(state, sign([entryOf('ana', ana.record)]));
    const moveEpoch = epoch(FIRST_EPOCH + 4);
    const ended = sign([entryOf('ana', ana.record, { untilEpoch: moveEpoch })], { version: 2 });
    const moved = sign([entryOf('ana', again.record, { fromEpoch: moveEpoch })], {
      area: otherStreet,
    });
    // In either order: ends come first.
    const results = verifyRosters(state, [moved, ended], {
      epoch: FIRST_EPOCH,
      verify: verifyEd25519,
    });
    expect(results.map((result) => (result as VerifiedRoster).rejected.size)).toEqual([0, 0]);
    // The registrar cannot reopen the old slot beside the new one.
    const reopened = sign([entryOf('ana', ana.record)], { version: 3 });
    expect(verified(state, reopened).rejected).toEqual(new Map([['duplicate-identity', 1]]));
  });

  it('seeds of an ended slot never open another', async () => {
    const state = createTrustee(0);
    await open(state, ana.record);
    const untilEpoch = epoch(FIRST_EPOCH + 1);
    const old = entryOf('ana', ana.record, { untilEpoch });
    const reused = entryOf('ana', ana.record, { fromEpoch: untilEpoch });
    expect(verified(state, sign([old, reused])).rejected).toEqual(
      new Map([['duplicate-commitment', 1]]),
    );
  });

  it('a slot never changes hands', async () => {
    const again = await enrolMeter(world, 'ana', { seedLabel: 'again' });
    const state = createTrustee(0);
    for (const { record } of [ana, ben, again]) await open(state, record);
    verified(state, sign([entryOf('ana', ana.record)]));
    const changes = [
      entryOf('ben', ben.record),
      entryOf('ana', again.record),
      entryOf('ana', ana.record, { fromEpoch: epoch(FIRST_EPOCH + 1) }),
    ];
    for (const [i, entry] of changes.entries()) {
      const result = verified(state, sign([entry], { version: 2 + i }));
      expect(result.rejected).toEqual(new Map([['changed-slot', 1]]));
      expect(slotsOf(result.accepted)).toEqual([]);
    }
  });

  it('batch seeds expire, whatever the roster says', async () => {
    const state = createTrustee(0);
    const { record } = await enrolBatch(world, ['m0']);
    await open(state, record);
    const expiry = FIRST_EPOCH + BATCH_SEED_EPOCHS;
    const late = sign([entryOf('m0', record, { untilEpoch: epoch(expiry + 1) })]);
    expect(verified(state, late).rejected).toEqual(new Map([['expired-seed', 1]]));
    const inTime = sign([entryOf('m0', record, { untilEpoch: epoch(expiry) })], { version: 2 });
    expect(slotsOf(verified(state, inTime).accepted)).toEqual([0]);
    const prolonged = sign([entryOf('m0', record)], { version: 3 });
    expect(verified(state, prolonged).rejected).toEqual(new Map([['expired-seed', 1]]));
  });

  it('an entry names the meter, record and epoch that the record has', async () => {
    const state = createTrustee(0);
    await open(state, ana.record);
    const rejected = (entry: RosterEntry, area: AreaId) => [
      ...verified(state, sign([entry], { area })).rejected.keys(),
    ];
    expect(rejected(entryOf('ben', ana.record), areaId('es/a'))).toEqual(['wrong-identity']);
    expect(rejected(entryOf('ana', ben.record), areaId('es/b'))).toEqual(['no-record']);
    const early = { fromEpoch: epoch(FIRST_EPOCH - 1) };
    expect(rejected(entryOf('ana', ana.record, early), areaId('es/c'))).toEqual(['wrong-epoch']);
    const ended = { untilEpoch: FIRST_EPOCH };
    expect(rejected(entryOf('ana', ana.record, ended), areaId('es/d'))).toEqual(['ended']);
    const ancient = await enrolMeter(world, 'old', { firstEpoch: epoch(0) });
    await open(state, ancient.record);
    expect(rejected(entryOf('old', ancient.record), areaId('es/e'))).toEqual(['wrong-epoch']);
  });

  it('a record that does not open says why at its slot', async () => {
    const state = createTrustee(0);
    const elsewhere = await enrolMeter(world, 'ana', { networkId: 'other' });
    expect(await open(state, elsewhere.record)).toBe('wrong-network');
    const stranger = await enrolBatch(world, ['ben'], { signer: meterSigner('stranger') });
    expect(await open(state, stranger.record)).toBe('unknown-provisioner');
    const roster = sign([entryOf('ana', elsewhere.record), entryOf('ben', stranger.record)]);
    expect(verified(state, roster).rejected).toEqual(
      new Map([
        ['wrong-network', 1],
        ['unknown-provisioner', 1],
      ]),
    );
    for (const hostile of [new Uint8Array(0), ana.record.subarray(1), Uint8Array.of(1, 5)])
      expect(await open(state, hostile)).toBe('malformed');
    const forged = forge(ana.record, meterSigner('thief'), {});
    expect(await open(state, forged)).toBe('bad-signature');
  });

  it('a roster is the registrar’s, of this network, and only grows', async () => {
    const state = createTrustee(0);
    await open(state, ana.record);
    const entry = entryOf('ana', ana.record);
    const good = sign([entry], { version: 5 });
    expect(reasonOf(state, sign([entry], {}, meterSigner('thief')))).toBe('bad-signature');
    expect(reasonOf(state, good.subarray(0, -1))).toBe('bad-signature');
    expect(reasonOf(state, new Uint8Array(0))).toBe('bad-signature');
    expect(reasonOf(state, sign([entry], { networkId: 'other' }))).toBe('wrong-network');
    expect(reasonOf(state, sign([{ ...entry, meter: new Uint8Array(3) }]))).toBe('malformed');
    expect(reasonOf(state, good)).toBe('verified');
    expect(reasonOf(state, good)).toBe('verified');
    expect(reasonOf(state, sign([entry], { version: 4 }))).toBe('stale-version');
    expect(reasonOf(state, sign([{ ...entry, capWh: 1 }], { version: 5 }))).toBe('forked-version');
    expect(reasonOf(state, sign([], { version: 6 }))).toBe('shrunk');
    const pair = [sign([entry], { version: 8 }), sign([entry], { version: 7 })];
    const context = { epoch: FIRST_EPOCH, verify: verifyEd25519 };
    expect(verifyRosters(state, pair, context)).toMatchObject([
      { kind: 'verified' },
      { kind: 'rejected', reason: 'stale-version' },
    ]);
  });
});
