// The enrolment side of whoever is sealed to: a trustee, for its component keys, or an aggregator,
// for authentication keys (design.md section 6, corrections 6 to 8). It checks every slot of a
// roster itself and takes the registrar's word for nothing but that the meter exists: the record is
// the very one that the roster names, signed, the seeds open and match their commitments, no other
// active slot has this identity, no other slot ever had these commitments, batch seeds have not
// expired, and slots never change hands. What fails stays unknown; the rest of the street works.
//
// Rosters are verified again with every version; only what is new needs its record. Secret: opened
// records and the keys handed out, which the caller stores and ratchets from then on.

import type { AreaId } from '../core/area.ts';
import { bitmapBytes, setBit } from '../core/bitmap.ts';
import { equalBytes } from '../core/bytes.ts';
import type { Quorum } from '../core/components.ts';
import { type EnrolmentRecipient, recipientSeeds } from '../core/enrolment-seal.ts';
import type { HpkeKeyPair } from '../core/hpke.ts';
import type { Epoch } from '../core/interval.ts';
import { ratchetKey } from '../core/ratchet.ts';
import { decodeRoster, type Roster, rosterDigest, slot } from '../core/roster.ts';
import { openSigned, type VerifySignature } from '../core/signed.ts';
import { claimSlot, createSlotIndex, type SlotIndex } from './enroller-index.ts';
import type { OpenedRecord, RecordDesk, RecordRejection } from './enroller-records.ts';
import { type EnrolledSlot, keysAt, type SlotRejection, verifySlot } from './enroller-slots.ts';

export type RosterRejection =
  | 'malformed'
  | 'bad-signature'
  | 'wrong-network'
  | 'stale-version'
  | 'forked-version'
  | 'shrunk';

/** What is kept of a verified street, and saved with its keys. Nothing in it is secret. */
export interface EnrolledStreet {
  readonly version: number;
  readonly rosterDigest: Uint8Array;
  /** By slot; undefined where the slot has never been verified. */
  readonly slots: readonly (EnrolledSlot | undefined)[];
}

export interface EnrollerState extends RecordDesk {
  readonly registrarKeys: readonly Uint8Array[];
  readonly streets: Map<AreaId, EnrolledStreet>;
  readonly index: SlotIndex;
}

export interface VerifiedRoster {
  readonly kind: 'verified';
  readonly roster: Roster;
  readonly rosterDigest: Uint8Array;
  /** Slots whose seeds this party holds and has checked, now or for an earlier version: what it attests. */
  readonly accepted: Uint8Array;
  /** Slots whose keys are in `keys`, for the first time. Others keep the keys handed out earlier. */
  readonly opened: Uint8Array;
  /** slots x held x 32 bytes, components ascending, ratcheted to the epoch asked for; zero elsewhere. */
  readonly keys: Uint8Array;
  /** Slots that are not accepted, by reason. */
  readonly rejected: ReadonlyMap<SlotRejection, number>;
}

export interface RejectedRoster {
  readonly kind: 'rejected';
  readonly reason: RosterRejection;
}

export interface RosterContext {
  /** The epoch that the keys are wanted for. */
  readonly epoch: Epoch;
  readonly verify: VerifySignature;
}

export function createEnroller(options: {
  readonly networkId: string;
  readonly quorum: Quorum;
  readonly recipient: EnrolmentRecipient;
  readonly keyPairs: readonly HpkeKeyPair[];
  readonly registrarKeys: readonly Uint8Array[];
  readonly provisioners?: readonly Uint8Array[];
  /** What an earlier state had verified; its keys are the caller's. */
  readonly streets?: Iterable<readonly [AreaId, EnrolledStreet]>;
}): EnrollerState {
  const visible = {
    networkId: options.networkId,
    quorum: options.quorum,
    recipient: options.recipient,
    keyPairs: [...options.keyPairs],
    provisioners: options.provisioners ?? [],
    registrarKeys: options.registrarKeys,
    streets: new Map(options.streets),
    index: createSlotIndex(),
  };
  for (const [area, street] of visible.streets) {
    for (const [at, known] of street.slots.entries()) {
      if (known === undefined) continue;
      const claim = { area, slot: slot(at), ...known };
      claimSlot(visible.index, claim, known.meter, known.commitments);
    }
  }
  const opened = new Map<string, OpenedRecord | RecordRejection>();
  return Object.defineProperty(visible, 'opened', { value: opened }) as unknown as EnrollerState;
}

