// The network document: the signed, versioned policy and tree that every party pins by digest
// (design.md sections 2 and 5, corrections 1 and 10).
//
// The body is deterministic CBOR. It is valid when the registrar has signed it and at least t
// trustees of the document before it; the first one all its trustees, whose keys a party is given
// outside the document. It takes effect at the epoch it names and is never edited: a change of
// tree, roster, cells or policy is a new version. Nothing in it is secret.

import { z } from 'zod';
import { isAreaToken } from './area.ts';
import { utf8 } from './bytes.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { type Channel, MAX_CHANNELS } from './channel.ts';
import { isQuorum, MAX_TRUSTEES } from './components.ts';
import { sha256 } from './digest.ts';
import { bytesOf, safeCount, u32Field } from './fields.ts';
import { HPKE_PUBLIC_KEY_BYTES } from './hpke.ts';
import { type Epoch, isIntervalSeconds } from './interval.ts';
import { MIN_METERS_FLOOR } from './plan.ts';

/** The presence ratio stays above one half: then any two approvable sets of a cell intersect. */
export const MIN_PRESENCE_PERMILLE_FLOOR = 501;

/** A country of a million streets has a document of 100 MB. */
export const MAX_DOCUMENT_BYTES: number = 2 ** 30;

export interface NetworkPolicy {
  readonly networkId: string;
  readonly intervalSeconds: number;
  readonly channels: readonly Channel[];
  readonly quorum: number;
  readonly minMeters: number;
  readonly marginMeters: number;
  readonly minPresencePermille: number;
  readonly maxCapSharePermille: number;
  /** A street closes when all have reported, or this long after the interval's end. */
  readonly closeAfterSeconds: number;
  /** What each level above may add to that. */
  readonly levelSeconds: number;
}

export interface TrusteeParty {
  readonly publicKey: Uint8Array;
  /** X-Wing key that enrolment seeds are sealed to. */
  readonly hpkePublicKey: Uint8Array;
}

export interface AggregatorParty {
  /** Ed25519 keys; two or more run hot for the same areas. */
  readonly publicKeys: readonly Uint8Array[];
  readonly hpkePublicKey: Uint8Array;
}

export interface StreetRecord {
  readonly rosterDigest: Uint8Array;
  /** Slots that are active when the document takes effect. */
  readonly meterCount: number;
  /** Of these, how many declare each channel, by channel index. */
  readonly declaredCounts: readonly number[];
  /** Meters that declare export and no production: what they consume cannot be known. */
  readonly unmeteredProducerCount: number;
}

export interface AreaRecord {
  readonly token: string;
  /** Index of the parent, which stands before its children; null for a root. */
  readonly parent: number | null;
  /** Index into `aggregators`. */
  readonly aggregator: number;
  /** Present on a leaf. */
  readonly street: StreetRecord | null;
}

export interface CellRecord {
  readonly channel: number;
  /** Index of the area whose children the members are. */
  readonly home: number;
  /** Indices of the members, ascending. */
  readonly members: readonly number[];
  /** Sum of the caps of the active meters that declare the channel. */
  readonly capSumWh: number;
}

export interface NetworkDocument extends NetworkPolicy {
  readonly version: number;
  readonly fromEpoch: Epoch;
  /** Digest of the document before this one; null for the first. */
  readonly previous: Uint8Array | null;
  readonly registrar: Uint8Array;
  readonly trustees: readonly TrusteeParty[];
  readonly auditors: readonly Uint8Array[];
  readonly provisioners: readonly Uint8Array[];
  readonly aggregators: readonly AggregatorParty[];
  /** SHA-256 of each trustee's attestation message, by trustee. */
  readonly attestationDigests: readonly Uint8Array[];
  /** The tree in pre-order, children by token. */
  readonly areas: readonly AreaRecord[];
  readonly cells: readonly CellRecord[];
}

/** Without the tree: a country's is hundreds of megabytes, and is kept compiled (network-tree.ts). */
export type NetworkHead = Omit<NetworkDocument, 'areas' | 'cells'>;

const publicKey = bytesOf(32);
const digest = bytesOf(32);
const hpkeKey = bytesOf(HPKE_PUBLIC_KEY_BYTES);
const permille = z.int().min(1).max(1000);

const areaSchema = z.tuple([
  z.string().refine(isAreaToken),
  u32Field.nullable(),
  u32Field,
  z.tuple([digest, u32Field, z.array(u32Field).max(MAX_CHANNELS), u32Field]).nullable(),
]);

const cellSchema = z.tuple([
  z
    .int()
    .min(0)
    .max(MAX_CHANNELS - 1),
  u32Field,
  z.array(u32Field).min(1),
  safeCount,
]);

