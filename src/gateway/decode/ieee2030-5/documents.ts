// Documents of IEEE 2030.5 in a stream or a capture: from the start tag of one of its resources to
// the end tag, whatever HTTP has around it. EXI, the binary form (W3C Efficient XML Interchange),
// needs the schema and is refused; it is known by its cookie, or the distinguishing bits of its
// header where there is none.

import { MAX_TELEGRAM_BYTES, type Piece, type Split } from '../telegram.ts';
import { asciiText } from '../text.ts';

export const ROOTS: readonly string[] = [
  'MirrorUsagePointList',
  'MirrorUsagePoint',
  'MirrorMeterReadingList',
  'MirrorMeterReading',
  'UsagePointList',
  'UsagePoint',
  'MeterReadingList',
  'MeterReading',
  'ReadingSetList',
  'ReadingSet',
  'ReadingList',
  'Reading',
];

const START = new RegExp(`<((?:[A-Za-z_][\\w.-]{0,30}:)?(?:${ROOTS.join('|')}))(?=[\\s/>])`, 'gu');
const COOKIE = '$EXI';
/** The longest start of a start tag. */
const MAX_NAME_BYTES = 64;
const NAMESPACE =
  /["'](?:urn:ieee:std:2030\.5:ns|https?:\/\/ieee\.org\/2030\.5|http:\/\/zigbee\.org\/sep)["']/u;

export function splitDocuments(bytes: Uint8Array, isEnd: boolean): Split {
  const text = asciiText(bytes);
  const pieces: Piece[] = [];
  let at = 0;
  while (at < text.length) {
    const start = startOf(text, at);
    if (start === undefined) break;
    const end = endOf(text, start);
    if (end === undefined && !isEnd && text.length - start.at < MAX_TELEGRAM_BYTES)
      return { pieces, restStart: start.at };
    at = Math.min(end ?? text.length, start.at + MAX_TELEGRAM_BYTES);
    pieces.push({ start: start.at, end: at });
  }
  if (!isEnd) return { pieces, restStart: Math.max(at, text.length - MAX_NAME_BYTES) };
  if (pieces.length === 0 && isExi(bytes))
    pieces.push({ start: 0, end: Math.min(bytes.length, MAX_TELEGRAM_BYTES) });
  return { pieces, restStart: bytes.length };
}

/** A resource of one of its namespaces: other standards (ESPI) have the same names. */
export function hasDocument(bytes: Uint8Array): boolean {
  const text = asciiText(bytes);
  return NAMESPACE.test(text) && startOf(text, 0) !== undefined;
}

export function hasExiCookie(bytes: Uint8Array): boolean {
  return asciiText(bytes, 0, Math.min(4, bytes.length)) === COOKIE;
}

/** With a cookie, or the bits 10 that no text begins with. */
export function isExi(bytes: Uint8Array): boolean {
  return hasExiCookie(bytes) || ((bytes[0] ?? 0) & 0xc0) === 0x80;
}

interface StartTag {
  readonly at: number;
  readonly name: string;
}

function startOf(text: string, from: number): StartTag | undefined {
  START.lastIndex = from;
  const found = START.exec(text);
  return found === null ? undefined : { at: found.index, name: found[1] as string };
}

/** undefined where the document has no end within a telegram's length. */
function endOf(text: string, { at, name }: StartTag): number | undefined {
  const limit = at + MAX_TELEGRAM_BYTES;
  const window = text.slice(at, limit);
  const tagEnd = window.indexOf('>');
  if (tagEnd > 0 && window[tagEnd - 1] === '/') return at + tagEnd + 1;
  const found = window.indexOf(`</${name}>`);
  return found < 0 ? undefined : at + found + name.length + 3;
}
