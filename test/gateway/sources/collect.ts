// A source under supervision, and what came out of it.

import type { Measurement, RunSource } from '../../../src/gateway/sources/source.ts';
import { type SupervisedSource, superviseSource } from '../../../src/gateway/sources/supervise.ts';

export interface Collected extends AsyncDisposable {
  readonly measured: Measurement[];
  readonly health: SupervisedSource['health'];
  imports(): (number | undefined)[];
  refusedReasons(): string[];
}

export function collect(run: RunSource): Collected {
  const measured: Measurement[] = [];
  const supervised = superviseSource({
    ...{ name: 'meter', kind: 'test', run, firstPauseMs: 20, nowMs: Date.now },
    onMeasured: (measurement) => void measured.push(measurement),
  });
  return {
    measured,
    health: supervised.health,
    imports: () => measured.map(({ amounts }) => amounts.get('import')),
    refusedReasons: () => [...supervised.health.refused.keys()],
    [Symbol.asyncDispose]: () => supervised[Symbol.asyncDispose](),
  };
}

export async function until(isDone: () => boolean, timeoutMs = 10_000): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!isDone()) {
    if (performance.now() > deadlineMs) throw new Error('waited in vain');
    await new Promise((done) => setTimeout(done, 5));
  }
}
