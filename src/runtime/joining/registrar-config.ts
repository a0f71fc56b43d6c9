// The registrar's configuration: a JSON file that names everything else by path, relative to itself.

import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { fromHex } from '../../core/bytes.ts';
import type { Signer } from '../../core/signed.ts';
import { REVOKED } from '../deployment-folder.ts';
import { createPlatformSigner } from '../ed25519.ts';
import { readJson, readNodeKeys } from '../node-config.ts';

export interface RegistrarConfig {
  /** The bundle of the first network document. */
  readonly network: string;
  /** The folder of its successors; the registrar publishes into it. */
  readonly successors: string;
  readonly trust: { readonly registrar: Uint8Array; readonly trustees: readonly Uint8Array[] };
  /** Its seed, mode 0600. */
  readonly keys: string;
  /** The folder of all enrolment records that rosters name; it publishes into it, too. */
  readonly enrolments: string;
  /** The gateways that the operator has shut out; the file may be missing. */
  readonly revoked: string;
}

const hex32: z.ZodType<Uint8Array> = z
  .string()
  .regex(/^[0-9a-f]{64}$/u, 'expected 64 lower-case hex digits')
  .transform(fromHex);
const path = z.string().min(1).max(4096);

const schema: z.ZodType<RegistrarConfig> = z.strictObject({
  network: path,
  successors: path,
  trust: z.strictObject({ registrar: hex32, trustees: z.array(hex32).min(1).max(5) }),
  keys: path,
  enrolments: path,
  revoked: path.default(REVOKED),
});

/** Its paths come back absolute. @throws FileError */
export async function readRegistrarConfig(file: string): Promise<RegistrarConfig> {
  const config = await readJson(file, schema);
  const at = (relative: string) => resolve(dirname(file), relative);
  return {
    ...config,
    network: at(config.network),
    successors: at(config.successors),
    keys: at(config.keys),
    enrolments: at(config.enrolments),
    revoked: at(config.revoked),
  };
}

/** @throws FileError also where others than the owner may read it */
export async function readRegistrarSigner(config: RegistrarConfig): Promise<Signer> {
  return createPlatformSigner((await readNodeKeys(config.keys)).seed);
}
