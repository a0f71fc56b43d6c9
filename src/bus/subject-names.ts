// Subjects of incoming messages as strings, each made once. The client decodes the subject of every
// message anew, and a new string must be hashed and compared wherever it is looked up; streets are few
// beside their readings.

import type { Msg } from '@nats-io/transport-node';

/** A power of two. What is forgotten is decoded again. */
const PLACE_COUNT = 65_536;
/** Longer ones are no street's: nothing hostile is kept. */
const MAX_KEPT_BYTES = 512;

interface Name {
  readonly bytes: Uint8Array;
  readonly text: string;
}

export class SubjectNames {
  readonly #names: (Name | undefined)[] = new Array<Name | undefined>(PLACE_COUNT);

  of(message: Msg): string {
    const bytes = subjectBytes(message);
    if (bytes === undefined || bytes.length > MAX_KEPT_BYTES) return message.subject;
    const length = bytes.length;
    let hash = length;
    for (let i = 0; i < length; i++) hash = (Math.imul(hash, 31) + (bytes[i] as number)) | 0;
    const place = (hash ^ (hash >>> 16)) & (PLACE_COUNT - 1);
    const name = this.#names[place];
    if (name !== undefined && isSame(name.bytes, bytes)) return name.text;
    const text = message.subject;
    // A copy: the bytes are a window on what the socket read, which would stay in memory.
    this.#names[place] = { bytes: new Uint8Array(bytes), text };
    return text;
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  const length = a.length;
  if (length !== b.length) return false;
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Where the client keeps it; undefined where another version keeps it elsewhere. */
function subjectBytes(message: Msg): Uint8Array | undefined {
  const bytes = (message as { readonly _msg?: { readonly subject?: unknown } })._msg?.subject;
  return bytes instanceof Uint8Array ? bytes : undefined;
}
