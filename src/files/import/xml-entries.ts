// The `entry` elements of an Atom feed, one at a time, out of a file of any length: between two
// entries nothing is kept. No document type, so no entities and nothing that expands.

import type { CsvSource } from '../csv-source.ts';
import { FileError } from '../file-error.ts';

export interface XmlEntry {
  /** Bytes as ISO 8859-1, so that an index is a byte offset. */
  readonly text: string;
  readonly byteOffset: number;
}

/** A block of a year of quarter hours takes some 8 MB. */
export const MAX_ENTRY_BYTES: number = 16 * 1024 * 1024;
/** Of one tag, comment or piece of CDATA outside an entry. */
const MAX_MARKUP_BYTES = 64 * 1024;
const TAG = /^<(\/?)(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)/;

export async function* readXmlEntries({ file, chunks }: CsvSource): AsyncGenerator<XmlEntry> {
  const decoder = new TextDecoder('latin1');
  let text = '';
  /** Offset in the file of `text[0]`. */
  let base = 0;
  let at = 0;
  /** Offset in the file of the entry that is open; -1 where none is. */
  let entryStart = -1;
  /** What was read of it. Kept in one text, all of it would be copied for each chunk. */
  let pieces: string[] = [];
  let hasRoot = false;
  let depth = 0;
  const fail = (byteOffset: number, expected: string, found: string): FileError =>
    new FileError('bad-xml', { file, byteOffset, expected, found });
  for await (const chunk of chunks) {
    text += decoder.decode(chunk);
    for (;;) {
      const open = text.indexOf('<', at);
      if (!hasRoot && /[^\sï»¿]/.test(text.slice(at, open < 0 ? undefined : open)))
        throw fail(base + at, 'an XML file', 'something else');
      if (open < 0) {
        at = text.length;
        break;
      }
      const end = endOfMarkup(text, open);
      if (end === 'document-type')
        throw fail(base + open, 'XML without a document type', '<!DOCTYPE');
      if (end < 0) {
        at = open;
        if (text.length - open > MAX_MARKUP_BYTES)
          throw fail(base + open, `at most ${MAX_MARKUP_BYTES} bytes in a tag`, 'more');
        break;
      }
      at = end;
      const tag = TAG.exec(text.slice(open, Math.min(end, open + 256)));
      if (tag === null) continue;
      hasRoot = true;
      const isEnd = tag[1] === '/';
      if (!isEnd && text[end - 2] !== '/') depth++;
      if (isEnd) depth--;
      if (tag[2] !== 'entry') continue;
      if (!isEnd) {
        if (entryStart >= 0) throw fail(base + open, 'the end of an entry', 'an entry within it');
        if (text[end - 2] !== '/') entryStart = base + open;
      } else if (entryStart < 0) throw fail(base + open, 'an entry before its end', 'none');
      else {
        pieces.push(text.slice(Math.max(0, entryStart - base), end));
        yield { text: pieces.join(''), byteOffset: entryStart };
        entryStart = -1;
        pieces = [];
      }
    }
    if (entryStart >= 0) {
      if (base + text.length - entryStart > MAX_ENTRY_BYTES)
        throw fail(entryStart, `at most ${MAX_ENTRY_BYTES} bytes in an entry`, 'more');
      if (at > 0) pieces.push(text.slice(Math.max(0, entryStart - base), at));
    }
    text = text.slice(at);
    base += at;
    at = 0;
  }
  if (!hasRoot)
    throw new FileError('file-empty', { file, expected: 'an XML file', found: 'nothing' });
  if (entryStart >= 0 || depth !== 0 || text.slice(at).trim() !== '')
    throw fail(
      base + text.length,
      'the end of the feed',
      'a file cut short or tags that do not match',
    );
}

/** Beyond the end of what starts at `open`; -1 where it is not there yet. */
function endOfMarkup(text: string, open: number): number | 'document-type' {
  const after = (mark: string, from: number): number => {
    const found = text.indexOf(mark, from);
    return found < 0 ? -1 : found + mark.length;
  };
  if (text.startsWith('<!--', open)) return after('-->', open + 4);
  if (text.startsWith('<![CDATA[', open)) return after(']]>', open + 9);
  if (text.startsWith('<?', open)) return after('?>', open + 2);
  if (text.startsWith('<!', open))
    return '<![CDATA['.startsWith(text.slice(open)) || '<!--'.startsWith(text.slice(open))
      ? -1
      : 'document-type';
  let quote = '';
  for (let i = open + 1; i < text.length; i++) {
    const sign = text[i] as string;
    if (quote !== '') {
      if (sign === quote) quote = '';
    } else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === '>') return i + 1;
  }
  return -1;
}
