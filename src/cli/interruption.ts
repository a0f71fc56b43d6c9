// Ctrl-C, a stop by the system, and a reader that has gone (`| head`): one abort signal for the
// command, which winds down and returns. A second signal of the kind kills, as if nobody listened.

import { EXIT_CODES } from './errors.ts';

const SIGNAL_EXIT_CODES = {
  SIGINT: EXIT_CODES.interrupted,
  SIGTERM: EXIT_CODES.terminated,
  SIGHUP: EXIT_CODES.hangup,
} as const;

export interface Interruption extends Disposable {
  readonly signal: AbortSignal;
  /** undefined until interrupted. */
  exitCode(): number | undefined;
}

export function listenForInterruption(): Interruption {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const interrupt = (code: number): void => {
    if (exitCode !== undefined) return;
    exitCode = code;
    controller.abort();
  };
  const removals: (() => void)[] = [];
  for (const [name, code] of Object.entries(SIGNAL_EXIT_CODES)) {
    const listener = () => interrupt(code);
    process.once(name, listener);
    removals.push(() => process.off(name, listener));
  }
  const onOutputError = (error: Error): void => {
    if (isBrokenPipe(error)) interrupt(EXIT_CODES.brokenPipe);
  };
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', onOutputError);
    removals.push(() => stream.off('error', onOutputError));
    // Stays: what was written last fails after the command has returned.
    if (!stream.listeners('error').includes(passBrokenPipe)) stream.on('error', passBrokenPipe);
  }
  return {
    signal: controller.signal,
    exitCode: () => exitCode,
    [Symbol.dispose]: () => {
      for (const remove of removals) remove();
    },
  };
}

/** Whether `error` only says that the command did as its signal told it. */
export function isAbort(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  if (error === signal.reason) return true;
  if (!(error instanceof Error)) return false;
  return error.name === 'AbortError' || ('code' in error && error.code === 'aborted');
}

function passBrokenPipe(error: Error): void {
  if (!isBrokenPipe(error)) throw error;
}

function isBrokenPipe(error: Error): boolean {
  return 'code' in error && error.code === 'EPIPE';
}
