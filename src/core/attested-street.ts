// A street's roster together with the slots that all trustees have attested: who may report.

import { hasBit } from './bitmap.ts';
import { type Channel, hasChannel } from './channel.ts';
import type { Epoch } from './interval.ts';
import type { StreetRecord } from './network.ts';
import { isEntryActive, type Roster, type RosterEntry } from './roster.ts';

export interface AttestedStreet {
  readonly roster: Roster;
  readonly rosterDigest: Uint8Array;
  /** Bit s: all trustees hold the seeds of slot s. It may report in the epochs of its entry. */
  readonly attested: Uint8Array;
}

export function isSlotActive(street: AttestedStreet, slot: number, epoch: Epoch): boolean {
  const entry = street.roster.entries[slot];
  return entry !== undefined && hasBit(street.attested, slot) && isEntryActive(entry, epoch);
}

/** The active entries of a street, with their slots. */
export function* activeEntries(
  street: AttestedStreet,
  epoch: Epoch,
): Generator<readonly [number, RosterEntry]> {
  for (const [slot, entry] of street.roster.entries.entries()) {
    if (isSlotActive(street, slot, epoch)) yield [slot, entry];
  }
}

/** What the network document says of a street, and the sum of caps per channel, counted. */
export function countStreet(
  street: AttestedStreet,
  channels: readonly Channel[],
  epoch: Epoch,
): { readonly record: StreetRecord; readonly capSumsWh: readonly number[] } {
  const declaredCounts = channels.map(() => 0);
  const capSumsWh = channels.map(() => 0);
  const exportChannel = channels.findIndex((channel) => channel.name === 'export');
  const productionChannel = channels.findIndex((channel) => channel.name === 'production');
  let meterCount = 0;
  let unmeteredProducerCount = 0;
  for (const [, entry] of activeEntries(street, epoch)) {
    meterCount++;
    for (let channel = 0; channel < channels.length; channel++) {
      if (!hasChannel(entry.channels, channel)) continue;
      declaredCounts[channel] = (declaredCounts[channel] as number) + 1;
      capSumsWh[channel] = (capSumsWh[channel] as number) + entry.capWh;
    }
    const exports = exportChannel >= 0 && hasChannel(entry.channels, exportChannel);
    const isProductionMetered =
      productionChannel >= 0 && hasChannel(entry.channels, productionChannel);
    if (exports && !isProductionMetered) unmeteredProducerCount++;
  }
  return {
    record: {
      rosterDigest: street.rosterDigest,
      meterCount,
      declaredCounts,
      unmeteredProducerCount,
    },
    capSumsWh,
  };
}
