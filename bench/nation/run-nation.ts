// A country's interval over worker threads: the next province goes to whoever would be free first if
// making its data took no time; seals, totals and sums go to the thread that has the top of the tree.
//
// The interval's wall time is what the busiest thread spent in the parties' work, and then the top's
// last steps: making keys, readings and masks between the provinces is not in it, nor starting up.

import { Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker, WorkerSetup } from './messages.ts';
import type { NationalResult } from './national.ts';
import { planCountry } from './plan-country.ts';
import type { ProvinceResult } from './province.ts';
import { addMeasured, type Measured, NOTHING_MEASURED, sumOf } from './stopwatch.ts';

const HEAP_MIB = 3500;
/** Roomy: what a province leaves behind dies here. */
const YOUNG_MIB = 512;

export interface NationResult extends NationalResult {
  readonly meterCount: number;
  readonly readingCount: number;
  readonly streetCount: number;
  readonly areaCount: number;
  readonly cellCount: number;
  readonly documentBytes: number;
  readonly measured: Measured;
  readonly wallMs: number;
  readonly startMs: number;
  readonly prepareMs: number;
  readonly peakBytes: number;
  /** Of the process that planned the country, which has ended by then. */
  readonly planPeakBytes: number;
}

export async function runNation(
  name: string,
  meters: number,
  workerCount: number,
  onProgress: (done: number, of: number) => void = () => {},
): Promise<NationResult> {
  const start = performance.now();
  const { country, peakBytes: planPeakBytes } = await planCountry(name, meters);
  const document = new Uint8Array(new SharedArrayBuffer(country.document.length));
  document.set(country.document);
  const workers: NationWorker[] = [];
  // One after another: compiling needs twice the memory of what it leaves.
  for (let index = 0; index < workerCount; index++) {
    const worker = new NationWorker({
      document,
      kinds: country.kinds,
      kindOf: country.kindOf,
      isNational: index === 0,
    });
    workers.push(worker);
    await worker.ready();
  }
  const startMs = performance.now() - start;

  const [top] = workers as [NationWorker, ...NationWorker[]];
  const waiting = [...country.provinces];
  const of = waiting.length;
  let readingCount = 0;
  let prepareMs = 0;
  let local = NOTHING_MEASURED;
  const taking: Promise<void>[] = [];
  await Promise.all(
    workers.map(async (worker) => {
      while (waiting.length > 0) {
        const freeBefore = workers.find((other) => other.willBeFreeBefore(worker.busyMs));
        if (freeBefore !== undefined) {
          await freeBefore.running;
          continue;
        }
        const province = waiting.shift() as number;
        const result = await worker.runProvince(province, province === country.provinces[0]);
        readingCount += result.readingCount;
        prepareMs += result.prepareMs;
        local = addMeasured(local, result.measured);
        taking.push(top.take(result));
        onProgress(of - waiting.length, of);
      }
    }),
  );
  await Promise.all(taking);
  const finished = await top.finish();
  const busiestMs = Math.max(...workers.map((worker) => worker.busyMs));
  await Promise.all(workers.map((worker) => worker.end()));
  return {
    ...finished.result,
    meterCount: country.meterCount,
    readingCount,
    streetCount: country.streetCount,
    areaCount: country.areaCount,
    cellCount: country.cellCount,
    documentBytes: country.document.length,
    measured: addMeasured(local, finished.measured),
    wallMs: busiestMs + sumOf(finished.measured.ms) - top.takenMs,
    startMs,
    prepareMs,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    planPeakBytes,
  };
}

type Answer<K extends FromWorker['kind']> = Extract<FromWorker, { kind: K }>;

class NationWorker {
  busyMs = 0;
  takenMs = 0;
  running: Promise<unknown> | undefined;
  #provinceCount = 0;
  readonly #worker: Worker;
  readonly #waiting: {
    readonly kind: FromWorker['kind'];
    readonly resolve: (message: FromWorker) => void;
  }[] = [];
  readonly #failed: Promise<never>;

  constructor(setup: WorkerSetup) {
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: setup,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB, maxYoungGenerationSizeMb: YOUNG_MIB },
    });
    this.#worker.on('message', (message: FromWorker) => {
      const at = this.#waiting.findIndex(({ kind }) => kind === message.kind);
      if (at >= 0) this.#waiting.splice(at, 1)[0]?.resolve(message);
    });
    this.#failed = new Promise((_, reject) => this.#worker.once('error', reject));
    this.#failed.catch(() => {});
  }

  async ready(): Promise<void> {
    await this.#next('ready');
  }

  async runProvince(province: number, isZoomed: boolean): Promise<ProvinceResult> {
    const result = this.#ask({ kind: 'province', province, isZoomed }, 'province').then(
      (answer) => {
        this.running = undefined;
        this.busyMs += sumOf(answer.result.measured.ms);
        this.#provinceCount++;
        return answer.result;
      },
    );
    this.running = result;
    return await result;
  }

  /** With the province that it has now, if that takes as long as the others did. */
  willBeFreeBefore(busyMs: number): boolean {
    const meanMs = this.busyMs / Math.max(1, this.#provinceCount);
    return this.running !== undefined && this.busyMs + meanMs < busyMs;
  }

  /** Done between its own provinces: nobody waits for it. */
  async take(result: ProvinceResult): Promise<void> {
    const takenMs = sumOf((await this.#ask({ kind: 'take', result }, 'taken')).measured.ms);
    this.busyMs += takenMs - this.takenMs;
    this.takenMs = takenMs;
  }

  finish(): Promise<Answer<'finished'>> {
    return this.#ask({ kind: 'finish' }, 'finished');
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #ask<K extends FromWorker['kind']>(message: ToWorker, kind: K): Promise<Answer<K>> {
    const answer = this.#next(kind);
    this.#worker.postMessage(message);
    return answer;
  }

  #next<K extends FromWorker['kind']>(kind: K): Promise<Answer<K>> {
    const answer = new Promise<Answer<K>>((resolve) => {
      this.#waiting.push({ kind, resolve: resolve as (message: FromWorker) => void });
    });
    return Promise.race([answer, this.#failed]);
  }
}
