// Every bench, in the order of the output; loaded when it is asked for.

import type { Bench, PreparedBench } from './bench.ts';

export interface BenchEntry {
  /** What the ids of its results begin with, but those that it names beside it. */
  readonly id: string;
  /** What it is measured beside, in turns with it. */
  readonly gives?: readonly string[];
  load(): Promise<Bench>;
}

export const BENCHES: readonly BenchEntry[] = [
  {
    id: 'chacha20.block.floor',
    load: async () => (await import('../kernel/block-floor.ts')).BLOCK_FLOOR,
  },
  {
    id: 'ingest.kernel',
    load: async () => (await import('../kernel/ingest.ts')).INGEST_KERNEL,
  },
  { id: 'ingest.plain', load: async () => (await import('../kernel/ingest.ts')).INGEST_PLAIN },
  {
    id: 'ingest.memory',
    load: async () => (await import('../kernel/intake-memory.ts')).INTAKE_MEMORY,
  },
  {
    id: 'mask.sum.kernel',
    load: async () => (await import('../kernel/mask-sum.ts')).MASK_SUM_KERNEL,
  },
  {
    id: 'mask.sum.plain',
    load: async () => (await import('../kernel/mask-sum.ts')).MASK_SUM_PLAIN,
  },
  {
    id: 'mask.frame.kernel',
    load: async () => (await import('../kernel/mask-frame.ts')).MASK_FRAME_KERNEL,
  },
  {
    id: 'mask.frame.plain',
    load: async () => (await import('../kernel/mask-frame.ts')).MASK_FRAME_PLAIN,
  },
  { id: 'ratchet.kernel', load: async () => (await import('../kernel/ratchet.ts')).RATCHET_KERNEL },
  { id: 'ratchet.plain', load: async () => (await import('../kernel/ratchet.ts')).RATCHET_PLAIN },
  {
    id: 'seal.root.kernel',
    load: async () => (await import('../kernel/seal-root.ts')).SEAL_ROOT_KERNEL,
  },
  { id: 'streetwatt', load: async () => (await import('../peers/streetwatt.ts')).STREETWATT },
  {
    id: 'peer.plain-sum',
    load: async () => (await import('../peers/plain-sum.ts')).PLAIN_SUM,
  },
  {
    id: 'peer.hmac-mask',
    load: async () => (await import('../peers/hmac-mask.ts')).HMAC_MASK,
  },
  {
    id: 'peer.prio3-sum',
    load: async () => (await import('../peers/prio3.ts')).PRIO3_SUM,
  },
  {
    id: 'peer.prio3-sumvec',
    load: async () => (await import('../peers/prio3.ts')).PRIO3_SUMVEC,
  },
  {
    id: 'peer.elgamal-ristretto255',
    load: async () => (await import('../peers/elgamal-bench.ts')).ELGAMAL_RISTRETTO255,
  },
  {
    id: 'peer.paillier-2048',
    load: async () => (await import('../peers/paillier-bench.ts')).PAILLIER_2048,
  },
  {
    id: 'peer.paillier-2048-packed',
    load: async () => (await import('../peers/paillier-bench.ts')).PAILLIER_2048_PACKED,
  },
  {
    id: 'e2e.nats.single',
    gives: ['bus.raw.nats'],
    load: async () => (await import('../e2e/nats.ts')).NATS_SINGLE,
  },
  {
    id: 'e2e.nats.batch',
    gives: ['bus.raw.nats.batch'],
    load: async () => (await import('../e2e/nats.ts')).NATS_BATCH,
  },
  {
    id: 'e2e.nats.batch.two-processes',
    load: async () => (await import('../e2e/two-processes.ts')).NATS_BATCH_TWO,
  },
  { id: 'e2e.nats.durable', load: async () => (await import('../e2e/nats.ts')).NATS_DURABLE },
  {
    id: 'e2e.nats.durable.batch',
    load: async () => (await import('../e2e/nats.ts')).NATS_DURABLE_BATCH,
  },
  {
    id: 'e2e.nats.durable.always',
    load: async () => (await import('../e2e/nats.ts')).NATS_DURABLE_ALWAYS,
  },
  {
    id: 'e2e.nats.durable.batch.always',
    load: async () => (await import('../e2e/nats.ts')).NATS_DURABLE_BATCH_ALWAYS,
  },
  {
    id: 'latency.close-to-map',
    load: async () => (await import('../latency/close-to-map.ts')).CLOSE_TO_MAP,
  },
  { id: 'start.enrol.single', load: async () => (await import('../start/enrol.ts')).ENROL_SINGLE },
  { id: 'start.enrol.batch', load: async () => (await import('../start/enrol.ts')).ENROL_BATCH },
  { id: 'api', load: async () => (await import('../api/api.ts')).API },
  { id: 'decode', load: async () => (await import('../decode/decode.ts')).DECODE },
  { id: 'nation', load: async () => (await import('../nation/nation.ts')).NATION },
];

/**
 * The entries that the words choose, each the id of a bench or of a result, or the beginning of one; all
 * of them for no words.
 *
 * @throws RangeError for a word that chooses nothing.
 */
export function chooseBenches(words: readonly string[]): readonly BenchEntry[] {
  if (words.length === 0) return BENCHES;
  const chosen = new Set<BenchEntry>();
  for (const word of words) {
    const entries = chosenBy(word);
    if (entries.length === 0)
      throw new RangeError(
        `expected the id of a bench or its beginning (${BENCHES.map(({ id }) => id).join(', ')}), found "${word}".`,
      );
    for (const entry of entries) chosen.add(entry);
  }
  return BENCHES.filter((entry) => chosen.has(entry));
}

function chosenBy(word: string): readonly BenchEntry[] {
  const begun = BENCHES.filter((entry) => idsOf(entry).some((id) => id.startsWith(word)));
  if (begun.length > 0) return begun;
  // A result that the registry does not list: of the bench whose id it begins with, the longest one.
  const longest = (entry: BenchEntry) =>
    Math.max(0, ...idsOf(entry).map((id) => (word.startsWith(`${id}.`) ? id.length : 0)));
  const length = Math.max(...BENCHES.map(longest));
  return length === 0 ? [] : BENCHES.filter((entry) => longest(entry) === length);
}

function idsOf({ id, gives = [] }: BenchEntry): readonly string[] {
  return [id, ...gives];
}

/**
 * Whoever reads the id of a result must be able to ask for it.
 *
 * @throws Error for a result whose id does not choose this bench.
 */
export function checkResultIds(
  entry: BenchEntry,
  { timed, sums = [], sampled = [], results = [] }: PreparedBench,
): void {
  for (const { id } of [...timed, ...sums, ...sampled, ...results])
    if (!chosenBy(id).includes(entry))
      throw new Error(`${entry.id}: its result ${id} does not choose it: name it in the registry`);
}
