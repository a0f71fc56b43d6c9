// Who reported, counted as release decisions count it (design.md section 5, corrections 3 and 12).
//
// A cell is released in an interval when the connection points that contributed reach the minimum,
// the contributing slots reach the presence ratio (above one half, so that two approvable sets of a
// cell always share a meter) and every street of it is sealed. Aggregator, trustee and auditor run
// this same function on the same seals, so an honest aggregator and an honest trustee cannot differ.

import { type AttestedStreet, activeEntries, isSlotActive } from './attested-street.ts';
import { hasBit } from './bitmap.ts';
import { hasChannel } from './channel.ts';
import type { Epoch } from './interval.ts';
import type { NetworkPolicy } from './network.ts';
import type { RosterEntry } from './roster.ts';

/** Of one channel, over one or more streets. Counts tell who is away: they never reach a monitor. */
export interface Presence {
  readonly slotsDeclared: number;
  readonly slotsPresent: number;
  /** Distinct connection points among the present slots. */
  readonly pointsPresent: number;
  /** Every street is sealed. */
  readonly isSealed: boolean;
}

export const NO_PRESENCE: Presence = {
  slotsDeclared: 0,
  slotsPresent: 0,
  pointsPresent: 0,
  isSealed: true,
};
export const UNSEALED: Presence = { ...NO_PRESENCE, isSealed: false };

/** What a seal says of a cell, as a byte on the wire. */
export const DECISIONS = { included: 0, 'too-few': 1, 'low-presence': 2, 'no-seal': 3 } as const;
export type Decision = keyof typeof DECISIONS;
const DECISION_NAMES = Object.keys(DECISIONS) as Decision[];

export function decisionOf(byte: number): Decision | undefined {
  return DECISION_NAMES[byte];
}

export function addPresence(a: Presence, b: Presence): Presence {
  return {
    slotsDeclared: a.slotsDeclared + b.slotsDeclared,
    slotsPresent: a.slotsPresent + b.slotsPresent,
    pointsPresent: a.pointsPresent + b.pointsPresent,
    isSealed: a.isSealed && b.isSealed,
  };
}

/** The presence of one sealed street, per channel. Connection points lie within one street. */
export function streetPresence(
  street: AttestedStreet,
  epoch: Epoch,
  contributors: Uint8Array,
  channelCount: number,
): Presence[] {
  return countPresence(street, epoch, contributors, channelCount).presences;
}

/** The same, with how many of the contributors are active slots: a seal may name no others. */
export function countPresence(
  street: AttestedStreet,
  epoch: Epoch,
  contributors: Uint8Array,
  channelCount: number,
): { readonly presences: Presence[]; readonly activeContributors: number } {
  const { entries } = street.roster;
  const declared = new Array<number>(channelCount).fill(0);
  const present = new Array<number>(channelCount).fill(0);
  const points = new Array<number>(channelCount).fill(0);
  const lastPoint = new Array<number>(channelCount).fill(-1);
  let activeContributors = 0;
  let isAscending = true;
  // One pass without a generator or sets: every party counts every street.
  for (let slot = 0; slot < entries.length; slot++) {
    if (!isSlotActive(street, slot, epoch)) continue;
    const { channels, connectionPoint } = entries[slot] as RosterEntry;
    const isPresent = hasBit(contributors, slot);
    if (isPresent) activeContributors++;
    for (let channel = 0; channel < channelCount; channel++) {
      if (!hasChannel(channels, channel)) continue;
      declared[channel] = (declared[channel] as number) + 1;
      if (!isPresent) continue;
      present[channel] = (present[channel] as number) + 1;
      const last = lastPoint[channel] as number;
      if (connectionPoint === last) continue;
      if (connectionPoint < last) isAscending = false;
      lastPoint[channel] = connectionPoint;
      points[channel] = (points[channel] as number) + 1;
    }
  }
  const presences = declared.map((slotsDeclared, channel) => ({
    slotsDeclared,
    slotsPresent: present[channel] as number,
    pointsPresent: isAscending
      ? (points[channel] as number)
      : countPoints(street, epoch, contributors, channel),
    isSealed: true,
  }));
  return { presences, activeContributors };
}

/** Distinct connection points in whatever order they stand in the roster. */
function countPoints(
  street: AttestedStreet,
  epoch: Epoch,
  contributors: Uint8Array,
  channel: number,
): number {
  const points = new Set<number>();
  for (const [slot, entry] of activeEntries(street, epoch))
    if (hasBit(contributors, slot) && hasChannel(entry.channels, channel))
      points.add(entry.connectionPoint);
  return points.size;
}

export function decideCell(
  presence: Presence,
  policy: Pick<NetworkPolicy, 'minMeters' | 'minPresencePermille'>,
): Decision {
  if (!presence.isSealed) return 'no-seal';
  if (presence.pointsPresent < policy.minMeters) return 'too-few';
  const isPresentEnough =
    presence.slotsPresent * 1000 >= policy.minPresencePermille * presence.slotsDeclared;
  return isPresentEnough ? 'included' : 'low-presence';
}

/** Coverage as trustees tell it, in percent, rounded down to a step. */
export const COVERAGE_STEPS: readonly number[] = [100, 90, 80, 50, 0];

export function coverageStep(presence: Presence): number {
  const percent =
    presence.slotsDeclared === 0 ? 0 : (100 * presence.slotsPresent) / presence.slotsDeclared;
  return COVERAGE_STEPS.find((step) => percent >= step) ?? 0;
}
