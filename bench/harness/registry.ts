// Every bench, in the order of the output; loaded when it is asked for.

import type { Bench } from './bench.ts';

export interface BenchEntry {
  /** What the ids of its results begin with. */
  readonly id: string;
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
  { id: 'e2e.nats.single', load: async () => (await import('../e2e/nats.ts')).NATS_SINGLE },
  { id: 'e2e.nats.batch', load: async () => (await import('../e2e/nats.ts')).NATS_BATCH },
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
 * The entries that the words choose, each an id or the beginning of one; all of them for no words.
 *
 * @throws RangeError for a word that chooses nothing.
 */
export function chooseBenches(words: readonly string[]): readonly BenchEntry[] {
  if (words.length === 0) return BENCHES;
  const isChosen = (id: string, word: string) => id.startsWith(word) || word.startsWith(`${id}.`);
  for (const word of words) {
    if (BENCHES.some(({ id }) => isChosen(id, word))) continue;
    throw new RangeError(
      `expected the id of a bench or its beginning (${BENCHES.map(({ id }) => id).join(', ')}), found "${word}".`,
    );
  }
  return BENCHES.filter(({ id }) => words.some((word) => isChosen(id, word)));
}
