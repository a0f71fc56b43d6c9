// Streets that differ in nothing but name share one roster here: a country's rosters would fill tens of
// gigabytes, and no party but the registrar needs all of them. Keys are each meter's own.

import type { AreaId } from '../../src/core/area.ts';
import type { AttestedStreet } from '../../src/core/attested-street.ts';
import { bitmapBytes, setBit } from '../../src/core/bitmap.ts';
import type { ChannelSet } from '../../src/core/channel.ts';
import type { Epoch } from '../../src/core/interval.ts';
import {
  encodeRoster,
  OPEN_END_EPOCH,
  type RosterEntry,
  rosterDigest,
} from '../../src/core/roster.ts';
import { seededBytes } from '../data/seeded-bytes.ts';

export const FIRST_EPOCH: Epoch = 20_000 as Epoch;
export const NETWORK_ID = 'nation';
const CAP_WH = 2875;

/** How many meters, and how many of them also measure export, and production. */
export type KindShape = readonly [meters: number, exporters: number, producers: number];

export interface StreetKind {
  readonly street: AttestedStreet;
  /** By slot. */
  readonly sets: Uint8Array;
}

export function createKind([meters, exporters, producers]: KindShape): StreetKind {
  const name = `kind/${meters}/${exporters}/${producers}`;
  const identities = seededBytes(name, 64 * meters);
  const attested = new Uint8Array(bitmapBytes(meters));
  const entries = Array.from({ length: meters }, (_, slot): RosterEntry => {
    setBit(attested, slot);
    return {
      meter: identities.slice(64 * slot, 64 * slot + 32),
      channels: (1 | (slot < exporters ? 2 : 0) | (slot < producers ? 4 : 0)) as ChannelSet,
      capWh: CAP_WH,
      connectionPoint: slot,
      fromEpoch: FIRST_EPOCH,
      untilEpoch: OPEN_END_EPOCH,
      enrolmentDigest: identities.slice(64 * slot + 32, 64 * slot + 64),
    };
  });
  const roster = { networkId: NETWORK_ID, area: 'xx/shared' as AreaId, version: 1, entries };
  return {
    street: { roster, rosterDigest: rosterDigest(encodeRoster(roster)), attested },
    sets: Uint8Array.from(entries, (entry) => entry.channels),
  };
}
