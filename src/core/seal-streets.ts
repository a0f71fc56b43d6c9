// The streets of a seal on the wire: three byte strings, because every party reads every street, and
// to take thousands of small items apart costs more than to check them.
//
//   contributors   of each street: u16 length || bitmap over its slots
//   frame roots    of each street 32 bytes
//   contested      of each contested slot: u32 street || u32 slot || the counted frame's digest,
//                  ascending; streets by their place in the seal

import { bitmapBytes, hasBit } from './bitmap.ts';
import { readU32, writeU32 } from './bytes.ts';
import { DIGEST_BYTES } from './digest.ts';
import { MAX_ROSTER_SLOTS } from './roster.ts';

export interface StreetSeal {
  /** Who contributed, by slot. */
  readonly contributors: Uint8Array;
  readonly framesRoot: Uint8Array;
  /** The counted frame of contributors of which the aggregator saw several, by slot, ascending. */
  readonly contested: readonly ContestedSlot[];
}

export interface ContestedSlot {
  readonly slot: number;
  readonly frameDigest: Uint8Array;
}

export type StreetFields = readonly [
  contributors: Uint8Array,
  frameRoots: Uint8Array,
  contested: Uint8Array,
];

const CONTESTED_BYTES: number = 8 + DIGEST_BYTES;
const NONE: readonly ContestedSlot[] = [];

export function streetFields(streets: readonly StreetSeal[]): StreetFields {
  const sum = (length: (street: StreetSeal) => number) =>
    streets.reduce((total, street) => total + length(street), 0);
  const contributors = new Uint8Array(sum((street) => 2 + street.contributors.length));
  const contested = new Uint8Array(CONTESTED_BYTES * sum((street) => street.contested.length));
  let at = 0;
  let entry = 0;
  for (const [index, street] of streets.entries()) {
    const { length } = street.contributors;
    contributors[at] = length & 0xff;
    contributors[at + 1] = length >>> 8;
    contributors.set(street.contributors, at + 2);
    at += 2 + length;
    for (const { slot, frameDigest } of street.contested) {
      writeU32(contested, entry, index);
      writeU32(contested, entry + 4, slot);
      contested.set(frameDigest, entry + 8);
      entry += CONTESTED_BYTES;
    }
  }
  return [contributors, joinFrameRoots(streets), contested];
}

/** Their frame roots, back to back. */
export function joinFrameRoots(streets: readonly Pick<StreetSeal, 'framesRoot'>[]): Uint8Array {
  const roots = new Uint8Array(DIGEST_BYTES * streets.length);
  for (let index = 0; index < streets.length; index++)
    roots.set((streets[index] as StreetSeal).framesRoot, DIGEST_BYTES * index);
  return roots;
}

/** Undefined where malformed: slots that are not contributors, or not ascending, too. */
export function streetsOf([contributors, roots, contested]: StreetFields):
  | StreetSeal[]
  | undefined {
  const count = roots.length / DIGEST_BYTES;
  if (!Number.isInteger(count)) return undefined;
  const streets: StreetSeal[] = [];
  let at = 0;
  for (let index = 0; index < count; index++) {
    if (at + 2 > contributors.length) return undefined;
    const length = (contributors[at] as number) | ((contributors[at + 1] as number) << 8);
    at += 2 + length;
    if (length > bitmapBytes(MAX_ROSTER_SLOTS) || at > contributors.length) return undefined;
    streets.push({
      contributors: contributors.subarray(at - length, at),
      framesRoot: roots.subarray(DIGEST_BYTES * index, DIGEST_BYTES * (index + 1)),
      contested: NONE,
    });
  }
  if (at !== contributors.length || contested.length % CONTESTED_BYTES !== 0) return undefined;
  let last = -1;
  for (let entry = 0; entry < contested.length; entry += CONTESTED_BYTES) {
    const [index, slot] = [readU32(contested, entry), readU32(contested, entry + 4)];
    const street = streets[index];
    if (street === undefined || slot >= MAX_ROSTER_SLOTS || !hasBit(street.contributors, slot))
      return undefined;
    const place = index * MAX_ROSTER_SLOTS + slot;
    if (place <= last) return undefined;
    last = place;
    const frameDigest = contested.subarray(entry + 8, entry + CONTESTED_BYTES);
    const named = street.contested as ContestedSlot[];
    if (named.length > 0) named.push({ slot, frameDigest });
    else streets[index] = { ...street, contested: [{ slot, frameDigest }] };
  }
  return streets;
}
