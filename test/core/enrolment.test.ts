import { beforeAll, describe, expect, it } from 'vitest';
import { concatBytes, utf8 } from '../../src/core/bytes.ts';
import { encodeCbor } from '../../src/core/cbor.ts';
import { componentHolders, heldComponents, type Quorum } from '../../src/core/components.ts';
import {
  createEnrolment,
  type EnrolmentRecord,
  enrolmentDigest,
  enrolmentRandomBytes,
  openEnrolment,
  readEnrolment,
} from '../../src/core/enrolment.ts';
import { sealSeeds } from '../../src/core/enrolment-seal.ts';
import { epoch } from '../../src/core/interval.ts';
import { signMessage, splitSigned, verifyEd25519 } from '../../src/core/signed.ts';
import {
  createWorld,
  type EnrolmentWorld,
  enrolMeter,
  FIRST_EPOCH,
  forge,
  meterSigner,
  NETWORK_ID,
  openContext,
  QUORUM,
  readOk,
  testBytes,
} from '../support/enrolment.ts';

const AGGREGATOR = { kind: 'aggregator' } as const;
const TRUSTEE = { kind: 'trustee', index: 0 } as const;

let world: EnrolmentWorld;
let bytes: Uint8Array;
let record: EnrolmentRecord;
let componentKeys: readonly Uint8Array[];
let authenticationKey: Uint8Array;

beforeAll(async () => {
  world = await createWorld();
  const enrolled = await enrolMeter(world, 'ana');
  bytes = enrolled.record;
  componentKeys = enrolled.keys.componentKeys;
  authenticationKey = enrolled.keys.authenticationKey;
  record = readOk(bytes);
});

function openAs(opened: EnrolmentRecord, trustee: number) {
  return openEnrolment(
    opened,
    { kind: 'trustee', index: trustee },
    openContext(world.trustees[trustee]!),
  );
}

describe('an enrolment record', () => {
  it('gives each trustee exactly its own components, and the aggregator the authentication key', async () => {
    for (const trustee of [0, 1, 2]) {
      const expected = heldComponents(QUORUM, trustee).map((c) => componentKeys[c]);
      expect(await openAs(record, trustee)).toEqual(expected);
    }
    expect(await openEnrolment(record, AGGREGATOR, openContext(world.aggregator))).toEqual([
      authenticationKey,
    ]);
  });

  it('works for every quorum', async () => {
    const pair = world.trustees[0]!;
    const quorums: Quorum[] = [
      { trusteeCount: 1, quorum: 1 },
      { trusteeCount: 2, quorum: 2 },
      { trusteeCount: 5, quorum: 3 },
    ];
    for (const quorum of quorums) {
      const recipients = {
        trustees: Array.from({ length: quorum.trusteeCount }, () => pair.publicKey),
        aggregator: pair.publicKey,
      };
      const input = { networkId: NETWORK_ID, firstEpoch: FIRST_EPOCH, quorum, recipients };
      const { record: made, keys } = await createEnrolment(
        { ...input, signer: meterSigner('any') },
        testBytes('any', enrolmentRandomBytes(quorum)),
      );
      expect(keys.componentKeys).toHaveLength(componentHolders(quorum).length);
      const last = quorum.trusteeCount - 1;
      const opened = await openEnrolment(
        readOk(made),
        { kind: 'trustee', index: last },
        openContext(pair, { quorum }),
      );
      expect(opened).toEqual(heldComponents(quorum, last).map((c) => keys.componentKeys[c]));
    }
  });

  it('is the same bytes for the same randomness, and another digest for any other', async () => {
    expect((await enrolMeter(world, 'ana')).record).toEqual(bytes);
    const other = await enrolMeter(world, 'ana', { seedLabel: 'another' });
    expect(enrolmentDigest(other.record)).not.toEqual(enrolmentDigest(bytes));
  });

  it('opens with a key that has been rotated, as long as the recipient keeps it', async () => {
    const keyPairs = [world.aggregator, world.trustees[1]!];
    const context = openContext(world.aggregator, { keyPairs });
    const second = { kind: 'trustee', index: 1 } as const;
    expect(await openEnrolment(record, second, context)).toHaveLength(2);
    expect(await openEnrolment(record, second, openContext(world.aggregator))).toBe('unknown-key');
  });

  it('refuses a caller whose input does not fit', async () => {
    await expect(enrolMeter(world, 'ana', { networkId: '' })).rejects.toThrow(RangeError);
    const recipients = { ...world.recipients, trustees: [] };
    await expect(enrolMeter(world, 'ana', { recipients })).rejects.toThrow(
      'recipients.trustees: expected 3 keys, found 0',
    );
  });
});

