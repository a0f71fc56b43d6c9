// The sources of a gateway's configuration: where its measurements come from. Docs: docs/gateway.md.

import { z } from 'zod';
import { PROTOCOLS, type Protocol } from './decode/telegram.ts';
import { isCountable } from './registers/milli-units.ts';
import { type ModbusOptions, RTU_DEFAULTS } from './sources/modbus.ts';
import { MODBUS_TYPES, WORD_ORDERS } from './sources/modbus-value.ts';
import type { MqttOptions } from './sources/mqtt.ts';
import { hasWildcard, isTopicFilter } from './sources/mqtt-topic.ts';
import type { RequestOptions } from './sources/read-stream.ts';
import { PARITIES, type Parity } from './sources/serial-port.ts';
import type { SignOnOptions } from './sources/sign-on.ts';
import { FORMS, type Form } from './sources/telegram-reader.ts';

interface TelegramConfig {
  readonly name: string;
  readonly protocol: Protocol;
  /** Our register to the telegram's: `importWh`, `exportWh`, `productionWh`, or its own name. */
  readonly takes: Readonly<Record<string, string>>;
  /** Only this meter's telegrams. */
  readonly meter?: string | undefined;
  readonly form?: Form | undefined;
  /** `crc` for meters whose telegrams have none: P1 before DSMR 4, some optical heads. */
  readonly checksums: 'require' | 'crc';
  readonly keyFile?: string | undefined;
  readonly authKeyFile?: string | undefined;
  /** KNX: what the installation's project says, by group address. */
  readonly points?: Readonly<Record<string, KnxPointConfig>> | undefined;
  /** IEC 61850: watt-hours of one count, where reports do not say. */
  readonly pulsQty?: string | undefined;
}

export interface KnxPointConfig {
  readonly type: string;
  readonly direction?: 'import' | 'export' | 'production' | undefined;
}

interface LineConfig {
  readonly silentAfterSeconds: number;
  readonly request?: RequestOptions | undefined;
}

export type TelegramSourceConfig =
  | (TelegramConfig &
      LineConfig & {
        readonly kind: 'serial';
        readonly path: string;
        readonly baud?: number | undefined;
        readonly parity?: Parity | undefined;
        readonly signOn?: SignOnOptions | undefined;
      })
  | (TelegramConfig &
      LineConfig & { readonly kind: 'tcp'; readonly host: string; readonly port: number })
  | (TelegramConfig & {
      readonly kind: 'udp';
      readonly host: string;
      readonly port: number;
      readonly group?: string | undefined;
      readonly silentAfterSeconds: number;
    })
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

const path = z.string().min(1).max(4096);
export const registerName: z.ZodType<string, string> = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/u, 'expected a-z, 0-9 and -, up to 32');
const name = registerName;
const host = z.string().min(1).max(255);
const port = z.int().min(1).max(65_535);
export const unit: z.ZodType<string> = z
  .string()
  .refine(isCountable, 'expected Wh, kWh, MWh, MJ, GJ, l or m3');
const powerUnit = z.enum(['W', 'kW']);
const seconds = z.int().min(1).max(86_400);
const baud = z.int().min(300).max(4_000_000);
const parity = z.enum(PARITIES);

const point = z.strictObject({
  type: z.string().regex(/^\d{1,3}\.\d{3}$/u, 'expected a datapoint type such as 13.010'),
  direction: z.enum(['import', 'export', 'production']).optional(),
});
const GROUP_ADDRESS = /^(?:[12]?\d|3[01])\/[0-7]\/(?:1?\d?\d|2[0-4]\d|25[0-5])$/u;

