// Control messages are deterministic CBOR (RFC 8949 section 4.2.1) checked against a schema.
// Hostile bytes never throw: what is malformed, too large, indefinite, duplicated or trailing is
// undefined, for the caller to count.

import { decode, encode, rfc8949EncodeOptions } from 'cborg';
import type { z } from 'zod';

export const MAX_CBOR_BYTES: number = 64 * 1024 * 1024;

export function encodeCbor(value: unknown): Uint8Array {
  return plain(encode(value, rfc8949EncodeOptions));
}

/** The value in `bytes` as the schema gives it, or undefined. */
export function decodeCbor<T>(
  bytes: Uint8Array,
  schema: z.ZodType<T>,
  maxBytes: number = MAX_CBOR_BYTES,
): T | undefined {
  if (bytes.length > maxBytes) return undefined;
  let value: unknown;
  try {
    value = decode(plain(bytes), {
      strict: true,
      allowIndefinite: false,
      allowUndefined: false,
      allowInfinity: false,
      allowNaN: false,
      allowBigInt: true,
      rejectDuplicateMapKeys: true,
    });
  } catch {
    return undefined;
  }
  const result = schema.safeParse(value);
  return result.success ? result.data : undefined;
}

/**
 * On Node the library may give a Buffer, and takes one apart into views: its `slice` is no copy, so
 * whoever wrote into a copy of a message would write into the message.
 */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
