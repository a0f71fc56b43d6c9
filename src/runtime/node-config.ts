// The configuration of one node: a JSON file that names everything else by path, relative to itself,
// and the key file, which nobody but its owner may read.

import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { fromHex } from '../core/bytes.ts';
import { FileError } from '../files/file-error.ts';

export const NODE_ROLES = ['aggregator', 'trustee', 'monitor', 'auditor', 'meters'] as const;
export type NodeRole = (typeof NODE_ROLES)[number];

export interface NodeConfig {
  readonly role: NodeRole;
  /** The bundle of the network document, rosters and attestations. */
  readonly network: string;
  /** The folder of the documents that follow it, `0002.bundle` and on; undefined for none. */
  readonly successors?: string | undefined;
  /** Keys that the first document must be signed by: from the operator, not from the bundle. */
  readonly trust: { readonly registrar: Uint8Array; readonly trustees: readonly Uint8Array[] };
  /** A JSON file of seeds, mode 0600. */
  readonly keys: string;
  readonly bus: {
    readonly url: string;
    readonly user?: string | undefined;
    /** A file that holds the password, mode 0600. */
    readonly passwordFile?: string | undefined;
  };
  /** The folder of its stores. */
  readonly data: string;
  /** Aggregator: of its party's areas those that this process hosts, with all below; all by default. */
  readonly areas?: readonly string[] | undefined;
  /** Aggregator: areas that another process of the party hosts, with all below. */
  readonly exceptAreas?: readonly string[] | undefined;
  /** Trustee: its place in the network document, from 0. */
  readonly index?: number | undefined;
  /** Trustee, aggregator: the folder of enrolment records. */
  readonly enrolments?: string | undefined;
  /** Monitor: the signed grant. */
  readonly grant?: string | undefined;
  /** Monitor: where it serves its map; undefined for none. */
  readonly http?: HttpConfig | undefined;
  /** Monitor: deepest level that it opens unasked, as a number of tokens; all of its grant by default. */
  readonly liveDepth?: number | undefined;
  /** Meters: the simulated households of a trial network, and each one's street and slot. */
  readonly households?:
    | {
        readonly seed: string;
        readonly places: readonly (readonly [street: string, slot: number])[];
      }
    | undefined;
}

export interface HttpConfig {
  readonly host: string;
  readonly port: number;
  /** Where a proxy in front of it is reached: `https://map.example`. It passes the Host header on. */
  readonly publicUrl?: string | undefined;
  /** A JSON file of tokens, mode 0600: token-file.ts. */
  readonly tokens: string;
  /** A GeoJSON file of areas, by their ids. */
  readonly geometry?: string | undefined;
  /** A JSON file of names, by area id, for areas that the geometry has no name of. */
  readonly names?: string | undefined;
  readonly title?: string | undefined;
  /** Names of the levels, from the root's on. */
  readonly levels?: readonly string[] | undefined;
  readonly timeZone?: string | undefined;
  readonly dataLicence?: string | undefined;
  /** What is simulated, in a sentence for the page. */
  readonly simulationNote?: string | undefined;
}

/** Secret. */
export interface NodeKeys {
  readonly seed: Uint8Array;
  readonly hpkeSeed?: Uint8Array | undefined;
}

const hex32: z.ZodType<Uint8Array> = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits')
  .transform(fromHex);
const path = z.string().min(1).max(4096);
const areaNames = z.array(z.string().min(1).max(1024)).min(1).max(10_000);

