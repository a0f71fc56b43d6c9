// The first document of a network that nobody has joined yet: its parties, its policy, and its
// streets with empty rosters. Gateways need it to seal their keys to somebody; the first meters come
// with its successor.

import { type AreaId, areaDepth, parentArea } from '../core/area.ts';
import { createAttestation } from '../core/attestation.ts';
import type { Epoch } from '../core/interval.ts';
import type { NetworkPolicy } from '../core/network.ts';
import { rosterDigest } from '../core/roster.ts';
import { splitSigned, type VerifySignature } from '../core/signed.ts';
import { signRoster } from '../roles/registrar.ts';
import type { Parties } from './parties.ts';
import { type SignedNetwork, signByAll } from './sign-network.ts';

/** An aggregator of its own hosts what lies below each of these; the first one what lies above. */
const REGION_DEPTH = 3;

/** Areas that have an aggregator of their own: at the third level, or above where streets are. */
export function aggregatorAreas(streets: Iterable<AreaId>): readonly AreaId[] {
  const areas = new Set<AreaId>();
  for (const street of streets) {
    let area = parentArea(street) as AreaId;
    while (areaDepth(area) > REGION_DEPTH) area = parentArea(area) as AreaId;
    areas.add(area);
  }
  return [...areas].sort();
}

export function foundNetwork(options: {
  readonly policy: NetworkPolicy;
  readonly parties: Parties;
  readonly streets: readonly AreaId[];
  readonly fromEpoch: Epoch;
  readonly aggregatorOf: (area: AreaId) => number;
  readonly verify: VerifySignature;
}): SignedNetwork {
  const { policy, parties, fromEpoch, aggregatorOf, verify } = options;
  const { networkId } = policy;
  const rosters = options.streets.map((area) =>
    signRoster({ networkId, area, version: 0, entries: [] }, parties.registrar.signer),
  );
  const attested = rosters.map((bytes, index) => ({
    area: options.streets[index] as AreaId,
    rosterDigest: rosterDigest(splitSigned('roster', bytes)?.body as Uint8Array),
    accepted: new Uint8Array(0),
  }));
  const attestations = parties.trustees.map(({ signer }, trustee) =>
    createAttestation({ networkId, trustee, rosters: attested }, signer),
  );
  return signByAll(
    parties,
    { ...{ policy, version: 1, fromEpoch, rosters, attestations }, aggregatorOf },
    verify,
  );
}
