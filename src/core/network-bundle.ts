// What a party is handed: the network document with its signatures, and what it pins by digest, the
// rosters and the trustees' attestations (design.md sections 2, 5 and 6, corrections 1 and 7). Every
// party verifies the whole of it against keys that it was given outside the bundle.

import { z } from 'zod';
import { attestedSlots, openAttestation } from './attestation.ts';
import { type AttestedStreet, activeEntries, countStreet } from './attested-street.ts';
import { equalBytes } from './bytes.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { hasChannel } from './channel.ts';
import { sha256 } from './digest.ts';
import { bytesOf, bytesUpTo } from './fields.ts';
import type { Epoch } from './interval.ts';
import { MAX_DOCUMENT_BYTES, type StreetRecord } from './network.ts';
import {
  areaAt,
  compileNetwork,
  indexOfArea,
  type Network,
  type NetworkRejection,
} from './network-tree.ts';
import { addMeasures, isDominated, type Measure, NO_MEASURE } from './plan-measure.ts';
import { decodeRoster, isEntryActive, type RosterEntry, rosterDigest } from './roster.ts';
import {
  openSigned,
  SIGNATURE_BYTES,
  type Signer,
  signingInput,
  type VerifySignature,
} from './signed.ts';

export interface NetworkBundle {
  readonly document: Uint8Array;
  readonly registrarSignature: Uint8Array;
  readonly trusteeSignatures: readonly {
    readonly trustee: number;
    readonly signature: Uint8Array;
  }[];
  /** Signed rosters, one per street. */
  readonly rosters: readonly Uint8Array[];
  /** Signed attestations, by trustee. */
  readonly attestations: readonly Uint8Array[];
}

export interface VerifiedNetwork extends Network {
  /** By area index; undefined where the area is no street. */
  readonly streets: readonly (AttestedStreet | undefined)[];
}

/** Whom a document must be signed by: the first one by all its trustees, later ones by t of the one before. */
export type NetworkTrust =
  | {
      readonly kind: 'first';
      readonly registrar: Uint8Array;
      readonly trustees: readonly Uint8Array[];
    }
  | { readonly kind: 'successor'; readonly before: Network };

export type BundleRejection =
  | NetworkRejection
  | 'wrong-registrar'
  | 'wrong-trustees'
  | 'bad-registrar-signature'
  | 'too-few-trustee-signatures'
  | 'stale-version'
  | 'bad-attestation'
  | 'bad-roster'
  | 'missing-roster'
  | 'bad-counts';

const bundleSchema = z.strictObject({
  v: z.literal(1),
  document: bytesUpTo(MAX_DOCUMENT_BYTES),
  registrarSignature: bytesOf(SIGNATURE_BYTES),
  trusteeSignatures: z.array(z.tuple([z.int().min(0).max(4), bytesOf(SIGNATURE_BYTES)])).max(5),
  rosters: z.array(bytesUpTo(2 ** 24)),
  attestations: z.array(bytesUpTo(2 ** 28)).max(5),
});

export function encodeBundle(bundle: NetworkBundle): Uint8Array {
  return encodeCbor({
    v: 1,
    document: bundle.document,
    registrarSignature: bundle.registrarSignature,
    trusteeSignatures: bundle.trusteeSignatures.map(({ trustee, signature }) => [
      trustee,
      signature,
    ]),
    rosters: [...bundle.rosters],
    attestations: [...bundle.attestations],
  });
}

export function decodeBundle(bytes: Uint8Array): NetworkBundle | undefined {
  const parsed = decodeCbor(bytes, bundleSchema);
  if (parsed === undefined) return undefined;
  const trusteeSignatures = parsed.trusteeSignatures.map(([trustee, signature]) => ({
    trustee,
    signature,
  }));
  return { ...parsed, trusteeSignatures };
}

/** The registrar's or a trustee's signature of a document body. */
export function signNetwork(document: Uint8Array, signer: Signer): Uint8Array {
  return signer.sign(signingInput('network', document));
}