const documentSchema = z
  .strictObject({
    networkId: z.string().min(1).max(64),
    version: u32Field,
    fromEpoch: u32Field,
    previous: digest.nullable(),
    intervalSeconds: z.int().refine(isIntervalSeconds),
    channels: z
      .array(z.tuple([z.string().min(1).max(32), z.boolean()]))
      .min(1)
      .max(MAX_CHANNELS),
    quorum: z.int().min(1).max(MAX_TRUSTEES),
    minMeters: z.int().min(MIN_METERS_FLOOR).max(1_000_000),
    marginMeters: z.int().min(0).max(1_000_000),
    minPresencePermille: permille.min(MIN_PRESENCE_PERMILLE_FLOOR),
    maxCapSharePermille: permille,
    closeAfterSeconds: z.int().min(1).max(86_400),
    levelSeconds: z.int().min(1).max(3600),
    registrar: publicKey,
    trustees: z
      .array(z.tuple([publicKey, hpkeKey]))
      .min(1)
      .max(MAX_TRUSTEES),
    auditors: z.array(publicKey).max(64),
    provisioners: z.array(publicKey).max(1024),
    aggregators: z.array(z.tuple([z.array(publicKey).min(1).max(4), hpkeKey])).min(1),
    attestationDigests: z.array(digest).max(MAX_TRUSTEES),
    areas: z.array(z.unknown()),
    cells: z.array(z.unknown()),
  })
  .refine((document) =>
    isQuorum({ trusteeCount: document.trustees.length, quorum: document.quorum }),
  )
  .refine((document) => document.attestationDigests.length === document.trustees.length);

export function encodeNetworkDocument(document: NetworkDocument): Uint8Array {
  return encodeCbor({
    ...document,
    channels: document.channels.map((channel) => [channel.name, channel.isSigned]),
    trustees: document.trustees.map((trustee) => [trustee.publicKey, trustee.hpkePublicKey]),
    aggregators: document.aggregators.map((party) => [[...party.publicKeys], party.hpkePublicKey]),
    areas: document.areas.map(({ token, parent, aggregator, street }) => [
      token,
      parent,
      aggregator,
      street && [
        street.rosterDigest,
        street.meterCount,
        [...street.declaredCounts],
        street.unmeteredProducerCount,
      ],
    ]),
    cells: document.cells.map((cell) => [
      cell.channel,
      cell.home,
      [...cell.members],
      cell.capSumWh,
    ]),
  });
}

/** A document whose areas and cells are not looked at yet, for `readArea` and `readCell` one by one. */
export interface UnreadDocument {
  readonly head: NetworkHead;
  readonly areas: readonly unknown[];
  readonly cells: readonly unknown[];
}

/** What an area, or a cell, takes up at least. */
const MIN_RECORD_BYTES = 6;

/**
 * Undefined where a field of the head is malformed, and where the lists have more items than there is
 * room for in the body: whoever compiles them makes columns for as many, before a signature is checked.
 */
export function openNetworkDocument(body: Uint8Array): UnreadDocument | undefined {
  const parsed = decodeCbor(body, documentSchema, MAX_DOCUMENT_BYTES);
  if (parsed === undefined) return undefined;
  const { areas, cells, ...head } = parsed;
  if (MIN_RECORD_BYTES * (areas.length + cells.length) > body.length) return undefined;
  return {
    head: {
      ...head,
      fromEpoch: head.fromEpoch as Epoch,
      channels: head.channels.map(([name, isSigned]) => ({ name, isSigned })),
      trustees: head.trustees.map(([key, hpkePublicKey]) => ({ publicKey: key, hpkePublicKey })),
      aggregators: head.aggregators.map(([publicKeys, hpkePublicKey]) => ({
        publicKeys,
        hpkePublicKey,
      })),
    },
    areas,
    cells,
  };
}

export function readArea(value: unknown): AreaRecord | undefined {
  const parsed = areaSchema.safeParse(value);
  if (!parsed.success) return undefined;
  const [token, parent, aggregator, street] = parsed.data;
  return {
    token,
    parent,
    aggregator,
    street: street && {
      rosterDigest: street[0],
      meterCount: street[1],
      declaredCounts: street[2],
      unmeteredProducerCount: street[3],
    },
  };
}

export function readCell(value: unknown): CellRecord | undefined {
  const parsed = cellSchema.safeParse(value);
  if (!parsed.success) return undefined;
  const [channel, home, members, capSumWh] = parsed.data;
  return { channel, home, members, capSumWh };
}

/** The document in `body`, or undefined where a field is malformed. The tree is `compileNetwork`'s. */
export function decodeNetworkDocument(body: Uint8Array): NetworkDocument | undefined {
  const document = openNetworkDocument(body);
  const areas = document?.areas.map(readArea);
  const cells = document?.cells.map(readCell);
  if (document === undefined || !areas?.every(isDefined) || !cells?.every(isDefined))
    return undefined;
  return { ...document.head, areas, cells };
}

function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined;
}

export function networkDigest(body: Uint8Array): Uint8Array {
  return sha256(utf8('streetwatt/network/1'), body);
}

/**
 * The small part of the document that meters pin and frames are bound to (correction 10), so that
 * an edit elsewhere does not turn every frame into `bad-tag`.
 */
export function meterPolicyDigest(document: NetworkHead): Uint8Array {
  return sha256(
    utf8('streetwatt/policy/1'),
    encodeCbor({
      networkId: document.networkId,
      intervalSeconds: document.intervalSeconds,
      channels: document.channels.map((channel) => [channel.name, channel.isSigned]),
      trustees: document.trustees.map((trustee) => trustee.publicKey),
      quorum: document.quorum,
      minMeters: document.minMeters,
    }),
  );
}
