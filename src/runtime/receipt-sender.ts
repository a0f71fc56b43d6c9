// An aggregator's receipts out. Nobody's map waits for them: so they leave the core to others for as
// long as they took it.

import type { IntervalIndex } from '../core/interval.ts';
import { receiptSubject } from '../core/subjects.ts';
import type { AggregatorState } from '../roles/aggregator.ts';
import { createReceipts } from '../roles/aggregator-receipts.ts';
import { appendSurely, type SureSender } from './append-surely.ts';

/** How long receipts are made in one go. */
const RECEIPT_TURN_MS = 20;

/** Sends one for each street of these areas. */
export async function sendReceipts(
  sender: SureSender,
  state: AggregatorState,
  areas: readonly number[],
  interval: IntervalIndex,
): Promise<void> {
  let startMs = performance.now();
  for (const batch of createReceipts(state, areas, interval)) {
    const outcomes = await appendSurely(
      sender,
      batch.map(({ street, message }) => ({ subject: receiptSubject(street), data: message })),
    );
    for (const outcome of outcomes) if (outcome.kind === 'failed') throw outcome.error;
    const workedMs = performance.now() - startMs;
    if (workedMs < RECEIPT_TURN_MS || sender.isStopped()) continue;
    await new Promise((resolve) => setTimeout(resolve, workedMs));
    startMs = performance.now();
  }
}