/** Verifies one roster (`verifyRosters`). */
export function verifyRoster(
  state: EnrollerState,
  bytes: Uint8Array,
  context: RosterContext,
): VerifiedRoster | RejectedRoster {
  return verifyRosters(state, [bytes], context)[0] as VerifiedRoster | RejectedRoster;
}

/**
 * Verifies rosters that take effect together, in order: slots that end are ended in all of them
 * first, so that a meter may move from one street to another. Records must have been opened
 * (`openRecord`); verifying the same roster again later picks up what was missing.
 */
export function verifyRosters(
  state: EnrollerState,
  rosters: readonly Uint8Array[],
  context: RosterContext,
): readonly (VerifiedRoster | RejectedRoster)[] {
  const read = rosters.map((bytes) => readRoster(state, bytes, context.verify));
  for (const result of read) if ('roster' in result) endSlots(state, result.roster);
  return read.map((result) => {
    if (!('roster' in result)) return result;
    // Again, since a roster of the same street may stand before it in the list.
    const reason = versionProblem(state, result);
    return reason === undefined
      ? verifySlots(state, result, context.epoch)
      : { kind: 'rejected', reason };
  });
}

interface ReadRoster {
  readonly roster: Roster;
  readonly digest: Uint8Array;
}

function readRoster(
  state: EnrollerState,
  bytes: Uint8Array,
  verify: VerifySignature,
): ReadRoster | RejectedRoster {
  const body = openSigned('roster', bytes, state.registrarKeys, verify);
  if (body === undefined) return { kind: 'rejected', reason: 'bad-signature' };
  const roster = decodeRoster(body);
  if (roster === undefined) return { kind: 'rejected', reason: 'malformed' };
  if (roster.networkId !== state.networkId) return { kind: 'rejected', reason: 'wrong-network' };
  const digest = rosterDigest(body);
  const reason = versionProblem(state, { roster, digest });
  return reason === undefined ? { roster, digest } : { kind: 'rejected', reason };
}

function versionProblem(
  state: EnrollerState,
  { roster, digest }: ReadRoster,
): RosterRejection | undefined {
  const known = state.streets.get(roster.area);
  if (known === undefined) return undefined;
  if (roster.version < known.version) return 'stale-version';
  // One version, two contents: the registrar tells different parties different things.
  if (roster.version === known.version && !equalBytes(digest, known.rosterDigest))
    return 'forked-version';
  return roster.entries.length < known.slots.length ? 'shrunk' : undefined;
}

function endSlots(state: EnrollerState, roster: Roster): void {
  for (const [at, known] of state.streets.get(roster.area)?.slots.entries() ?? []) {
    const entry = roster.entries[at];
    if (known === undefined || entry === undefined || entry.untilEpoch >= known.untilEpoch)
      continue;
    const claim = { ...known, area: roster.area, slot: slot(at), untilEpoch: entry.untilEpoch };
    claimSlot(state.index, claim, known.meter, known.commitments);
  }
}

function verifySlots(
  state: EnrollerState,
  { roster, digest }: ReadRoster,
  epoch: Epoch,
): VerifiedRoster {
  const { entries, area } = roster;
  const before = state.streets.get(area)?.slots ?? [];
  const heldBytes = recipientSeeds(state.quorum, state.recipient).length * 32;
  const accepted = new Uint8Array(bitmapBytes(entries.length));
  const opened = new Uint8Array(bitmapBytes(entries.length));
  const keys = new Uint8Array(entries.length * heldBytes);
  const rejected = new Map<SlotRejection, number>();
  const slots = entries.map((entry, at) => {
    const known = before[at];
    const verified = verifySlot(state, { area, at, entry, known, epoch });
    if (typeof verified === 'string') {
      rejected.set(verified, (rejected.get(verified) ?? 0) + 1);
      return known;
    }
    setBit(accepted, at);
    const own = verified.hasKeys ? undefined : keysAt(state, verified, epoch);
    if (own === undefined) return verified;
    setBit(opened, at);
    keys.set(own, at * heldBytes);
    for (let i = at * heldBytes; i < (at + 1) * heldBytes; i += 32)
      ratchetKey(keys.subarray(i, i + 32), epoch - verified.firstEpoch);
    return { ...verified, hasKeys: true };
  });
  state.streets.set(area, { version: roster.version, rosterDigest: digest, slots });
  return { kind: 'verified', roster, rosterDigest: digest, accepted, opened, keys, rejected };
}
