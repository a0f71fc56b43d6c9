// A key of a meter as grid operators hand it out: 32 hexadecimal digits, in whatever groups. What is
// wrong with one is told without it.

import { FileError } from '../files/file-error.ts';
import { readSecretText } from '../runtime/node-config.ts';

const KEY_DIGITS = 32;

/** AES-128, 16 bytes; undefined where the text is no such key. */
export function parseMeterKey(text: string): Uint8Array | undefined {
  const digits = text.replaceAll(/[\s:-]/gu, '');
  if (digits.length !== KEY_DIGITS || !/^[0-9a-fA-F]*$/u.test(digits)) return undefined;
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}

/** From a file that nobody else may read. @throws FileError */
export async function readMeterKey(file: string): Promise<Uint8Array> {
  return meterKeyOf(await readSecretText(file), file);
}

/** @throws FileError */
export function meterKeyOf(text: string, file: string): Uint8Array {
  const key = parseMeterKey(text);
  if (key !== undefined) return key;
  const expected = `a meter’s key of ${KEY_DIGITS} hex digits`;
  throw new FileError('bad-value', { file, expected, found: `${text.length} other characters` });
}
