// The registrar's desk on files: enrolment records in, checked against the operator's inventory and
// against every record that was ever taken, the next rosters out as a proposal for the trustees
// (protocol.md 6.5). A record says who a meter is and nothing of where it belongs: street, channels,
// cap and connection point are the inventory's.

import type { AreaId } from '../../core/area.ts';
import { equalBytes, fromHex, toHex } from '../../core/bytes.ts';
import { type Channel, channelSetOf } from '../../core/channel.ts';
import { readEnrolment } from '../../core/enrolment.ts';
import { hpkeKeyId } from '../../core/hpke.ts';
import type { Epoch } from '../../core/interval.ts';
import type { VerifiedNetwork } from '../../core/network-bundle.ts';
import { isEntryActive } from '../../core/roster.ts';
import type { VerifySignature } from '../../core/signed.ts';
import { defaultCapWh } from '../../files/default-cap.ts';
import { FileError } from '../../files/file-error.ts';
import type { InventoryRow } from '../../files/inventory-file.ts';
import {
  createRegistrar,
  createRosters,
  handleEnrolment,
  retireMeter,
  signRoster,
} from '../../roles/registrar.ts';
import { restoreRegistrar } from '../../roles/registrar-restore.ts';
import type {
  EnrolmentRefusal,
  InventoryItem,
  RegistrarState,
} from '../../roles/registrar-slots.ts';
import { listEnrolments } from '../enrolment-folder.ts';
import { lastLink } from '../network-chain.ts';
import { readRevoked, revokedMeters } from '../revoked-gateways.ts';
import { earliestEpoch } from './earliest-epoch.ts';
import { readCapped, writeProposal } from './proposal.ts';
import { type RegistrarConfig, readRegistrarSigner } from './registrar-config.ts';
import { aggregatorOfStreet } from './street-host.ts';

/** A meter's own record has some 8 KB at the largest quorum. */
const MAX_OWN_RECORD_BYTES = 65_536;

export type TakeRefusal =
  | EnrolmentRefusal
  /** Its street is no place for meters: an area with areas below it, or outside of the tree. */
  | 'bad-area'
  /** Sealed to other keys than those of the trustees and of the street's aggregator. */
  | 'wrong-recipient'
  /** Another meter, which the inventory does not have there, stands on its connection point. */
  | 'point-taken'
  /** Its gateway was shut out, and not invited again. */
  | 'revoked'
  | 'unreadable';

export interface TakeOptions {
  readonly config: RegistrarConfig;
  readonly inventory: readonly InventoryRow[];
  readonly recordFiles: readonly string[];
  /** Identities that leave, in hex. */
  readonly retire: readonly string[];
  /** Where the proposal is written, unless nothing changes. */
  readonly folder: string;
  /** Otherwise one refused record is enough for nothing to be written. */
  readonly skipRefused: boolean;
  readonly nowSeconds: number;
  readonly verify: VerifySignature;
}

export interface TakenRecord {
  readonly file: string;
  readonly gateway: string;
  readonly area: AreaId;
  readonly slot: number;
}

export interface TakeResult {
  readonly taken: readonly TakenRecord[];
  readonly refused: readonly { readonly file: string; readonly reason: TakeRefusal }[];
  readonly retiredCount: number;
  readonly fromEpoch: Epoch;
  readonly isWritten: boolean;
}

/** @throws FileError where one of the registrar's own files is wrong */
export async function takeRecords(options: TakeOptions): Promise<TakeResult> {
  const { config, inventory, nowSeconds, verify } = options;
  const signer = await readRegistrarSigner(config);
  const { network, state } = await restoreDesk(config, verify);
  if (!equalBytes(signer.publicKey, network.document.registrar))
    throw new FileError('bad-value', {
      file: config.keys,
      expected: 'the key of this network’s registrar',
      found: 'another',
    });
  const fromEpoch = earliestEpoch(network, nowSeconds);
  const revoked = revokedMeters(await readRevoked(config.revoked), inventory);
  const retiredCount =
    retireAll(state, options.retire, fromEpoch) + retireRevoked(state, revoked, fromEpoch);
  const items = new Map<string, InventoryItem>();
  const rows = new Map<string, InventoryRow>();
  for (const row of inventory) {
    if (row.identity === undefined) continue;
    rows.set(row.identity, row);
    items.set(row.identity, itemOf(row, network));
  }
  const taken: TakenRecord[] = [];
  const refused: { file: string; reason: TakeRefusal }[] = [];
  const records: Uint8Array[] = [];
  for (const file of options.recordFiles) {
    const bytes = await readOffered(file);
    const reason =
      typeof bytes === 'string'
        ? bytes
        : precheck(bytes, { network, state, items, revoked, fromEpoch, verify });
    if (reason !== undefined || typeof bytes === 'string') {
      refused.push({ file, reason: reason ?? 'unreadable' });
      continue;
    }
    const outcome = handleEnrolment(state, bytes, {
      fromEpoch,
      verify,
      inventory: (meter) => items.get(toHex(meter)),
    });
    if (outcome.kind === 'refused') {
      refused.push({ file, reason: outcome.reason });
      continue;
    }
    const record = readEnrolment(bytes, verify);
    const row = typeof record === 'string' ? undefined : rows.get(toHex(record.meter));
    taken.push({ file, gateway: row?.gateway ?? '', area: outcome.area, slot: outcome.slot });
    records.push(bytes);
  }
  const hasChanged = taken.length + retiredCount > 0;
  const isWritten = hasChanged && (refused.length === 0 || options.skipRefused);
  if (isWritten) {
    const rosters = createRosters(state).map((roster) => signRoster(roster, signer));
    await writeProposal(options.folder, {
      previous: network.digest,
      fromEpoch,
      rosters,
      records,
    });
  }
  return { taken, refused, retiredCount, fromEpoch, isWritten };
}

