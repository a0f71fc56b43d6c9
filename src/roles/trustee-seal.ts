// Seals in: checked, bound, and their masks summed (design.md section 5, corrections 4, 14, 20;
// trustee-sum.ts).
//
// The trustee takes nothing on the aggregator's word but who contributed. It counts presence itself,
// decides itself, and refuses the whole seal where its own decisions differ (seal-check.ts). Whatever
// it refuses it counts, and says nothing about.

import { toHex } from '../core/bytes.ts';
import type { IntervalIndex } from '../core/interval.ts';
import type { Binding } from '../core/ledger.ts';
import type { AreaNode } from '../core/network-tree.ts';
import { decodeSeal, type Seal } from '../core/seal.ts';
import { countRejection } from './rejections.ts';
import {
  type CheckedSeal,
  checkSeal,
  checkSealHeader,
  type KnownSeal,
  type SealFault,
} from './seal-check.ts';
import { intervalRecord, type MaskSumRecord, type TrusteeState } from './trustee.ts';
import { sumSeal } from './trustee-sum.ts';

export type SealRejection = SealFault | 'refused-interval' | 'no-keys';

export type SealOutcome =
  | {
      readonly kind: 'summed';
      /** To store, and to publish, before anything is said about the interval. */
      readonly binding: Binding;
      readonly records: readonly MaskSumRecord[];
      /** False where the ledger already held it: a replay. */
      readonly isNew: boolean;
    }
  | { readonly kind: 'rejected'; readonly reason: SealRejection };

/** `storedAtSeconds` is when the stream stored the seal. */
export function handleSeal(
  state: TrusteeState,
  bytes: Uint8Array,
  storedAtSeconds: number,
): SealOutcome {
  const seal = decodeSeal(bytes);
  if (seal === undefined) return reject(state, 'malformed-seal');
  const found = checkSealOf(state, seal, storedAtSeconds);
  if (typeof found === 'string') return reject(state, found);
  const { node, checked } = found;
  const { digest } = seal;
  const record = intervalRecord(state, seal.header.interval);
  const summed = sumSeal(state, node, seal, checked);
  if (typeof summed === 'string') return reject(state, summed);

  const { area, interval } = seal.header;
  record.seals.set(node.index, { digest, part: summed.part });
  for (const cell of summed.cells)
    if (!record.cells.has(cell.index)) record.cells.set(cell.index, cell);
  if (!record.areas.has(node.index)) record.areas.set(node.index, [...summed.area]);
  const key = ledgerKey(area, interval);
  const isNew = !state.ledger.has(key);
  state.ledger.set(key, toHex(digest));
  return {
    kind: 'summed',
    isNew,
    binding: { area, interval, sealDigest: digest },
    records: [...summed.cells, ...summed.area],
  };
}

export function ledgerKey(area: string, interval: IntervalIndex): string {
  return `${area} ${interval}`;
}

function checkSealOf(
  state: TrusteeState,
  seal: Seal,
  storedAtSeconds: number,
): { readonly node: AreaNode; readonly checked: CheckedSeal } | SealRejection {
  const { network } = state;
  const { header } = seal;
  const node = checkSealHeader(network, seal, state.verify);
  if (typeof node === 'string') return node;
  if (header.interval <= state.refusedUntil) return 'refused-interval';
  const bound = state.ledger.get(ledgerKey(header.area, header.interval));
  if (bound !== undefined && bound !== toHex(seal.digest)) return 'conflicting-seal';
  const { seals } = intervalRecord(state, header.interval);
  const knownSeal = (child: number): KnownSeal | undefined => {
    const known = seals.get(child);
    return known && { digest: known.digest, presences: known.part.presences };
  };
  const checked = checkSeal(network, node, seal, storedAtSeconds, knownSeal, state.kernel.hashMany);
  return typeof checked === 'string' ? checked : { node, checked };
}

function reject(state: TrusteeState, reason: SealRejection): SealOutcome {
  countRejection(state.rejected, reason);
  return { kind: 'rejected', reason };
}
