// Application errors (CI 70, 6E, 6F): EN 13757-3:2018, 10 and table 26.

const ERRORS: Readonly<Record<number, string>> = {
  0: 'unspecified error',
  1: 'the CI field is not implemented',
  2: 'the buffer is too long',
  3: 'too many records',
  4: 'premature end of a record',
  5: 'more than ten DIFEs',
  6: 'more than ten VIFEs',
  8: 'the application is busy',
  9: 'too many readouts',
  16: 'access denied',
  17: 'the command is unknown',
  18: 'a parameter is missing or wrong',
  19: 'the receiver is unknown',
  20: 'decryption failed',
  21: 'encryption failed',
  22: 'the signature is wrong',
};

export function applicationError(code: number | undefined): string {
  return code === undefined ? 'unspecified error' : (ERRORS[code] ?? `error ${code}`);
}
