// What people keep of a meter's telegrams, turned back into its bytes: raw bytes, raw bytes with the
// parity bit of a 7E1 line, hexadecimal text in any dress, hex dumps, and lines of a log with a time
// or a name before the telegram.
//
// A capture can often be read in more than one way (an ASCII telegram has hexadecimal lines in it),
// so all ways are offered, the plainest first, and whoever decodes takes the first that holds one.

import { asciiBytes, asciiText } from './text.ts';

export interface CaptureForm {
  readonly name: 'raw' | 'parity' | 'hex' | 'hex-lines' | 'text-lines';
  readonly bytes: Uint8Array;
  /** Of `hex-lines`: where each line's bytes begin, for telegrams that do not tell their end. */
  readonly lineStarts?: readonly number[];
}

/** Above it a capture is not text: nothing of the kind is that long, and it costs memory. */
export const MAX_TEXT_CAPTURE_BYTES: number = 16 * 1024 * 1024;
/** A run of hexadecimal digits in a log line that is shorter is not taken for a telegram. */
const MIN_HEX_DIGITS = 8;
const MAX_LINE_LENGTH = 256 * 1024;

const TIME =
  /^\s*[[(]?(?:(?:[A-Z][a-z]{2} [ \d]\d )?\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?[\])]?/u;
/** `rx:`, `[D]`, `[uart:123]`, `<<`, `->`: tags between the time and what was received. */
const TAGS = /^(?:\s*(?:\[[^\]]{0,40}\]|[<>|-]{1,3}|[A-Za-z][\w./]{0,40}:|:))*\s*/u;
const DUMP_OFFSET = /^\s*[0-9a-fA-F]{6,8}:?\s/u;
const HEX_RUN = /(?<![0-9A-Za-z])(?:(?:0[xX]|\\x)?[0-9A-Fa-f]{2}[ \t,;:_-]{0,2})+(?![0-9A-Za-z])/gu;

export function* captureForms(bytes: Uint8Array): Generator<CaptureForm> {
  const text = isText(bytes) ? asciiText(bytes) : undefined;
  const dump = text === undefined ? undefined : bytesOfDump(text);
  // Nothing else looks like one, and the text column of it looks like telegrams.
  if (dump !== undefined) return yield { name: 'hex-lines', bytes: dump, lineStarts: [0] };
  yield { name: 'raw', bytes };
  if (hasParityBits(bytes)) yield { name: 'parity', bytes: bytes.map((byte) => byte & 0x7f) };
  if (text === undefined) return;
  const whole = parseHex(text);
  if (whole !== undefined) yield { name: 'hex', bytes: whole, lineStarts: startsOf(text) };
  else yield* lineForms(text);
}

function* lineForms(text: string): Generator<CaptureForm> {
  const plain = linesOf(text).map(withoutPrefix);
  yield { name: 'text-lines', bytes: asciiBytes(plain.join('\r\n')) };
  const chunks = plain.map(hexOfLogLine).filter((chunk) => chunk.length > 0);
  if (chunks.length === 0) return;
  yield { name: 'hex-lines', bytes: joinChunks(chunks), lineStarts: startsOfChunks(chunks) };
}

function linesOf(text: string): readonly string[] {
  return text.split(/\r?\n/u).map((line) => line.slice(0, MAX_LINE_LENGTH));
}

export function withoutPrefix(line: string): string {
  const time = TIME.exec(line);
  const rest = time === null ? line : line.slice(time[0].length);
  const tags = TAGS.exec(rest)?.[0] ?? '';
  // Without a time before it, what looks like a tag may be the telegram's own.
  return time === null && tags.trim() === '' ? line : rest.slice(tags.length);
}

/** The longest run of hexadecimal bytes in the line; none where all are short. */
export function hexOfLogLine(line: string): Uint8Array {
  let longest = '';
  for (const [run] of line.matchAll(HEX_RUN)) if (run.length > longest.length) longest = run;
  const found = parseHex(longest);
  return found !== undefined && 2 * found.length >= MIN_HEX_DIGITS ? found : new Uint8Array(0);
}

