// The keys that a trustee or an aggregator holds under a network document. Those in its table stay;
// slots that the document names for the first time are opened from their enrolment records, once,
// and join them. Where nothing is new, no record is read. Secret.

import type { AreaId } from '../core/area.ts';
import type { AttestedStreet } from '../core/attested-street.ts';
import { hasBit } from '../core/bitmap.ts';
import { equalBytes } from '../core/bytes.ts';
import { enrolmentDigest } from '../core/enrolment.ts';
import type { EnrolmentRecipient } from '../core/enrolment-seal.ts';
import type { HpkeKeyPair } from '../core/hpke.ts';
import type { Epoch } from '../core/interval.ts';
import type { NetworkBundle, VerifiedNetwork } from '../core/network-bundle.ts';
import type { VerifySignature } from '../core/signed.ts';
import { createEnroller, type EnrolledStreet, verifyRosters } from '../roles/enroller.ts';
import { bytesKey } from '../roles/enroller-index.ts';
import { forgetRecords, openRecord } from '../roles/enroller-records.ts';
import { advanceEpochKeys, type EpochKeys } from '../roles/epoch-keys.ts';
import type { KeyTable, StreetKeyRecord } from '../store/key-table.ts';
import { readEnrolments } from './enrolment-folder.ts';

export interface OpenKeysOptions {
  readonly network: VerifiedNetwork;
  readonly bundle: NetworkBundle;
  readonly table: KeyTable;
  readonly recipient: EnrolmentRecipient;
  readonly keyPair: HpkeKeyPair;
  /** The folder of enrolment records. */
  readonly enrolments: string;
  /** Those whose keys are this party's; all by default. */
  readonly streets?: ReadonlySet<AreaId> | undefined;
  readonly nowEpoch: Epoch;
  readonly verify: VerifySignature;
}

/** All of one epoch: that of the table, or `nowEpoch` where something is new. */
export async function openKeys(options: OpenKeysOptions): Promise<readonly StreetKeyRecord[]> {
  const { network, bundle, table, recipient, keyPair, streets, verify } = options;
  const known = table.load();
  const before = table.loadStreets();
  const mine = network.streets.filter(
    (street): street is AttestedStreet =>
      street !== undefined && streets?.has(street.roster.area) !== false,
  );
  const wanted = wantedRecords(mine, before);
  const { document } = network;
  const first = known[0]?.epoch ?? document.fromEpoch;
  const empty = mine.filter(({ roster }) => roster.entries.length === 0);
  const withEmpty = (records: readonly StreetKeyRecord[], epoch: Epoch) => [
    ...records,
    // A street that nobody has joined yet has its keys: none.
    ...empty.map(({ roster }) => ({ street: roster.area, epoch, keys: new Uint8Array(0) })),
  ];
  if (wanted.size === 0 && mine.every((street) => isUpToDate(street, before)))
    return withEmpty(known, known.length === 0 ? options.nowEpoch : first);
  const enroller = createEnroller({
    networkId: document.networkId,
    quorum: network.quorum,
    recipient,
    keyPairs: [keyPair],
    registrarKeys: [document.registrar],
    provisioners: document.provisioners,
    streets: before,
  });
  for await (const record of readEnrolments(options.enrolments)) {
    // Records for other aggregators lie here too: what is not for us does not open.
    if (wanted.has(bytesKey(enrolmentDigest(record)))) await openRecord(enroller, record, verify);
  }
  const epoch = Math.max(options.nowEpoch, first, document.fromEpoch) as Epoch;
  const held = new Map(known.map((record) => [record.street, ratchetTo(record, epoch)]));
  for (const verified of verifyRosters(enroller, bundle.rosters, { epoch, verify })) {
    if (verified.kind === 'rejected' || streets?.has(verified.roster.area) === false) continue;
    const { area, entries } = verified.roster;
    if (entries.length === 0) continue;
    const merged = mergeKeys(held.get(area), verified.keys, verified.opened, entries.length);
    held.set(area, { street: area, epoch, ...merged });
  }
  forgetRecords(enroller);
  const records = [...held.values()].filter(({ keys }) => keys.length > 0);
  // Keys first: with the streets alone, slots would count as enrolled and have no key. Whole, since
  // only an emptied table is erased.
  if (known.length > 0) table.replaceAll(records);
  table.save(known.length > 0 ? [] : records, enroller.streets);
  return withEmpty(records, epoch);
}

/** Digests of the records whose keys this party does not have yet. */
function wantedRecords(
  streets: readonly AttestedStreet[],
  before: ReadonlyMap<AreaId, EnrolledStreet>,
): ReadonlySet<string> {
  const wanted = new Set<string>();
  for (const { roster } of streets) {
    const slots = before.get(roster.area)?.slots ?? [];
    for (const [at, entry] of roster.entries.entries())
      if (slots[at]?.hasKeys !== true) wanted.add(bytesKey(entry.enrolmentDigest));
  }
  return wanted;
}

function isUpToDate(
  { roster, rosterDigest }: AttestedStreet,
  before: ReadonlyMap<AreaId, EnrolledStreet>,
): boolean {
  const known = before.get(roster.area);
  return known !== undefined && equalBytes(known.rosterDigest, rosterDigest);
}

function ratchetTo(record: StreetKeyRecord, epoch: Epoch): StreetKeyRecord {
  const keys: EpochKeys = {
    epoch: record.epoch,
    keys: record.keys,
    previous: record.previous,
  };
  advanceEpochKeys(keys, epoch);
  return { street: record.street, ...keys };
}

/** Slots are append-only: what is held stays in its place, and what was opened now fills its own. */
function mergeKeys(
  held: StreetKeyRecord | undefined,
  fresh: Uint8Array,
  opened: Uint8Array,
  slotCount: number,
): Pick<StreetKeyRecord, 'keys' | 'previous'> {
  const stride = fresh.length / slotCount;
  const keys = new Uint8Array(fresh.length);
  if (held !== undefined) keys.set(held.keys);
  for (let at = 0; at < slotCount; at++)
    if (hasBit(opened, at)) keys.set(fresh.subarray(at * stride, (at + 1) * stride), at * stride);
  fresh.fill(0);
  if (held?.previous === undefined) return { keys };
  // Zeros where a slot was not there yet: no key, and never taken for one.
  const previous = new Uint8Array(keys.length);
  previous.set(held.previous);
  return { keys, previous };
}