/** Verifies signatures, digests, attestations, counts and the size of every cell; never throws on hostile bytes. */
export function verifyBundle(
  bundle: NetworkBundle,
  trust: NetworkTrust,
  verify: VerifySignature,
): VerifiedNetwork | BundleRejection {
  const network = compileNetwork(bundle.document);
  if (typeof network === 'string') return network;
  const refusal = checkSignatures(bundle, network, trust, verify);
  if (refusal !== undefined) return refusal;
  const trusteeKeys = network.document.trustees.map((trustee) => trustee.publicKey);
  const attestations = bundle.attestations.map((bytes) =>
    openAttestation(bytes, trusteeKeys, verify),
  );
  // One more would count without the document having pinned it.
  if (bundle.attestations.length !== trusteeKeys.length) return 'bad-attestation';
  for (const [trustee, expected] of network.document.attestationDigests.entries()) {
    const bytes = bundle.attestations[trustee];
    if (bytes === undefined || attestations[trustee]?.trustee !== trustee) return 'bad-attestation';
    if (!equalBytes(sha256(bytes), expected)) return 'bad-attestation';
  }
  const known = attestations.filter((attestation) => attestation !== undefined);
  const streets = new Array<AttestedStreet | undefined>(network.areas.length).fill(undefined);
  for (const bytes of bundle.rosters) {
    const body = openSigned('roster', bytes, [network.document.registrar], verify);
    const roster = body && decodeRoster(body);
    const index = roster && indexOfArea(network, roster.area);
    if (body === undefined || roster === undefined || index === undefined) return 'bad-roster';
    const digest = rosterDigest(body);
    const record = areaAt(network, index).street;
    if (record === undefined || !equalBytes(record.rosterDigest, digest)) return 'bad-roster';
    // A slot that begins later belongs to a later document: this one's counts leave it out.
    if (roster.entries.some((entry) => entry.fromEpoch > network.document.fromEpoch))
      return 'bad-roster';
    // A channel that the network does not have would be nobody's to plan, count or add up.
    const { fromEpoch, channels } = network.document;
    const isBeyond = (entry: RosterEntry) => entry.channels >>> channels.length !== 0;
    if (roster.entries.some((entry) => isBeyond(entry) && isEntryActive(entry, fromEpoch)))
      return 'bad-roster';
    streets[index] = { roster, rosterDigest: digest, attested: new Uint8Array(0) };
  }
  // One pass over the attestations for all streets: a filter per street would be quadratic.
  const byRoster = new Map<string, typeof known>();
  for (const attestation of known) {
    for (const entry of attestation.rosters) {
      const list = byRoster.get(entry.area) ?? [];
      list.push({ ...attestation, rosters: [entry] });
      byRoster.set(entry.area, list);
    }
  }
  for (let index = 0; index < network.areas.length; index++) {
    if (!network.areas.isStreet(index)) continue;
    const street = streets[index];
    if (street === undefined) return 'missing-roster';
    const area = network.areas.idOf(index);
    const attested = attestedSlots(byRoster.get(area) ?? [], {
      networkId: network.document.networkId,
      area,
      rosterDigest: street.rosterDigest,
      slotCount: street.roster.entries.length,
      trusteeCount: trusteeKeys.length,
    });
    streets[index] = { ...street, attested };
  }
  const verified: VerifiedNetwork = { ...network, streets };
  if (!areCountsRight(verified)) return 'bad-counts';
  return areCellsLargeEnough(verified) ? verified : 'bad-cells';
}

