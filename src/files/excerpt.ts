// Hostile text made fit for a terminal: at most 40 characters of it, and nothing in them that
// could move a cursor, hide text, change its direction or split the sentence over two lines.

export const MAX_EXCERPT_LENGTH = 40;

// Controls, formats (zero width, direction), lone surrogates, private use, unassigned, separators.
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;

export interface ExcerptOptions {
  readonly maxLength?: number;
  readonly quoted?: boolean;
}

/** `text` in quotes, cut to 40 characters, the unprintable ones as `\u{hex}`; `nothing` if empty. */
export function excerpt(text: string, options: ExcerptOptions = {}): string {
  const { maxLength = MAX_EXCERPT_LENGTH, quoted = true } = options;
  if (text === '') return 'nothing';
  // Cut first: a gigabyte of text must not be spread into characters to show forty of them.
  const characters = [...text.slice(0, 2 * maxLength)];
  const kept = characters.slice(0, maxLength);
  const shown = kept.map(escapeUnprintable).join('');
  const restLength = text.length - kept.join('').length;
  const rest = restLength > 0 ? ` and ${restLength} more characters` : '';
  return `${quoted ? `"${shown}"` : shown}${rest}`;
}

export function isPrintable(text: string): boolean {
  // U+FFFD is what bytes that are not UTF-8 decode to: two different names would become one.
  return !UNPRINTABLE.test(text) && !text.includes('\u{fffd}');
}

function escapeUnprintable(character: string): string {
  if (!UNPRINTABLE.test(character)) return character;
  return `\\u{${(character.codePointAt(0) as number).toString(16)}}`;
}
