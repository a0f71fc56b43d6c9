// The mapping file: a small JSON that says what the columns of a portal's CSV mean, and the one that
// says which statistic of Home Assistant is what.

import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { excerpt } from '../excerpt.ts';
import { FileError } from '../file-error.ts';
import { ENCODINGS } from './csv-table.ts';
import { type Decimal, parseDecimal } from './decimal.ts';
import { ENERGY_UNITS, type EnergyUnit } from './energy.ts';
import { VALUE_KINDS, type ValueKind } from './imported-values.ts';
import { AMBIGUITY_RULES, type AmbiguityRule } from './local-clock.ts';

export interface ColumnMatch {
  readonly column: string;
  readonly equals: string | readonly string[];
}

export interface CsvMapping {
  /** Where the export comes from: for people. */
  readonly source?: string | undefined;
  readonly delimiter: string;
  readonly decimal: '.' | ',';
  readonly group?: '.' | ',' | ' ' | "'" | undefined;
  readonly encoding: (typeof ENCODINGS)[number];
  /** The line that the header stands on; 0: there is none. */
  readonly headerLine: number;
  readonly timezone?: string | undefined;
  readonly intervalMinutes: number;
  readonly meter?: { readonly column: string } | { readonly name: string } | undefined;
  readonly stamp: {
    /**
     * `labelled-end`: the start on the clock plus the length, so that a day ends at 24:00 and the
     * last interval before a change of the clock ends when it would without one.
     */
    readonly at: 'start' | 'end' | 'labelled-end';
    /** Joined by a space. */
    readonly columns: readonly string[];
    readonly format: string;
    /** Number of the interval since local midnight, from 1; `columns` is the date then. */
    readonly period?: string | undefined;
    /** `+02:00`, or a word of `offsets`. */
    readonly offsetColumn?: string | undefined;
    /** In minutes. */
    readonly offsets?: Readonly<Record<string, number>> | undefined;
    readonly ambiguous: AmbiguityRule;
  };
  readonly values: readonly {
    readonly column: string;
    readonly kind: ValueKind;
    readonly unit: EnergyUnit;
    readonly multiplier?: Decimal | undefined;
    readonly cumulative: boolean;
    /** Only rows where this column has this text. */
    readonly where?: ColumnMatch | undefined;
  }[];
  readonly missing: readonly string[];
  /** Rows that are estimated: counted. */
  readonly estimated?: ColumnMatch | undefined;
}

export interface HomeAssistantMapping {
  readonly source?: string | undefined;
  readonly timezone?: string | undefined;
  readonly statistics: Readonly<Record<string, StatisticMapping>>;
}

export interface StatisticMapping {
  readonly meter?: string | undefined;
  readonly kind: ValueKind;
  readonly unit: 'Wh' | 'kWh' | 'MWh';
  /** `sum` counts on over resets of the device; `state` is what it shows. */
  readonly use: 'sum' | 'state';
}

const MAX_MAPPING_BYTES = 256 * 1024;

const Text = z.string().min(1).max(256);
/** A column's name in the header, or its number from 1 where there is no header. */
const Column = z.union([Text, z.int().min(1).max(10_000).transform(String)]);
const Factor = z.union([Text, z.number().transform(String)]).transform((text, context): Decimal => {
  const factor = parseDecimal(text);
  if (factor !== undefined && factor.digits !== 0n) return factor;
  context.addIssue({ code: 'custom', message: 'expected a decimal number other than 0' });
  return z.NEVER;
});
const Match = z.strictObject({ column: Column, equals: z.union([Text, z.array(Text).min(1)]) });

const CsvMappingSchema: z.ZodType<CsvMapping> = z.strictObject({
  source: z.string().max(1024).optional(),
  delimiter: z.string().length(1).default(','),
  decimal: z.enum(['.', ',']).default('.'),
  group: z.enum(['.', ',', ' ', "'"]).optional(),
  encoding: z.enum(ENCODINGS).default('utf-8'),
  headerLine: z.int().min(0).max(1000).default(1),
  timezone: Text.optional(),
  intervalMinutes: z.int().min(1).max(1440),
  meter: z.union([z.strictObject({ column: Column }), z.strictObject({ name: Text })]).optional(),
  stamp: z
    .strictObject({
      at: z.enum(['start', 'end', 'labelled-end']).default('start'),
      columns: z.array(Column).min(1).max(3),
      format: Text,
      period: Column.optional(),
      offsetColumn: Column.optional(),
      offsets: z.record(z.string(), z.int().min(-1440).max(1440)).optional(),
      ambiguous: z.enum(AMBIGUITY_RULES).default('by-order'),
    })
    .refine((stamp) => stamp.period === undefined || stamp.at !== 'end', {
      message: 'expected "start" or "labelled-end" beside a period',
      path: ['at'],
    }),
  values: z
    .array(
      z.strictObject({
        column: Column,
        kind: z.enum(VALUE_KINDS),
        unit: z.enum(ENERGY_UNITS),
        multiplier: Factor.optional(),
        cumulative: z.boolean().default(false),
        where: Match.optional(),
      }),
    )
    .min(1)
    .max(16),
  missing: z.array(z.string().max(256)).default([]),
  estimated: Match.optional(),
});

const HomeAssistantSchema: z.ZodType<HomeAssistantMapping> = z.strictObject({
  source: z.string().max(1024).optional(),
  timezone: Text.optional(),
  statistics: z.record(
    z.string(),
    z.strictObject({
      meter: Text.optional(),
      kind: z.enum(VALUE_KINDS),
      unit: z.enum(['Wh', 'kWh', 'MWh']).default('kWh'),
      use: z.enum(['sum', 'state']).default('sum'),
    }),
  ),
});

export function readCsvMapping(path: string): Promise<CsvMapping> {
  return readMapping(path, CsvMappingSchema);
}

export function readHomeAssistantMapping(path: string): Promise<HomeAssistantMapping> {
  return readMapping(path, HomeAssistantSchema);
}

/** @throws FileError naming the field that is wrong. */
export function parseCsvMapping(text: string, file: string): CsvMapping {
  return parseMapping(text, file, CsvMappingSchema);
}

export function parseHomeAssistantMapping(text: string, file: string): HomeAssistantMapping {
  return parseMapping(text, file, HomeAssistantSchema);
}

async function readMapping<Output>(path: string, schema: z.ZodType<Output>): Promise<Output> {
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > MAX_MAPPING_BYTES) {
      throw new FileError('file-too-large', {
        file: path,
        expected: `a mapping of at most ${MAX_MAPPING_BYTES} bytes`,
        found: `${size}`,
      });
    }
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof FileError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new FileError(code === 'ENOENT' ? 'file-missing' : 'file-unreadable', {
      file: path,
      expected: 'a mapping file',
      found: code === 'ENOENT' ? 'none' : `the system's error ${code}`,
      cause: error,
    });
  }
  return parseMapping(text, path, schema);
}

function parseMapping<Output>(text: string, file: string, schema: z.ZodType<Output>): Output {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\u{feff}/u, ''));
  } catch (error) {
    throw new FileError('bad-mapping', {
      file,
      expected: 'JSON',
      found: 'something else',
      cause: error,
    });
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new FileError('bad-mapping', {
    file,
    field: issue?.path.length === 0 ? undefined : issue?.path.join('.'),
    expected: 'a mapping as docs/import.md describes it',
    found: excerpt(issue?.message ?? 'another', { maxLength: 160 }),
  });
}
