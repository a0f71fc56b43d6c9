// Telegrams that a receiver prints as hexadecimal, one a line: `rtl_wmbus`, USB sticks in their text
// mode, loggers. A line ends a telegram, which frames without a checksum could not tell themselves.

import { hexOfLogLine, withoutPrefix } from '../decode/capture.ts';
import { type Decoded, type DecodeOptions, type Decoder, damage } from '../decode/telegram.ts';

/** Twice the longest telegram, and room for what a logger puts before it. A longer line is no telegram. */
const MAX_LINE_CHARS = 132 * 1024;
const LF = 0x0a;

export function createHexLines(
  decoder: Decoder,
  options: DecodeOptions,
): (bytes: Uint8Array) => readonly Decoded[] {
  let rest = '';
  let isTooLong = false;
  /** Its end alone could be taken for another telegram. */
  const take = (text: string): void => {
    isTooLong ||= rest.length + text.length > MAX_LINE_CHARS;
    rest = isTooLong ? '' : rest + text;
  };
  return (bytes) => {
    const found: Decoded[] = [];
    let from = 0;
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, from)) {
      take(latin1(bytes.subarray(from, end)));
      if (isTooLong) found.push(damage('not-a-telegram', 'a line that is too long'));
      else found.push(...decodeLine(rest, decoder, options));
      rest = '';
      isTooLong = false;
      from = end + 1;
    }
    take(latin1(bytes.subarray(from)));
    return found;
  };
}

/** A line without hexadecimal is what the program says of itself. */
function decodeLine(line: string, decoder: Decoder, options: DecodeOptions): readonly Decoded[] {
  const bytes = hexOfLogLine(withoutPrefix(line.trimEnd()));
  if (bytes.length === 0) return [];
  const { pieces } = decoder.split(bytes, true);
  if (pieces.length === 0)
    return [damage('not-a-telegram', `expected one in a line, found ${bytes.length} other bytes`)];
  return pieces.map(({ start, end }) => decoder.decode(bytes.subarray(start, end), options));
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
