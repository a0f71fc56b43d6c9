// What the decoder makes of a capture, and of a stream that arrives in small portions.

import { DLMS } from '../../../../src/gateway/decode/dlms/dlms.ts';
import { createTelegramStream, receiveBytes } from '../../../../src/gateway/decode/stream.ts';
import type { Decoded, DecodeOptions, Telegram } from '../../../../src/gateway/decode/telegram.ts';

export function decodeAll(bytes: Uint8Array, options: DecodeOptions = {}): readonly Decoded[] {
  return DLMS.split(bytes, true).pieces.map(({ start, end }) =>
    DLMS.decode(bytes.subarray(start, end), options),
  );
}

/** @throws Error unless it is one telegram. */
export function decodeOne(bytes: Uint8Array, options: DecodeOptions = {}): Telegram {
  const [first, ...more] = decodeAll(bytes, options);
  if (first?.kind !== 'telegram' || more.length > 0)
    throw new Error(`expected one telegram, found ${JSON.stringify([first, ...more])}`);
  return first;
}

/** `reason: detail` of each damage, `telegram` of each telegram. */
export function outcomes(bytes: Uint8Array, options: DecodeOptions = {}): readonly string[] {
  return decodeAll(bytes, options).map((decoded) =>
    decoded.kind === 'damage' ? `${decoded.reason}: ${decoded.detail}` : 'telegram',
  );
}

export function decodeStream(bytes: Uint8Array, portion: number): readonly Decoded[] {
  const stream = createTelegramStream();
  const found: Decoded[] = [];
  for (let at = 0; at < bytes.length; at += portion)
    found.push(...receiveBytes(stream, bytes.subarray(at, at + portion), DLMS));
  return found;
}
