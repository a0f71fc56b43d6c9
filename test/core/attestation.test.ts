import { describe, expect, it } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import {
  type Attestation,
  attestedSlots,
  createAttestation,
  openAttestation,
} from '../../src/core/attestation.ts';
import { bitIndices } from '../../src/core/bitmap.ts';
import { concatBytes } from '../../src/core/bytes.ts';
import { encodeCbor } from '../../src/core/cbor.ts';
import { createSigner, signMessage, verifyEd25519 } from '../../src/core/signed.ts';

const signers = [1, 2, 3].map((i) => createSigner(new Uint8Array(32).fill(i)));
const keys = signers.map(({ publicKey }) => publicKey);
const area = areaId('es/md/s1');
const digest = new Uint8Array(32).fill(7);
const target = { networkId: 'net', area, rosterDigest: digest, slotCount: 12, trusteeCount: 3 };

function attest(trustee: number, ...bits: number[]): Attestation {
  const accepted = Uint8Array.from(bits);
  return { networkId: 'net', trustee, rosters: [{ area, rosterDigest: digest, accepted }] };
}

describe('an attestation', () => {
  it('opens as it was signed, by the trustee that it names', () => {
    const attestation = attest(1, 0xff, 0x0f);
    const bytes = createAttestation(attestation, signers[1]!);
    expect(openAttestation(bytes, keys, verifyEd25519)).toEqual(attestation);
  });

  it('is worth nothing from another trustee, tampered, truncated, trailing or malformed', () => {
    const bytes = createAttestation(attest(1, 0xff, 0x0f), signers[1]!);
    const hostile = [
      createAttestation(attest(1, 0xff, 0x0f), signers[2]!),
      createAttestation(attest(4, 0xff, 0x0f), signers[1]!),
      bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte)),
      bytes.subarray(0, -1),
      concatBytes(bytes, Uint8Array.of(0)),
      new Uint8Array(0),
      signMessage('attestation', encodeCbor({ networkId: 'net', trustee: 1 }), signers[1]!),
      signMessage(
        'attestation',
        encodeCbor({ networkId: 'net', trustee: 1, rosters: [['a/*', digest, digest]] }),
        signers[1]!,
      ),
      signMessage(
        'attestation',
        encodeCbor({
          networkId: 'net',
          trustee: 1,
          rosters: [['a', digest, new Uint8Array(8193)]],
        }),
        signers[1]!,
      ),
    ];
    for (const message of hostile)
      expect(openAttestation(message, keys, verifyEd25519)).toBeUndefined();
  });
});

describe('attested slots', () => {
  it('are those that all n trustees attest', () => {
    const all = [attest(0, 0xff, 0x0f), attest(1, 0b1010_0001, 0x0f), attest(2, 0b1100_0001, 0x01)];
    expect([...bitIndices(attestedSlots(all, target))]).toEqual([0, 7, 8]);
  });

  it('are none where one trustee is missing, whatever the others say twice', () => {
    const two = [attest(0, 0xff, 0x0f), attest(1, 0xff, 0x0f), attest(1, 0xff, 0x0f)];
    expect(attestedSlots(two, target)).toEqual(new Uint8Array(2));
    expect(attestedSlots([], { ...target, trusteeCount: 0 })).toEqual(new Uint8Array(2));
  });

  it('add up over what one trustee has signed about the same roster', () => {
    const some = [attest(0, 1, 0), attest(0, 2, 0), attest(1, 3, 0), attest(2, 3, 0)];
    expect([...bitIndices(attestedSlots(some, target))]).toEqual([0, 1]);
  });

  it('count for exactly this network, area and roster', () => {
    const two = [attest(0, 1, 0), attest(1, 1, 0)];
    const roster = attest(2, 1, 0).rosters[0]!;
    const others: Attestation[] = [
      { ...attest(2, 1, 0), networkId: 'other' },
      { ...attest(2, 1, 0), rosters: [{ ...roster, area: areaId('es/md/s2') }] },
      { ...attest(2, 1, 0), rosters: [{ ...roster, rosterDigest: new Uint8Array(32) }] },
      // Not canonical for 12 slots: a spare bit, a byte too few, a byte too many.
      attest(2, 1, 0x10),
      attest(2, 1),
      attest(2, 1, 0, 0),
      { ...attest(2, 1, 0), trustee: 9 },
    ];
    for (const other of others)
      expect(attestedSlots([...two, other], target)).toEqual(new Uint8Array(2));
    expect([...bitIndices(attestedSlots([...two, ...others, attest(2, 1, 0)], target))]).toEqual([
      0,
    ]);
  });
});
