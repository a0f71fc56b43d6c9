// The registrar's document: rosters and attestations in, the body of a network document out, with
// the tree in pre-order and the planner's cells (design.md section 5). The registrar signs it, the
// trustees verify and countersign it (network-bundle.ts).

import { type AreaId, lastToken, parentArea } from '../core/area.ts';
import { type Attestation, attestedSlots, openAttestation } from '../core/attestation.ts';
import { type AttestedStreet, activeEntries, countStreet } from '../core/attested-street.ts';
import { sha256 } from '../core/digest.ts';
import type { Epoch } from '../core/interval.ts';
import {
  type AggregatorParty,
  type AreaRecord,
  type CellRecord,
  encodeNetworkDocument,
  type NetworkPolicy,
  type StreetRecord,
  type TrusteeParty,
} from '../core/network.ts';
import { planCells } from '../core/plan.ts';
import type { Plan, PlanStreet } from '../core/plan-types.ts';
import { decodeRoster, rosterDigest } from '../core/roster.ts';
import { splitSigned, type VerifySignature } from '../core/signed.ts';

export interface NetworkParties {
  readonly registrar: Uint8Array;
  readonly trustees: readonly TrusteeParty[];
  readonly auditors: readonly Uint8Array[];
  readonly provisioners: readonly Uint8Array[];
  readonly aggregators: readonly AggregatorParty[];
  /** Index of the aggregator party of an area; every area its own where the deployment says so. */
  readonly aggregatorOf?: (area: AreaId) => number;
}

export interface NetworkDraft {
  readonly policy: NetworkPolicy;
  readonly parties: NetworkParties;
  readonly version: number;
  readonly fromEpoch: Epoch;
  /** Digest of the document before; undefined for the first. */
  readonly previous?: Uint8Array;
  /** Signed rosters, one per street. */
  readonly rosters: readonly Uint8Array[];
  /** Signed attestations, by trustee. */
  readonly attestations: readonly Uint8Array[];
}

export interface DraftedNetwork {
  readonly document: Uint8Array;
  readonly plan: Plan;
  readonly streets: readonly PlanStreet[];
}

/**
 * @throws RangeError where rosters do not make a tree, a policy is out of range, or an attestation
 * is not its trustee's: these are the registrar's own inputs.
 */
export function createNetworkDocument(
  draft: NetworkDraft,
  verify: VerifySignature,
): DraftedNetwork {
  const { policy, parties } = draft;
  const streets = attestStreets(draft, verify);
  const planStreets = [...streets].map(([area, street]): PlanStreet => {
    const meters = [...activeEntries(street, draft.fromEpoch)].map(([, entry]) => entry);
    return { area, meters };
  });
  const withMeters = planStreets.filter((street) => street.meters.length > 0);
  const plan = planCells(withMeters, policy);
  const ids = treeOrder([...streets.keys()]);
  const indexOf = new Map(ids.map((id, index) => [id, index]));
  const capSums = new Map<AreaId, readonly number[]>();
  const areas = ids.map((id): AreaRecord => {
    const parent = parentArea(id);
    const street = streets.get(id);
    let record: StreetRecord | null = null;
    if (street !== undefined) {
      const counted = countStreet(street, policy.channels, draft.fromEpoch);
      record = counted.record;
      capSums.set(id, counted.capSumsWh);
    }
    return {
      token: lastToken(id),
      parent: parent === undefined ? null : (indexOf.get(parent) as number),
      aggregator: parties.aggregatorOf?.(id) ?? 0,
      street: record,
    };
  });
  const cells = plan.cells.map((cell): CellRecord => {
    const members = cell.members
      .map((member) => indexOf.get(member) as number)
      .sort((a, b) => a - b);
    return {
      channel: cell.channel,
      home: indexOf.get(cell.home) as number,
      members,
      capSumWh: cell.capSumWh,
    };
  });
  const { aggregatorOf: _, ...partyKeys } = parties;
  const document = encodeNetworkDocument({
    ...policy,
    ...partyKeys,
    version: draft.version,
    fromEpoch: draft.fromEpoch,
    previous: draft.previous ?? null,
    attestationDigests: draft.attestations.map((bytes) => sha256(bytes)),
    areas,
    cells,
  });
  return { document, plan, streets: withMeters };
}

function attestStreets(draft: NetworkDraft, verify: VerifySignature): Map<AreaId, AttestedStreet> {
  const trusteeKeys = draft.parties.trustees.map((trustee) => trustee.publicKey);
  const byArea = new Map<AreaId, Attestation[]>();
  for (const bytes of draft.attestations) {
    const attestation = openAttestation(bytes, trusteeKeys, verify);
    if (attestation === undefined)
      throw new RangeError('attestations: expected one signed by each trustee');
    for (const roster of attestation.rosters) {
      const list = byArea.get(roster.area) ?? [];
      byArea.set(roster.area, list);
      list.push({ ...attestation, rosters: [roster] });
    }
  }
  const streets = new Map<AreaId, AttestedStreet>();
  for (const bytes of draft.rosters) {
    const body = splitSigned('roster', bytes)?.body;
    const roster = body && decodeRoster(body);
    if (body === undefined || roster === undefined)
      throw new RangeError('rosters: expected signed rosters');
    const digest = rosterDigest(body);
    const attested = attestedSlots(byArea.get(roster.area) ?? [], {
      networkId: draft.policy.networkId,
      area: roster.area,
      rosterDigest: digest,
      slotCount: roster.entries.length,
      trusteeCount: trusteeKeys.length,
    });
    streets.set(roster.area, { roster, rosterDigest: digest, attested });
  }
  return streets;
}

/** All areas above and at the streets, parents before children, children by token. */
function treeOrder(streets: readonly AreaId[]): AreaId[] {
  const children = new Map<AreaId | undefined, AreaId[]>();
  const seen = new Set<AreaId>();
  for (const street of streets) {
    for (
      let area: AreaId | undefined = street;
      area !== undefined && !seen.has(area);
      area = parentArea(area)
    ) {
      seen.add(area);
      const parent = parentArea(area);
      const list = children.get(parent) ?? [];
      children.set(parent, list);
      list.push(area);
    }
  }
  const ordered: AreaId[] = [];
  const visit = (area: AreaId | undefined): void => {
    if (area !== undefined) ordered.push(area);
    for (const child of (children.get(area) ?? []).sort(compareTokens)) visit(child);
  };
  visit(undefined);
  return ordered;
}

function compareTokens(a: AreaId, b: AreaId): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
