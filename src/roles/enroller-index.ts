// Which identity stands in which slots, over every roster, and who has used which commitment
// (correction 6). Registrar and trustees keep one each: trustees do not take the registrar's word.
// An identity has at most one active slot at a time; a commitment belongs to one slot for good, so
// that neither a copied record nor an old one enrolled again ever opens a second slot.

import type { AreaId } from '../core/area.ts';
import type { Slot } from '../core/roster.ts';

/** A slot of one street, and the epochs that its roster entry names. */
export interface SlotClaim {
  readonly area: AreaId;
  readonly slot: Slot;
  readonly fromEpoch: number;
  /** First epoch in which the slot is no longer active. */
  readonly untilEpoch: number;
}

export interface SlotIndex {
  readonly claims: Map<string, readonly SlotClaim[]>;
  readonly commitments: Map<string, string>;
}

export function createSlotIndex(): SlotIndex {
  return { claims: new Map(), commitments: new Map() };
}

/**
 * 32 bytes as a map key, one character a byte. Eight characters a call: spreading the bytes into one
 * call costs four times as much, and was a quarter of what a trustee spent on a meter of a batch.
 */
export function bytesKey(bytes: Uint8Array): string {
  let key = '';
  let at = 0;
  for (; at + 8 <= bytes.length; at += 8) {
    key += String.fromCharCode(
      bytes[at] as number,
      bytes[at + 1] as number,
      bytes[at + 2] as number,
      bytes[at + 3] as number,
      bytes[at + 4] as number,
      bytes[at + 5] as number,
      bytes[at + 6] as number,
      bytes[at + 7] as number,
    );
  }
  for (; at < bytes.length; at++) key += String.fromCharCode(bytes[at] as number);
  return key;
}

/**
 * Why the slot cannot stand for this identity and these commitments (32 bytes each, back to back),
 * or undefined. What the slot itself claimed earlier is no conflict.
 */
export function findConflict(
  index: SlotIndex,
  claim: SlotClaim,
  meter: Uint8Array,
  commitments: Uint8Array,
): 'duplicate-identity' | 'duplicate-commitment' | undefined {
  const others = index.claims.get(bytesKey(meter)) ?? [];
  if (others.some((other) => !isSameSlot(other, claim) && overlaps(other, claim)))
    return 'duplicate-identity';
  const place = placeKey(claim);
  for (let at = 0; at < commitments.length; at += 32) {
    const holder = index.commitments.get(bytesKey(commitments.subarray(at, at + 32)));
    if (holder !== undefined && holder !== place) return 'duplicate-commitment';
  }
  return undefined;
}

/** Records the claim, in place of what the slot claimed before. */
export function claimSlot(
  index: SlotIndex,
  claim: SlotClaim,
  meter: Uint8Array,
  commitments: Uint8Array,
): void {
  const key = bytesKey(meter);
  const others = (index.claims.get(key) ?? []).filter((other) => !isSameSlot(other, claim));
  index.claims.set(key, [...others, claim]);
  const place = placeKey(claim);
  for (let at = 0; at < commitments.length; at += 32)
    index.commitments.set(bytesKey(commitments.subarray(at, at + 32)), place);
}

function isSameSlot(a: SlotClaim, b: SlotClaim): boolean {
  return a.slot === b.slot && a.area === b.area;
}

function overlaps(a: SlotClaim, b: SlotClaim): boolean {
  return Math.max(a.fromEpoch, b.fromEpoch) < Math.min(a.untilEpoch, b.untilEpoch);
}

function placeKey(claim: SlotClaim): string {
  return `${claim.slot} ${claim.area}`;
}
