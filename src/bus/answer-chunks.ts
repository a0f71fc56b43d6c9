// How an answer travels: a whole one in one message; one above 512 KiB in numbered chunks and an end
// marker that says how many; or an explicit refusal. Several parties may answer one request (a hot
// pair of aggregators), so every answer has an id and the first complete one counts.
//
// Bytes: version 1 | kind | answer id, 8 random | number, u32 LE | payload.
//   whole: number 0, the answer.     chunk: its number from 0, a part.
//   end: the count of chunks.        refused: the reason's code, its text in UTF-8.

import { randomBytes } from 'node:crypto';
import { BusError } from './errors.ts';
import { MAX_ANSWER_BYTES, MAX_CHUNK_BYTES } from './limits.ts';

const VERSION = 1;
const HEADER_BYTES = 14;
const KIND = { whole: 0, chunk: 1, end: 2, refused: 3 } as const;
const REASON = { remoteError: 0, tooLarge: 1 } as const;
const MAX_REASON_BYTES = 4096;

/** The messages of one answer, made one by one: a large answer is not held twice. */
export function* encodeAnswer(data: Uint8Array): Generator<Uint8Array> {
  if (data.length > MAX_ANSWER_BYTES) {
    const text = `the answer has ${data.length} bytes; at most ${MAX_ANSWER_BYTES} travel`;
    yield encodePart(KIND.refused, newId(), REASON.tooLarge, new TextEncoder().encode(text));
    return;
  }
  const id = newId();
  if (data.length <= MAX_CHUNK_BYTES) {
    yield encodePart(KIND.whole, id, 0, data);
    return;
  }
  let number = 0;
  for (let start = 0; start < data.length; start += MAX_CHUNK_BYTES) {
    yield encodePart(KIND.chunk, id, number++, data.subarray(start, start + MAX_CHUNK_BYTES));
  }
  yield encodePart(KIND.end, id, number, new Uint8Array(0));
}

export function encodeRefusal(message: string): Uint8Array {
  const text = new TextEncoder().encode(message).subarray(0, MAX_REASON_BYTES);
  return encodePart(KIND.refused, newId(), REASON.remoteError, text);
}

export type AnswerResult =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'complete'; readonly data: Uint8Array }
  | { readonly kind: 'refused'; readonly error: BusError };

interface Partial {
  readonly chunks: Uint8Array[];
  byteCount: number;
}

const INCOMPLETE: AnswerResult = { kind: 'incomplete' };

/** Puts one request's answer together again. What arrives is hostile: it never throws. */
export class AnswerAssembler {
  readonly #partials = new Map<string, Partial>();
  #heldBytes = 0;

  take(message: Uint8Array): AnswerResult {
    if (message.length < HEADER_BYTES || message[0] !== VERSION) {
      return refused('remote-error', 'an answer of unknown form');
    }
    const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
    const id = view.getBigUint64(2, true).toString(36);
    const number = view.getUint32(10, true);
    const payload = message.subarray(HEADER_BYTES);
    switch (message[1]) {
      case KIND.whole:
        return { kind: 'complete', data: payload };
      case KIND.chunk:
        return this.#takeChunk(id, number, payload);
      case KIND.end:
        return this.#takeEnd(id, number);
      case KIND.refused: {
        const code = number === REASON.tooLarge ? 'too-large' : 'remote-error';
        return refused(code, new TextDecoder().decode(payload.subarray(0, MAX_REASON_BYTES)));
      }
      default:
        return refused('remote-error', 'an answer of unknown kind');
    }
  }

  #takeChunk(id: string, number: number, payload: Uint8Array): AnswerResult {
    let partial = this.#partials.get(id);
    if (partial === undefined) {
      partial = { chunks: [], byteCount: 0 };
      this.#partials.set(id, partial);
    }
    // One sender's messages keep their order: a number out of line is a lost chunk.
    if (number !== partial.chunks.length) return refused('remote-error', 'a chunk was lost');
    this.#heldBytes += payload.length;
    if (this.#heldBytes > MAX_ANSWER_BYTES) return refused('too-large', 'too many chunks');
    partial.chunks.push(payload);
    partial.byteCount += payload.length;
    return INCOMPLETE;
  }

  #takeEnd(id: string, chunkCount: number): AnswerResult {
    const partial = this.#partials.get(id);
    if (partial === undefined || partial.chunks.length !== chunkCount) {
      return refused('remote-error', 'a chunk was lost');
    }
    const data = new Uint8Array(partial.byteCount);
    let offset = 0;
    for (const chunk of partial.chunks) {
      data.set(chunk, offset);
      offset += chunk.length;
    }
    return { kind: 'complete', data };
  }
}

function refused(code: 'remote-error' | 'too-large', message: string): AnswerResult {
  return { kind: 'refused', error: new BusError(code, message) };
}

function newId(): Uint8Array {
  return randomBytes(8);
}

function encodePart(kind: number, id: Uint8Array, number: number, payload: Uint8Array): Uint8Array {
  const message = new Uint8Array(HEADER_BYTES + payload.length);
  message[0] = VERSION;
  message[1] = kind;
  message.set(id, 2);
  new DataView(message.buffer).setUint32(10, number, true);
  message.set(payload, HEADER_BYTES);
  return message;
}
