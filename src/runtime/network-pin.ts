// The newest network document that a party has worked under, remembered beside its stores: whoever
// can take files away or put old ones back cannot take it back to an earlier one.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { equalBytes, fromHex, toHex } from '../core/bytes.ts';
import type { VerifiedNetwork } from '../core/network-bundle.ts';
import type { VerifySignature } from '../core/signed.ts';
import { AtomicFile } from '../files/atomic-file.ts';
import { FileError } from '../files/file-error.ts';
import { type ChainFiles, type ChainLink, wholeChain } from './network-chain.ts';
import { readJson } from './node-config.ts';

const pinSchema = z.strictObject({
  version: z.int().min(0).max(0xffffffff),
  digest: z.string().regex(/^[0-9a-f]{64}$/u),
});

/**
 * Index of the pinned document in the chain; 0 where none is pinned yet.
 * @throws FileError where the chain does not have it
 */
export async function pinnedLink(data: string, links: readonly ChainLink[]): Promise<number> {
  const file = pinFile(data);
  const isThere = await readFile(file).then(
    () => true,
    () => false,
  );
  if (!isThere) return 0;
  const pin = await readJson(file, pinSchema);
  const digest = fromHex(pin.digest);
  const index = links.findIndex(({ network }) => equalBytes(network.digest, digest));
  if (index >= 0) return index;
  const last = links.at(-1)?.network.document.version;
  throw new FileError('bad-value', {
    file,
    expected: `network documents that lead to version ${pin.version}, which this party has taken`,
    found: `a chain without it, up to version ${last}`,
  });
}

/**
 * All documents, for a party that signs what follows the last: not while one is missing that its own
 * node has worked under, or it would sign a second future of the network.
 * @throws FileError
 */
export async function pinnedChain(
  party: ChainFiles & { readonly data: string },
  verify: VerifySignature,
): Promise<readonly ChainLink[]> {
  const links = await wholeChain(party, verify);
  await pinnedLink(party.data, links);
  return links;
}

/** @throws FileError */
export async function pinNetwork(data: string, network: VerifiedNetwork): Promise<void> {
  await using file = await AtomicFile.create(pinFile(data));
  const pin = { version: network.document.version, digest: toHex(network.digest) };
  await file.append(`${JSON.stringify(pin)}\n`);
  await file.commit();
}

function pinFile(data: string): string {
  return join(data, 'network-pin.json');
}