/** Of `xxd`, `hexdump -C` and `od`: an offset in front, and perhaps the text behind. */
function bytesOfDump(text: string): Uint8Array | undefined {
  if (!/^\s*0{6,8}:?\s/u.test(text)) return undefined;
  const chunks: Uint8Array[] = [];
  let length = 0;
  let isSqueezed = false;
  for (const line of linesOf(text)) {
    if (line.trim() === '*') isSqueezed = true;
    if (line.trim() === '' || line.trim() === '*') continue;
    const offset = DUMP_OFFSET.exec(`${line} `)?.[0];
    if (offset === undefined) return undefined;
    // `*` stands for lines like the one before it, up to the next offset.
    const start = Number.parseInt(offset, 16);
    const last = chunks.at(-1);
    if (isSqueezed && start > MAX_TEXT_CAPTURE_BYTES) return undefined;
    while (isSqueezed && last !== undefined && last.length > 0 && length < start) {
      chunks.push(last);
      length += last.length;
    }
    isSqueezed = false;
    const chunk = bytesOfDumpLine(offset, line);
    chunks.push(chunk);
    length += chunk.length;
  }
  return joinChunks(chunks);
}

function bytesOfDumpLine(offset: string, line: string): Uint8Array {
  const rest = line.slice(offset.length).replace(/\|.*$/u, '').trimStart();
  // xxd has its text behind two spaces; hexdump -C has two spaces in the middle of the bytes.
  const hex = offset.includes(':') ? (rest.split(/ {2}/u)[0] as string) : rest;
  return parseHex(hex) ?? new Uint8Array(0);
}

/** undefined where anything is not hexadecimal, or the digits are no whole bytes. */
function parseHex(text: string): Uint8Array | undefined {
  const digits = text.replace(/0[xX]|\\x|[\s,;:_-]/gu, '');
  if (digits.length === 0 || digits.length % 2 !== 0 || /[^0-9a-fA-F]/u.test(digits))
    return undefined;
  const bytes = new Uint8Array(digits.length / 2);
  for (let at = 0; at < bytes.length; at++)
    bytes[at] = Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}

/** Where lines begin, where each has whole bytes. */
function startsOf(text: string): readonly number[] {
  const chunks = text.split(/\r?\n/u).map((line) => (line.trim() === '' ? [] : parseHex(line)));
  if (chunks.some((chunk) => chunk === undefined)) return [0];
  return startsOfChunks(
    chunks.filter((chunk) => chunk !== undefined && chunk.length > 0) as Uint8Array[],
  );
}

function startsOfChunks(chunks: readonly Uint8Array[]): readonly number[] {
  const starts: number[] = [];
  let start = 0;
  for (const chunk of chunks) {
    starts.push(start);
    start += chunk.length;
  }
  return starts;
}

function joinChunks(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Tab, line ends, and what frames lines in telegrams: STX, ETX, EOT, ACK. */
const TEXT_CONTROLS: ReadonlySet<number> = new Set([2, 3, 4, 6, 9, 10, 13]);

function isText(bytes: Uint8Array): boolean {
  if (bytes.length > MAX_TEXT_CAPTURE_BYTES) return false;
  return bytes.every((byte) => (byte >= 0x20 ? byte !== 0x7f : TEXT_CONTROLS.has(byte)));
}

/** Even parity throughout, and at least one bit of it set. */
function hasParityBits(bytes: Uint8Array): boolean {
  let isSet = false;
  for (const byte of bytes) {
    let bits = byte ^ (byte >>> 4);
    bits ^= bits >>> 2;
    if (((bits ^ (bits >>> 1)) & 1) === 1) return false;
    if (byte >= 0x80) isSet = true;
  }
  return isSet;
}
