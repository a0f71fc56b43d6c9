// The last step: the trustees' signatures joined with the draft, verified as every party will verify
// it, the new records among the others, and the bundle, last and whole, where nodes look for it.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '../../core/bytes.ts';
import { enrolmentDigest } from '../../core/enrolment.ts';
import {
  encodeBundle,
  type NetworkBundle,
  type VerifiedNetwork,
  verifyBundle,
} from '../../core/network-bundle.ts';
import { signingInput, type VerifySignature } from '../../core/signed.ts';
import { FileError } from '../../files/file-error.ts';
import { writeFirst, writeWhole } from '../../files/whole-file.ts';
import { successorName } from '../network-chain.ts';
import { checkEpoch } from './earliest-epoch.ts';
import type { RegistrarConfig } from './registrar-config.ts';

export interface PublishedDocument {
  readonly file: string;
  readonly network: VerifiedNetwork;
  readonly signatureCount: number;
}

/** @throws FileError where the document cannot stand */
export async function publishDocument(options: {
  readonly config: RegistrarConfig;
  readonly before: VerifiedNetwork;
  readonly draft: NetworkBundle;
  readonly signatures: NetworkBundle['trusteeSignatures'];
  readonly records: readonly Uint8Array[];
  /** For error sentences. */
  readonly folder: string;
  readonly nowSeconds: number;
  readonly verify: VerifySignature;
}): Promise<PublishedDocument> {
  const { config, before, draft, folder, nowSeconds, verify } = options;
  // One of an earlier draft says nothing of this one.
  const input = signingInput('network', draft.document);
  const signatures = options.signatures.filter(({ trustee, signature }) => {
    const key = before.document.trustees[trustee]?.publicKey;
    return key !== undefined && verify(signature, input, key);
  });
  const bundle = { ...draft, trusteeSignatures: signatures };
  const network = verifyBundle(bundle, { kind: 'successor', before }, verify);
  if (typeof network === 'string')
    throw new FileError('bad-value', {
      file: folder,
      expected: `a document that follows version ${before.document.version} and that ${before.quorum.quorum} of the trustees have signed`,
      found: network,
    });
  checkEpoch(folder, network.document.fromEpoch, before, nowSeconds);
  const records = recordsOf(network, before, options.records, folder);
  await mkdir(config.enrolments, { recursive: true });
  for (const [digest, record] of records)
    await writeWhole(join(config.enrolments, `${digest}.bin`), record);
  await mkdir(config.successors, { recursive: true });
  const file = join(config.successors, successorName(network.document.version));
  await writeFirst(file, encodeBundle(bundle));
  return { file, network, signatureCount: signatures.length };
}

/**
 * Of what came back with the folder, the records that the new slots name, by their digests: without
 * one of them nobody could open its keys, and no later change could be built.
 */
function recordsOf(
  network: VerifiedNetwork,
  before: VerifiedNetwork,
  offered: readonly Uint8Array[],
  folder: string,
): ReadonlyMap<string, Uint8Array> {
  const known = digestsNamed(before);
  const byDigest = new Map(offered.map((record) => [toHex(enrolmentDigest(record)), record]));
  const records = new Map<string, Uint8Array>();
  for (const digest of digestsNamed(network)) {
    if (known.has(digest)) continue;
    const record = byDigest.get(digest);
    if (record === undefined)
      throw new FileError('bad-value', {
        file: folder,
        expected: 'the record of every slot that is new',
        found: 'fewer',
      });
    records.set(digest, record);
  }
  return records;
}

function digestsNamed({ streets }: VerifiedNetwork): ReadonlySet<string> {
  return new Set(
    streets.flatMap((street) =>
      (street?.roster.entries ?? []).map((entry) => toHex(entry.enrolmentDigest)),
    ),
  );
}
