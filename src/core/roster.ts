// The roster of a street: its meters, each at a fixed slot (design.md sections 2, 5, 6 and
// corrections 7 and 8). The slot is the entry's place in the list: append-only and never reused; a
// meter that leaves gets an `untilEpoch`, a reset meter a new slot.

import { z } from 'zod';
import { type AreaId, parseAreaId } from './area.ts';
import { utf8 } from './bytes.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import type { ChannelSet } from './channel.ts';
import { sha256 } from './digest.ts';
import { bytesOf, safeCount, u32Field } from './fields.ts';
import { type Epoch, isU32 } from './interval.ts';

/** A meter's place in its street's roster, u32. */
export type Slot = number & { readonly __brand: 'Slot' };

export const OPEN_END_EPOCH: Epoch = 0xffffffff as Epoch;
export const MAX_ROSTER_SLOTS = 65_536;

/** @throws RangeError unless `value` is an unsigned 32-bit integer. */
export function slot(value: number): Slot {
  if (!isU32(value))
    throw new RangeError(`slot: expected an unsigned 32-bit integer, found ${value}`);
  return value as Slot;
}

export interface RosterEntry {
  /** The meter's Ed25519 identity, 32 bytes. */
  readonly meter: Uint8Array;
  readonly channels: ChannelSet;
  /** The most that the meter can measure in one interval, either side of zero: its main fuse. */
  readonly capWh: number;
  /** Meters of one home share a connection point and count once against the minimum. */
  readonly connectionPoint: number;
  readonly fromEpoch: Epoch;
  /** First epoch in which the slot is no longer active. */
  readonly untilEpoch: Epoch;
  /** SHA-256 of the enrolment record that the seeds came in. */
  readonly enrolmentDigest: Uint8Array;
}

export interface Roster {
  readonly networkId: string;
  readonly area: AreaId;
  readonly version: number;
  readonly entries: readonly RosterEntry[];
}

const rosterSchema = z.strictObject({
  networkId: z.string().min(1).max(64),
  area: z.string().refine((text) => parseAreaId(text) !== undefined),
  version: u32Field,
  entries: z
    .array(
      z.tuple([
        bytesOf(32),
        z.int().min(1).max(255),
        safeCount,
        u32Field,
        u32Field,
        u32Field,
        bytesOf(32),
      ]),
    )
    .max(MAX_ROSTER_SLOTS),
});

export function encodeRoster(roster: Roster): Uint8Array {
  return encodeCbor({
    networkId: roster.networkId,
    area: roster.area,
    version: roster.version,
    entries: roster.entries.map((entry) => [
      entry.meter,
      entry.channels,
      entry.capWh,
      entry.connectionPoint,
      entry.fromEpoch,
      entry.untilEpoch,
      entry.enrolmentDigest,
    ]),
  });
}

/** The roster in `body`, or undefined where it is malformed. */
export function decodeRoster(body: Uint8Array): Roster | undefined {
  const parsed = decodeCbor(body, rosterSchema);
  if (parsed === undefined) return undefined;
  return {
    networkId: parsed.networkId,
    area: parsed.area as AreaId,
    version: parsed.version,
    entries: parsed.entries.map(
      ([meter, channels, capWh, connectionPoint, fromEpoch, untilEpoch, enrolmentDigest]) => ({
        meter,
        channels: channels as ChannelSet,
        capWh,
        connectionPoint,
        fromEpoch: fromEpoch as Epoch,
        untilEpoch: untilEpoch as Epoch,
        enrolmentDigest,
      }),
    ),
  };
}

export function rosterDigest(body: Uint8Array): Uint8Array {
  return sha256(utf8('streetwatt/roster/1'), body);
}

export function isEntryActive(entry: RosterEntry, epoch: Epoch): boolean {
  return entry.fromEpoch <= epoch && epoch < entry.untilEpoch;
}
