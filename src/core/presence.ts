// Who reported, counted as release decisions count it (design.md section 5, corrections 3 and 12).
//
// A cell is released in an interval when the connection points that contributed reach the minimum,
// the contributing slots reach the presence ratio (above one half, so that two approvable sets of a
// cell always share a meter) and every street of it is sealed. Aggregator, trustee and auditor run
// this same function on the same seals, so an honest aggregator and an honest trustee cannot differ.

import { type AttestedStreet, activeEntries } from './attested-street.ts';
import { bitmapBytes, countBits, countCommonBits, hasBit, setBit } from './bitmap.ts';
import { hasChannel } from './channel.ts';
import type { Epoch } from './interval.ts';
import type { NetworkPolicy } from './network.ts';

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

/** What a seal says of a cell, as a byte on the wire. */
export const DECISIONS = { included: 0, 'too-few': 1, 'low-presence': 2, 'no-seal': 3 } as const;
export type Decision = keyof typeof DECISIONS;
const DECISION_NAMES = Object.keys(DECISIONS) as Decision[];

export function decisionOf(byte: number): Decision | undefined {
  return DECISION_NAMES[byte];
}

/** Presences added up; of none, that of nobody. */
export class PresenceTally implements Presence {
  slotsDeclared = 0;
  slotsPresent = 0;
  pointsPresent = 0;
  isSealed = true;

  add(presence: Presence): void {
    this.slotsDeclared += presence.slotsDeclared;
    this.slotsPresent += presence.slotsPresent;
    this.pointsPresent += presence.pointsPresent;
    if (!presence.isSealed) this.isSealed = false;
  }
}

/** Numbers in a column of presences: slots declared, slots and points present, 1 where it is sealed. */
export const COUNTS = 4;

/**
 * Counts one sealed street: `COUNTS` numbers for each channel into `counts`, from `at` on. Connection
 * points lie within one street. Returns how many of the contributors are active slots.
 */
export function countPresence(
  street: AttestedStreet,
  epoch: Epoch,
  contributors: Uint8Array,
  channelCount: number,
  counts: Uint32Array,
  at: number,
): number {
  const { active, channels } = activeSlots(street, epoch, channelCount);
  for (let channel = 0; channel < channelCount; channel++) {
    const { declaring, slotsDeclared, hasOwnPoints } = channels[channel] as ActiveChannel;
    const slotsPresent = countCommonBits(contributors, declaring);
    const own = at + COUNTS * channel;
    counts[own] = slotsDeclared;
    counts[own + 1] = slotsPresent;
    counts[own + 2] = hasOwnPoints
      ? slotsPresent
      : countPoints(street, epoch, contributors, channel);
    counts[own + 3] = 1;
  }
  return countCommonBits(contributors, active);
}

/** A street's roster in an epoch, as bitmaps: every party counts every street in every interval. */
interface ActiveSlots {
  readonly epoch: Epoch;
  readonly active: Uint8Array;
  readonly channels: readonly ActiveChannel[];
}

interface ActiveChannel {
  readonly declaring: Uint8Array;
  readonly slotsDeclared: number;
  /** No two of them are at one connection point. */
  readonly hasOwnPoints: boolean;
}

const ACTIVE_SLOTS = new WeakMap<AttestedStreet, ActiveSlots>();

function activeSlots(street: AttestedStreet, epoch: Epoch, channelCount: number): ActiveSlots {
  const known = ACTIVE_SLOTS.get(street);
  if (known?.epoch === epoch && known.channels.length === channelCount) return known;
  const byteCount = bitmapBytes(street.roster.entries.length);
  const active = new Uint8Array(byteCount);
  const declaring = Array.from({ length: channelCount }, () => new Uint8Array(byteCount));
  const points = declaring.map(() => new Set<number>());
  for (const [slot, { channels, connectionPoint }] of activeEntries(street, epoch)) {
    setBit(active, slot);
    for (let channel = 0; channel < channelCount; channel++) {
      if (!hasChannel(channels, channel)) continue;
      setBit(declaring[channel] as Uint8Array, slot);
      points[channel]?.add(connectionPoint);
    }
  }
  const counted: ActiveSlots = {
    epoch,
    active,
    channels: declaring.map((bitmap, channel) => {
      const slotsDeclared = countBits(bitmap);
      const hasOwnPoints = points[channel]?.size === slotsDeclared;
      return { declaring: bitmap, slotsDeclared, hasOwnPoints };
    }),
  };
  ACTIVE_SLOTS.set(street, counted);
  return counted;
}

/** Distinct connection points among the contributors that declare the channel. */
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
