// An aggregator's seals out, and then their totals: what is stored here is sent until it stands in its
// streams. First seal wins: where another aggregator's stands already, its set is added up again.

import { isBusError } from '../bus/errors.ts';
import type { BusMessage } from '../bus/port.ts';
import type { AreaId } from '../core/area.ts';
import { equalBytes } from '../core/bytes.ts';
import type { IntervalIndex } from '../core/interval.ts';
import { decodeSeal } from '../core/seal.ts';
import { sealSubject, totalSubject } from '../core/subjects.ts';
import type { AggregatorState } from '../roles/aggregator.ts';
import { totalOfSeal } from '../roles/aggregator-seal.ts';
import type { AggregatorStore } from '../store/aggregator-store.ts';
import { appendSurely, type SureSender } from './append-surely.ts';

export interface StoredSeal {
  readonly area: AreaId;
  readonly interval: IntervalIndex;
  readonly seal: Uint8Array;
  readonly total: Uint8Array;
}

/** @throws BusError where something can be sent no more */
export async function publishSealed(
  sender: SureSender,
  state: AggregatorState,
  store: AggregatorStore,
  sealed: readonly StoredSeal[],
): Promise<void> {
  const seals = await appendSurely(
    sender,
    sealed.map(({ area, interval, seal }) => ({
      subject: sealSubject(area, interval),
      data: seal,
    })),
  );
  const totals: BusMessage[] = [];
  for (const [index, outcome] of seals.entries()) {
    const own = sealed[index] as StoredSeal;
    const { area, interval } = own;
    const subject = totalSubject(area, interval);
    if (outcome.kind === 'stored') {
      totals.push({ subject, data: own.total });
      continue;
    }
    if (!isBusError(outcome.error, 'subject-taken')) throw outcome.error;
    const winner = await sender.bus.lastOn('SEALS', sealSubject(area, interval));
    const seal = winner && decodeSeal(winner.data);
    if (seal === undefined || winner === undefined) continue;
    // Our own, from before a crash, or its acknowledgement was lost.
    if (equalBytes(winner.data, own.seal)) {
      totals.push({ subject, data: own.total });
      continue;
    }
    // Undefined where we lack one of its frames: then only the winner can serve this total.
    const data = totalOfSeal(state, seal);
    store.adoptSealed({ area, interval, seal: winner.data, total: data });
    if (data !== undefined) totals.push({ subject, data });
  }
  for (const outcome of await appendSurely(sender, totals)) {
    // The other of a hot pair wrote the same bytes already.
    if (outcome.kind === 'failed' && !isBusError(outcome.error, 'subject-taken'))
      throw outcome.error;
  }
  store.markPublished(sealed.map(({ area, interval }) => ({ area, interval })));
}
