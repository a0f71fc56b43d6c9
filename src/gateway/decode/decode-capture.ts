// A whole capture, a file or what a pipe gave, to its telegrams: finds out how it is written down
// (`captureForms`) and, if asked, which protocol it is.

import { type CaptureForm, captureForms } from './capture.ts';
import { DECODERS, decoderOf } from './registry.ts';
import {
  type Damage,
  type Decoded,
  type DecodeOptions,
  type Decoder,
  damage,
  MAX_TELEGRAM_BYTES,
  type Protocol,
} from './telegram.ts';

export interface DecodedPiece {
  /** In the bytes of the form that was read, which is the file itself unless that is text. */
  readonly start: number;
  readonly decoded: Decoded;
}

export interface DecodedCapture {
  /** undefined where nothing was recognised. */
  readonly protocol?: Protocol;
  readonly form?: CaptureForm['name'];
  readonly pieces: readonly DecodedPiece[];
}

/** Enough for `detect`: a meter sends a whole telegram in less. */
const DETECT_BYTES = 32 * 1024;
/** Split at once: bounds the memory for pieces, of which hostile bytes have very many. */
const WINDOW_BYTES = 1024 * 1024;
/** Of the damaged ones, more are not kept. */
const MAX_DAMAGES = 10_000;
/** See `Decoder.detect`. */
const SURE = 0.8;

/** Never empty: where there is no telegram, the last piece says why. */
export function decodeCapture(
  bytes: Uint8Array,
  protocol: Protocol | 'auto',
  options: DecodeOptions = {},
): DecodedCapture {
  let best: DecodedCapture | undefined;
  for (const { form, decoder } of candidatesOf(bytes, protocol)) {
    const found = decodeForm(decoder, form, options);
    if (found.pieces.some(isTelegram)) return found;
    if (best === undefined && found.pieces.length > 0) best = found;
  }
  return best ?? { pieces: [{ start: 0, decoded: nothingFound(bytes) }] };
}

interface Candidate {
  readonly form: CaptureForm;
  readonly decoder: Decoder;
}

/**
 * The likeliest first, of all forms: as bytes, the text of a hex dump looks a little like protocols
 * that have no checksum. Sorting is stable, so that the plainest form and the registry's order
 * decide between equals.
 */
function* candidatesOf(bytes: Uint8Array, protocol: Protocol | 'auto'): Generator<Candidate> {
  if (protocol !== 'auto') {
    const decoder = decoderOf(protocol);
    if (decoder !== undefined) for (const form of captureForms(bytes)) yield { form, decoder };
    return;
  }
  const scored = [...captureForms(bytes)].flatMap((form) => {
    const head = form.bytes.subarray(0, DETECT_BYTES);
    return DECODERS.map((decoder) => ({ form, decoder, score: decoder.detect(head) }));
  });
  const best = Math.max(...scored.map(({ score }) => score));
  yield* scored
    .filter(({ score }) => score > 0 && (best < SURE || score === best))
    .sort((a, b) => b.score - a.score);
}

function decodeForm(decoder: Decoder, form: CaptureForm, options: DecodeOptions): DecodedCapture {
  const { protocol } = decoder;
  const joined = decodeBytes(decoder, form.bytes, 0, options);
  const starts = form.lineStarts ?? [];
  if (starts.length < 2 || joined.every(isTelegram))
    return { protocol, form: form.name, pieces: joined };
  // Lines may be parts of one telegram, or one telegram each of a kind that has no marked end.
  const byLine = starts.flatMap((start, line) =>
    decodeBytes(decoder, form.bytes.subarray(start, starts[line + 1]), start, options),
  );
  const isBetter = byLine.filter(isTelegram).length > joined.filter(isTelegram).length;
  return { protocol, form: form.name, pieces: isBetter ? byLine : joined };
}

function decodeBytes(
  decoder: Decoder,
  bytes: Uint8Array,
  offset: number,
  options: DecodeOptions,
): DecodedPiece[] {
  const found: DecodedPiece[] = [];
  let damageCount = 0;
  for (let from = 0; from < bytes.length; ) {
    const window = bytes.subarray(from, from + WINDOW_BYTES);
    const { pieces, restStart } = decoder.split(window, from + window.length === bytes.length);
    for (const { start, end } of pieces) {
      const decoded = decoder.decode(window.subarray(start, end), options);
      if (decoded.kind === 'damage' && ++damageCount > MAX_DAMAGES) continue;
      found.push({ start: offset + from + start, decoded });
    }
    // A rest is shorter than a telegram; whatever claims otherwise is left behind.
    from += Math.max(restStart, window.length - MAX_TELEGRAM_BYTES, 1);
  }
  return found;
}

function isTelegram({ decoded }: DecodedPiece): boolean {
  return decoded.kind === 'telegram';
}

function nothingFound(bytes: Uint8Array): Damage {
  return damage(
    'not-a-telegram',
    bytes.length === 0
      ? 'expected a telegram, found nothing'
      : `expected a telegram, found no beginning of one in ${bytes.length} bytes`,
  );
}
