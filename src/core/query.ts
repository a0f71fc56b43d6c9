// A monitor's request to an aggregator for masked totals that are stored there: zooming into an area,
// or into history, on demand (design.md section 7). Signed by the monitor, with its grant; answered
// with the very messages that were published, which carry their own signatures.

import { z } from 'zod';
import { type AreaId, parseAreaId } from './area.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { bytesUpTo, u32Field } from './fields.ts';
import type { IntervalIndex } from './interval.ts';

/** Intervals in one query: a day of quarter-hours. */
export const MAX_QUERY_INTERVALS = 96;

export interface TotalsQuery {
  /** The area whose own totals are asked for: those below are asked of who hosts them. */
  readonly area: AreaId;
  readonly fromInterval: IntervalIndex;
  readonly intervalCount: number;
  /** The signed grant. */
  readonly grant: Uint8Array;
}

const querySchema = z.strictObject({
  area: z.string().refine((text) => parseAreaId(text) !== undefined),
  fromInterval: u32Field,
  intervalCount: z.int().min(1).max(MAX_QUERY_INTERVALS),
  grant: bytesUpTo(4096),
});

const answerSchema = z.array(bytesUpTo(2 ** 24)).max(1_000_000);

export function encodeTotalsQuery(query: TotalsQuery): Uint8Array {
  return encodeCbor({ ...query });
}

export function decodeTotalsQuery(body: Uint8Array): TotalsQuery | undefined {
  return decodeCbor(body, querySchema) as TotalsQuery | undefined;
}

/** The stored total messages, by interval. */
export function encodeTotalsAnswer(totals: readonly Uint8Array[]): Uint8Array {
  return encodeCbor([...totals]);
}

export function decodeTotalsAnswer(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  return decodeCbor(bytes, answerSchema);
}
