/** What can go wrong on the bus; every implementation throws these and nothing else. */
export type BusErrorCode =
  | 'no-responders' // nobody answers on this subject now
  | 'timeout' // somebody may, but not in time
  | 'subject-taken' // a first-wins stream has a message on this subject: read the winner
  | 'no-stream' // no stream owns this subject: the append was not stored
  | 'too-large' // a message or an assembled answer exceeds what the bus carries
  | 'bad-subject' // refused before anything was sent
  | 'forbidden' // the server refuses this party the subject
  | 'remote-error' // the responder said that it cannot answer
  | 'aborted' // the caller's signal
  | 'closed' // this bus was disposed
  | 'unavailable'; // no server, an unfit server, or a failure of the server itself

export class BusError extends Error {
  readonly code: BusErrorCode;

  constructor(code: BusErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'BusError';
    this.code = code;
  }
}

export function isBusError(error: unknown, code: BusErrorCode): error is BusError {
  return error instanceof BusError && error.code === code;
}
