// Captures that are lines of text, one value each: where such lines, or blocks of them, begin and end.

import { MAX_TELEGRAM_BYTES, type Piece, type Split } from './telegram.ts';
import { asciiText } from './text.ts';

const MAX_LINE_BYTES = 4096;
const LF = 0x0a;

export interface LineRule {
  /** Without its line end. Called once a line of MAX_LINE_BYTES at most. */
  isOwn(line: string): boolean;
  /** Lines one after another are one piece; else each is one. */
  readonly joins: boolean;
}

/** Pieces of the lines that are the rule's own; a line that is not whole yet is the rest. */
export function splitLines(bytes: Uint8Array, isEnd: boolean, { isOwn, joins }: LineRule): Split {
  const pieces: Piece[] = [];
  let run: { start: number; end: number } | undefined;
  let at = 0;
  const close = () => {
    if (run !== undefined) pieces.push(run);
    run = undefined;
  };
  while (at < bytes.length) {
    const found = bytes.indexOf(LF, at);
    const end = found < 0 ? bytes.length : found;
    const isShort = end - at <= MAX_LINE_BYTES;
    if (found < 0 && !isEnd && isShort) break;
    if (!isShort || !isOwn(asciiText(bytes, at, end).trimEnd())) close();
    else {
      if (!joins || (run !== undefined && end - run.start > MAX_TELEGRAM_BYTES)) close();
      run = { start: run?.start ?? at, end };
    }
    at = found < 0 ? end : end + 1;
  }
  if (!isEnd && joins && run !== undefined) return { pieces, restStart: run.start };
  close();
  return { pieces, restStart: at };
}

/** Lines of one piece. */
export function linesOf(
  piece: Uint8Array,
): readonly { readonly text: string; readonly offset: number }[] {
  const lines: { text: string; offset: number }[] = [];
  let offset = 0;
  for (const line of asciiText(piece).split('\n')) {
    lines.push({ text: line.trim(), offset });
    offset += line.length + 1;
  }
  return lines;
}
