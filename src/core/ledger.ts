// A trustee's ledger entry: the seals that it has bound itself to, published before it answers for
// them (design.md section 5, corrections 4 and 9). A seal's digest binds every set below it, so one
// entry binds all streets of the seal. Entries form a hash chain: a trustee that was restored from
// an old backup finds a head that is ahead of it, and everyone sees two answers for one interval.

import { z } from 'zod';
import { type AreaId, parseAreaId } from './area.ts';
import { utf8 } from './bytes.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { MAX_TRUSTEES } from './components.ts';
import { DIGEST_BYTES, sha256 } from './digest.ts';
import { bytesOf, safeCount, u32Field } from './fields.ts';
import type { IntervalIndex } from './interval.ts';

export interface Binding {
  readonly area: AreaId;
  readonly interval: IntervalIndex;
  readonly sealDigest: Uint8Array;
}

export interface LedgerEntry {
  readonly networkId: string;
  readonly trustee: number;
  /** From 1, gapless. */
  readonly sequence: number;
  /** Digest of the entry before; 32 zero bytes for the first. */
  readonly previous: Uint8Array;
  readonly bindings: readonly Binding[];
}

export const NO_LEDGER_ENTRY: Uint8Array = new Uint8Array(DIGEST_BYTES);

const entrySchema = z.strictObject({
  networkId: z.string().min(1).max(64),
  trustee: z
    .int()
    .min(0)
    .max(MAX_TRUSTEES - 1),
  sequence: safeCount.min(1),
  previous: bytesOf(DIGEST_BYTES),
  bindings: z.array(
    z.tuple([
      z.string().refine((text) => parseAreaId(text) !== undefined),
      u32Field,
      bytesOf(DIGEST_BYTES),
    ]),
  ),
});

export function encodeLedgerEntry(entry: LedgerEntry): Uint8Array {
  const bindings = entry.bindings.map(({ area, interval, sealDigest }) => [
    area,
    interval,
    sealDigest,
  ]);
  return encodeCbor({ ...entry, bindings });
}

export function decodeLedgerEntry(body: Uint8Array): LedgerEntry | undefined {
  const parsed = decodeCbor(body, entrySchema);
  if (parsed === undefined) return undefined;
  const bindings = parsed.bindings.map(([area, interval, sealDigest]) => ({
    area: area as AreaId,
    interval: interval as IntervalIndex,
    sealDigest,
  }));
  return { ...parsed, bindings };
}

export function ledgerEntryDigest(body: Uint8Array): Uint8Array {
  return sha256(utf8('streetwatt/ledger/1'), body);
}
