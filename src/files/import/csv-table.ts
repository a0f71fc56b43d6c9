// The CSV files of others, row by row: any delimiter, lines before the header, encodings, rows of
// uneven length. Fields by column name; places with line and column.

import type { CsvSource } from '../csv-source.ts';
import { excerpt } from '../excerpt.ts';
import { FileError } from '../file-error.ts';
import { MAX_ROW_CHARACTERS, readCsv } from '../read-csv.ts';
import type { Place } from './imported-values.ts';

export const ENCODINGS = ['utf-8', 'windows-1252', 'utf-16le'] as const;

export interface CsvTableOptions {
  readonly delimiter?: string | undefined;
  /** Lines before the header. */
  readonly skipLines?: number | undefined;
  /** Without one, columns are named 1, 2, ... */
  readonly hasHeader?: boolean | undefined;
  readonly encoding?: (typeof ENCODINGS)[number] | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface CsvColumns {
  readonly names: readonly string[];
  /** @throws FileError `missing-column` where there is none of these names, in any case. */
  find(...names: readonly string[]): number;
  /** -1 where there is none. */
  findOptional(...names: readonly string[]): number;
}

export interface CsvRow {
  readonly line: number;
  readonly fieldCount: number;
  /** Trimmed; empty beyond the row's end. */
  text(column: number): string;
  place(column?: number): Place;
}

export async function readCsvTable(
  source: CsvSource,
  options: CsvTableOptions,
  handler: {
    readonly onColumns: (columns: CsvColumns) => void;
    readonly onRow: (row: CsvRow) => void;
  },
): Promise<void> {
  const { file } = source;
  const { delimiter, skipLines = 0, hasHeader = true, encoding = 'utf-8', signal } = options;
  let names: readonly string[] = [];
  const rowOf = (fields: readonly string[], line: number): CsvRow => ({
    line,
    fieldCount: fields.length,
    text: (column) => fields[column] ?? '',
    place: (column) => ({
      file,
      line,
      ...(column !== undefined && { field: fieldName(names, column) }),
    }),
  });
  await readCsv(
    { file, chunks: withoutLines(decoded(source.chunks, encoding), skipLines, file) },
    {
      signal,
      delimiter,
      isRagged: true,
      onHeader(fields, line) {
        names = hasHeader ? [...fields] : fields.map((_, i) => `${i + 1}`);
        handler.onColumns(columnsOf(names, { file, line: line + skipLines }));
        if (!hasHeader) handler.onRow(rowOf(fields, line + skipLines));
      },
      onRow: (fields, line) => handler.onRow(rowOf(fields, line + skipLines)),
    },
  );
}

function columnsOf(names: readonly string[], place: Place): CsvColumns {
  const lower = names.map((name) => name.toLowerCase());
  const findOptional = (...wanted: readonly string[]): number => {
    for (const name of wanted) {
      const at = lower.indexOf(name.toLowerCase());
      if (at >= 0 && at === lower.lastIndexOf(name.toLowerCase())) return at;
      if (at < 0) continue;
      throw new FileError('duplicate-column', {
        ...place,
        field: fieldName(names, at),
        expected: 'each column once in the header',
        found: `it again as column ${lower.lastIndexOf(name.toLowerCase()) + 1}`,
      });
    }
    return -1;
  };
  return {
    names,
    findOptional,
    find(...wanted) {
      const at = findOptional(...wanted);
      if (at >= 0) return at;
      throw new FileError('missing-column', {
        ...place,
        field: excerpt(wanted[0] ?? '', { quoted: false }),
        expected: 'a header with this column',
        found: excerpt(names.join(',')),
      });
    },
  };
}

function fieldName(names: readonly string[], column: number): string {
  const name = names[column] ?? '';
  if (name === '' || name === `${column + 1}`) return `column ${column + 1}`;
  return `${excerpt(name, { quoted: false })} (column ${column + 1})`;
}

async function* decoded(
  chunks: AsyncIterable<Uint8Array>,
  encoding: (typeof ENCODINGS)[number],
): AsyncGenerator<Uint8Array> {
  if (encoding === 'utf-8') {
    yield* chunks;
    return;
  }
  const decoder = new TextDecoder(encoding);
  const encoder = new TextEncoder();
  for await (const chunk of chunks) yield encoder.encode(decoder.decode(chunk, { stream: true }));
  yield encoder.encode(decoder.decode());
}

async function* withoutLines(
  chunks: AsyncIterable<Uint8Array>,
  lineCount: number,
  file: string,
): AsyncGenerator<Uint8Array> {
  let left = lineCount;
  let skipped = 0;
  for await (const chunk of chunks) {
    let from = 0;
    while (left > 0 && from < chunk.length) {
      const end = chunk.indexOf(10, from);
      skipped += (end < 0 ? chunk.length : end) - from;
      if (skipped > 4 * MAX_ROW_CHARACTERS) {
        throw new FileError('line-too-long', {
          file,
          line: lineCount - left + 1,
          expected: `at most ${MAX_ROW_CHARACTERS} characters in the lines before the header`,
          found: 'more',
        });
      }
      if (end >= 0) left--;
      from = end < 0 ? chunk.length : end + 1;
    }
    if (from < chunk.length) yield chunk.subarray(from);
  }
}
