// summary.json: what a replay did, in figures that a script can check.

import { z } from 'zod';
import { AtomicFile } from './atomic-file.ts';

const Count = z.int().nonnegative();
const CountByReason = z.record(z.string(), Count);

export interface ReplaySummary {
  readonly meters: number;
  readonly intervals: number;
  readonly framesSent: number;
  readonly framesAccepted: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly cellsPublished: number;
  readonly cellsWithheld: Readonly<Record<string, number>>;
  /** Mean wall-clock time that one interval took, all parties together. */
  readonly secondsPerInterval: number;
  /** Further figures may stand beside these. */
  readonly [figure: string]: unknown;
}

export const ReplaySummarySchema: z.ZodType<ReplaySummary> = z.looseObject({
  meters: Count,
  intervals: Count,
  framesSent: Count,
  framesAccepted: Count,
  rejected: CountByReason,
  cellsPublished: Count,
  cellsWithheld: CountByReason,
  secondsPerInterval: z.number().nonnegative(),
});

/** @throws FileError `not-writable`; ZodError where `summary` is not one, which is misuse. */
export async function writeSummaryFile(path: string, summary: ReplaySummary): Promise<void> {
  const text = `${JSON.stringify(ReplaySummarySchema.parse(summary), null, 2)}\n`;
  await using file = await AtomicFile.create(path);
  await file.append(text);
  await file.commit();
}
