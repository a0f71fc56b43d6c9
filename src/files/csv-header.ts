// The header line of our CSV files: which column stands where.

import { excerpt } from './excerpt.ts';
import { FileError } from './file-error.ts';

export interface HeaderSpec<Required extends string, Optional extends string> {
  readonly required: readonly Required[];
  readonly optional: readonly Optional[];
}

export interface Header<Required extends string, Optional extends string> {
  /** Position of each column; -1 for an optional one that is absent. */
  readonly at: Readonly<Record<Required | Optional, number>>;
  /** One sentence, where there are columns that nothing reads. */
  readonly warnings: readonly string[];
}

/** @throws FileError where a required column is missing or a known one stands there twice. */
export function parseHeader<Required extends string, Optional extends string>(
  names: readonly string[],
  spec: HeaderSpec<Required, Optional>,
  place: { readonly file: string; readonly line: number },
): Header<Required, Optional> {
  const known: readonly string[] = [...spec.required, ...spec.optional];
  const lowerNames = names.map((name) => name.toLowerCase());
  const at: Record<string, number> = {};
  for (const column of known) {
    at[column] = lowerNames.indexOf(column);
    if (at[column] === -1 && (spec.required as readonly string[]).includes(column)) {
      throw new FileError('missing-column', {
        ...place,
        field: column,
        expected: `a header with the columns ${spec.required.join(',')}`,
        found: excerpt(names.join(',')),
      });
    }
    if (at[column] !== lowerNames.lastIndexOf(column)) {
      throw new FileError('duplicate-column', {
        ...place,
        field: column,
        expected: 'each column once in the header',
        found: 'this one twice',
      });
    }
  }
  const unknown = names.filter((name, i) => name !== '' && !known.includes(lowerNames[i] ?? ''));
  return {
    at: at as Record<Required | Optional, number>,
    warnings: unknown.length === 0 ? [] : [unusedColumns(unknown, place.file)],
  };
}

function unusedColumns(names: readonly string[], file: string): string {
  const shown = names.slice(0, 5).map((name) => excerpt(name));
  const rest = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
  return `${excerpt(file, { maxLength: 4096, quoted: false })}: columns that are not used: ${shown.join(', ')}${rest}.`;
}
