// What a monitor asks of a trustee, and what it gets (design.md sections 5 and 7, corrections 3, 14,
// 18, 22 and 23). The request is signed by the monitor and carries its grant; the answer is signed
// by the trustee, names what it answers, and is sealed to the grant's HPKE key (answer-seal.ts).

import { z } from 'zod';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { MAX_CHANNELS } from './channel.ts';
import { MAX_TRUSTEES } from './components.ts';
import { DIGEST_BYTES } from './digest.ts';
import { bytesOf, bytesUpTo, u32Field } from './fields.ts';
import type { IntervalIndex } from './interval.ts';
import { bytesOfWords, wordsOfBytes } from './words.ts';

export const NONCE_BYTES = 16;
export const MAX_TARGETS = 1_000_000;

/** One figure: a cell, or an area's whole total in a channel. `index` is the document's. */
export interface UnmaskTarget {
  readonly kind: 'area' | 'cell';
  readonly index: number;
  readonly channel: number;
}

export interface UnmaskRequest {
  readonly network: Uint8Array;
  readonly interval: IntervalIndex;
  readonly targets: readonly UnmaskTarget[];
  readonly nonce: Uint8Array;
  /** The signed grant. */
  readonly grant: Uint8Array;
}

/** Why a trustee gives no mask sum; as bytes on the wire, 0 being a release. */
export const UNMASK_STATUS = {
  released: 0,
  'too-few': 1,
  'low-presence': 2,
  'no-seal': 3,
  mismatch: 4,
  'not-granted': 5,
  /** The keys are erased, or this trustee was restored and will not speak of the past. */
  'no-keys': 6,
} as const;
export type UnmaskStatus = keyof typeof UNMASK_STATUS;
const STATUS_NAMES = Object.keys(UNMASK_STATUS) as UnmaskStatus[];

export interface UnmaskResult {
  readonly status: UnmaskStatus;
  /** Digest over the sets of every street in it; empty unless released. */
  readonly setDigest: Uint8Array;
  /** Digest of the seal that decided it: the cell's home's, or the area's; empty unless released. */
  readonly sealDigest: Uint8Array;
  /** Percent, rounded down to a step. */
  readonly coverage: number;
  /** One mask sum per component that the trustee holds, ascending; empty unless released. */
  readonly sums: BigUint64Array;
}

export interface UnmaskAnswer {
  readonly network: Uint8Array;
  readonly interval: IntervalIndex;
  readonly nonce: Uint8Array;
  readonly trustee: number;
  /** In the order of the request's targets. */
  readonly results: readonly UnmaskResult[];
}

const requestSchema = z.strictObject({
  network: bytesOf(DIGEST_BYTES),
  interval: u32Field,
  targets: z
    .array(
      z.tuple([
        z.boolean(),
        u32Field,
        z
          .int()
          .min(0)
          .max(MAX_CHANNELS - 1),
      ]),
    )
    .max(MAX_TARGETS),
  nonce: bytesOf(NONCE_BYTES),
  grant: bytesUpTo(4096),
});

const answerSchema = z.strictObject({
  network: bytesOf(DIGEST_BYTES),
  interval: u32Field,
  nonce: bytesOf(NONCE_BYTES),
  trustee: z
    .int()
    .min(0)
    .max(MAX_TRUSTEES - 1),
  results: z
    .array(
      z.tuple([
        z
          .int()
          .min(0)
          .max(STATUS_NAMES.length - 1),
        bytesUpTo(DIGEST_BYTES),
        bytesUpTo(DIGEST_BYTES),
        z.int().min(0).max(100),
        bytesUpTo(8 * 32),
      ]),
    )
    .max(MAX_TARGETS),
});

export function encodeUnmaskRequest(request: UnmaskRequest): Uint8Array {
  const targets = request.targets.map(({ kind, index, channel }) => [
    kind === 'cell',
    index,
    channel,
  ]);
  return encodeCbor({ ...request, targets });
}

export function decodeUnmaskRequest(body: Uint8Array): UnmaskRequest | undefined {
  const parsed = decodeCbor(body, requestSchema);
  if (parsed === undefined) return undefined;
  const targets = parsed.targets.map(([isCell, index, channel]) => ({
    kind: isCell ? ('cell' as const) : ('area' as const),
    index,
    channel,
  }));
  return { ...parsed, interval: parsed.interval as IntervalIndex, targets };
}

export function encodeUnmaskAnswer(answer: UnmaskAnswer): Uint8Array {
  const results = answer.results.map((result) => [
    UNMASK_STATUS[result.status],
    result.setDigest,
    result.sealDigest,
    result.coverage,
    bytesOfWords(result.sums),
  ]);
  return encodeCbor({ ...answer, results });
}

export function decodeUnmaskAnswer(body: Uint8Array): UnmaskAnswer | undefined {
  const parsed = decodeCbor(body, answerSchema);
  if (parsed === undefined) return undefined;
  const results: UnmaskResult[] = [];
  for (const [status, setDigest, sealDigest, coverage, sumBytes] of parsed.results) {
    const sums = wordsOfBytes(sumBytes);
    if (sums === undefined) return undefined;
    results.push({
      status: STATUS_NAMES[status] as UnmaskStatus,
      setDigest,
      sealDigest,
      coverage,
      sums,
    });
  }
  return { ...parsed, interval: parsed.interval as IntervalIndex, results };
}
