// Schema pieces that the wire messages share.

import { z } from 'zod';

type Bytes = z.ZodType<Uint8Array>;

/** A byte string of exactly `length` bytes. */
export function bytesOf(length: number): Bytes {
  return z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === length);
}

/** A byte string of at most `maxLength` bytes. */
export function bytesUpTo(maxLength: number): Bytes {
  return z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length <= maxLength);
}

export const u32Field: z.ZodInt = z.int().min(0).max(0xffffffff);
/** A count or an energy that stays far from 2^53. */
export const safeCount: z.ZodInt = z
  .int()
  .min(0)
  .max(2 ** 52);
