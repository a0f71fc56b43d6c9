// What every scheme's bench has in common: the same homes, the same street, costs in microseconds a
// reading by party, and readings per core-second of all parties' work together.

import type { PreparedBench, Scale, Timed } from '../harness/bench.ts';
import { HOME_COUNT, homeReadings, type Reading, STREET_SLOTS } from './home-readings.ts';

/** The homes whose readings a client masks or encrypts. */
export function schemeHomes(scale: Scale): readonly Reading[] {
  return homeReadings(scale === 'full' ? HOME_COUNT : 2);
}

/** A street's worth of them, in turn. */
export function streetOfHomes<Item>(homes: readonly Item[]): readonly Item[] {
  return Array.from({ length: STREET_SLOTS }, (_, slot) => homes[slot % homes.length] as Item);
}

/** A part of a scheme's work, by who does it: "client", "server". */
export type SchemePart = Omit<Timed, 'id' | 'measure'>;

export function prepareScheme(
  id: string,
  bytesPerReading: number,
  parts: Readonly<Record<string, SchemePart>>,
): PreparedBench {
  const cost = { kind: 'cost', item: 'reading' } as const;
  const timed = Object.entries(parts).map(
    ([name, part]): Timed => ({ ...part, id: `${id}.${name}`, measure: cost }),
  );
  return {
    timed,
    sums: [
      {
        id,
        measure: { kind: 'rate', item: 'reading' },
        parts: timed.map((part) => part.id),
        bytesPerReading,
      },
    ],
  };
}

/** Something of each home in turn, for a client that is called for one reading at a time. */
export function inTurn<Item>(items: readonly Item[]): () => Item {
  let next = 0;
  return () => items[next++ % items.length] as Item;
}
