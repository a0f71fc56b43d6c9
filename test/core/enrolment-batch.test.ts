import { beforeAll, describe, expect, it } from 'vitest';
import { bitIndices } from '../../src/core/bitmap.ts';
import { concatBytes } from '../../src/core/bytes.ts';
import {
  type BatchKeys,
  batchContext,
  batchMeterKeys,
  batchRandomBytes,
  createEnrolmentBatch,
  type EnrolmentBatch,
  encodeEnrolmentBatch,
  readEnrolmentBatch,
} from '../../src/core/enrolment-batch.ts';
import {
  type OpenedBatch,
  openBatchForAggregator,
  openBatchForTrustee,
} from '../../src/core/enrolment-batch-open.ts';
import { openSeeds, sealSeeds } from '../../src/core/enrolment-seal.ts';
import { epoch } from '../../src/core/interval.ts';
import { signMessage, splitSigned, verifyEd25519 } from '../../src/core/signed.ts';
import {
  createWorld,
  type EnrolmentWorld,
  enrolBatch,
  enrolMeter,
  FIRST_EPOCH,
  meterSigner,
  NETWORK_ID,
  openContext,
  QUORUM,
  testBytes,
} from '../support/enrolment.ts';

const names = ['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8'];
let world: EnrolmentWorld;
let bytes: Uint8Array;
let batch: EnrolmentBatch;
let keys: BatchKeys;

beforeAll(async () => {
  world = await createWorld();
  ({ record: bytes, keys } = await enrolBatch(world, names));
  batch = readOkBatch(bytes);
});

function readOkBatch(message: Uint8Array): EnrolmentBatch {
  const result = readEnrolmentBatch(message, verifyEd25519);
  if (typeof result === 'string') throw new Error(`expected a batch, found ${result}`);
  return result;
}

function forgeBatch(change: Partial<EnrolmentBatch>): Uint8Array {
  const body = encodeEnrolmentBatch({ ...batch, ...change });
  return signMessage('enrolment-batch', body, meterSigner('factory'));
}

async function openAs(opened: EnrolmentBatch, trustee: number): Promise<OpenedBatch> {
  const result = await openBatchForTrustee(opened, trustee, openContext(world.trustees[trustee]!));
  if (typeof result === 'string') throw new Error(`expected keys, found ${result}`);
  return result;
}

