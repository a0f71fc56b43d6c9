// CSV as RFC 4180 has it, in UTF-8, with lines of "# " before it that say what the file is. RFC 4180
// knows no comments; docs/exports.md says why they are there and how readers skip them.

import type { ExportMetadata } from './export-metadata.ts';
import { EXPORT_COLUMNS, type ExportColumn, type ExportRecord } from './export-record.ts';

const LINE_END = '\r\n';

export async function* writeCsv(
  batches: AsyncIterable<readonly ExportRecord[]>,
  metadata: ExportMetadata,
  hasComments: boolean,
): AsyncGenerator<string> {
  const names = EXPORT_COLUMNS.map(({ name }) => name).join(',') + LINE_END;
  yield hasComments ? csvComments(metadata) + names : names;
  for await (const batch of batches) yield batch.map(csvLine).join('');
}

function csvLine(record: ExportRecord): string {
  const fields = EXPORT_COLUMNS.map((column) => csvField(column, record[column.name] ?? null));
  return fields.join(',') + LINE_END;
}

export function csvField(
  { type }: Pick<ExportColumn, 'type'>,
  value: string | number | boolean | null,
): string {
  if (value === null) return '';
  if (type === 'time') return new Date(value as number).toISOString().replace('.000Z', 'Z');
  return typeof value === 'string' ? csvText(value) : String(value);
}

/**
 * Names come from outside, and a spreadsheet runs what begins like a formula, also behind spaces: a
 * quote before it makes it text. Quoted where "#" could be read as the start of a comment, too.
 */
function csvText(value: string): string {
  const text = /^[\s\0]*[=+\-@\uff1d\uff0b\uff0d\uff20|%]|^[\t\r\n\0]/.test(value)
    ? `'${value}`
    : value;
  return /[",\r\n#]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csvComments(metadata: ExportMetadata): string {
  const { area, columns, states, reasons, attributions, simulation, ...rest } = metadata;
  const lines: string[] = [];
  const add = (key: string, value: string | number): void => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may end the line
    const text = String(value).replaceAll(/[\u0000-\u001f\u007f\u0085\u2028\u2029]+/g, ' ');
    lines.push(`# ${key}: ${text}`);
  };
  const { title, ...facts } = rest;
  add('title', title);
  if (simulation !== null) add('simulation', simulation);
  add('area', `${area.id} (${area.level}) ${area.name}`);
  for (const [key, value] of Object.entries(facts)) add(key, value);
  for (const { text, licence, url } of attributions)
    add('attribution', `${text}; ${licence}; ${url}`);
  for (const [name, text] of Object.entries(columns)) add(`column ${name}`, text);
  for (const [name, text] of Object.entries(states)) add(`status ${name}`, text);
  for (const [name, text] of Object.entries(reasons)) add(`reason ${name}`, text);
  return lines.join(LINE_END) + LINE_END;
}