describe('attacks on enrolment', () => {
  it('refuses seeds copied from another meter, even by a meter that signs for itself', async () => {
    const thief = meterSigner('thief');
    const stolen = readOk(forge(bytes, thief, { meter: thief.publicKey }));
    for (const trustee of [0, 1, 2]) expect(await openAs(stolen, trustee)).toBe('bad-seal');
    expect(await openEnrolment(stolen, AGGREGATOR, openContext(world.aggregator))).toBe('bad-seal');
  });

  it('gives other keys for the same seed under another identity, network or epoch', async () => {
    const [first] = componentKeys;
    const others = await Promise.all([
      enrolMeter(world, 'ben', { seedLabel: 'ana' }),
      enrolMeter(world, 'ana', { networkId: 'other-net' }),
      enrolMeter(world, 'ana', { firstEpoch: epoch(20_001) }),
    ]);
    for (const { keys } of others) {
      expect(keys.componentKeys[0]).not.toEqual(first);
      expect(keys.authenticationKey).not.toEqual(authenticationKey);
    }
    const distinct = new Set(componentKeys.map(String));
    expect(distinct.add(String(authenticationKey)).size).toBe(4);
  });

  it('lets trustee 2 refuse a seed that differs from the one committed to, and the others open theirs', async () => {
    const other = readOk((await enrolMeter(world, 'ana', { seedLabel: 'another' })).record);
    const mixed = await enrolTwoFaced();
    expect(await openAs(mixed, 0)).toHaveLength(2);
    expect(await openAs(mixed, 1)).toHaveLength(2);
    expect(await openAs(mixed, 2)).toBe('bad-commitment');
    // Replacing the commitments instead breaks every seal.
    const signer = meterSigner('ana');
    const renamed = readOk(forge(bytes, signer, { commitments: other.commitments }));
    for (const trustee of [0, 1, 2]) expect(await openAs(renamed, trustee)).toBe('bad-seal');
  });

  it('refuses a record of another network, quorum or epoch', async () => {
    const signer = meterSigner('ana');
    const elsewhere = openContext(world.trustees[0]!, { networkId: 'other-net' });
    expect(await openEnrolment(record, TRUSTEE, elsewhere)).toBe('wrong-network');
    const renamed = readOk(forge(bytes, signer, { networkId: 'other-net' }));
    expect(await openEnrolment(renamed, TRUSTEE, elsewhere)).toBe('bad-seal');
    const moved = readOk(forge(bytes, signer, { firstEpoch: epoch(20_001) }));
    expect(await openAs(moved, 0)).toBe('bad-seal');
    for (const quorum of [
      { trusteeCount: 4, quorum: 3 },
      { trusteeCount: 9, quorum: 9 },
    ]) {
      const context = openContext(world.trustees[0]!, { quorum });
      expect(await openEnrolment(record, TRUSTEE, context)).toBe('wrong-quorum');
    }
    // (3, 3) has as many components as (3, 2), but each trustee holds one seed, not two.
    const allThree = openContext(world.trustees[0]!, { quorum: { trusteeCount: 3, quorum: 3 } });
    expect(await openEnrolment(record, TRUSTEE, allThree)).toBe('bad-seal');
    const short = readOk(forge(bytes, signer, { sealed: record.sealed.slice(1) }));
    expect(await openAs(short, 0)).toBe('wrong-quorum');
  });

  it("refuses another recipient's message in this recipient's place", async () => {
    const [a, b, c, d] = record.sealed;
    const sealed = [b!, a!, c!, d!];
    const swapped = readOk(forge(bytes, meterSigner('ana'), { sealed }));
    expect(await openAs(swapped, 0)).toBe('unknown-key');
    const all = openContext(world.trustees[0]!, { keyPairs: world.trustees });
    expect(await openEnrolment(swapped, TRUSTEE, all)).toBe('bad-seal');
  });

  it('refuses a record changed at any class of position', () => {
    const body = splitSigned('enrolment', bytes)!.body;
    const positions = new Set([0, 1, 2, 33, 65, bytes.length - 1]);
    for (let at = bytes.length - body.length; at < bytes.length; at += 97) positions.add(at);
    for (const at of positions) {
      const tampered = bytes.slice();
      tampered[at]! ^= 0x01;
      expect(['malformed', 'bad-signature']).toContain(readEnrolment(tampered, verifyEd25519));
    }
  });

  it('refuses what is truncated, too long, of another kind or not CBOR', () => {
    const signer = meterSigner('ana');
    const body = splitSigned('enrolment', bytes)!.body;
    const signed = (value: unknown) => signMessage('enrolment', encodeCbor(value), signer);
    const { networkId, firstEpoch, meter, commitments } = record;
    const sealed = record.sealed.map((s) => [s.keyId, s.enc, s.ciphertext]);
    const good = { networkId, firstEpoch, meter, commitments, sealed };
    expect(typeof readEnrolment(signed(good), verifyEd25519)).toBe('object');
    const hostile: Record<string, Uint8Array> = {
      empty: new Uint8Array(0),
      'header only': bytes.subarray(0, 66),
      truncated: bytes.subarray(0, bytes.length - 1),
      'trailing byte': concatBytes(bytes, Uint8Array.of(0)),
      'signed trailing byte': signMessage('enrolment', concatBytes(body, Uint8Array.of(0)), signer),
      'another kind': signMessage('grant', body, signer),
      'a string of 2^40 bytes': signMessage(
        'enrolment',
        Uint8Array.of(0x5b, 0, 0, 1, 0, 0, 0, 0, 0),
        signer,
      ),
      'nested arrays': signMessage('enrolment', new Uint8Array(100_000).fill(0x81), signer),
      text: signMessage('enrolment', utf8('enrol me'), signer),
      'unknown field': signed({ ...good, slot: 3 }),
      'no meter': signed({ ...good, meter: undefined }),
      'short meter': signed({ ...good, meter: meter.subarray(1) }),
      'no network': signed({ ...good, networkId: '' }),
      'long network': signed({ ...good, networkId: 'n'.repeat(65) }),
      'negative epoch': signed({ ...good, firstEpoch: -1 }),
      'epoch of 33 bits': signed({ ...good, firstEpoch: 2 ** 32 }),
      'fraction of an epoch': signed({ ...good, firstEpoch: 1.5 }),
      'no commitments': signed({ ...good, commitments: [] }),
      'a thousand commitments': signed({ ...good, commitments: Array(1000).fill(meter) }),
      'short enc': signed({ ...good, sealed: [sealed[0], [meter, meter, meter]] }),
      'a megabyte of ciphertext': signed({
        ...good,
        sealed: [sealed[0], [...(sealed[1] as Uint8Array[]).slice(0, 2), new Uint8Array(1 << 20)]],
      }),
    };
    for (const [name, message] of Object.entries(hostile))
      expect(['malformed', 'bad-signature'], name).toContain(readEnrolment(message, verifyEd25519));
    expect(typeof readEnrolment(bytes, verifyEd25519)).toBe('object');
  });

  it('refuses a record that another key than the meter signed', () => {
    const forged = forge(bytes, meterSigner('thief'), {});
    expect(readEnrolment(forged, verifyEd25519)).toBe('bad-signature');
  });
});

/** Ana's record with other seeds sealed to trustee 2, under the commitments of the first. */
async function enrolTwoFaced(): Promise<EnrolmentRecord> {
  const id = utf8(NETWORK_ID);
  const context = concatBytes(
    record.meter,
    Uint8Array.of(id.length, 0),
    id,
    Uint8Array.of(0x20, 0x4e, 0, 0),
    Uint8Array.of(record.commitments.length),
    ...record.commitments,
  );
  const third = await sealSeeds(
    'streetwatt/v1 enrol',
    NETWORK_ID,
    { kind: 'trustee', index: 2 },
    world.recipients,
    context,
    testBytes('different seeds', 64),
    testBytes('ephemeral', 64),
  );
  const [a, b, , d] = record.sealed;
  return readOk(forge(bytes, meterSigner('ana'), { sealed: [a!, b!, third, d!] }));
}