describe('a factory batch', () => {
  it('gives every recipient the flat keys of every meter, as the meter gets them', async () => {
    const held = [
      [0, 1],
      [0, 2],
      [1, 2],
    ];
    for (const trustee of [0, 1, 2]) {
      const opened = await openAs(batch, trustee);
      expect([...bitIndices(opened.matches)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
      const expected = names.flatMap((_, m) =>
        held[trustee]!.map((c) => batchMeterKeys(keys, m).componentKeys[c]!),
      );
      expect(opened.keys).toEqual(concatBytes(...expected));
    }
    const opened = await openBatchForAggregator(batch, openContext(world.aggregator));
    expect((opened as OpenedBatch).keys).toEqual(keys.authenticationKeys);
    expect(batchMeterKeys(keys, 8).authenticationKey).toEqual(
      keys.authenticationKeys.subarray(8 * 32),
    );
  });

  it('loses only the meter whose seeds do not match', async () => {
    // The factory commits to the seeds that it seals, except where it gives meter 3 another
    // commitment for component 2, which trustee 0 does not hold.
    const commitments = batch.commitments.slice();
    commitments[(3 * 4 + 2) * 32]! ^= 1;
    const sealedFor = await enrolBatchWith(commitments);
    expect([...bitIndices((await openAs(sealedFor, 0)).matches)]).toHaveLength(9);
    for (const trustee of [1, 2]) {
      const opened = await openAs(sealedFor, trustee);
      expect([...bitIndices(opened.matches)]).toEqual([0, 1, 2, 4, 5, 6, 7, 8]);
      expect(opened.keys.subarray(3 * 64, 4 * 64)).toEqual(new Uint8Array(64));
      expect(opened.keys.subarray(4 * 64, 5 * 64)).not.toEqual(new Uint8Array(64));
    }
  });

  it('does not open for another network, quorum, epoch, key, meter or commitment', async () => {
    const context = openContext(world.trustees[0]!);
    const open = (message: Uint8Array, change = {}) =>
      openBatchForTrustee(readOkBatch(message), 0, { ...context, ...change });
    expect(await open(bytes, { networkId: 'other' })).toBe('wrong-network');
    expect(await open(bytes, { quorum: { trusteeCount: 4, quorum: 3 } })).toBe('wrong-quorum');
    expect(await open(bytes, { keyPairs: [] })).toBe('unknown-key');
    const networkId = 'other';
    expect(await open(forgeBatch({ networkId }), { networkId })).toBe('bad-seal');
    expect(await open(forgeBatch({ firstEpoch: epoch(1) }))).toBe('bad-seal');
    const meters = concatBytes(meterSigner('thief').publicKey, batch.meters.subarray(32));
    expect(await open(forgeBatch({ meters }))).toBe('bad-seal');
    const commitments = batch.commitments.map((byte, i) => (i === 77 ? byte ^ 1 : byte));
    expect(await open(forgeBatch({ commitments }))).toBe('bad-seal');
  });

  it('does not open under another provisioner', async () => {
    const thief = meterSigner('thief');
    const body = encodeEnrolmentBatch({ ...batch, provisioner: thief.publicKey });
    const stolen = readOkBatch(signMessage('enrolment-batch', body, thief));
    expect(await openBatchForTrustee(stolen, 0, openContext(world.trustees[0]!))).toBe('bad-seal');
  });

  it('is refused where it is tampered with, truncated, trailing, uneven or not signed', async () => {
    for (let at = 0; at < bytes.length; at += 211) {
      const tampered = bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
      expect(['malformed', 'bad-signature']).toContain(readEnrolmentBatch(tampered, verifyEd25519));
    }
    const body = splitSigned('enrolment-batch', bytes)!.body;
    const empty = new Uint8Array(0);
    const hostile: Record<string, Uint8Array> = {
      empty,
      truncated: bytes.subarray(0, -1),
      trailing: concatBytes(bytes, empty, Uint8Array.of(1)),
      'another signer': signMessage('enrolment-batch', body, meterSigner('thief')),
      'a single record': (await enrolMeter(world, 'ana')).record,
      'no meters': forgeBatch({ meters: empty, commitments: empty }),
      'half a meter': forgeBatch({ meters: batch.meters.subarray(16) }),
      'no commitments': forgeBatch({ commitments: empty }),
      'uneven commitments': forgeBatch({ commitments: batch.commitments.subarray(32) }),
      'one commitment a meter': forgeBatch({ commitments: batch.meters }),
    };
    for (const [name, message] of Object.entries(hostile))
      expect(['malformed', 'bad-signature'], name).toContain(
        readEnrolmentBatch(message, verifyEd25519),
      );
  });

  it('refuses a caller with no meters, half a meter or too little randomness', async () => {
    const meters = new Uint8Array(33);
    await expect(enrolBatch(world, ['a'], { meters })).rejects.toThrow(RangeError);
    await expect(enrolBatch(world, [])).rejects.toThrow(RangeError);
    await expect(enrolBatch(world, ['a'], { meters: new Uint8Array(64) })).rejects.toThrow(
      'random: expected',
    );
  });

  it('enrols thousands of meters in one message a recipient, in seconds', async () => {
    const meterCount = 5_000;
    const input = {
      networkId: NETWORK_ID,
      firstEpoch: FIRST_EPOCH,
      quorum: QUORUM,
      recipients: world.recipients,
      signer: meterSigner('factory'),
      meters: testBytes('identities', meterCount * 32),
    };
    const random = new Uint8Array(batchRandomBytes(QUORUM, meterCount)).fill(5);
    const made = await createEnrolmentBatch(input, random);
    const large = readOkBatch(made.record);
    expect(large.sealed).toHaveLength(4);
    const opened = await openAs(large, 1);
    expect([...bitIndices(opened.matches)]).toHaveLength(meterCount);
    expect(opened.keys.subarray(-32)).toEqual(batchMeterKeys(made.keys, 4_999).componentKeys[2]);
  }, 20_000);
});

/** The batch with these commitments, its messages sealed anew for them: a factory that errs or lies. */
async function enrolBatchWith(commitments: Uint8Array): Promise<EnrolmentBatch> {
  const label = 'streetwatt/v1 enrol-batch';
  const sealed = await Promise.all(
    world.trustees.map(async (pair, index) => {
      const recipient = { kind: 'trustee', index } as const;
      const context = batchContext(batch);
      const open = openContext(pair);
      const seeds = await openSeeds(label, recipient, open, context, batch.sealed, names.length);
      const forged = batchContext({ ...batch, commitments });
      return sealSeeds(
        label,
        NETWORK_ID,
        recipient,
        world.recipients,
        forged,
        seeds as Uint8Array,
        testBytes(`again ${index}`, 64),
      );
    }),
  );
  return readOkBatch(forgeBatch({ commitments, sealed: [...sealed, batch.sealed[3]!] }));
}
