// The configuration of one gateway: a JSON file that names everything else by path, relative to
// itself. Docs: docs/gateway.md.

import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { type AreaId, parseAreaId } from '../core/area.ts';
import { fromHex } from '../core/bytes.ts';
import { FileError } from '../files/file-error.ts';
import { readJson } from '../runtime/node-config.ts';
import { PROTOCOLS, type Protocol } from './decode/telegram.ts';
import { isCountable } from './registers/milli-units.ts';
import type { ModbusOptions } from './sources/modbus.ts';
import { MODBUS_TYPES, WORD_ORDERS } from './sources/modbus-value.ts';
import type { MqttOptions } from './sources/mqtt.ts';
import { PARITIES, type Parity } from './sources/serial.ts';

interface TelegramConfig {
  readonly name: string;
  readonly protocol: Protocol;
  /** Our register to the telegram's: `importWh`, `exportWh`, `productionWh`, or its own name. */
  readonly takes: Readonly<Record<string, string>>;
  /** Only this meter's telegrams. */
  readonly meter?: string | undefined;
  /** `crc` for meters whose telegrams have none: P1 before DSMR 4, some optical heads. */
  readonly checksums: 'require' | 'crc';
  readonly keyFile?: string | undefined;
  readonly authKeyFile?: string | undefined;
}

interface RequestConfig {
  readonly silentAfterSeconds: number;
  readonly request?: { readonly text: string; readonly everySeconds: number } | undefined;
}

export type TelegramSourceConfig =
  | (TelegramConfig &
      RequestConfig & {
        readonly kind: 'serial';
        readonly path: string;
        readonly baud?: number | undefined;
        readonly parity?: Parity | undefined;
      })
  | (TelegramConfig &
      RequestConfig & { readonly kind: 'tcp'; readonly host: string; readonly port: number })
  | (TelegramConfig & {
      readonly kind: 'file';
      readonly path: string;
      readonly pollMs?: number | undefined;
    });

export type SourceConfig =
  | TelegramSourceConfig
  | (Pick<MqttOptions, 'url' | 'user' | 'topics'> & {
      readonly kind: 'mqtt';
      readonly name: string;
      readonly passwordFile?: string | undefined;
    })
  | (ModbusOptions & { readonly kind: 'modbus'; readonly name: string });

export interface GatewayConfig {
  /** The bundle of the network document, rosters and attestations. */
  readonly network: string;
  /** Keys that the document must be signed by: from the operator, not from the bundle. */
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
const name = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/u, 'expected a-z, 0-9 and -, up to 32');
const host = z.string().min(1).max(255);
const port = z.int().min(1).max(65_535);
const unit = z.string().refine(isCountable, 'expected Wh, kWh, MWh, MJ, GJ, l or m3');
const powerUnit = z.enum(['W', 'kW']);
const seconds = z.int().min(1).max(86_400);
const request = z
  .strictObject({ text: z.string().min(1).max(64), everySeconds: seconds })
  .optional();

const telegrams = {
  name,
  protocol: z.enum(PROTOCOLS),
  takes: z.record(name, z.string().min(1).max(64)),
  meter: z.string().min(1).max(64).optional(),
  checksums: z.enum(['require', 'crc']).default('require'),
  keyFile: path.optional(),
  authKeyFile: path.optional(),
} as const;
const silentAfterSeconds = seconds.default(120);

const jsonFields = <Unit extends z.ZodType<string>>(fieldUnit: Unit) =>
  z.record(name, z.strictObject({ path: z.string().max(256), unit: fieldUnit }));
const modbusFields = <Unit extends z.ZodType<string>>(fieldUnit: Unit) =>
  z.record(
    name,
    z.strictObject({
      address: z.int().min(0).max(65_535),
      table: z.enum(['holding', 'input']).default('holding'),
      type: z.enum(MODBUS_TYPES),
      words: z.enum(WORD_ORDERS).default('big'),
      scale: z.number().positive().max(1e9).default(1),
      unit: fieldUnit,
    }),
  );

