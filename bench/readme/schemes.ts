// The schemes as README names them, from results.

import type { BenchResult } from '../harness/bench.ts';
import type { ResultsFile } from '../harness/results-file.ts';

const NAMES: readonly { readonly id: string; readonly name: string }[] = [
  { id: 'peer.plain-sum', name: 'no privacy: plain sums' },
  { id: 'streetwatt', name: 'Streetwatt' },
  { id: 'peer.hmac-mask', name: 'the same masks by HMAC-SHA256' },
  { id: 'peer.elgamal-ristretto255', name: 'ElGamal, ristretto255' },
  { id: 'peer.prio3-sumvec', name: 'Prio3SumVec, two aggregators' },
  { id: 'peer.prio3-sum', name: 'Prio3Sum, two aggregators' },
  { id: 'peer.paillier-2048-packed', name: 'Paillier-2048, channels packed' },
  { id: 'peer.paillier-2048', name: 'Paillier-2048' },
];

export interface Scheme {
  readonly id: string;
  readonly name: string;
  readonly readingsPerCoreSecond: number;
  readonly clientUs: number;
  /** Of all other parties. */
  readonly serverUs: number;
  readonly bytesPerReading: number;
}

/** The fastest first. @throws Error where one is not among the results. */
export function schemesOf({ results }: ResultsFile): readonly Scheme[] {
  return NAMES.map(({ id, name }): Scheme => {
    const whole = findResult(results, id);
    const servers = results.filter(
      (result) => result.id.startsWith(`${id}.`) && result.id !== `${id}.client`,
    );
    return {
      id,
      name,
      readingsPerCoreSecond: whole.median,
      clientUs: findResult(results, `${id}.client`).median,
      serverUs: servers.reduce((sum, { median }) => sum + median, 0),
      bytesPerReading: whole.bytesPerReading ?? Number.NaN,
    };
  }).toSorted((a, b) => b.readingsPerCoreSecond - a.readingsPerCoreSecond);
}

/** @throws Error where it is not among the results: then the run was of a part. */
export function findResult(results: readonly BenchResult[], id: string): BenchResult {
  const result = results.find((one) => one.id === id);
  if (result === undefined)
    throw new Error(`${id} is not among the results: run all of \`npm run bench -- --json FILE\``);
  return result;
}