const httpSchema: z.ZodType<HttpConfig> = z.strictObject({
  host: z.string().min(1).max(255),
  port: z.int().min(0).max(65_535),
  publicUrl: z
    .string()
    .regex(/^https?:\/\/[^\s/?#@]+\/?$/u, 'expected https://host')
    .refine(URL.canParse, 'expected https://host')
    .optional(),
  tokens: path,
  geometry: path.optional(),
  names: path.optional(),
  title: z.string().min(1).max(200).optional(),
  levels: z.array(z.string().min(1).max(100)).min(1).max(16).optional(),
  timeZone: z
    .string()
    .refine(isTimeZone, 'expected an IANA time zone such as Europe/Madrid')
    .optional(),
  dataLicence: z.string().min(1).max(200).optional(),
  simulationNote: z.string().min(1).max(1000).optional(),
});

const configSchema: z.ZodType<NodeConfig> = z.strictObject({
  role: z.enum(NODE_ROLES),
  network: path,
  successors: path.optional(),
  trust: z.strictObject({ registrar: hex32, trustees: z.array(hex32).min(1).max(5) }),
  keys: path,
  bus: z.strictObject({
    url: z.string().regex(/^(nats|tls):\/\/[^\s/]+$/, 'expected nats://host:port'),
    user: z.string().min(1).max(64).optional(),
    passwordFile: path.optional(),
  }),
  data: path,
  areas: areaNames.optional(),
  exceptAreas: areaNames.optional(),
  index: z.int().min(0).max(4).optional(),
  enrolments: path.optional(),
  grant: path.optional(),
  http: httpSchema.optional(),
  liveDepth: z.int().min(1).max(16).optional(),
  /** Meters: the simulated households of a trial network. */
  households: z
    .strictObject({
      seed: z.string().min(1).max(256),
      places: z.array(z.tuple([z.string(), z.int().min(0)])),
    })
    .optional(),
});

const keysSchema: z.ZodType<NodeKeys> = z.strictObject({ seed: hex32, hpkeSeed: hex32.optional() });

/** Reads and checks a node's configuration; its paths come back absolute. @throws FileError */
export async function readNodeConfig(file: string): Promise<NodeConfig> {
  const config = await readJson(file, configSchema);
  const at = (relative: string) => resolve(dirname(file), relative);
  const { grant, enrolments, successors, bus, http } = config;
  return {
    ...config,
    network: at(config.network),
    keys: at(config.keys),
    data: at(config.data),
    bus: {
      ...bus,
      ...(bus.passwordFile === undefined ? {} : { passwordFile: at(bus.passwordFile) }),
    },
    ...(successors === undefined ? {} : { successors: at(successors) }),
    ...(grant === undefined ? {} : { grant: at(grant) }),
    ...(enrolments === undefined ? {} : { enrolments: at(enrolments) }),
    ...(http === undefined
      ? {}
      : {
          http: {
            ...http,
            tokens: at(http.tokens),
            ...(http.geometry === undefined ? {} : { geometry: at(http.geometry) }),
            ...(http.names === undefined ? {} : { names: at(http.names) }),
          },
        }),
  };
}

/** The seeds in a key file. @throws FileError also where others than the owner may read it */
export async function readNodeKeys(file: string): Promise<NodeKeys> {
  await checkPrivate(file);
  return readJson(file, keysSchema);
}

export async function readSecretText(file: string): Promise<string> {
  await checkPrivate(file);
  return (await readFile(file, 'utf8')).trim();
}

/** Names by area id. @throws FileError */
export async function readNames(file: string): Promise<ReadonlyMap<string, string>> {
  const names = await readJson(file, z.record(z.string(), z.string().min(1).max(200)));
  return new Map(Object.entries(names));
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

async function checkPrivate(file: string): Promise<void> {
  const { mode } = await stat(file).catch((cause: unknown) => {
    throw new FileError('file-missing', {
      file,
      expected: 'a file of secret keys',
      found: 'none',
      cause,
    });
  });
  if ((mode & 0o077) === 0) return;
  throw new FileError('file-unreadable', {
    file,
    expected: 'a key file that only its owner may read (chmod 600)',
    found: `mode ${(mode & 0o777).toString(8)}`,
  });
}

/** @throws FileError where the file is missing or is not what the schema says */
export async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const code = isMissing ? 'file-missing' : 'file-unreadable';
    throw new FileError(code, {
      file,
      expected: 'a JSON file',
      found: isMissing ? 'none' : 'something else',
      cause,
    });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new FileError('bad-value', {
    file,
    field: issue?.path.join('.') ?? '',
    ...problemOf(issue),
  });
}

/** The schema's message in our words, without the value, which may be a secret. */
function problemOf(issue: z.core.$ZodIssue | undefined): { expected: string; found: string } {
  if (issue?.code === 'unrecognized_keys')
    return { expected: 'no other fields', found: issue.keys.join(', ') };
  const message = issue?.message ?? 'another shape';
  const [, expected, received] = /expected (.+?)(?:, received (.+))?$/su.exec(message) ?? [];
  return {
    expected: expected ?? message,
    found: received === undefined ? 'something else' : received.replace('undefined', 'none'),
  };
}