const sourceSchema: z.ZodType<SourceConfig> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('serial'),
    ...telegrams,
    path,
    baud: z.int().min(300).max(4_000_000).optional(),
    parity: z.enum(PARITIES).optional(),
    silentAfterSeconds,
    request,
  }),
  z.strictObject({ kind: z.literal('tcp'), ...telegrams, host, port, silentAfterSeconds, request }),
  z.strictObject({
    kind: z.literal('file'),
    ...telegrams,
    path,
    pollMs: z.int().min(10).max(60_000).optional(),
  }),
  z.strictObject({
    kind: z.literal('mqtt'),
    name,
    url: z.string().regex(/^(mqtt|mqtts|ws|wss):\/\/[^\s]+$/u, 'expected mqtt://host:port'),
    user: z.string().min(1).max(256).optional(),
    passwordFile: path.optional(),
    topics: z
      .array(
        z.strictObject({
          topic: z.string().regex(/^[^#+\0]{1,512}$/u, 'expected a topic without wildcards'),
          takes: jsonFields(unit),
          powers: jsonFields(powerUnit).optional(),
          meterPath: z.string().max(256).optional(),
        }),
      )
      .min(1)
      .max(64),
  }),
  z.strictObject({
    kind: z.literal('modbus'),
    name,
    host,
    port: port.default(502),
    transport: z.enum(['tcp', 'rtu']).default('tcp'),
    unitId: z.int().min(0).max(255).default(1),
    everySeconds: z.int().min(1).max(300).default(10),
    takes: modbusFields(unit),
    powers: modbusFields(powerUnit).optional(),
  }),
]);

const configSchema: z.ZodType<GatewayConfig> = z.strictObject({
  network: path,
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
  sources: z.array(sourceSchema).min(1).max(32),
  maxPowerW: z.int().min(100).max(10_000_000),
  turnsAt: z.record(name, z.strictObject({ value: z.number().positive(), unit })).default({}),
  maxGapSeconds: z.int().min(1).max(900).default(300),
  keepDays: z.int().min(1).max(3660).default(40),
  hasAuthenticatedTime: z.boolean().default(false),
  timeZone: z.string().refine(isTimeZone, 'expected a zone such as Europe/Madrid').optional(),
  display: z
    .strictObject({
      host: host.default('127.0.0.1'),
      port: z.int().min(0).max(65_535),
      names: z.array(z.string().min(1).max(255)).max(16).default([]),
    })
    .optional(),
});

/** Reads and checks a gateway's configuration; its paths come back absolute. @throws FileError */
export async function readGatewayConfig(file: string): Promise<GatewayConfig> {
  const config = await readJson(file, configSchema);
  const at = (relative: string) => resolve(dirname(file), relative);
  const names = new Set<string>();
  for (const [index, source] of config.sources.entries()) {
    if (names.has(source.name))
      throw new FileError('bad-value', {
        file,
        field: `sources.${index}.name`,
        expected: 'each name once',
        found: 'one that is there before',
      });
    names.add(source.name);
  }
  return {
    ...config,
    network: at(config.network),
    keys: at(config.keys),
    enrolment: at(config.enrolment),
    data: at(config.data),
    bus: withPath(config.bus, 'passwordFile', at),
    sources: config.sources.map((source) => {
      if (source.kind === 'mqtt') return withPath(source, 'passwordFile', at);
      if (source.kind === 'modbus') return source;
      const keyed = withPath(withPath(source, 'keyFile', at), 'authKeyFile', at);
      return 'path' in keyed ? { ...keyed, path: at(keyed.path) } : keyed;
    }),
  };
}

/** Every register that a source feeds: `<source>/<register>`. */
export function tracksOf(config: Pick<GatewayConfig, 'sources'>): readonly string[] {
  return config.sources.flatMap((source) =>
    [...new Set(takesOf(source))].map((register) => `${source.name}/${register}`),
  );
}

export function registerOfTrack(track: string): string {
  return track.slice(track.indexOf('/') + 1);
}

function takesOf(source: SourceConfig): readonly string[] {
  return source.kind === 'mqtt'
    ? source.topics.flatMap(({ takes }) => Object.keys(takes))
    : Object.keys(source.takes);
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
