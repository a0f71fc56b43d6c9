// What a demo keeps in its folder, so that a second start goes on where the first stopped:
//
//   demo.json                 its settings, and which network runs; written last
//   monitor.db                the monitor's history
//   network-1/network.bundle  the signed network document with its rosters and attestations
//   network-1/keys.json       every party's seeds. Secret
//   network-1/*.db            stores: meters, aggregators, trustees, with their keys. Secret
//
// Meters mask no interval twice because meters.db says which was their last; a copy of the folder
// that is started beside the first would know nothing of that. Do not copy it.

import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fromHex, toHex } from '../core/bytes.ts';
import { MAX_TRUSTEES } from '../core/components.ts';
import { decodeBundle, type VerifiedNetwork, verifyBundle } from '../core/network-bundle.ts';
import type { VerifySignature } from '../core/signed.ts';
import { FileError, notWritable } from '../files/file-error.ts';
import { writeSecret } from '../files/whole-file.ts';
import { toJson } from './deployment-folder.ts';
import { createParty, createSealedToParty, type Parties, type SealedToParty } from './parties.ts';
import { trustIn } from './sign-network.ts';

/** What the network of a demo is made of. */
export interface DemoSettings {
  readonly seed: string;
  readonly meters: number;
  readonly trustees: number;
  readonly quorum: number;
  readonly minMeters: number;
}

export interface DemoState {
  readonly settings: DemoSettings;
  /** Counts the networks: each lasts as long as the seeds of its meters' batch. */
  readonly networkNumber: number;
}

const STATE_FILE = 'demo.json';
const KEYS_FILE = 'keys.json';
const BUNDLE_FILE = 'network.bundle';

const stateSchema = z.strictObject({
  v: z.literal(1),
  settings: z.strictObject({
    seed: z.string().min(1).max(256),
    meters: z.int().min(1),
    trustees: z.int().min(1).max(MAX_TRUSTEES),
    quorum: z.int().min(1).max(MAX_TRUSTEES),
    minMeters: z.int().min(1),
  }),
  networkNumber: z.int().min(1),
});

const seedField = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .transform(fromHex);
const sealedToField = z.strictObject({ seed: seedField, hpkeSeed: seedField });
const keysSchema = z.strictObject({
  v: z.literal(1),
  registrar: seedField,
  provisioner: seedField,
  auditor: seedField,
  monitor: sealedToField,
  trustees: z.array(sealedToField).min(1).max(MAX_TRUSTEES),
  aggregators: z.array(sealedToField).min(1),
});

export function networkFolder(directory: string, networkNumber: number): string {
  return join(directory, `network-${networkNumber}`);
}

/** Undefined where the folder holds no demo yet. @throws FileError */
export async function readDemoState(directory: string): Promise<DemoState | undefined> {
  const file = join(directory, STATE_FILE);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw unreadable(file, error);
  }
  const { settings, networkNumber } = parseJson(file, text, stateSchema);
  return { settings, networkNumber };
}

/** An empty folder for a network that is to be made. What an interrupted start left there goes. */
export async function createNetworkFolder(
  directory: string,
  networkNumber: number,
): Promise<string> {
  const folder = networkFolder(directory, networkNumber);
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw notWritable(folder, error);
  }
  return folder;
}

/** From here on a start goes on with this network; the ones before are erased. @throws FileError */
export async function saveNetwork(
  directory: string,
  state: DemoState,
  network: { readonly parties: Parties; readonly bundleBytes: Uint8Array },
): Promise<void> {
  const folder = networkFolder(directory, state.networkNumber);
  await writeSecret(join(folder, BUNDLE_FILE), network.bundleBytes);
  await writeSecret(join(folder, KEYS_FILE), toJson(seedsOf(network.parties)));
  await writeSecret(join(directory, STATE_FILE), toJson({ v: 1, ...state }));
  for (const name of await readdir(directory)) {
    if (/^network-\d+$/u.test(name) && join(directory, name) !== folder)
      await rm(join(directory, name), { recursive: true, force: true });
  }
}

/** The network of the folder, verified as every party would. @throws FileError */
export async function loadNetwork(
  directory: string,
  state: DemoState,
  verify: VerifySignature,
): Promise<{ readonly parties: Parties; readonly network: VerifiedNetwork }> {
  const folder = networkFolder(directory, state.networkNumber);
  const keysFile = join(folder, KEYS_FILE);
  const bundleFile = join(folder, BUNDLE_FILE);
  const keys = parseJson(keysFile, (await readKept(keysFile)).toString('utf8'), keysSchema);
  const parties: Parties = {
    registrar: createParty(keys.registrar),
    provisioner: createParty(keys.provisioner),
    auditor: createParty(keys.auditor),
    monitor: await createSealedToParty(keys.monitor.seed, keys.monitor.hpkeSeed),
    trustees: await openAll(keys.trustees),
    aggregators: await openAll(keys.aggregators),
  };
  const bundle = decodeBundle(new Uint8Array(await readKept(bundleFile)));
  const network = bundle && verifyBundle(bundle, trustIn(parties), verify);
  if (network === undefined || typeof network === 'string')
    throw new FileError('bad-value', {
      file: bundleFile,
      expected: 'a network that its registrar and trustees have signed',
      found: network ?? 'malformed',
    });
  return { parties, network };
}

async function openAll(
  seeds: readonly { readonly seed: Uint8Array; readonly hpkeSeed: Uint8Array }[],
): Promise<SealedToParty[]> {
  const parties: SealedToParty[] = [];
  for (const { seed, hpkeSeed } of seeds) parties.push(await createSealedToParty(seed, hpkeSeed));
  return parties;
}

function seedsOf(parties: Parties): unknown {
  const sealedTo = (party: SealedToParty) => ({
    seed: toHex(party.seed),
    hpkeSeed: toHex(party.keyPair.seed),
  });
  return {
    v: 1,
    registrar: toHex(parties.registrar.seed),
    provisioner: toHex(parties.provisioner.seed),
    auditor: toHex(parties.auditor.seed),
    monitor: sealedTo(parties.monitor),
    trustees: parties.trustees.map(sealedTo),
    aggregators: parties.aggregators.map(sealedTo),
  };
}

async function readKept(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** Never quotes the text: it may hold keys. */
function parseJson<T>(file: string, text: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new FileError('bad-value', {
    file,
    expected: 'what "streetwatt demo --data" wrote',
    found: 'something else; another folder starts anew',
  });
}

function unreadable(file: string, cause: unknown): FileError {
  const code = codeOf(cause) === 'ENOENT' ? 'file-missing' : 'file-unreadable';
  return new FileError(code, {
    file,
    expected: 'a file of the demo',
    found: codeOf(cause) === 'ENOENT' ? 'none' : `the system's error ${codeOf(cause)}`,
    cause,
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
