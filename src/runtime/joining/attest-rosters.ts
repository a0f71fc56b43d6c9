// A trustee's look at a proposal: it opens every record that the rosters name with its own key, takes
// the registrar's word for nothing but that the meters exist, and signs which slots' seeds open and
// match (correction 7). What it verified before is derived again from its documents, from the first
// one on: the running node's own stores are not touched, so the command may run beside it, and a slot
// that ended long ago still keeps its seeds from being enrolled again.

import { createAttestation } from '../../core/attestation.ts';
import { countBits } from '../../core/bitmap.ts';
import { sha256 } from '../../core/digest.ts';
import type { HpkeKeyPair } from '../../core/hpke.ts';
import type { Epoch } from '../../core/interval.ts';
import type { Signer, VerifySignature } from '../../core/signed.ts';
import { FileError } from '../../files/file-error.ts';
import { createEnroller, type VerifiedRoster, verifyRosters } from '../../roles/enroller.ts';
import { bytesKey } from '../../roles/enroller-index.ts';
import { forgetRecords, openRecord } from '../../roles/enroller-records.ts';
import type { ChainLink } from '../network-chain.ts';
import { checkFollows, type Proposal } from './proposal.ts';

export interface AttestOptions {
  /** All documents of the trustee's own chain. */
  readonly chain: readonly ChainLink[];
  readonly proposal: Proposal;
  /** For error sentences. */
  readonly folder: string;
  /** Every record that rosters named before. */
  readonly records: readonly Uint8Array[];
  readonly trustee: number;
  readonly signer: Signer;
  readonly keyPair: HpkeKeyPair;
  readonly verify: VerifySignature;
}

export interface Attested {
  readonly attestation: Uint8Array;
  readonly slotCount: number;
  readonly acceptedCount: number;
  /** Slots that are not accepted, by reason. */
  readonly rejected: ReadonlyMap<string, number>;
}

/** @throws FileError where the proposal is not one for this document */
export async function attestRosters(options: AttestOptions): Promise<Attested> {
  const { chain, proposal, folder, trustee, signer, keyPair, verify } = options;
  const { network } = chain.at(-1) as ChainLink;
  const { networkId, registrar, provisioners } = network.document;
  checkFollows(proposal, network, folder);
  const enroller = createEnroller({
    networkId,
    quorum: network.quorum,
    recipient: { kind: 'trustee', index: trustee },
    keyPairs: [keyPair],
    registrarKeys: [registrar],
    provisioners,
  });
  for (const record of [...options.records, ...proposal.records])
    await openRecord(enroller, record, verify);
  // What has stood, first: slots are append-only and never change hands.
  const seen = new Set<string>();
  for (const { bundle, network: earlier, file } of chain) {
    const changed = bundle.rosters.filter((roster) => isNew(seen, roster));
    for (const { keys } of verifyAll(enroller, changed, earlier.document.fromEpoch, verify, file))
      keys.fill(0);
  }
  const results = verifyAll(enroller, proposal.rosters, proposal.fromEpoch, verify, folder);
  forgetRecords(enroller);
  const named = new Set(results.map(({ roster }) => roster.area));
  for (const { id, street } of network.areas)
    if (street !== undefined && !named.has(id))
      throw new FileError('bad-value', {
        file: folder,
        expected: `a roster of ${id}, as before`,
        found: 'none',
      });
  const rejected = new Map<string, number>();
  let slotCount = 0;
  let acceptedCount = 0;
  for (const result of results) {
    slotCount += result.roster.entries.length;
    acceptedCount += countBits(result.accepted);
    for (const [reason, count] of result.rejected)
      rejected.set(reason, (rejected.get(reason) ?? 0) + count);
    // Only the digest and the bitmap are signed; the keys were opened to see whether they do.
    result.keys.fill(0);
  }
  const rosters = results.map(({ roster, rosterDigest, accepted }) => ({
    area: roster.area,
    rosterDigest,
    accepted,
  }));
  const attestation = createAttestation({ networkId, trustee, rosters }, signer);
  return { attestation, slotCount, acceptedCount, rejected };
}

function isNew(seen: Set<string>, roster: Uint8Array): boolean {
  const { size } = seen;
  return seen.add(bytesKey(sha256(roster))).size > size;
}

function verifyAll(
  enroller: ReturnType<typeof createEnroller>,
  rosters: readonly Uint8Array[],
  epoch: Epoch,
  verify: VerifySignature,
  file: string,
): readonly VerifiedRoster[] {
  return verifyRosters(enroller, rosters, { epoch, verify }).map((result) => {
    if (result.kind === 'verified') return result;
    throw new FileError('bad-value', {
      file,
      expected: 'rosters of the registrar that follow those before',
      found: result.reason,
    });
  });
}
