// How a trustee's signed answer travels: sealed to the grant's HPKE key (correction 23).
//
//   u8 version = 1 | CBOR { enc, counter, ciphertext }
//
// One encapsulation serves many answers: the key is the HPKE exporter secret (RFC 9180 section 5.3,
// exporter context "streetwatt/v1 answer key"), each answer is ChaCha20-Poly1305 (RFC 8439) under it
// with nonce LE64(counter) || 4 zero bytes, a counter that never repeats within the session, and
// SHA-256 of the signed request as associated data, so that an answer fits one request only. A
// session ends with the epoch. Secret: the session key.

import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { z } from 'zod';
import { concatBytes, toHex, utf8, writeU32 } from './bytes.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { sha256 } from './digest.ts';
import { bytesOf, bytesUpTo, safeCount } from './fields.ts';
import {
  HPKE_ENC_BYTES,
  HPKE_EPHEMERAL_SEED_BYTES,
  type HpkeKeyPair,
  hpkeReceiveExport,
  hpkeSendExport,
} from './hpke.ts';

export const ANSWER_RANDOM_BYTES: number = HPKE_EPHEMERAL_SEED_BYTES;
const ANSWER_VERSION = 1;
const INFO: Uint8Array = utf8('streetwatt/v1 answer');
const EXPORTER_CONTEXT: Uint8Array = utf8('streetwatt/v1 answer key');
const MAX_SESSIONS = 64;

/** The trustee's side. */
export interface AnswerSession {
  readonly enc: Uint8Array;
  readonly key: Uint8Array;
  counter: number;
}

/** The monitor's side: session keys by encapsulation, so that each is opened once. */
export type AnswerKeys = Map<string, Uint8Array>;

const sealedSchema = z.strictObject({
  enc: bytesOf(HPKE_ENC_BYTES),
  counter: safeCount,
  ciphertext: bytesUpTo(2 ** 26),
});

export async function createAnswerSession(
  recipientPublicKey: Uint8Array,
  ephemeralSeed: Uint8Array,
): Promise<AnswerSession> {
  const { enc, secret } = await hpkeSendExport({
    recipientPublicKey,
    info: INFO,
    exporterContext: EXPORTER_CONTEXT,
    ephemeralSeed,
  });
  return { enc, key: secret, counter: 0 };
}

/** `requestBytes` is the signed request that it answers. */
export function sealAnswer(
  session: AnswerSession,
  signedAnswer: Uint8Array,
  requestBytes: Uint8Array,
): Uint8Array {
  const counter = session.counter++;
  const ciphertext = chacha20poly1305(session.key, nonceOf(counter), sha256(requestBytes)).encrypt(
    signedAnswer,
  );
  return concatBytes(
    Uint8Array.of(ANSWER_VERSION),
    encodeCbor({ enc: session.enc, counter, ciphertext }),
  );
}

/** The signed answer inside, its signature unchecked; undefined where it is not for us or altered. */
export async function openAnswer(
  bytes: Uint8Array,
  requestBytes: Uint8Array,
  keyPair: HpkeKeyPair,
  keys: AnswerKeys,
): Promise<Uint8Array | undefined> {
  if (bytes[0] !== ANSWER_VERSION) return undefined;
  const sealed = decodeCbor(bytes.subarray(1), sealedSchema);
  if (sealed === undefined) return undefined;
  const name = toHex(sha256(sealed.enc));
  const key =
    keys.get(name) ??
    (await hpkeReceiveExport({
      keyPair,
      info: INFO,
      exporterContext: EXPORTER_CONTEXT,
      enc: sealed.enc,
    }));
  if (key === undefined) return undefined;
  try {
    const answer = chacha20poly1305(key, nonceOf(sealed.counter), sha256(requestBytes)).decrypt(
      sealed.ciphertext,
    );
    // Kept only once it has opened something: whoever sends rubbish fills no table.
    if (keys.size >= MAX_SESSIONS) keys.clear();
    keys.set(name, key);
    return answer;
  } catch {
    return undefined;
  }
}

function nonceOf(counter: number): Uint8Array {
  const nonce = new Uint8Array(12);
  writeU32(nonce, 0, counter % 2 ** 32);
  writeU32(nonce, 4, Math.floor(counter / 2 ** 32));
  return nonce;
}
