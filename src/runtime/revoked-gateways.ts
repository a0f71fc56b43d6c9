// Gateways that were shut out, as a file of the deployment: the next `invite` of the same inventory
// must not let them in again, and the next `take` ends their meters' slots and takes no record of them.

import { z } from 'zod';
import { FileError } from '../files/file-error.ts';
import type { InventoryRow } from '../files/inventory-file.ts';
import { writeSecret } from '../files/whole-file.ts';
import { toJson } from './deployment-folder.ts';
import { readJson } from './node-config.ts';

/** One of the two at least. */
export interface RevokedGateway {
  readonly gateway?: string;
  /** Ed25519, 64 hex digits. */
  readonly identity?: string;
}

const schema: z.ZodType<readonly RevokedGateway[]> = z.array(
  z.strictObject({
    gateway: z.string().exactOptional(),
    identity: z
      .string()
      .regex(/^[0-9a-f]{64}$/u, 'expected 64 lower-case hex digits')
      .exactOptional(),
  }),
);

/** None where there is no file. @throws FileError */
export async function readRevoked(file: string): Promise<readonly RevokedGateway[]> {
  try {
    return await readJson(file, schema);
  } catch (error) {
    if (error instanceof FileError && error.code === 'file-missing') return [];
    throw error;
  }
}

export async function writeRevoked(file: string, list: readonly RevokedGateway[]): Promise<void> {
  await writeSecret(file, toJson(list));
}

/** By its name, or by the identity of its meter. */
export function isOf(
  revoked: RevokedGateway,
  { gateway, identity }: { readonly [Key in keyof RevokedGateway]-?: string | undefined },
): boolean {
  return (
    (gateway !== undefined && revoked.gateway === gateway) ||
    (identity !== undefined && revoked.identity === identity)
  );
}

/** Identities of their meters: those of then, and those that the inventory gives them now. */
export function revokedMeters(
  list: readonly RevokedGateway[],
  inventory: readonly InventoryRow[],
): ReadonlySet<string> {
  const names = new Set(list.map(({ gateway }) => gateway));
  const rows = inventory.filter(({ gateway }) => names.has(gateway));
  return new Set([...list, ...rows].flatMap(({ identity }) => identity ?? []));
}

/**
 * The list once this gateway is invited again. Where the inventory has another meter for it now, the
 * one of before stays shut out; where its meter was another gateway's, that gateway.
 */
export function without(
  list: readonly RevokedGateway[],
  { gateway, identity }: InventoryRow,
): readonly RevokedGateway[] {
  return list
    .map((entry) => ({
      ...(entry.gateway === undefined || entry.gateway === gateway
        ? {}
        : { gateway: entry.gateway }),
      ...(entry.identity === undefined || entry.identity === identity
        ? {}
        : { identity: entry.identity }),
    }))
    .filter((left) => Object.keys(left).length > 0);
}
