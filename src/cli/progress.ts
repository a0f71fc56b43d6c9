// Progress of long work, on stderr, and only where a person watches: a terminal. Elsewhere nothing.

import { Presets, SingleBar } from 'cli-progress';

export interface Progress extends Disposable {
  /** `done` of `of`; another `step` is another bar, and ends the one before it. */
  report(step: string, done: number, of: number): void;
  /** Ends the bar, before something else is printed. */
  end(): void;
}

export interface ProgressStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
}

export function createProgress(stream: ProgressStream = process.stderr): Progress {
  if (stream.isTTY !== true) return { report: () => {}, end: () => {}, [Symbol.dispose]: () => {} };
  let current: { readonly step: string; readonly bar: SingleBar } | undefined;
  const end = (): void => {
    current?.bar.stop();
    current = undefined;
  };
  const start = (step: string, of: number): SingleBar => {
    end();
    const bar = new SingleBar(
      {
        format: `${step.padEnd(24)} {bar} {percentage} % {eta_formatted}`,
        barsize: 30,
        hideCursor: true,
        clearOnComplete: true,
        stream,
      },
      Presets.shades_classic,
    );
    bar.start(of, 0);
    current = { step, bar };
    return bar;
  };
  return {
    report: (step, done, of) => {
      const bar = current?.step === step ? current.bar : start(step, of);
      bar.setTotal(of);
      bar.update(done);
    },
    end,
    [Symbol.dispose]: end,
  };
}
