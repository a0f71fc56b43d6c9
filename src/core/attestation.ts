// A trustee's statement that the seeds of these slots open and match their commitments (correction
// 7), signed as kind "attestation". A slot is active once all n trustees have said so of one roster:
// one bad enrolment stays unknown and does not block its street. The body is deterministic CBOR:
//
//   { networkId, trustee, rosters: [[area, roster digest, accepted bitmap]...] }
//
// Nothing here is secret. That seeds open and match does not change with time, so what a trustee has
// signed about one roster adds up and nothing takes it back.

import { z } from 'zod';
import { type AreaId, parseAreaId } from './area.ts';
import { bitmapBytes, isCanonicalBitmap } from './bitmap.ts';
import { equalBytes } from './bytes.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { MAX_TRUSTEES } from './components.ts';
import { DIGEST_BYTES } from './digest.ts';
import { bytesOf, bytesUpTo } from './fields.ts';
import { MAX_ROSTER_SLOTS } from './roster.ts';
import {
  openSigned,
  type Signer,
  signMessage,
  splitSigned,
  type VerifySignature,
} from './signed.ts';

export interface AttestedRoster {
  readonly area: AreaId;
  readonly rosterDigest: Uint8Array;
  /** Bit s: the seeds of slot s open and match. Canonical for the roster's slot count. */
  readonly accepted: Uint8Array;
}

export interface Attestation {
  readonly networkId: string;
  /** Index of the trustee. */
  readonly trustee: number;
  readonly rosters: readonly AttestedRoster[];
}

const attestationSchema = z.strictObject({
  networkId: z.string().min(1).max(64),
  trustee: z
    .int()
    .min(0)
    .max(MAX_TRUSTEES - 1),
  rosters: z.array(
    z.tuple([
      z.string().refine((text) => parseAreaId(text) !== undefined),
      bytesOf(DIGEST_BYTES),
      bytesUpTo(bitmapBytes(MAX_ROSTER_SLOTS)),
    ]),
  ),
});

export function encodeAttestation(attestation: Attestation): Uint8Array {
  return encodeCbor({
    networkId: attestation.networkId,
    trustee: attestation.trustee,
    rosters: attestation.rosters.map(({ area, rosterDigest, accepted }) => [
      area,
      rosterDigest,
      accepted,
    ]),
  });
}

export function decodeAttestation(body: Uint8Array): Attestation | undefined {
  const parsed = decodeCbor(body, attestationSchema);
  if (parsed === undefined) return undefined;
  return {
    networkId: parsed.networkId,
    trustee: parsed.trustee,
    rosters: parsed.rosters.map(([area, rosterDigest, accepted]) => ({
      area: area as AreaId,
      rosterDigest,
      accepted,
    })),
  };
}

export function createAttestation(attestation: Attestation, signer: Signer): Uint8Array {
  return signMessage('attestation', encodeAttestation(attestation), signer);
}

/** The attestation where the trustee that it names has signed it. `trusteeKeys` are by index. */
export function openAttestation(
  bytes: Uint8Array,
  trusteeKeys: readonly Uint8Array[],
  verify: VerifySignature,
): Attestation | undefined {
  const split = splitSigned('attestation', bytes);
  const attestation = split && decodeAttestation(split.body);
  const key = attestation && trusteeKeys[attestation.trustee];
  if (key === undefined) return undefined;
  return openSigned('attestation', bytes, [key], verify) && attestation;
}

/** The roster whose active slots are asked for. */
export interface AttestedTarget {
  readonly networkId: string;
  readonly area: AreaId;
  readonly rosterDigest: Uint8Array;
  readonly slotCount: number;
  readonly trusteeCount: number;
}

/**
 * The slots that every one of the n trustees has attested for exactly this roster; none where a
 * trustee has said nothing of it.
 */
export function attestedSlots(
  attestations: readonly Attestation[],
  target: AttestedTarget,
): Uint8Array {
  const length = bitmapBytes(target.slotCount);
  const perTrustee = Array.from({ length: target.trusteeCount }, () => new Uint8Array(length));
  for (const attestation of attestations) {
    const slots = perTrustee[attestation.trustee];
    if (slots === undefined || attestation.networkId !== target.networkId) continue;
    for (const roster of attestation.rosters) {
      if (!isAbout(roster, target)) continue;
      for (let i = 0; i < length; i++)
        slots[i] = (slots[i] as number) | (roster.accepted[i] as number);
    }
  }
  const all = new Uint8Array(length);
  for (let i = 0; i < length; i++)
    all[i] = perTrustee.reduce((bits, slots) => bits & (slots[i] as number), 0xff);
  return target.trusteeCount === 0 ? new Uint8Array(length) : all;
}

function isAbout(roster: AttestedRoster, target: AttestedTarget): boolean {
  return (
    roster.area === target.area &&
    equalBytes(roster.rosterDigest, target.rosterDigest) &&
    isCanonicalBitmap(roster.accepted, target.slotCount)
  );
}
