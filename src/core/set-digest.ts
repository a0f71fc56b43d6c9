// Which readings a number stands for. A set digest binds one street's roster and contributors; joined
// digests bind the sets of a cell or an area: a count or an XOR would be no commitment to a set.
//
//   set digest     SHA-256("streetwatt/set/1" || network digest || u16 length || area || u32 interval
//                  || roster digest || u32 length || bitmap)
//   joined digest  SHA-256("streetwatt/sets/1" || digest || digest ...), of set digests and of digests
//                  that are joined themselves (docs/protocol.md 12.3)

import type { AreaId } from './area.ts';
import { concatBytes, utf8, writeU32 } from './bytes.ts';
import { DIGEST_BYTES } from './digest.ts';
import { type HashMany, hashManyPlain } from './hash-many.ts';
import type { IntervalIndex } from './interval.ts';

const SET_LABEL: Uint8Array = utf8('streetwatt/set/1');
const SETS_LABEL: Uint8Array = utf8('streetwatt/sets/1');

/** A street's set, as its digest binds it. */
export interface StreetSet {
  readonly area: AreaId;
  readonly rosterDigest: Uint8Array;
  readonly contributors: Uint8Array;
}

/** The set digests of streets of one network and interval, in their order, back to back. */
export function setDigests(
  { network, interval }: { readonly network: Uint8Array; readonly interval: IntervalIndex },
  sets: readonly StreetSet[],
  hashMany: HashMany = hashManyPlain,
): Uint8Array {
  const lengths = new Uint32Array(sets.length);
  let byteCount = 0;
  for (let i = 0; i < sets.length; i++) {
    const { area, contributors } = sets[i] as StreetSet;
    lengths[i] = SET_LABEL.length + 2 * DIGEST_BYTES + 10 + area.length + contributors.length;
    byteCount += lengths[i] as number;
  }
  const messages = new Uint8Array(byteCount);
  const begin = concatBytes(SET_LABEL, network);
  let at = 0;
  // By index and byte: what is called for each street costs more than what it copies.
  for (let index = 0; index < sets.length; index++) {
    const { area, rosterDigest, contributors } = sets[index] as StreetSet;
    messages.set(begin, at);
    at += begin.length;
    messages[at++] = area.length & 0xff;
    messages[at++] = area.length >>> 8;
    // Tokens are ASCII.
    for (let i = 0; i < area.length; i++) messages[at++] = area.charCodeAt(i);
    writeU32(messages, at, interval);
    messages.set(rosterDigest, at + 4);
    at += 4 + DIGEST_BYTES;
    writeU32(messages, at, contributors.length);
    at += 4;
    for (let i = 0; i < contributors.length; i++) messages[at++] = contributors[i] as number;
  }
  return hashMany(messages, lengths);
}

/** Lists of digests, each of which is joined to one. Used again and again: to make its room costs more than to fill it. */
export class SetJoins {
  #messages: Uint8Array = new Uint8Array(2048);
  #byteCount = 0;
  readonly #lengths: number[] = [];

  clear(): void {
    this.#byteCount = 0;
    this.#lengths.length = 0;
  }

  begin(): void {
    this.#reserve(SETS_LABEL.length);
    this.#messages.set(SETS_LABEL, this.#byteCount);
    this.#byteCount += SETS_LABEL.length;
    this.#lengths.push(SETS_LABEL.length);
  }

  /** To the list that was begun last: the digest at `from`. */
  add(digests: Uint8Array, from: number): void {
    this.#reserve(DIGEST_BYTES);
    const messages = this.#messages;
    // Byte by byte: a view of each digest costs several times as much.
    for (let i = 0, to = this.#byteCount; i < DIGEST_BYTES; i++)
      messages[to + i] = digests[from + i] as number;
    this.#byteCount += DIGEST_BYTES;
    const last = this.#lengths.length - 1;
    this.#lengths[last] = (this.#lengths[last] as number) + DIGEST_BYTES;
  }

  /** Whether the list has anything to join: of nothing there is no joined digest. */
  hasAny(list: number): boolean {
    return (this.#lengths[list] as number) > SETS_LABEL.length;
  }

  /** The joined digest of each list, back to back. */
  join(hashMany: HashMany): Uint8Array {
    const messages = this.#messages.subarray(0, this.#byteCount);
    return hashMany(messages, Uint32Array.from(this.#lengths));
  }

  #reserve(byteCount: number): void {
    const wanted = this.#byteCount + byteCount;
    if (wanted <= this.#messages.length) return;
    const wider = new Uint8Array(2 * wanted);
    wider.set(this.#messages);
    this.#messages = wider;
  }
}
