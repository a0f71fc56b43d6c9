// What a source of measurements is: something that runs until it is stopped or fails, and tells what
// it measured. `supervise.ts` starts it again and keeps its health; nothing that a source does, or
// that comes out of it, reaches another one.

/** What one telegram, message or poll said, already in the gateway's own names and units. */
export interface Measurement {
  readonly meter?: string | undefined;
  /** Of a source of several meters, the name that the configuration has for this one. */
  readonly feed?: string | undefined;
  /** The meter's own clock, in milliseconds since 1970; of a local time without offset, as if it were UTC. */
  readonly meterTimeMs?: number | undefined;
  /** Of registers that were measured at a time of their own, as gas is: by register, as `meterTimeMs`. */
  readonly registerTimesMs?: ReadonlyMap<string, number> | undefined;
  /** Milli-units by register: `import`, `export`, `production`, or a further one. */
  readonly amounts: ReadonlyMap<string, number>;
  /** Watts by register, for the display alone. */
  readonly powersW: ReadonlyMap<string, number>;
}

export interface SourceSink {
  measured(measurement: Measurement): void;
  /** Something arrived and was not taken: counted by reason, and the last detail shown at home. */
  refused(reason: string, detail?: string): void;
  /** The way to the meter is open. */
  connected(): void;
}

/** Runs until `signal` aborts, which is no failure, or until it fails. */
export type RunSource = (sink: SourceSink, signal: AbortSignal) => Promise<void>;

/** A source that fails for a reason that a household can act on; the message is shown to it. */
export class SourceError extends Error {
  readonly code = 'source-failed';

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'SourceError';
  }
}
