// Receipts out (receipt.ts): one for each street, since a meter may read its own street's only, and one
// signature for many of them.

import type { AreaId } from '../core/area.ts';
import type { IntervalIndex } from '../core/interval.ts';
import { areaAt } from '../core/network-tree.ts';
import { encodeReceipt, type Receipt } from '../core/receipt.ts';
import { BATCH_MESSAGES, signMany } from '../core/sign-many.ts';
import type { AggregatorState } from './aggregator.ts';
import { acceptedSlots } from './aggregator-intake.ts';

export interface SignedReceipt {
  readonly street: AreaId;
  readonly message: Uint8Array;
}

/** The receipts of the streets of these areas, batch by batch, each made when it is asked for. */
export function* createReceipts(
  state: AggregatorState,
  areas: readonly number[],
  interval: IntervalIndex,
): Generator<readonly SignedReceipt[]> {
  let batch: Receipt[] = [];
  for (const index of areas) {
    const { streetChildren } = areaAt(state.network, index);
    for (const [position, accepted] of acceptedSlots(state, index, interval).entries()) {
      const area = state.network.areas.idOf(streetChildren[position] as number);
      batch.push({ area, interval, accepted });
      if (batch.length < BATCH_MESSAGES) continue;
      yield signReceipts(state, batch);
      batch = [];
    }
  }
  if (batch.length > 0) yield signReceipts(state, batch);
}

function signReceipts(
  { signer, saltKey, kernel }: AggregatorState,
  receipts: readonly Receipt[],
): SignedReceipt[] {
  const messages = signMany('receipt', receipts.map(encodeReceipt), {
    signer,
    blindKey: saltKey,
    hashMany: kernel.hashMany,
  });
  return receipts.map(({ area }, index) => ({
    street: area,
    message: messages[index] as Uint8Array,
  }));
}