async function restoreDesk(
  config: RegistrarConfig,
  verify: VerifySignature,
): Promise<{ readonly network: VerifiedNetwork; readonly state: RegistrarState }> {
  const { network } = await lastLink(config, verify);
  const state = createRegistrar({
    networkId: network.document.networkId,
    quorum: network.quorum,
    provisioners: network.document.provisioners,
  });
  const rosters = network.streets.flatMap((street) =>
    street === undefined ? [] : [street.roster],
  );
  const records = await listEnrolments(config.enrolments);
  const missing = restoreRegistrar(state, rosters, records, verify);
  if (missing > 0)
    throw new FileError('file-missing', {
      file: config.enrolments,
      expected: 'every record that a roster names',
      found: `none for ${missing} of their slots`,
    });
  return { network, state };
}

function retireAll(state: RegistrarState, identities: readonly string[], epoch: Epoch): number {
  for (const identity of identities)
    if (!retireMeter(state, fromHex(identity), epoch))
      throw new RangeError(
        `--retire: expected the identity of a meter that has a slot, found ${identity}`,
      );
  return identities.length;
}

/** Those of them that still have a slot: once its end is published, it needs no other. */
function retireRevoked(
  state: RegistrarState,
  identities: ReadonlySet<string>,
  epoch: Epoch,
): number {
  return [...identities].filter((identity) => retireMeter(state, fromHex(identity), epoch)).length;
}

interface PrecheckContext {
  readonly network: VerifiedNetwork;
  readonly state: RegistrarState;
  readonly items: ReadonlyMap<string, InventoryItem>;
  readonly revoked: ReadonlySet<string>;
  readonly fromEpoch: Epoch;
  readonly verify: VerifySignature;
}

/** What needs the network document or the whole inventory; the rest is the role's. */
function precheck(bytes: Uint8Array, context: PrecheckContext): TakeRefusal | undefined {
  const { network, state, items, revoked, fromEpoch, verify } = context;
  const record = readEnrolment(bytes, verify);
  if (typeof record === 'string') return record;
  if (record.networkId !== network.document.networkId) return 'wrong-network';
  // Its slot would begin later than the document that names it.
  if (record.firstEpoch > fromEpoch) return 'wrong-epoch';
  const identity = toHex(record.meter);
  const item = items.get(identity);
  if (item === undefined) return 'unknown-meter';
  if (revoked.has(identity)) return 'revoked';
  const aggregator = aggregatorOfStreet(network, item.area);
  if (aggregator === undefined) return 'bad-area';
  const { trustees, aggregators } = network.document;
  const recipients = [
    ...trustees.map((trustee) => trustee.hpkePublicKey),
    aggregators[aggregator]?.hpkePublicKey as Uint8Array,
  ];
  // What nobody could open would take a slot that never reports.
  if (
    record.sealed.length === recipients.length &&
    !recipients.every((key, at) =>
      equalBytes(hpkeKeyId(key), record.sealed[at]?.keyId as Uint8Array),
    )
  )
    return 'wrong-recipient';
  for (const entry of state.streets.get(item.area)?.entries ?? []) {
    if (entry.connectionPoint !== item.connectionPoint) continue;
    const other = toHex(entry.meter);
    if (other === identity || !isEntryActive(entry, fromEpoch)) continue;
    const others = items.get(other);
    if (others?.area !== item.area || others.connectionPoint !== item.connectionPoint)
      return 'point-taken';
  }
  return undefined;
}

function itemOf(row: InventoryRow, { document, channels }: VerifiedNetwork): InventoryItem {
  return {
    area: row.area,
    channels: channelSetOf(row.channels.map((name) => channelNamed(channels, name, row))),
    capWh: row.maxWh ?? defaultCapWh(document.intervalSeconds),
    connectionPoint: row.connectionPoint,
  };
}

function channelNamed(channels: readonly Channel[], name: string, row: InventoryRow): number {
  const index = channels.findIndex((channel) => channel.name === name);
  if (index >= 0) return index;
  const known = channels.map((channel) => channel.name).join(', ');
  throw new RangeError(`channels of ${row.gateway}: expected ${known}, found ${name}`);
}

async function readOffered(file: string): Promise<Uint8Array | TakeRefusal> {
  try {
    return await readCapped(file, MAX_OWN_RECORD_BYTES, 'an enrolment record');
  } catch (error) {
    if (error instanceof FileError && error.code === 'file-missing') throw error;
    return error instanceof FileError && error.code === 'file-too-large'
      ? 'malformed'
      : 'unreadable';
  }
}