function checkSignatures(
  bundle: NetworkBundle,
  network: Network,
  trust: NetworkTrust,
  verify: VerifySignature,
): BundleRejection | undefined {
  const { document } = network;
  const first = trust.kind === 'first';
  const registrar = first ? trust.registrar : trust.before.document.registrar;
  if (!equalBytes(document.registrar, registrar)) return 'wrong-registrar';
  const signers = first
    ? trust.trustees
    : trust.before.document.trustees.map((trustee) => trustee.publicKey);
  const needed = first ? signers.length : trust.before.quorum.quorum;
  if (
    first &&
    !isSameKeys(
      signers,
      document.trustees.map((trustee) => trustee.publicKey),
    )
  )
    return 'wrong-trustees';
  if (!first) {
    const before = trust.before;
    const follows = document.previous !== null && equalBytes(document.previous, before.digest);
    const isLater =
      document.version > before.document.version && document.fromEpoch > before.document.fromEpoch;
    if (!follows || !isLater || document.networkId !== before.document.networkId)
      return 'stale-version';
  }
  const input = signingInput('network', bundle.document);
  if (!verify(bundle.registrarSignature, input, registrar)) return 'bad-registrar-signature';
  const signed = new Set<number>();
  for (const { trustee, signature } of bundle.trusteeSignatures) {
    const key = signers[trustee];
    if (key !== undefined && verify(signature, input, key)) signed.add(trustee);
  }
  return signed.size < needed ? 'too-few-trustee-signatures' : undefined;
}

function isSameKeys(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((key, index) => equalBytes(key, b[index] as Uint8Array));
}

/** The document's counts and caps are those of the attested rosters at the epoch it names. */
function areCountsRight(network: VerifiedNetwork): boolean {
  const { fromEpoch, channels } = network.document;
  const capSums = new Map<number, readonly number[]>();
  for (const area of network.areas) {
    const street = network.streets[area.index];
    const record = area.street;
    if (record === undefined || street === undefined) continue;
    const counted = countStreet(street, channels, fromEpoch);
    if (!isSameRecord(counted.record, record)) return false;
    capSums.set(area.index, counted.capSumsWh);
  }
  for (const cell of network.cells) {
    let sum = 0;
    for (const street of cell.streets) sum += capSums.get(street)?.[cell.channel] ?? 0;
    if (sum !== cell.capSumWh) return false;
  }
  return true;
}

/**
 * What the planner promises of every cell, whoever planned: the minimum of connection points, and
 * none of them above its share of the caps. On the day the minimum is enforced again; the share,
 * which nothing can check on masked sums, only here.
 */
function areCellsLargeEnough(network: VerifiedNetwork): boolean {
  const { channels, minMeters, maxCapSharePermille } = network.document;
  const measures = new Map<number, readonly Measure[]>();
  for (const [index, street] of network.streets.entries())
    if (street !== undefined)
      measures.set(index, measureRoster(street, channels.length, network.document.fromEpoch));
  for (const cell of network.cells) {
    let measure = NO_MEASURE;
    for (const street of cell.streets)
      measure = addMeasures(measure, measures.get(street)?.[cell.channel] ?? NO_MEASURE);
    if (measure.connectionPoints < minMeters || isDominated(measure, maxCapSharePermille))
      return false;
  }
  return true;
}

/** By channel. Connection points lie within one street. */
function measureRoster(street: AttestedStreet, channelCount: number, epoch: Epoch): Measure[] {
  const capsWh = Array.from({ length: channelCount }, () => new Map<number, number>());
  for (const [, { channels, connectionPoint, capWh }] of activeEntries(street, epoch)) {
    for (const [channel, points] of capsWh.entries())
      if (hasChannel(channels, channel))
        points.set(connectionPoint, (points.get(connectionPoint) ?? 0) + capWh);
  }
  return capsWh.map((points) => {
    let measure = NO_MEASURE;
    for (const capWh of points.values())
      measure = addMeasures(measure, {
        connectionPoints: 1,
        largestCapWh: capWh,
        capSumWh: capWh,
      });
    return measure;
  });
}

function isSameRecord(a: StreetRecord, b: StreetRecord): boolean {
  return (
    a.meterCount === b.meterCount &&
    a.unmeteredProducerCount === b.unmeteredProducerCount &&
    a.declaredCounts.every((count, channel) => count === b.declaredCounts[channel])
  );
}
