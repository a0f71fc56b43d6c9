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
import type { VerifySignature } from '../../core/signed.ts';
import { FileError } from '../../files/file-error.ts';
import { successorName } from '../network-chain.ts';
import { checkEpoch } from './earliest-epoch.ts';
import { writeWhole } from './proposal.ts';
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
  const { config, before, draft, signatures, records, folder, nowSeconds, verify } = options;
  const bundle = { ...draft, trusteeSignatures: signatures };
  const network = verifyBundle(bundle, { kind: 'successor', before }, verify);
  if (typeof network === 'string')
    throw new FileError('bad-value', {
      file: folder,
      expected: `a document that ${before.quorum.quorum} of the trustees have signed`,
      found: network,
    });
  checkEpoch(folder, network.document.fromEpoch, before, nowSeconds);
  await mkdir(config.enrolments, { recursive: true });
  for (const record of records)
    await writeWhole(join(config.enrolments, `${toHex(enrolmentDigest(record))}.bin`), record);
  await mkdir(config.successors, { recursive: true });
  const file = join(config.successors, successorName(network.document.version));
  await writeWhole(file, encodeBundle(bundle));
  return { file, network, signatureCount: signatures.length };
}
