// The JSON file of a run, read back.

import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { BenchResult } from './bench.ts';
import type { Machine } from './machine.ts';

export interface ResultsFile {
  readonly machine: Machine;
  readonly results: readonly BenchResult[];
}

const machineSchema = z.strictObject({
  cpu: z.string(),
  cores: z.number(),
  memoryGiB: z.number(),
  platform: z.string(),
  node: z.string(),
  date: z.iso.date(),
});

const resultSchema = z.strictObject({
  id: z.string(),
  unit: z.string(),
  median: z.number(),
  min: z.number(),
  max: z.number(),
  bytesPerReading: z.number().exactOptional(),
});

const fileSchema = z.strictObject({ machine: machineSchema, results: z.array(resultSchema) });

/** @throws Error, in one sentence, where the file is none that `npm run bench -- --json` writes. */
export async function readResultsFile(path: string | URL): Promise<ResultsFile> {
  const text = await readFile(path, 'utf8');
  const parsed = fileSchema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${path}: ${issue?.path.join('.')}: ${issue?.message}`);
}
