// Receipts (design.md section 7): the slots of one street whose frames were accepted in an interval,
// signed by an aggregator of the area above it. A meter that finds its bit stops sending again.
//
// A receipt says who reported, so it has a stream of its own, which monitors and trustees do not
// read. It promises nothing but that: that the frame counted, only the seal says.

import { z } from 'zod';
import { type AreaId, parseAreaId } from './area.ts';
import { bitmapBytes } from './bitmap.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { bytesUpTo, u32Field } from './fields.ts';
import type { IntervalIndex } from './interval.ts';
import { MAX_ROSTER_SLOTS } from './roster.ts';

export interface Receipt {
  /** A street. */
  readonly area: AreaId;
  readonly interval: IntervalIndex;
  /** Bitmap of the slots accepted so far. */
  readonly accepted: Uint8Array;
}

const receiptSchema = z.strictObject({
  area: z.string().refine((text) => parseAreaId(text) !== undefined),
  interval: u32Field,
  accepted: bytesUpTo(bitmapBytes(MAX_ROSTER_SLOTS)),
});

export function encodeReceipt(receipt: Receipt): Uint8Array {
  return encodeCbor(receipt);
}

export function decodeReceipt(body: Uint8Array): Receipt | undefined {
  return decodeCbor(body, receiptSchema) as Receipt | undefined;
}
