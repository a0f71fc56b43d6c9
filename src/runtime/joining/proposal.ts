// A change of a network on its way to be one: a folder that registrar and trustees hand to each
// other. Nothing in it is secret, and nothing in it is believed: rosters, records, attestations and
// the document are signed, and each party checks all of it against the document that it pins.
//
//   proposal.cbor        the registrar's new rosters and the records that they name for the first time
//   attestation-<i>.cbor trustee i: which of their slots' seeds open and match
//   document.bundle      the next document with the registrar's signature
//   signature-<i>.cbor   trustee i's signature of it

import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { equalBytes } from '../../core/bytes.ts';
import { decodeCbor, encodeCbor } from '../../core/cbor.ts';
import { bytesOf, bytesUpTo, u32Field } from '../../core/fields.ts';
import type { Epoch } from '../../core/interval.ts';
import {
  decodeBundle,
  type NetworkBundle,
  type VerifiedNetwork,
} from '../../core/network-bundle.ts';
import { SIGNATURE_BYTES } from '../../core/signed.ts';
import { FileError, notWritable } from '../../files/file-error.ts';
import { writeFirst, writeWhole } from '../../files/whole-file.ts';
import { MAX_RECORD_BYTES } from '../enrolment-folder.ts';
import { MAX_BUNDLE_BYTES } from '../network-chain.ts';

export interface Proposal {
  /** Digest of the document that it changes. */
  readonly previous: Uint8Array;
  readonly fromEpoch: Epoch;
  /** Signed, of every street. */
  readonly rosters: readonly Uint8Array[];
  /** Those that are new. */
  readonly records: readonly Uint8Array[];
}

const proposalSchema = z.strictObject({
  v: z.literal(1),
  previous: bytesOf(32),
  fromEpoch: u32Field,
  rosters: z.array(bytesUpTo(2 ** 24)),
  records: z.array(bytesUpTo(MAX_RECORD_BYTES)),
});
const attestationSchema = z.strictObject({ v: z.literal(1), attestation: bytesUpTo(2 ** 28) });
const signatureSchema = z.strictObject({ v: z.literal(1), signature: bytesOf(SIGNATURE_BYTES) });

/** @throws FileError where the folder is there and not empty, or somebody else has just written one */
export async function writeProposal(folder: string, proposal: Proposal): Promise<void> {
  const entries = await readdir(folder).catch(() => []);
  if (entries.length > 0)
    throw new FileError('not-writable', {
      file: folder,
      expected: 'a new or empty folder',
      found: `${entries.length} entries`,
    });
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw notWritable(folder, cause);
  });
  const { previous, fromEpoch, rosters, records } = proposal;
  const body = { v: 1, previous, fromEpoch, rosters: [...rosters], records: [...records] };
  await writeFirst(join(folder, 'proposal.cbor'), encodeCbor(body));
}

/** @throws FileError */
export async function readProposal(folder: string): Promise<Proposal> {
  const file = join(folder, 'proposal.cbor');
  const found = await readDecoded(
    file,
    proposalSchema,
    'a proposal of "streetwatt registrar take"',
  );
  return { ...found, fromEpoch: found.fromEpoch as Epoch };
}

/** @throws FileError where it changes another document: its rosters do not know who joined since */
export function checkFollows(
  { previous }: Proposal,
  { digest, document }: VerifiedNetwork,
  folder: string,
): void {
  if (equalBytes(previous, digest)) return;
  throw new FileError('bad-value', {
    file: folder,
    expected: `a proposal that changes version ${document.version} of ${document.networkId}; take the records again`,
    found: 'one for another document',
  });
}

export async function writeAttestation(
  folder: string,
  trustee: number,
  attestation: Uint8Array,
): Promise<void> {
  await writeWhole(join(folder, `attestation-${trustee}.cbor`), encodeCbor({ v: 1, attestation }));
}

/** By trustee. @throws FileError where one is missing */
export async function readAttestations(
  folder: string,
  trusteeCount: number,
): Promise<readonly Uint8Array[]> {
  const attestations: Uint8Array[] = [];
  for (let trustee = 0; trustee < trusteeCount; trustee++) {
    const file = join(folder, `attestation-${trustee}.cbor`);
    const expected = `what trustee ${trustee} attests, from "streetwatt trustee attest"`;
    attestations.push((await readDecoded(file, attestationSchema, expected)).attestation);
  }
  return attestations;
}

export async function writeDocument(folder: string, bundleBytes: Uint8Array): Promise<void> {
  await writeWhole(join(folder, 'document.bundle'), bundleBytes);
}

/** @throws FileError */
export async function readDocument(folder: string): Promise<NetworkBundle> {
  const file = join(folder, 'document.bundle');
  const expected = 'a document of "streetwatt registrar draft"';
  const bundle = decodeBundle(await readCapped(file, MAX_BUNDLE_BYTES, expected));
  if (bundle === undefined) throw badFile(file, expected, 'something else');
  return bundle;
}

export async function writeSignature(
  folder: string,
  trustee: number,
  signature: Uint8Array,
): Promise<void> {
  await writeWhole(join(folder, `signature-${trustee}.cbor`), encodeCbor({ v: 1, signature }));
}

/** Those that are there. @throws FileError where one is none */
export async function readSignatures(
  folder: string,
  trusteeCount: number,
): Promise<NetworkBundle['trusteeSignatures']> {
  const signatures: { trustee: number; signature: Uint8Array }[] = [];
  for (let trustee = 0; trustee < trusteeCount; trustee++) {
    const file = join(folder, `signature-${trustee}.cbor`);
    if ((await stat(file).catch(() => undefined)) === undefined) continue;
    const { signature } = await readDecoded(file, signatureSchema, 'a signature');
    signatures.push({ trustee, signature });
  }
  return signatures;
}

/** A file that is no larger than it may be: what is offered may be anything. @throws FileError */
export async function readCapped(
  file: string,
  maxBytes: number,
  expected: string,
): Promise<Uint8Array> {
  const found = await stat(file).catch((cause: unknown) => {
    throw new FileError('file-missing', { file, expected, found: 'none', cause });
  });
  if (!found.isFile()) throw badFile(file, expected, 'no file');
  if (found.size > maxBytes)
    throw new FileError('file-too-large', {
      file,
      expected: `${expected} of at most ${maxBytes} bytes`,
      found: `${found.size}`,
    });
  return new Uint8Array(
    await readFile(file).catch((cause: unknown) => {
      throw new FileError('file-unreadable', { file, expected, found: 'an error', cause });
    }),
  );
}

async function readDecoded<T>(file: string, schema: z.ZodType<T>, expected: string): Promise<T> {
  const bytes = await readCapped(file, 2 ** 30, expected);
  const decoded = decodeCbor(bytes, schema, 2 ** 30);
  if (decoded === undefined) throw badFile(file, expected, 'something else');
  return decoded;
}

function badFile(file: string, expected: string, found: string): FileError {
  return new FileError('bad-value', { file, expected, found });
}