const telegrams = {
  name,
  protocol: z.enum(PROTOCOLS),
  takes: z.record(name, z.string().min(1).max(64)),
  meter: z.string().min(1).max(64).optional(),
  form: z.enum(FORMS).default('bytes'),
  checksums: z.enum(['require', 'crc']).default('require'),
  keyFile: path.optional(),
  authKeyFile: path.optional(),
  points: z
    .record(z.string().regex(GROUP_ADDRESS, 'expected a group address such as 1/2/3'), point)
    .optional(),
  pulsQty: z
    .string()
    .regex(/^\d{1,9}(?:\.\d{1,9})?$/u, 'expected a decimal such as "0.5"')
    .optional(),
} as const;
const line = {
  silentAfterSeconds: seconds.default(120),
  request: z.strictObject({ text: z.string().min(1).max(64), everySeconds: seconds }).optional(),
} as const;
const signOn = z
  .strictObject({
    everySeconds: seconds.default(30),
    address: z
      .string()
      .regex(/^[0-9A-Za-z ]{0,32}$/u, 'expected a device address, up to 32 letters and digits')
      .default(''),
    maxBaud: baud.default(19_200),
    hasWakeUp: z.boolean().default(false),
  })
  .optional();

const jsonFields = <Unit extends z.ZodType<string>>(fieldUnit: Unit) =>
  z.record(name, z.strictObject({ path: z.string().max(256), unit: fieldUnit }));
const unitId = z.int().min(0).max(255);
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
      unitId: unitId.optional(),
    }),
  );
const modbus = {
  kind: z.literal('modbus'),
  name,
  unitId: unitId.default(1),
  everySeconds: z.int().min(1).max(300).default(10),
  takes: modbusFields(unit),
  powers: modbusFields(powerUnit).optional(),
} as const;

const topic = z
  .strictObject({
    topic: z.string().refine(isTopicFilter, 'expected a topic; + is a level, # the last ones'),
    meters: z
      .array(z.string().regex(/^[^+#\0]{1,128}$/u))
      .min(1)
      .max(64)
      .optional(),
    takes: jsonFields(unit).default({}),
    powers: jsonFields(powerUnit).optional(),
    meterPath: z.string().max(256).optional(),
  })
  .refine(
    (value) => hasWildcard(value.topic) === (value.meters !== undefined),
    'expected "meters" beside a topic with wildcards, and only there',
  );

export const sourceSchema: z.ZodType<SourceConfig> = z.discriminatedUnion('kind', [
  z.strictObject({
    ...{ kind: z.literal('serial'), ...telegrams, ...line, path, signOn },
    ...{ baud: baud.optional(), parity: parity.optional() },
  }),
  z.strictObject({ kind: z.literal('tcp'), ...telegrams, ...line, host, port }),
  z.strictObject({
    ...{ kind: z.literal('udp'), ...telegrams, port },
    host: z.ipv4().default('0.0.0.0'),
    group: z
      .ipv4()
      .refine(
        (text) => /^2(?:2[4-9]|3\d)\./u.test(text),
        'expected a multicast group, 224.0.0.0 to 239.255.255.255',
      )
      .optional(),
    silentAfterSeconds: line.silentAfterSeconds,
  }),
  z.strictObject({
    ...{ kind: z.literal('file'), ...telegrams, path },
    pollMs: z.int().min(10).max(60_000).optional(),
  }),
  z.strictObject({
    ...{ kind: z.literal('mqtt'), name },
    url: z.string().regex(/^(mqtt|mqtts|ws|wss):\/\/[^\s]+$/u, 'expected mqtt://host:port'),
    user: z.string().min(1).max(256).optional(),
    passwordFile: path.optional(),
    topics: z.array(topic).min(1).max(64),
  }),
  z.discriminatedUnion('transport', [
    z.strictObject({
      ...{ ...modbus, transport: z.enum(['tcp', 'rtu']).default('tcp') },
      ...{ host, port: port.default(502) },
    }),
    z.strictObject({
      ...{ ...modbus, transport: z.literal('serial'), path },
      ...{ baud: baud.default(RTU_DEFAULTS.baud), parity: parity.default(RTU_DEFAULTS.parity) },
    }),
  ]),
]);
