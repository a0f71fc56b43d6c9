// Our own vectors, version 1: seeds in, exact bytes out, for whoever writes a meter in another
// language; and records that must be refused, each with the reason.

import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AreaId } from '../../src/core/area.ts';
import { createAttestation, openAttestation } from '../../src/core/attestation.ts';
import { concatBytes, fromHex, toHex } from '../../src/core/bytes.ts';
import type { Quorum } from '../../src/core/components.ts';
import {
  createEnrolment,
  enrolmentDigest,
  openEnrolment,
  readEnrolment,
} from '../../src/core/enrolment.ts';
import { createEnrolmentBatch } from '../../src/core/enrolment-batch.ts';
import { type Grant, openGrant, signGrant } from '../../src/core/grant.ts';
import { createHpkeKeyPair, type HpkeKeyPair } from '../../src/core/hpke.ts';
import { epoch } from '../../src/core/interval.ts';
import { createSigner, verifyEd25519 } from '../../src/core/signed.ts';

interface BadRecord {
  readonly name: string;
  readonly record: string;
  readonly read?: string;
  readonly open?: readonly string[];
}

const vector = JSON.parse(
  readFileSync(new URL('../vectors/enrolment-v1.json', import.meta.url), 'utf8'),
);
const quorum: Quorum = { trusteeCount: vector.trusteeCount, quorum: vector.quorum };
const networkId: string = vector.networkId;
const firstEpoch = epoch(vector.firstEpoch);
let trustees: readonly HpkeKeyPair[];
let aggregator: HpkeKeyPair;

beforeAll(async () => {
  const seeds: string[] = vector.trusteeHpkeSeeds;
  trustees = await Promise.all(seeds.map((seed) => createHpkeKeyPair(fromHex(seed))));
  aggregator = await createHpkeKeyPair(fromHex(vector.aggregatorHpkeSeed));
});

function inputFor(signerSeed: string) {
  const recipients = {
    trustees: trustees.map(({ publicKey }) => publicKey),
    aggregator: aggregator.publicKey,
  };
  const signer = createSigner(fromHex(signerSeed));
  return { networkId, firstEpoch, quorum, recipients, signer };
}

describe('enrolment vectors, version 1', () => {
  it('rebuild a meter’s record and its keys', async () => {
    const { identitySeed, random, ...expected } = vector.enrolment;
    const { record, keys } = await createEnrolment(inputFor(identitySeed), fromHex(random));
    expect(toHex(record)).toBe(expected.record);
    expect(toHex(enrolmentDigest(record))).toBe(expected.digest);
    expect(keys.componentKeys.map(toHex)).toEqual(expected.componentKeys);
    expect(toHex(keys.authenticationKey)).toBe(expected.authenticationKey);
    const read = readEnrolment(record, verifyEd25519);
    expect(typeof read === 'string' ? read : read.commitments.map(toHex)).toEqual(
      expected.commitments,
    );
  });

  it('rebuild a factory batch and its keys', async () => {
    const { provisionerSeed, identitySeeds, random, ...expected } = vector.batch;
    const identities = (identitySeeds as string[]).map(
      (seed) => createSigner(fromHex(seed)).publicKey,
    );
    const input = { ...inputFor(provisionerSeed), meters: concatBytes(...identities) };
    const { record, keys } = await createEnrolmentBatch(input, fromHex(random));
    expect(toHex(record)).toBe(expected.record);
    expect(toHex(keys.componentKeys)).toBe(expected.componentKeys);
    expect(toHex(keys.authenticationKeys)).toBe(expected.authenticationKeys);
  });

  it('rebuild an attestation', () => {
    const { trusteeSeed, fields, message } = vector.attestation;
    const signer = createSigner(fromHex(trusteeSeed));
    const rosters = (fields.rosters as Record<string, string>[]).map((roster) => ({
      area: roster.area as AreaId,
      rosterDigest: fromHex(roster.rosterDigest as string),
      accepted: fromHex(roster.accepted as string),
    }));
    const attestation = { ...fields, rosters };
    expect(toHex(createAttestation(attestation, signer))).toBe(message);
    const keys = [new Uint8Array(32), signer.publicKey];
    expect(openAttestation(fromHex(message), keys, verifyEd25519)).toEqual(attestation);
  });

  it('rebuild a grant', () => {
    const { registrarSeed, fields, message } = vector.grant;
    const signer = createSigner(fromHex(registrarSeed));
    const monitor = fromHex(fields.monitor);
    const grant: Grant = { ...fields, monitor, hpkePublicKey: fromHex(fields.hpkePublicKey) };
    expect(toHex(signGrant(grant, signer))).toBe(message);
    expect(openGrant(fromHex(message), networkId, [signer.publicKey], verifyEd25519)).toEqual(
      grant,
    );
  });

  for (const bad of vector.bad as BadRecord[]) {
    it(`refuse: ${bad.name}`, async () => {
      const record = readEnrolment(fromHex(bad.record), verifyEd25519);
      if (typeof record === 'string') {
        expect(record).toBe(bad.read);
        return;
      }
      const results = await Promise.all([
        ...trustees.map((pair, index) =>
          openEnrolment(
            record,
            { kind: 'trustee', index },
            { networkId, quorum, keyPairs: [pair] },
          ),
        ),
        openEnrolment(
          record,
          { kind: 'aggregator' },
          { networkId, quorum, keyPairs: [aggregator] },
        ),
      ]);
      expect(results.map((result) => (typeof result === 'string' ? result : 'ok'))).toEqual(
        bad.open,
      );
    });
  }
});
