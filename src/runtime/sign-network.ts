// A network document where one process has everybody's keys: drafted, signed by the registrar and
// every trustee, and verified as everybody else will. A real deployment does it in steps (joining).

import type { AreaId } from '../core/area.ts';
import {
  encodeBundle,
  type NetworkBundle,
  type NetworkTrust,
  signNetwork,
  type VerifiedNetwork,
  verifyBundle,
} from '../core/network-bundle.ts';
import type { VerifySignature } from '../core/signed.ts';
import {
  createNetworkDocument,
  type DraftedNetwork,
  type NetworkDraft,
  type NetworkParties,
} from '../roles/registrar-network.ts';
import type { Parties } from './parties.ts';

export interface SignedNetwork extends DraftedNetwork {
  readonly network: VerifiedNetwork;
  readonly bundle: NetworkBundle;
  readonly bundleBytes: Uint8Array;
}

/** Its first document, or one that stands like a first. @throws Error where it cannot stand */
export function signByAll(
  parties: Parties,
  draft: Omit<NetworkDraft, 'parties'> & {
    readonly aggregatorOf: (area: AreaId) => number;
    /** By default none: each meter enrols itself. */
    readonly provisioners?: readonly Uint8Array[];
  },
  verify: VerifySignature,
): SignedNetwork {
  const { aggregatorOf, provisioners = [], ...rest } = draft;
  const drafted = createNetworkDocument(
    { ...rest, parties: { ...publicParties(parties), provisioners, aggregatorOf } },
    verify,
  );
  const bundle: NetworkBundle = {
    document: drafted.document,
    registrarSignature: signNetwork(drafted.document, parties.registrar.signer),
    trusteeSignatures: parties.trustees.map(({ signer }, trustee) => ({
      trustee,
      signature: signNetwork(drafted.document, signer),
    })),
    rosters: draft.rosters,
    attestations: draft.attestations,
  };
  const network = verifyBundle(bundle, trustIn(parties), verify);
  if (typeof network === 'string')
    throw new Error(`the network that was just made is refused: ${network}`);
  return { ...drafted, network, bundle, bundleBytes: encodeBundle(bundle) };
}

/** What a document says of them. */
export function publicParties(
  parties: Parties,
): Omit<NetworkParties, 'aggregatorOf' | 'provisioners'> {
  return {
    registrar: parties.registrar.signer.publicKey,
    trustees: parties.trustees.map(({ signer, keyPair }) => ({
      publicKey: signer.publicKey,
      hpkePublicKey: keyPair.publicKey,
    })),
    auditors: [parties.auditor.signer.publicKey],
    aggregators: parties.aggregators.map(({ signer, keyPair }) => ({
      publicKeys: [signer.publicKey],
      hpkePublicKey: keyPair.publicKey,
    })),
  };
}

export function trustIn(parties: Parties): NetworkTrust {
  return {
    kind: 'first',
    registrar: parties.registrar.signer.publicKey,
    trustees: parties.trustees.map((trustee) => trustee.signer.publicKey),
  };
}
