import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { areaId } from '../../../src/core/area.ts';
import { bitIndices } from '../../../src/core/bitmap.ts';
import {
  type EnrolmentRecord,
  encodeEnrolment,
  readEnrolment,
} from '../../../src/core/enrolment.ts';
import { areaNamed } from '../../../src/core/network-tree.ts';
import { signMessage, splitSigned } from '../../../src/core/signed.ts';
import { readProposal } from '../../../src/runtime/joining/proposal.ts';
import { createSealedToParty } from '../../../src/runtime/parties.ts';
import { testBytes } from '../../support/enrolment.ts';
import { homeOf, JoiningNetwork, rowOf, STREET } from '../../support/joining-network.ts';
import { verify } from '../../support/world.ts';

const HOMES = [0, 1, 2, 3, 4, 5].map((index) => homeOf(index));
const FIRST = HOMES[0]!;
const NEW = homeOf(9, 'new');

/** The one reason for which a record is refused; nothing is written. */
async function reasonFor(network: JoiningNetwork, ...args: Parameters<JoiningNetwork['take']>) {
  const result = await network.take(...args);
  expect(result.isWritten).toBe(false);
  return result.refused.map(({ reason }) => reason);
}

describe('records that a registrar takes', () => {
  it('become slots of the next document, from today on where nobody was there before', async () => {
    await using network = await JoiningNetwork.create();
    await network.join(HOMES);
    const after = await network.last();
    expect([after.document.version, after.document.fromEpoch]).toEqual([2, network.today]);
    const street = after.streets.find((one) => one !== undefined)!;
    expect([...bitIndices(street.attested)]).toEqual([0, 1, 2, 3, 4, 5]);
    expect(Array.from(after.cells, ({ meterCount }) => meterCount)).toEqual([6]);
  });

  it('begin at the next day in a network that runs, and one more in its last minute', async () => {
    await using network = await JoiningNetwork.create();
    await network.join(HOMES);
    const day = network.today;
    const take = async () =>
      (await network.take([...HOMES, NEW], [await network.recordOf(NEW)])).fromEpoch;
    network.nowSeconds = 86_400 * day + 43_200;
    expect(await take()).toBe(day + 1);
    network.nowSeconds = 86_400 * (day + 1) - 30;
    expect(await take()).toBe(day + 2);
  });

  it('are refused where they are not CBOR, huge, tampered with or of a factory', async () => {
    await using network = await JoiningNetwork.create();
    const bytes = await network.read(await network.recordOf(FIRST));
    const bad: readonly (readonly [string, Uint8Array, string])[] = [
      ['empty', new Uint8Array(0), 'malformed'],
      ['text', new TextEncoder().encode('{"record": true}'), 'malformed'],
      ['noise', testBytes('noise', 5000), 'malformed'],
      ['huge', new Uint8Array(70_000), 'malformed'],
      ['cut', bytes.subarray(0, -1), 'malformed'],
      ['longer', Uint8Array.from([...bytes, 0]), 'malformed'],
      ['batch', Uint8Array.from(bytes, (byte, at) => (at === 1 ? 5 : byte)), 'malformed'],
      [
        'another byte',
        Uint8Array.from(bytes, (byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte)),
        'bad-signature',
      ],
      [
        'another signature',
        Uint8Array.from(bytes, (byte, at) => (at === 10 ? byte ^ 1 : byte)),
        'bad-signature',
      ],
    ];
    for (const [name, content, reason] of bad) {
      const file = await network.write(`${name}.bin`, content);
      expect([name, ...(await reasonFor(network, HOMES, [file]))]).toEqual([name, reason]);
    }
    expect(await reasonFor(network, HOMES, [network.root])).toEqual(['unreadable']);
    await expect(network.take(HOMES, [join(network.root, 'none.bin')])).rejects.toThrow(
      /expected an enrolment record, found none/u,
    );
  });

  it('are refused where somebody else signed what a meter had made', async () => {
    await using network = await JoiningNetwork.create();
    const bytes = await network.read(await network.recordOf(FIRST));
    const { body } = splitSigned('enrolment', bytes)!;
    const file = await network.write('forged.bin', signMessage('enrolment', body, NEW.signer));
    expect(await reasonFor(network, [FIRST, NEW], [file])).toEqual(['bad-signature']);
  });

  it('are refused where they are of another network, of another time or for other keys', async () => {
    await using network = await JoiningNetwork.create();
    await using other = await JoiningNetwork.create();
    const replayed = await network.recordOf(FIRST, 'other', await other.last());
    expect(await reasonFor(network, HOMES, [replayed])).toEqual(['wrong-network']);
    const today = network.today;
    const old = await network.recordOf(FIRST, 'old', undefined, (today - 31) as typeof today);
    const early = await network.recordOf(FIRST, 'early', undefined, (today + 1) as typeof today);
    expect(await reasonFor(network, HOMES, [old])).toEqual(['wrong-epoch']);
    expect(await reasonFor(network, HOMES, [early])).toEqual(['wrong-epoch']);
    const mine = await network.last();
    const { keyPair } = await createSealedToParty(testBytes('a', 32), testBytes('b', 32));
    const others = mine.document.aggregators.map((party) => ({
      ...party,
      hpkePublicKey: keyPair.publicKey,
    }));
    const elsewhere = { ...mine, document: { ...mine.document, aggregators: others } };
    const file = await network.recordOf(FIRST, 'keys', elsewhere);
    expect(await reasonFor(network, HOMES, [file])).toEqual(['wrong-recipient']);
  });

  it('are refused where the inventory does not know the meter, or its street is no place for one', async () => {
    await using network = await JoiningNetwork.create();
    const file = await network.recordOf(NEW);
    expect(await reasonFor(network, HOMES, [file])).toEqual(['unknown-meter']);
    for (const area of ['es/m0', 'es/m0/s0/x', 'pt/m0/s0']) {
      const row = rowOf(NEW, { area: areaId(area) });
      expect([area, ...(await reasonFor(network, [row], [file]))]).toEqual([area, 'bad-area']);
    }
  });

  it('take no second slot: neither the same record again, nor a taken connection point', async () => {
    await using network = await JoiningNetwork.create();
    await network.join(HOMES);
    const [record] = await readdir(network.config.enrolments);
    const again = join(network.config.enrolments, record!);
    expect(await reasonFor(network, HOMES, [again])).toEqual(['duplicate-record']);
    // Another identity on a point whose meter the inventory no longer lists: it has to leave first.
    const file = await network.recordOf(NEW);
    const row = rowOf(NEW, { connectionPoint: 0 });
    const others = HOMES.slice(1);
    expect(await reasonFor(network, [...others, row], [file])).toEqual(['point-taken']);
    const exchanged = await network.take([...others, row], [file], { retire: [FIRST.identity] });
    expect(exchanged.taken.map(({ slot }) => slot)).toEqual([6]);
    expect(exchanged.retiredCount).toBe(1);
    await expect(network.take(HOMES, [], { retire: [NEW.identity] })).rejects.toThrow(
      /expected the identity of a meter that has a slot/u,
    );
  });

  it('carry nobody else’s seeds, also where that meter joined long ago', async () => {
    await using network = await JoiningNetwork.create();
    const record = readEnrolment(
      await network.read(await network.recordOf(FIRST, '-0')),
      verify,
    ) as EnrolmentRecord;
    const copied = encodeEnrolment({ ...record, meter: NEW.signer.publicKey });
    const file = await network.write('copied.bin', signMessage('enrolment', copied, NEW.signer));
    await network.join(HOMES);
    expect(await reasonFor(network, [...HOMES, NEW], [file])).toEqual(['duplicate-commitment']);
  });

  it('give a meter that enrols twice one active slot', async () => {
    await using network = await JoiningNetwork.create();
    await network.join(HOMES);
    await network.join([FIRST], {
      inventory: HOMES.map((home) => rowOf(home)),
    });
    const after = await network.last();
    const street = after.streets.find((one) => one !== undefined)!;
    const mine = street.roster.entries.filter(
      ({ fromEpoch, untilEpoch, meter }) =>
        Buffer.from(meter).toString('hex') === FIRST.identity &&
        fromEpoch <= after.document.fromEpoch &&
        after.document.fromEpoch < untilEpoch,
    );
    expect([mine.length, street.roster.entries.length]).toEqual([1, 7]);
    expect(Array.from(after.cells, ({ meterCount }) => meterCount)).toEqual([6]);
  });

  it('are all taken or none, unless the operator says so', async () => {
    await using network = await JoiningNetwork.create();
    const good = await network.recordOf(FIRST);
    const bad = await network.write('bad.bin', testBytes('bad', 100));
    expect(await reasonFor(network, HOMES, [good, bad])).toEqual(['malformed']);
    const result = await network.take(HOMES, [good, bad], { skipRefused: true });
    expect([result.isWritten, result.taken.length, result.refused.length]).toEqual([true, 1, 1]);
    expect(result.taken[0]).toMatchObject({ gateway: FIRST.gateway, area: STREET, slot: 0 });
  });

  it('are proposed once where two desks write into one folder at once', async () => {
    await using network = await JoiningNetwork.create();
    const [one, other] = [await network.recordOf(FIRST), await network.recordOf(NEW)];
    const folder = network.newFolder();
    const takes = [
      network.take([FIRST], [one], { folder }),
      network.take([NEW], [other], { folder }),
    ];
    const outcomes = await Promise.allSettled(takes);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const kept = outcomes[0]!.status === 'fulfilled' ? one : other;
    expect((await readProposal(folder)).records).toEqual([await network.read(kept)]);
  });

  it('can join a street that is new', async () => {
    await using network = await JoiningNetwork.create();
    const file = await network.recordOf(NEW);
    const area = areaId('es/m0/s9');
    const folder = network.newFolder();
    await network.take([rowOf(NEW, { area })], [file], { folder });
    for (const trustee of [0, 1, 2]) await network.attest(folder, trustee);
    await network.draft(folder);
    for (const trustee of [0, 1]) await network.sign(folder, trustee);
    const { network: after } = await network.publish(folder);
    expect(areaNamed(after, area)?.id).toBe(area);
  });
});
