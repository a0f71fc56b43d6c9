// Areas of one level sealed, sent, and taken in again by the aggregator that hosts their parents, and
// by the trustees, each message as bytes.

import { BATCH_MESSAGES } from '../../src/core/sign-many.ts';
import type { AggregatorState } from '../../src/roles/aggregator.ts';
import { handleChildSeal, handleChildTotal } from '../../src/roles/aggregator-children.ts';
import { createSeals, type SealedArea } from '../../src/roles/aggregator-seal.ts';
import type { MaskSumRecord, TrusteeState } from '../../src/roles/trustee.ts';
import { createLedgerEntry, handleLedgerEntry } from '../../src/roles/trustee-ledger.ts';
import { handleSeal } from '../../src/roles/trustee-seal.ts';
import type { NationContext } from './context.ts';
import type { Stopwatch } from './stopwatch.ts';

/** As many as a trustee sums in one turn, more or less. */
const BINDINGS_AN_ENTRY = 256;

export function sealAreas(
  aggregator: AggregatorState,
  areas: readonly number[],
  { interval }: NationContext,
  watch: Stopwatch,
): SealedArea[] {
  const sealed: SealedArea[] = [];
  for (let first = 0; first < areas.length; first += BATCH_MESSAGES) {
    const batch = areas.slice(first, first + BATCH_MESSAGES);
    sealed.push(...watch.time('aggregator: seal', () => createSeals(aggregator, batch, interval)));
  }
  for (const { seal, total } of sealed) {
    watch.send('seals', seal.length);
    watch.send('totals', total.length);
  }
  return sealed;
}

/** Of areas below those that the aggregator hosts. */
export function takeChildren(
  aggregator: AggregatorState,
  sealed: readonly Pick<SealedArea, 'seal' | 'total'>[],
  { sealedAtSeconds }: NationContext,
  part: string,
  watch: Stopwatch,
): void {
  watch.time(part, () => {
    for (const { seal, total } of sealed) {
      const arrival = handleChildSeal(aggregator, seal, sealedAtSeconds);
      if (typeof arrival === 'string' && arrival !== 'not-a-child')
        throw new Error(`a seal was refused: ${arrival}`);
      const own = handleChildTotal(aggregator, total, sealedAtSeconds);
      if (typeof own === 'string' && own !== 'not-a-child')
        throw new Error(`a total was refused: ${own}`);
    }
  });
}

/** What each trustee stores of these seals, by trustee. Bindings are published, and read by the others. */
export function sumAreas(
  trustees: readonly TrusteeState[],
  sealed: readonly Pick<SealedArea, 'seal'>[],
  { sealedAtSeconds }: NationContext,
  watch: Stopwatch,
): MaskSumRecord[][] {
  const entries: Uint8Array[] = [];
  const records = trustees.map((trustee, index) =>
    watch.time(`trustee ${index}`, () => {
      const kept: MaskSumRecord[] = [];
      for (let first = 0; first < sealed.length; first += BINDINGS_AN_ENTRY) {
        const bindings = sealed.slice(first, first + BINDINGS_AN_ENTRY).map(({ seal }) => {
          const outcome = handleSeal(trustee, seal, sealedAtSeconds);
          if (outcome.kind === 'rejected') throw new Error(`a trustee refused: ${outcome.reason}`);
          kept.push(...outcome.records);
          return outcome.binding;
        });
        entries.push(createLedgerEntry(trustee, bindings));
      }
      return kept;
    }),
  );
  for (const entry of entries) watch.send('ledger', entry.length);
  for (const [index, trustee] of trustees.entries()) {
    watch.time(`trustee ${index}`, () => {
      for (const entry of entries)
        if (handleLedgerEntry(trustee, entry).kind !== 'taken')
          throw new Error('a ledger entry was refused');
    });
  }
  return records;
}
