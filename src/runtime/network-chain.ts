// The documents of a network in their order: the first one, which its registrar and all its trustees
// have signed with keys that a party was given in advance, and its successors, each signed by enough
// trustees of the one before (protocol.md 11.4). On disk: a bundle, and a folder of later bundles
// named by version, `0002.bundle`.
//
// A successor that does not verify ends the chain there: the party goes on with what it has.

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SECONDS_PER_EPOCH } from '../core/interval.ts';
import {
  decodeBundle,
  type NetworkBundle,
  type NetworkTrust,
  type VerifiedNetwork,
  verifyBundle,
} from '../core/network-bundle.ts';
import { deepestDepth } from '../core/network-tree.ts';
import type { VerifySignature } from '../core/signed.ts';
import { FileError } from '../files/file-error.ts';

/** Where a party has its network's documents, and whom the first must be signed by. */
export interface ChainFiles {
  readonly network: string;
  readonly successors?: string | undefined;
  readonly trust: { readonly registrar: Uint8Array; readonly trustees: readonly Uint8Array[] };
}

export interface ChainLink {
  readonly file: string;
  readonly bundle: NetworkBundle;
  readonly network: VerifiedNetwork;
}

export interface NetworkChain {
  /** At least the first document. */
  readonly links: readonly ChainLink[];
  /** Why the chain ends before its last file; undefined where all of it stands. */
  readonly problem: string | undefined;
}

export const MAX_BUNDLE_BYTES: number = 64 * 1024 * 1024;
const SUCCESSOR_NAME = /^\d{4,10}\.bundle$/u;
/** What an auditor's patience and the last answers take beyond the deadline of the top level. */
const SWITCH_MARGIN_SECONDS = 10;

export function successorName(version: number): string {
  return `${String(version).padStart(4, '0')}.bundle`;
}

/** @throws FileError where the first document is missing or is none that the given keys have signed */
export async function readNetworkChain(
  files: ChainFiles,
  verify: VerifySignature,
): Promise<NetworkChain> {
  const { network: file, trust } = files;
  const bundle = await readBundle(file);
  if (bundle === undefined) throw notSigned(file, 'something else');
  const first = verifyBundle(bundle, { kind: 'first', ...trust }, verify);
  if (typeof first === 'string') throw notSigned(file, first);
  const links: ChainLink[] = [{ file, bundle, network: first }];
  for (const next of await listSuccessors(files.successors)) {
    const before = (links.at(-1) as ChainLink).network;
    const link = await readSuccessor(next, { kind: 'successor', before }, verify);
    if (typeof link === 'string') return { links, problem: `${next}: ${link}` };
    links.push(link);
  }
  return { links, problem: undefined };
}

/** The newest document. @throws FileError where a successor does not verify */
export async function lastLink(files: ChainFiles, verify: VerifySignature): Promise<ChainLink> {
  return (await wholeChain(files, verify)).at(-1) as ChainLink;
}

/**
 * All documents, for whoever changes the network: to build on less than all of it would fork it.
 * @throws FileError where a successor does not verify
 */
export async function wholeChain(
  files: ChainFiles,
  verify: VerifySignature,
): Promise<readonly ChainLink[]> {
  const { links, problem } = await readNetworkChain(files, verify);
  if (problem === undefined) return links;
  throw new FileError('bad-value', {
    file: files.successors ?? files.network,
    expected: 'successors that each follow the one before',
    found: problem,
  });
}

/** Changes whenever a file of the chain does: names, sizes and times. */
export async function chainVersion(files: Omit<ChainFiles, 'trust'>): Promise<string> {
  const names = [files.network, ...(await listSuccessors(files.successors))];
  const states = names.map(async (name) => {
    const found = await stat(name).catch(() => undefined);
    return `${name} ${found?.ino} ${found?.size} ${found?.mtimeMs}`;
  });
  return (await Promise.all(states)).join('\n');
}

/**
 * Index of the document that is in force. A successor takes over when the last interval before its
 * epoch has been closed and opened under the document before; one interval later would be too late.
 */
export function linkInForce(links: readonly ChainLink[], nowSeconds: number): number {
  let index = 0;
  while ((takesOverAtSeconds(links, index + 1) ?? Number.POSITIVE_INFINITY) <= nowSeconds) index++;
  return index;
}

/** When the document at `index` follows the one before it; undefined where there is none. */
export function takesOverAtSeconds(links: readonly ChainLink[], index: number): number | undefined {
  const before = links[index - 1]?.network;
  const next = links[index]?.network;
  if (before === undefined || next === undefined) return undefined;
  return next.document.fromEpoch * SECONDS_PER_EPOCH + switchDelaySeconds(before);
}

/** A network without meters has nothing to close. */
function switchDelaySeconds(network: VerifiedNetwork): number {
  if (!hasMeters(network)) return 0;
  const { closeAfterSeconds, levelSeconds, intervalSeconds } = network.document;
  const closed = closeAfterSeconds + levelSeconds * deepestDepth(network) + SWITCH_MARGIN_SECONDS;
  return Math.min(closed, intervalSeconds - 1);
}

export function hasMeters(network: VerifiedNetwork): boolean {
  return network.roots.some((root) => network.areas.meterCountOf(root) > 0);
}

async function listSuccessors(folder: string | undefined): Promise<readonly string[]> {
  if (folder === undefined) return [];
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => SUCCESSOR_NAME.test(name))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .map((name) => join(folder, name));
}

async function readSuccessor(
  file: string,
  trust: NetworkTrust,
  verify: VerifySignature,
): Promise<ChainLink | string> {
  const bundle = await readBundle(file).catch(() => undefined);
  if (bundle === undefined) return 'malformed';
  const network = verifyBundle(bundle, trust, verify);
  return typeof network === 'string' ? network : { file, bundle, network };
}

async function readBundle(file: string): Promise<NetworkBundle | undefined> {
  const { size } = await stat(file).catch((cause: unknown) => {
    throw new FileError('file-missing', {
      file,
      expected: 'a network bundle',
      found: 'none',
      cause,
    });
  });
  if (size > MAX_BUNDLE_BYTES) return undefined;
  return decodeBundle(new Uint8Array(await readFile(file)));
}

function notSigned(file: string, found: string): FileError {
  return new FileError('bad-value', {
    file,
    expected: 'a network bundle that the registrar and all its trustees have signed',
    found,
  });
}
