// The tokens of a monitor's map: who may look, and at what. A token is written by its SHA-256, or plain
// where the operator wants to find it again. It sees the node's own grant or a part of it; with a
// grant and keys of its own, what it zooms into is asked of the trustees under that grant.

import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { type AreaId, isWithin, parseAreaId } from '../core/area.ts';
import { openGrant } from '../core/grant.ts';
import { createHpkeKeyPair } from '../core/hpke.ts';
import type { Network } from '../core/network-tree.ts';
import type { VerifySignature } from '../core/signed.ts';
import { FileError } from '../files/file-error.ts';
import { type TokenEntry, tokenDigest } from '../server/token-table.ts';
import { createPlatformSigner } from './ed25519.ts';
import { readJson, readNodeKeys, readSecretText } from './node-config.ts';
import { type NamedGrant, viewerOf } from './zoom-grant.ts';

const path = z.string().min(1).max(4096);
const tokenFileSchema = z.strictObject({
  tokens: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(100),
        token: z
          .string()
          .regex(/^[A-Za-z0-9._~+/=-]{16,256}$/u)
          .optional(),
        sha256: z
          .string()
          .regex(/^[0-9a-f]{64}$/u)
          .optional(),
        /** A signed grant and the keys that it names. */
        grant: path.optional(),
        keys: path.optional(),
        /** What it sees of the grant: all by default. */
        area: z.string().max(1024).optional(),
        deepestDepth: z.int().min(1).max(16).optional(),
        channels: z.array(z.string().min(1).max(32)).max(8).optional(),
        mayReadMetrics: z.boolean().optional(),
      }),
    )
    .max(10_000),
});

export interface TokenGrants {
  readonly entries: readonly TokenEntry[];
  /** The node's own first. */
  readonly grants: readonly NamedGrant[];
}

/** @throws FileError also where others than the owner may read it */
export async function readTokenFile(
  file: string,
  network: Network,
  own: NamedGrant,
  verify: VerifySignature,
): Promise<TokenGrants> {
  await readSecretText(file);
  const { tokens } = await readJson(file, tokenFileSchema);
  const fail = (field: string, expected: string, found = 'something else'): never => {
    throw new FileError('bad-value', { file, field, expected, found });
  };
  const at = (relative: string) => resolve(dirname(file), relative);
  const grants: NamedGrant[] = [own];
  const entries: TokenEntry[] = [];
  const digests = new Set<string>();
  for (const [index, entry] of tokens.entries()) {
    const place = `tokens.${index}`;
    const { name, token, sha256, mayReadMetrics } = entry;
    if ((token === undefined) === (sha256 === undefined))
      fail(place, 'either "token" or "sha256"', token === undefined ? 'neither' : 'both');
    const digestHex = sha256 ?? tokenDigest(token as string);
    if (digests.has(digestHex)) fail(place, 'each token once', 'it twice');
    digests.add(digestHex);
    let grant = own;
    if (entry.grant !== undefined || entry.keys !== undefined) {
      if (entry.grant === undefined || entry.keys === undefined)
        return fail(place, '"grant" and "keys" together', 'one of them');
      const grantName = `${name} ${index}`;
      grant =
        (await openNamedGrant(grantName, at(entry.grant), at(entry.keys), network, verify)) ??
        fail(`${place}.grant`, 'a grant of this network’s registrar to these keys');
      grants.push(grant);
    }
    const whole = viewerOf(network, grant);
    const area: AreaId | undefined =
      entry.area === undefined ? whole.area : parseAreaId(entry.area);
    if (area === undefined || !isWithin(area, whole.area))
      return fail(`${place}.area`, `an area at or below ${whole.area}`);
    const channels = entry.channels ?? whole.channels;
    const foreign = channels.find((channel) => !whole.channels.includes(channel));
    if (foreign !== undefined)
      fail(`${place}.channels`, `some of ${whole.channels.join(', ')}`, foreign);
    const deepestDepth = Math.min(entry.deepestDepth ?? whole.deepestDepth, whole.deepestDepth);
    entries.push({
      digestHex,
      name,
      viewer: { grantName: grant.name, area, deepestDepth, channels },
      ...(mayReadMetrics === undefined ? {} : { mayReadMetrics }),
    });
  }
  return { entries, grants };
}

async function openNamedGrant(
  name: string,
  grantFile: string,
  keysFile: string,
  network: Network,
  verify: VerifySignature,
): Promise<NamedGrant | undefined> {
  const keys = await readNodeKeys(keysFile);
  const bytes = await readFile(grantFile).catch((cause: unknown) => {
    throw new FileError('file-missing', {
      file: grantFile,
      expected: 'a signed grant',
      found: 'none',
      cause,
    });
  });
  const { networkId, registrar } = network.document;
  const grant = openGrant(new Uint8Array(bytes), networkId, [registrar], verify);
  const signer = createPlatformSigner(keys.seed);
  const keyPair = keys.hpkeSeed && (await createHpkeKeyPair(keys.hpkeSeed));
  if (grant === undefined || keyPair === undefined) return undefined;
  const isOurs =
    Buffer.compare(grant.monitor, signer.publicKey) === 0 &&
    Buffer.compare(grant.hpkePublicKey, keyPair.publicKey) === 0;
  if (!isOurs) return undefined;
  return { name, grant, signedGrant: new Uint8Array(bytes), signer, keyPair };
}
