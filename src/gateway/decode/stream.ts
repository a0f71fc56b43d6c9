// Telegrams out of bytes that arrive in any portions, as a serial port or a socket gives them.

import { concatBytes } from '../../core/bytes.ts';
import { type Decoded, type DecodeOptions, type Decoder, MAX_TELEGRAM_BYTES } from './telegram.ts';

export interface TelegramStream {
  /** What has arrived of a telegram that is not whole yet. */
  rest: Uint8Array;
}

export function createTelegramStream(): TelegramStream {
  return { rest: new Uint8Array(0) };
}

/** What became whole with `bytes`, in order. Keeps at most MAX_TELEGRAM_BYTES. */
export function receiveBytes(
  stream: TelegramStream,
  bytes: Uint8Array,
  decoder: Decoder,
  options: DecodeOptions = {},
): Decoded[] {
  const whole = concatBytes(stream.rest, bytes);
  const { pieces, restStart } = decoder.split(whole, false);
  const decoded = pieces.map(({ start, end }) =>
    decoder.decode(whole.subarray(start, end), options),
  );
  // What is longer than any telegram never becomes one; its end may still be the next one's start.
  stream.rest = whole.slice(Math.max(restStart, whole.length - MAX_TELEGRAM_BYTES));
  return decoded;
}
