// An access grant: what one monitor may open, signed by the registrar as kind "grant" (design.md
// sections 2, 3 and 7, correction 23). Trustees answer a request only within the requester's grant,
// and seal the answer to the grant's HPKE key. The body is deterministic CBOR, its keys the names of
// the fields below. A grant widens nothing: the minimum group holds whatever it says.

import { z } from 'zod';
import { type AreaId, areaDepth, isWithin, MAX_AREA_DEPTH, parseAreaId } from './area.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { type ChannelSet, hasChannel, MAX_CHANNELS } from './channel.ts';
import { bytesOf, u32Field } from './fields.ts';
import { HPKE_PUBLIC_KEY_BYTES, isHpkePublicKey } from './hpke.ts';
import type { Epoch } from './interval.ts';
import { openSigned, type Signer, signMessage, type VerifySignature } from './signed.ts';

export interface Grant {
  readonly networkId: string;
  /** The monitor's Ed25519 key: it signs the requests. */
  readonly monitor: Uint8Array;
  /** Answers are sealed to it. */
  readonly hpkePublicKey: Uint8Array;
  /** The grant covers this area and what lies below it. */
  readonly area: AreaId;
  /** Number of tokens of the deepest area, or member of a cell, that may be opened. */
  readonly deepestDepth: number;
  readonly channels: ChannelSet;
  readonly fromEpoch: Epoch;
  /** First epoch that it does not cover. */
  readonly untilEpoch: Epoch;
}

/** What is asked for: an area, or a cell by the area whose children its members are. */
export interface GrantQuestion {
  readonly area: AreaId;
  /** Tokens of the area, or of the cell's deepest member. */
  readonly depth: number;
  /** Index of the channel. */
  readonly channel: number;
  readonly epoch: Epoch;
}

const grantSchema = z.strictObject({
  networkId: z.string().min(1).max(64),
  monitor: bytesOf(32),
  hpkePublicKey: bytesOf(HPKE_PUBLIC_KEY_BYTES).refine(isHpkePublicKey),
  area: z.string().refine((text) => parseAreaId(text) !== undefined),
  deepestDepth: z.int().min(1).max(MAX_AREA_DEPTH),
  channels: z.int().min(1).max(255),
  fromEpoch: u32Field,
  untilEpoch: u32Field,
});

export function encodeGrant(grant: Grant): Uint8Array {
  const { networkId, monitor, hpkePublicKey, area, deepestDepth, channels, fromEpoch, untilEpoch } =
    grant;
  return encodeCbor({
    networkId,
    monitor,
    hpkePublicKey,
    area,
    deepestDepth,
    channels,
    fromEpoch,
    untilEpoch,
  });
}

/** The grant in `body`, or undefined where it is malformed or its HPKE key cannot be sealed to. */
export function decodeGrant(body: Uint8Array): Grant | undefined {
  return decodeCbor(body, grantSchema) as Grant | undefined;
}

export function signGrant(grant: Grant, registrar: Signer): Uint8Array {
  return signMessage('grant', encodeGrant(grant), registrar);
}

/** The grant where it is this network's and one of the registrar's keys has signed it. */
export function openGrant(
  bytes: Uint8Array,
  networkId: string,
  registrarKeys: readonly Uint8Array[],
  verify: VerifySignature,
): Grant | undefined {
  const body = openSigned('grant', bytes, registrarKeys, verify);
  const grant = body && decodeGrant(body);
  return grant?.networkId === networkId ? grant : undefined;
}

export function isGranted(grant: Grant, question: GrantQuestion): boolean {
  return (
    isWithin(question.area, grant.area) &&
    areaDepth(question.area) <= question.depth &&
    question.depth <= grant.deepestDepth &&
    // A shift takes its count mod 32, so an unchecked channel 32 would pass for channel 0.
    question.channel >>> 0 < MAX_CHANNELS &&
    hasChannel(grant.channels, question.channel) &&
    grant.fromEpoch <= question.epoch &&
    question.epoch < grant.untilEpoch
  );
}
