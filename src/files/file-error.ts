// The one error that reading or writing a user's file ends in. Its message is a whole sentence
// that names file, line, field, what was expected and what was found, so that a command can print
// it as it is and exit with code 2.

import { excerpt } from './excerpt.ts';

export type FileErrorCode =
  | 'file-missing'
  | 'file-unreadable'
  | 'file-empty'
  | 'bad-gzip'
  | 'bad-geojson'
  | 'bad-csv'
  | 'line-too-long'
  | 'field-too-long'
  | 'wrong-field-count'
  | 'missing-column'
  | 'duplicate-column'
  | 'bad-meter'
  | 'duplicate-meter'
  | 'bad-area'
  | 'bad-channels'
  | 'bad-max-wh'
  | 'bad-start'
  | 'bad-value'
  | 'too-many-rows'
  | 'file-too-large'
  | 'bad-xml'
  | 'bad-json'
  | 'bad-edifact'
  | 'bad-mapping'
  | 'not-supported'
  | 'conflicting-values'
  | 'mixed-lengths'
  | 'not-writable';

export interface FileErrorDetail {
  /** The path as the user gave it. */
  readonly file: string;
  /** 1 is the first line of the file. */
  readonly line?: number | undefined;
  /** Where a file has no lines worth counting (XML, EDIFACT); 0 is the first byte. */
  readonly byteOffset?: number | undefined;
  /** The column's name. */
  readonly field?: string | undefined;
  readonly expected: string;
  /** Already safe to print: see `excerpt`. */
  readonly found: string;
  readonly cause?: unknown;
}

export class FileError extends Error {
  readonly code: FileErrorCode;
  readonly file: string;
  readonly line: number | undefined;
  readonly field: string | undefined;

  constructor(code: FileErrorCode, detail: FileErrorDetail) {
    super(sentence(detail), detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'FileError';
    this.code = code;
    this.file = detail.file;
    this.line = detail.line;
    this.field = detail.field;
  }
}

function sentence({ file, line, byteOffset, field, expected, found }: FileErrorDetail): string {
  const place = [
    excerpt(file, { maxLength: 4096, quoted: false }),
    line === undefined ? undefined : `line ${line}`,
    byteOffset === undefined ? undefined : `byte ${byteOffset}`,
    field,
  ];
  return `${place.filter((part) => part !== undefined).join(', ')}: expected ${expected}, found ${found}.`;
}

/** What writing to a place ended in. */
export function notWritable(file: string, cause: unknown): FileError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
  return new FileError('not-writable', {
    file,
    expected: 'a place to write to',
    found: WRITE_FAULTS[code] ?? `the system's error ${code}`,
    cause,
  });
}

const WRITE_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'no such folder',
  EEXIST: 'a file that is there already',
};
