// A verified street as it is stored: a version byte, then CBOR. Nothing in it is secret.

import { z } from 'zod';
import { concatBytes } from '../core/bytes.ts';
import { decodeCbor, encodeCbor } from '../core/cbor.ts';
import { bytesOf, bytesUpTo, u32Field } from '../core/fields.ts';
import type { EnrolledStreet } from '../roles/enroller.ts';

const VERSION = 1;

const streetSchema = z.strictObject({
  version: u32Field,
  rosterDigest: bytesOf(32),
  slots: z.array(
    z.nullable(
      z.strictObject({
        meter: bytesUpTo(64),
        enrolmentDigest: bytesOf(32),
        commitments: bytesUpTo(32 * 32),
        fromEpoch: u32Field,
        untilEpoch: u32Field,
        firstEpoch: u32Field,
        seedUntilEpoch: u32Field,
        hasKeys: z.boolean(),
      }),
    ),
  ),
});

export function encodeEnrolledStreet(street: EnrolledStreet): Uint8Array {
  const { version, rosterDigest } = street;
  const slots = Array.from(street.slots, (slot) => slot ?? null);
  return concatBytes(Uint8Array.of(VERSION), encodeCbor({ version, rosterDigest, slots }));
}

/** Undefined where the bytes are none. */
export function decodeEnrolledStreet(bytes: Uint8Array): EnrolledStreet | undefined {
  if (bytes[0] !== VERSION) return undefined;
  const parsed = decodeCbor(bytes.subarray(1), streetSchema);
  return parsed && { ...parsed, slots: parsed.slots.map((slot) => slot ?? undefined) };
}
