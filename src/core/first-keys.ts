// From an enrolled seed to the keys of the first epoch, and the commitments to the seed (design.md
// section 6 and correction 6):
//
//   component key       SHA-256("streetwatt/k1" || u16 length || network id || meter || u8 component || u32 first epoch || seed)
//   authentication key  SHA-256("streetwatt/a1" || u16 length || network id || meter || u32 first epoch || seed)
//   commitment          SHA-256("streetwatt/c1" || u16 length || network id || meter || u8 index || seed)
//
// Integers are little-endian, the length counts the network id's UTF-8 bytes, `meter` is the Ed25519
// public key. Keys bind the meter, so a seed copied from another meter's record gives other masks.
// A commitment binds the meter and the seed's place but no epoch, so that a meter that enrols an old
// seed again shows. Seeds are 32 uniformly random bytes: a commitment hides no weaker secret.

import { sha256 as hash } from '@noble/hashes/sha2.js';
import { concatBytes, u16, utf8, writeU32 } from './bytes.ts';
import type { Epoch } from './interval.ts';

export const SEED_BYTES = 32;
export const COMMITMENT_BYTES = 32;
/** The index that a commitment to the authentication seed carries. */
export const AUTHENTICATION_INDEX = 0xff;
const METER_BYTES = 32;

/** Derives for one network and first epoch. Only the part that changes is written. */
export interface FirstKeys {
  componentKey(meter: Uint8Array, component: number, seed: Uint8Array): Uint8Array;
  authenticationKey(meter: Uint8Array, seed: Uint8Array): Uint8Array;
  /** `index` is the component, or AUTHENTICATION_INDEX. */
  commitment(meter: Uint8Array, index: number, seed: Uint8Array): Uint8Array;
}

export function createFirstKeys(networkId: string, firstEpoch: Epoch): FirstKeys {
  const keyInput = template('streetwatt/k1', networkId, 1 + 4);
  const authenticationInput = template('streetwatt/a1', networkId, 4);
  const commitmentInput = template('streetwatt/c1', networkId, 1);
  writeU32(keyInput.bytes, keyInput.tailAt + 1, firstEpoch);
  writeU32(authenticationInput.bytes, authenticationInput.tailAt, firstEpoch);
  return {
    componentKey: (meter, component, seed) => {
      keyInput.bytes[keyInput.tailAt] = component;
      return digestOf(keyInput, meter, seed);
    },
    authenticationKey: (meter, seed) => digestOf(authenticationInput, meter, seed),
    commitment: (meter, index, seed) => {
      commitmentInput.bytes[commitmentInput.tailAt] = index;
      return digestOf(commitmentInput, meter, seed);
    },
  };
}

interface Template {
  readonly bytes: Uint8Array;
  readonly meterAt: number;
  readonly tailAt: number;
  readonly seedAt: number;
}

function template(label: string, networkId: string, tailBytes: number): Template {
  const id = utf8(networkId);
  const head = concatBytes(utf8(label), u16(id.length), id);
  const tailAt = head.length + METER_BYTES;
  const seedAt = tailAt + tailBytes;
  return {
    bytes: concatBytes(head, new Uint8Array(METER_BYTES + tailBytes + SEED_BYTES)),
    meterAt: head.length,
    tailAt,
    seedAt,
  };
}

function digestOf(input: Template, meter: Uint8Array, seed: Uint8Array): Uint8Array {
  // A shorter one would leave the bytes of the meter before it in place.
  if (meter.length !== METER_BYTES || seed.length !== SEED_BYTES)
    throw new RangeError(
      `meter, seed: expected 32 bytes each, found ${meter.length}, ${seed.length}`,
    );
  input.bytes.set(meter, input.meterAt);
  input.bytes.set(seed, input.seedAt);
  const digest = hash(input.bytes);
  input.bytes.fill(0, input.seedAt);
  return digest;
}
