// The masked total of one (area, interval): it travels apart from the seal, to those who need it;
// trustees never receive one (design.md section 2, correction 5).
//
//   u8 version = 1 | CBOR { header, salt, area, cells }
//
// `header` is the seal's signed header, which binds the rest by its total digest = SHA-256(
// "streetwatt/total/1" || salt || area words || cell words of channel 0 || of channel 1 || ...).
// Words are u64 little-endian. `area` has one per channel: the sum of all included cells at or below
// this area, or, in a channel in which the area lies inside a cell further up, the sum of its
// streets. `cells` has, per channel, one for each cell whose home this area is, as many as the header
// has decisions; zero where withheld.
//
// The salt is 32 bytes that only the area's aggregators can compute, so that nobody who guesses a
// masked total can confirm it from a seal, and so that two that run hot write the same message.

import { z } from 'zod';
import { concatBytes, equalBytes, u32, utf8 } from './bytes.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { MAX_CHANNELS } from './channel.ts';
import { sha256 } from './digest.ts';
import { bytesOf, bytesUpTo } from './fields.ts';
import type { IntervalIndex } from './interval.ts';
import { decodeSealHeader, type SealHeader } from './seal.ts';
import { splitSigned } from './signed.ts';
import { bytesOfWords, wordsOfBytes } from './words.ts';

export const SALT_BYTES = 32;
const TOTAL_VERSION = 1;
const TOTAL_LABEL: Uint8Array = utf8('streetwatt/total/1');
const SALT_LABEL: Uint8Array = utf8('streetwatt/salt/1');

export interface MaskedTotals {
  readonly area: BigUint64Array;
  /** By channel, then by home cell. */
  readonly cells: readonly BigUint64Array[];
}

export interface Total {
  readonly signedHeader: Uint8Array;
  readonly header: SealHeader;
  readonly salt: Uint8Array;
  readonly totals: MaskedTotals;
}

const totalSchema = z.strictObject({
  header: bytesUpTo(2 ** 22),
  salt: bytesOf(SALT_BYTES),
  area: bytesUpTo(8 * MAX_CHANNELS),
  cells: z.array(bytesUpTo(2 ** 23)).max(MAX_CHANNELS),
});

export function encodeTotal(total: Omit<Total, 'header'>): Uint8Array {
  const body = encodeCbor({
    header: total.signedHeader,
    salt: total.salt,
    area: bytesOfWords(total.totals.area),
    cells: total.totals.cells.map(bytesOfWords),
  });
  return concatBytes(Uint8Array.of(TOTAL_VERSION), body);
}

/** The total in `bytes` where it is the one that its header names; the header's signature is unchecked. */
export function decodeTotal(bytes: Uint8Array): Total | undefined {
  if (bytes[0] !== TOTAL_VERSION) return undefined;
  const parsed = decodeCbor(bytes.subarray(1), totalSchema);
  const split = parsed && splitSigned('seal', parsed.header);
  const header = split && decodeSealHeader(split.body);
  if (parsed === undefined || header === undefined) return undefined;
  const area = wordsOfBytes(parsed.area);
  const cells = parsed.cells.map(wordsOfBytes);
  if (area === undefined || cells.some((words) => words === undefined)) return undefined;
  const totals: MaskedTotals = { area, cells: cells as BigUint64Array[] };
  // The digest runs over words alone: without their number, a word could pass from one list into the next.
  const isShaped =
    cells.length === header.decisions.length &&
    header.decisions.every((decided, channel) => decided.length === totals.cells[channel]?.length);
  if (!isShaped) return undefined;
  if (!equalBytes(totalDigest(parsed.salt, totals), header.totalDigest)) return undefined;
  return { signedHeader: parsed.header, header, salt: parsed.salt, totals };
}

export function totalDigest(salt: Uint8Array, totals: MaskedTotals): Uint8Array {
  return sha256(TOTAL_LABEL, salt, bytesOfWords(totals.area), ...totals.cells.map(bytesOfWords));
}

/** The salt of one total, under a key that the area's aggregators share and nobody else has. */
export function totalSalt(
  saltKey: Uint8Array,
  interval: IntervalIndex,
  childrenRoot: Uint8Array,
): Uint8Array {
  return sha256(SALT_LABEL, saltKey, u32(interval), childrenRoot);
}
