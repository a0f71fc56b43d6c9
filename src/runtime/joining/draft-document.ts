// The registrar's next document: rosters and attestations of a proposal, everything else as it was.
// No command changes a policy, so none can lower a minimum; a trustee refuses to sign one that does
// (sign-document.ts).

import { type AreaId, parentArea } from '../../core/area.ts';
import { openAttestation } from '../../core/attestation.ts';
import {
  encodeBundle,
  type NetworkBundle,
  signNetwork,
  type VerifiedNetwork,
} from '../../core/network-bundle.ts';
import { areaNamed } from '../../core/network-tree.ts';
import type { Plan } from '../../core/plan-types.ts';
import type { Signer, VerifySignature } from '../../core/signed.ts';
import { FileError } from '../../files/file-error.ts';
import { createNetworkDocument } from '../../roles/registrar-network.ts';
import { checkFollows, type Proposal } from './proposal.ts';

export interface DraftedBundle {
  /** Without the trustees' signatures. */
  readonly bundleBytes: Uint8Array;
  readonly plan: Plan;
  /** Active meters of the document. */
  readonly meterCount: number;
}

/** @throws FileError, RangeError where rosters or attestations cannot make a document */
export function draftDocument(options: {
  readonly before: VerifiedNetwork;
  readonly proposal: Proposal;
  /** For error sentences. */
  readonly folder: string;
  readonly attestations: readonly Uint8Array[];
  readonly signer: Signer;
  readonly verify: VerifySignature;
}): DraftedBundle {
  const { before, proposal, folder, attestations, signer, verify } = options;
  const { rosters, fromEpoch } = proposal;
  const { document } = before;
  checkFollows(proposal, before, folder);
  checkAttestations(attestations, before, folder, verify);
  const { registrar, trustees, auditors, provisioners, aggregators } = document;
  const { networkId, intervalSeconds, channels, quorum, minMeters, marginMeters } = document;
  const { minPresencePermille, maxCapSharePermille, closeAfterSeconds, levelSeconds } = document;
  const drafted = createNetworkDocument(
    {
      policy: {
        ...{ networkId, intervalSeconds, channels, quorum, minMeters, marginMeters },
        ...{ minPresencePermille, maxCapSharePermille, closeAfterSeconds, levelSeconds },
      },
      version: document.version + 1,
      fromEpoch,
      previous: before.digest,
      rosters,
      attestations,
      parties: {
        ...{ registrar, trustees, auditors, provisioners, aggregators },
        aggregatorOf: (area) => aggregatorAbove(before, area),
      },
    },
    verify,
  );
  const bundle: NetworkBundle = {
    document: drafted.document,
    registrarSignature: signNetwork(drafted.document, signer),
    trusteeSignatures: [],
    rosters,
    attestations,
  };
  const meterCount = drafted.streets.reduce((sum, { meters }) => sum + meters.length, 0);
  return { bundleBytes: encodeBundle(bundle), plan: drafted.plan, meterCount };
}

/** Of what trustees hand back; whether they are of these rosters shows in the count of meters. */
function checkAttestations(
  attestations: readonly Uint8Array[],
  { document }: VerifiedNetwork,
  folder: string,
  verify: VerifySignature,
): void {
  const keys = document.trustees.map(({ publicKey }) => publicKey);
  const wrong = attestations.findIndex(
    (bytes, index) => openAttestation(bytes, keys, verify)?.trustee !== index,
  );
  if (wrong < 0) return;
  throw new FileError('bad-value', {
    file: folder,
    expected: `what trustee ${wrong} attests and has signed`,
    found: 'something else',
  });
}

/** An area that is new is hosted by whoever hosts the one above it: gateways seal their keys to that one. */
function aggregatorAbove(before: VerifiedNetwork, area: AreaId): number {
  for (let at: AreaId | undefined = area; at !== undefined; at = parentArea(at)) {
    const node = areaNamed(before, at);
    if (node !== undefined) return node.aggregator;
  }
  throw new RangeError(`area: expected one below those of the network, found ${area}`);
}
