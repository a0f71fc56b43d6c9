// The configuration of one gateway: a JSON file that names everything else by path, relative to
// itself. Docs: docs/gateway.md.

import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { type AreaId, parseAreaId } from '../core/area.ts';
import { fromHex } from '../core/bytes.ts';
import { readJson } from '../runtime/node-config.ts';
import { checkSources } from './source-checks.ts';
import { registerName, type SourceConfig, sourceSchema, unit } from './source-config.ts';

export interface GatewayConfig {
  /** The bundle of the network document, rosters and attestations. */
  readonly network: string;
  /** The folder of the documents that follow it; undefined for none. */
  readonly successors?: string | undefined;
  /** Keys that the first document must be signed by: from the operator, not from the bundle. */
  readonly trust: { readonly registrar: Uint8Array; readonly trustees: readonly Uint8Array[] };
  readonly bus: {
    readonly url: string;
    readonly user?: string | undefined;
    readonly passwordFile?: string | undefined;
  };
  readonly street: AreaId;
  /** The meter's identity, mode 0600; made at the first start. */
  readonly keys: string;
  /** Where the enrolment record is written, for the registrar. */
  readonly enrolment: string;
  /** The folder of its stores. */
  readonly data: string;
  readonly sources: readonly SourceConfig[];
  /** The main fuse: three phases of 25 A are 17 250. */
  readonly maxPowerW: number;
  /** What can flow at the most, of registers that no fuse limits. */
  readonly maxPerHour: Readonly<Record<string, { readonly value: number; readonly unit: string }>>;
  /** Registers that turn over where nothing would guess it. */
  readonly turnsAt: Readonly<Record<string, { readonly value: number; readonly unit: string }>>;
  readonly maxGapSeconds: number;
  readonly keepDays: number;
  /** A clock that is set from where nobody on the way can forge it: NTS, a GPS receiver. */
  readonly hasAuthenticatedTime: boolean;
  readonly timeZone?: string | undefined;
  readonly display?: DisplayConfig | undefined;
}

export interface DisplayConfig {
  readonly host: string;
  readonly port: number;
  /** Other names by which the household reaches the page. */
  readonly names: readonly string[];
}

const hex32: z.ZodType<Uint8Array> = z
  .string()
  .regex(/^[0-9a-f]{64}$/u, 'expected 64 lower-case hex digits')
  .transform(fromHex);
const path = z.string().min(1).max(4096);
const street: z.ZodType<AreaId> = z.string().transform((text, context): AreaId => {
  const area = parseAreaId(text);
  if (area !== undefined) return area;
  context.addIssue('expected the street’s id, such as es/md/28079/centro/s0042');
  return z.NEVER;
});
const configSchema: z.ZodType<GatewayConfig> = z.strictObject({
  network: path,
  successors: path.optional(),
  trust: z.strictObject({ registrar: hex32, trustees: z.array(hex32).min(1).max(5) }),
  bus: z.strictObject({
    url: z.string().regex(/^(nats|tls):\/\/[^\s/]+$/u, 'expected nats://host:port'),
    user: z.string().min(1).max(64).optional(),
    passwordFile: path.optional(),
  }),
  street,
  keys: path,
  enrolment: path,
  data: path,
  sources: z.array(sourceSchema).min(1, 'expected at least one source: docs/gateway.md').max(32),
  maxPowerW: z.int().min(100).max(10_000_000),
  maxPerHour: z
    .record(registerName, z.strictObject({ value: z.number().positive(), unit }))
    .default({}),
  turnsAt: z
    .record(registerName, z.strictObject({ value: z.number().positive(), unit }))
    .default({}),
  maxGapSeconds: z.int().min(1).max(900).default(300),
  keepDays: z.int().min(1).max(3660).default(40),
  hasAuthenticatedTime: z.boolean().default(false),
  timeZone: z.string().refine(isTimeZone, 'expected a zone such as Europe/Madrid').optional(),
  display: z
    .strictObject({
      host: z.string().min(1).max(255).default('127.0.0.1'),
      port: z.int().min(0).max(65_535),
      names: z.array(z.string().min(1).max(255)).max(16).default([]),
    })
    .optional(),
});

/** Reads and checks a gateway's configuration; its paths come back absolute. @throws FileError */
export async function readGatewayConfig(file: string): Promise<GatewayConfig> {
  const config = await readJson(file, configSchema);
  const at = (relative: string) => resolve(dirname(file), relative);
  checkSources(config.sources, file);
  return {
    ...config,
    network: at(config.network),
    ...(config.successors === undefined ? {} : { successors: at(config.successors) }),
    keys: at(config.keys),
    enrolment: at(config.enrolment),
    data: at(config.data),
    bus: withPath(config.bus, 'passwordFile', at),
    sources: config.sources.map((source) => {
      if (source.kind === 'mqtt') return withPath(source, 'passwordFile', at);
      if (source.kind === 'modbus')
        return source.transport === 'serial' ? withPath(source, 'path', at) : source;
      const keyed = withPath(withPath(source, 'keyFile', at), 'authKeyFile', at);
      return 'path' in keyed ? { ...keyed, path: at(keyed.path) } : keyed;
    }),
  };
}

function withPath<T extends object, K extends keyof T>(
  value: T,
  key: K,
  at: (relative: string) => string,
): T {
  const relative = value[key];
  return typeof relative === 'string' ? { ...value, [key]: at(relative) } : value;
}

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
