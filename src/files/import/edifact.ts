// UN/EDIFACT (ISO 9735) as segments: service string advice, separators, release characters. Bytes
// are read one by one as ISO 8859-1, so that places are byte offsets.

import type { CsvSource } from '../csv-source.ts';
import { FileError } from '../file-error.ts';

export interface Segment {
  readonly tag: string;
  /** Elements after the tag, each in its components. */
  readonly elements: readonly (readonly string[])[];
  /** Of the tag's first byte. */
  readonly byteOffset: number;
}

/** Far more than any segment of MSCONS. */
const MAX_SEGMENT_BYTES = 8192;
const UNA = 'UNA';

interface Signs {
  component: number;
  element: number;
  release: number;
  terminator: number;
}

export async function* readSegments({ file, chunks }: CsvSource): AsyncGenerator<Segment> {
  const signs: Signs = { component: 58, element: 43, release: 63, terminator: 39 };
  let elements: string[][] = [['']];
  let text = '';
  let isReleased = false;
  let start = 0;
  let length = 0;
  let at = -1;
  /** Bytes of `UNA:+.? '`, where the file starts with it. */
  let advice: number[] | undefined = [];
  const fail = (expected: string, found: string): FileError =>
    new FileError('bad-edifact', { file, byteOffset: start, expected, found });
  for await (const chunk of chunks) {
    for (const byte of chunk) {
      at++;
      if (advice !== undefined) {
        if (advice.length === 0 && isBlank(byte)) continue;
        advice.push(byte);
        const isAdvice = advice.slice(0, UNA.length).every((one, i) => one === UNA.charCodeAt(i));
        if (isAdvice && advice.length < 9) continue;
        if (isAdvice) {
          const [component = 0, element = 0, , release = 0, , terminator = 0] = advice.slice(3);
          Object.assign(signs, { component, element, release, terminator });
          advice = undefined;
          continue;
        }
        if (advice.length === 1 && byte !== 85)
          throw fail('a file that starts with UNA or UNB', 'something else');
        if (advice.length < 3) continue;
        if (String.fromCharCode(...advice) !== 'UNB' && String.fromCharCode(...advice) !== 'UNH')
          throw fail('a file that starts with UNA or UNB', 'something else');
        text = String.fromCharCode(...advice);
        start = at - 2;
        length = 3;
        advice = undefined;
        continue;
      }
      if (length === 0) {
        if (isBlank(byte)) continue;
        start = at;
      }
      length++;
      if (length > MAX_SEGMENT_BYTES)
        throw fail(`at most ${MAX_SEGMENT_BYTES} bytes in a segment`, 'more');
      if (isReleased) {
        text += String.fromCharCode(byte);
        isReleased = false;
      } else if (byte === signs.release) isReleased = true;
      else if (byte === signs.component) {
        elements.at(-1)?.push('');
        endComponent(elements, text, -2);
        text = '';
      } else if (byte === signs.element) {
        endComponent(elements, text, -1);
        elements.push(['']);
        text = '';
      } else if (byte === signs.terminator) {
        endComponent(elements, text, -1);
        const [[tag = ''] = [], ...rest] = elements;
        if (!/^[A-Z]{3}$/.test(tag)) throw fail('a segment with a tag of three letters', 'another');
        yield { tag, elements: rest, byteOffset: start };
        elements = [['']];
        text = '';
        length = 0;
      } else if (byte !== 10 && byte !== 13) text += String.fromCharCode(byte);
    }
  }
  if (at < 0)
    throw new FileError('file-empty', { file, expected: 'an interchange', found: 'an empty file' });
  if (length > 0 || advice !== undefined) throw fail('a whole segment', 'a file cut short');
}

function endComponent(elements: string[][], text: string, place: number): void {
  const element = elements.at(-1) as string[];
  element[element.length + place] = text;
}

function isBlank(byte: number): boolean {
  return byte === 10 || byte === 13 || byte === 32 || byte === 9;
}
