// What a bench is. It prepares its data and checks its answer, and hands back what is to be timed;
// the harness times everything that was chosen in turns (take-turns.ts).

/** The sizes to work on: the real ones, or the smallest that still run every line, for CI. */
export type Scale = 'full' | 'quick';

export interface BenchOptions {
  /** How many meters the countries of `nation` have. */
  readonly meters?: readonly number[];
}

export interface Bench {
  /** What its results' ids begin with. */
  readonly id: string;
  /**
   * Seeds the data, computes the answer once and compares it with what another way gives.
   *
   * @throws Error where the answer is wrong: nothing is timed then.
   */
  prepare(scale: Scale, options?: BenchOptions): Promise<PreparedBench>;
}

export interface PreparedBench {
  readonly timed: readonly Timed[];
  /** Costs that add up, such as a client's and a server's, seen as one. */
  readonly sums?: readonly TimedSum[];
  /** What took its turns while it was prepared, by wall time, since other processes work for it too. */
  readonly sampled?: readonly Sampled[];
  /** What needs no clock. */
  readonly results?: readonly BenchResult[];
}

/**
 * How seconds per item are shown: as items per second, as microseconds an item, or as the share of a
 * core, so many times slower than this one, that one item a second takes.
 */
export type Measure =
  | { readonly kind: 'rate' | 'cost'; readonly item: string }
  | { readonly kind: 'share'; readonly item: string; readonly factor: number };

export interface Timed {
  readonly id: string;
  readonly measure: Measure;
  readonly itemsPerCall: number;
  /** Before each call, outside the time. */
  reset?(): void;
  /** The work. What it returns, a count or a checksum, must be `expected`, each time. */
  run(): number | Promise<number>;
  readonly expected: number;
  readonly bytesPerReading?: number;
}

export interface Sampled {
  readonly id: string;
  readonly measure: Measure;
  /** One for each round. */
  readonly secondsPerItem: readonly number[];
  readonly bytesPerReading?: number;
}

export interface TimedSum {
  readonly id: string;
  readonly measure: Measure;
  /** Ids of `timed`, whose costs per item are added. */
  readonly parts: readonly string[];
  readonly bytesPerReading?: number;
}

/** One line of the JSON file. */
export interface BenchResult {
  readonly id: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly bytesPerReading?: number;
}

/** @throws Error `message` unless it holds: for the checks before the clock. */
export function assertAnswer(holds: boolean, message: string): void {
  if (!holds) throw new Error(`wrong answer: ${message}`);
}
