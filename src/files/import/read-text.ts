// A whole file as text, for formats that cannot be read in pieces: up to a cap.

import type { CsvSource } from '../csv-source.ts';
import { FileError } from '../file-error.ts';

export async function readText(
  { file, chunks }: CsvSource,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let byteCount = 0;
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    byteCount += chunk.length;
    if (byteCount > maxBytes) {
      throw new FileError('file-too-large', {
        file,
        expected: `at most ${maxBytes} bytes (export in parts and give several files)`,
        found: 'more',
      });
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Deepest nesting of brackets and braces: JSON's parser has no such limit of its own. */
export function jsonDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  let isString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isString) {
      if (code === 92) i++;
      else if (code === 34) isString = false;
    } else if (code === 34) isString = true;
    else if (code === 91 || code === 123) deepest = Math.max(deepest, ++depth);
    else if (code === 93 || code === 125) depth--;
  }
  return deepest;
}
