// A trustee's signature of the next document: it verifies all that any party will, and in addition
// that nothing has changed but rosters, areas and cells. Whoever wants another policy, or other
// parties, needs trustees that agree to it in another way than by this command.

import { equalBytes } from '../../core/bytes.ts';
import { encodeCbor } from '../../core/cbor.ts';
import type { NetworkHead } from '../../core/network.ts';
import {
  type NetworkBundle,
  signNetwork,
  type VerifiedNetwork,
  verifyBundle,
} from '../../core/network-bundle.ts';
import { areaNamed, indexOfArea } from '../../core/network-tree.ts';
import type { Signer, VerifySignature } from '../../core/signed.ts';
import { FileError } from '../../files/file-error.ts';
import { checkEpoch } from './earliest-epoch.ts';

/** What stays as it is. */
const KEPT: readonly (keyof NetworkHead)[] = [
  'networkId',
  'intervalSeconds',
  'channels',
  'quorum',
  'minMeters',
  'marginMeters',
  'minPresencePermille',
  'maxCapSharePermille',
  'closeAfterSeconds',
  'levelSeconds',
  'registrar',
  'trustees',
  'auditors',
  'provisioners',
  'aggregators',
];

export interface SignedDocument {
  readonly signature: Uint8Array;
  readonly network: VerifiedNetwork;
}

/** @throws FileError that says what is wrong with the draft */
export function signDocument(options: {
  readonly before: VerifiedNetwork;
  readonly draft: NetworkBundle;
  /** For error sentences. */
  readonly folder: string;
  readonly trustee: number;
  readonly signer: Signer;
  readonly nowSeconds: number;
  readonly verify: VerifySignature;
}): SignedDocument {
  const { before, draft, folder, trustee, signer, nowSeconds, verify } = options;
  const signature = signNetwork(draft.document, signer);
  // As if this trustee were quorum enough: the others' signatures are for those who publish.
  const alone = { ...before, quorum: { ...before.quorum, quorum: 1 } };
  const bundle = { ...draft, trusteeSignatures: [{ trustee, signature }] };
  const network = verifyBundle(bundle, { kind: 'successor', before: alone }, verify);
  if (typeof network === 'string') throw refused(folder, 'a document that can stand', network);
  const changed = KEPT.find((field) => !isSame(before.document[field], network.document[field]));
  if (changed !== undefined)
    throw refused(folder, `a document with the ${changed} of the one before`, 'another');
  if (network.document.version !== before.document.version + 1)
    throw refused(
      folder,
      `version ${before.document.version + 1}`,
      `version ${network.document.version}`,
    );
  for (const { id, aggregator } of network.areas) {
    const known = areaNamed(before, id);
    if (known !== undefined && known.aggregator !== aggregator)
      throw refused(folder, `${id} with the aggregator that it had`, 'another');
  }
  checkRosters(before, network, folder);
  checkEpoch(folder, network.document.fromEpoch, before, nowSeconds);
  return { signature, network };
}

/**
 * What a trustee has attested of a roster it has attested for good, so an earlier roster, with all
 * that was said of it then, would pass the rest: it would drop who joined since, and give their slots
 * to others.
 */
function checkRosters(before: VerifiedNetwork, next: VerifiedNetwork, folder: string): void {
  for (const street of before.streets) {
    if (street === undefined) continue;
    const { area, version, entries } = street.roster;
    const found = next.streets[indexOfArea(next, area) ?? -1];
    if (found === undefined) throw refused(folder, `a roster of ${area}, as before`, 'none');
    if (equalBytes(found.rosterDigest, street.rosterDigest)) continue;
    if (found.roster.version <= version || found.roster.entries.length < entries.length)
      throw refused(folder, `a roster of ${area} that follows version ${version}`, 'another');
  }
}

function isSame(a: unknown, b: unknown): boolean {
  return Buffer.compare(encodeCbor(a), encodeCbor(b)) === 0;
}

function refused(file: string, expected: string, found: string): FileError {
  return new FileError('bad-value', { file, expected, found });
}
