// A small world of enrolment for tests: key pairs of three trustees and an aggregator, meters with
// seeds from a counter, so that every test and vector can be rebuilt.

import { concatBytes, u32, utf8 } from '../../src/core/bytes.ts';
import type { Quorum } from '../../src/core/components.ts';
import { sha256 } from '../../src/core/digest.ts';
import {
  createEnrolment,
  type EnrolmentInput,
  type EnrolmentRecord,
  encodeEnrolment,
  enrolmentRandomBytes,
  readEnrolment,
} from '../../src/core/enrolment.ts';
import {
  type BatchInput,
  batchRandomBytes,
  createEnrolmentBatch,
} from '../../src/core/enrolment-batch.ts';
import type { EnrolmentRecipientKeys, OpenContext } from '../../src/core/enrolment-seal.ts';
import { createHpkeKeyPair, type HpkeKeyPair } from '../../src/core/hpke.ts';
import { type Epoch, epoch } from '../../src/core/interval.ts';
import { createSigner, type Signer, signMessage, verifyEd25519 } from '../../src/core/signed.ts';

export const NETWORK_ID = 'test-net';
export const QUORUM: Quorum = { trusteeCount: 3, quorum: 2 };
export const FIRST_EPOCH: Epoch = epoch(20_000);

export interface EnrolmentWorld {
  readonly trustees: readonly HpkeKeyPair[];
  readonly aggregator: HpkeKeyPair;
  readonly recipients: EnrolmentRecipientKeys;
}

/** Reproducible bytes: SHA-256 of the label and a counter. */
export function testBytes(label: string, length: number): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
    sha256(utf8(label), u32(i)),
  );
  return concatBytes(...blocks).subarray(0, length);
}

export async function createWorld(): Promise<EnrolmentWorld> {
  const names = ['trustee 0', 'trustee 1', 'trustee 2', 'aggregator'];
  const pairs = await Promise.all(names.map((name) => createHpkeKeyPair(testBytes(name, 32))));
  const [a, b, c, aggregator] = pairs as [HpkeKeyPair, HpkeKeyPair, HpkeKeyPair, HpkeKeyPair];
  const trustees = [a, b, c];
  return {
    trustees,
    aggregator,
    recipients: {
      trustees: trustees.map(({ publicKey }) => publicKey),
      aggregator: aggregator.publicKey,
    },
  };
}

export function meterSigner(name: string): Signer {
  return createSigner(testBytes(`identity ${name}`, 32));
}

/** A meter's own record; `seedLabel` is what its randomness comes from. */
export function enrolMeter(
  world: EnrolmentWorld,
  name: string,
  change: Partial<EnrolmentInput> & { readonly seedLabel?: string } = {},
): ReturnType<typeof createEnrolment> {
  const { seedLabel, ...input } = change;
  const random = testBytes(`random ${seedLabel ?? name}`, enrolmentRandomBytes(QUORUM));
  return createEnrolment(
    {
      networkId: NETWORK_ID,
      firstEpoch: FIRST_EPOCH,
      quorum: QUORUM,
      recipients: world.recipients,
      signer: meterSigner(name),
      ...input,
    },
    random,
  );
}

export function enrolBatch(
  world: EnrolmentWorld,
  names: readonly string[],
  change: Partial<BatchInput> & { readonly seedLabel?: string } = {},
): ReturnType<typeof createEnrolmentBatch> {
  const { seedLabel, ...input } = change;
  const random = testBytes(
    `batch random ${seedLabel ?? ''}`,
    batchRandomBytes(QUORUM, names.length),
  );
  return createEnrolmentBatch(
    {
      networkId: NETWORK_ID,
      firstEpoch: FIRST_EPOCH,
      quorum: QUORUM,
      recipients: world.recipients,
      signer: meterSigner('factory'),
      meters: concatBytes(...names.map((name) => meterSigner(name).publicKey)),
      ...input,
    },
    random,
  );
}

export function readOk(bytes: Uint8Array): EnrolmentRecord {
  const record = readEnrolment(bytes, verifyEd25519);
  if (typeof record === 'string') throw new Error(`expected a record, found ${record}`);
  return record;
}

/** The record with some of its fields replaced, signed again: what a hostile meter can do. */
export function forge(
  bytes: Uint8Array,
  signer: Signer,
  change: Partial<EnrolmentRecord>,
): Uint8Array {
  return signMessage('enrolment', encodeEnrolment({ ...readOk(bytes), ...change }), signer);
}

export function openContext(keyPair: HpkeKeyPair, change: Partial<OpenContext> = {}): OpenContext {
  return { networkId: NETWORK_ID, quorum: QUORUM, keyPairs: [keyPair], ...change };
}
