// Who may look from the home's network: whoever typed the six digits that the gateway shows on its
// own terminal. A code is for one device; five wrong guesses burn it, and the next one is shown a
// quarter of an hour later, so a guesser gets 480 of a million a day. A device keeps a long random
// cookie, of which only the SHA-256 is kept here.

import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const CODE_DIGITS = 6;
const MAX_GUESSES = 5;
const PAUSE_MS = 900_000;
const MAX_DEVICES = 16;

export type PairOutcome =
  | { readonly kind: 'paired'; readonly token: string }
  | { readonly kind: 'wrong' }
  /** Nobody may guess now. */
  | { readonly kind: 'paused' };

export interface PairingOptions {
  readonly nowMs: () => number;
  /** The gateway's own terminal. */
  readonly say: (line: string) => void;
  /** Digests of the devices, in hex; their change is to be stored. */
  readonly devices: readonly string[];
  readonly onDevices: (digests: readonly string[]) => void;
}

export class Pairing {
  readonly #options: PairingOptions;
  #devices: readonly Buffer[];
  #code: Buffer | undefined;
  #guesses = 0;
  #pausedUntilMs = 0;

  constructor(options: PairingOptions) {
    this.#options = options;
    this.#devices = options.devices.map((hex) => Buffer.from(hex, 'hex'));
    this.#showCode();
  }

  pair(code: string): PairOutcome {
    const { nowMs } = this.#options;
    if (nowMs() < this.#pausedUntilMs) return { kind: 'paused' };
    if (this.#code === undefined) {
      // The pause is over: this guess was for the code that was burnt.
      this.#showCode();
      return { kind: 'wrong' };
    }
    if (timingSafeEqual(digestOf(code), this.#code)) {
      const token = randomBytes(32).toString('base64url');
      this.#devices = [...this.#devices, digestOf(token)].slice(-MAX_DEVICES);
      this.#options.onDevices(this.#devices.map((digest) => digest.toString('hex')));
      this.#showCode();
      return { kind: 'paired', token };
    }
    if (++this.#guesses < MAX_GUESSES) return { kind: 'wrong' };
    this.#code = undefined;
    this.#pausedUntilMs = nowMs() + PAUSE_MS;
    this.#options.say('five wrong pairing codes: no pairing for a quarter of an hour');
    return { kind: 'paused' };
  }

  isPaired(token: string | undefined): boolean {
    const digest = digestOf(token ?? '');
    let isKnown = false;
    // All of them, whichever it is: the time says nothing.
    for (const device of this.#devices) if (timingSafeEqual(digest, device)) isKnown = true;
    return isKnown;
  }

  #showCode(): void {
    const code = String(randomInt(10 ** CODE_DIGITS)).padStart(CODE_DIGITS, '0');
    this.#code = digestOf(code);
    this.#guesses = 0;
    this.#options.say(`pairing code for the next device: ${code}`);
  }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}

const devicesSchema = z.strictObject({
  devices: z.array(z.string().regex(/^[0-9a-f]{64}$/u)).max(MAX_DEVICES),
});

/** None where the file is missing or damaged: devices pair again. */
export async function readDevices(file: string): Promise<readonly string[]> {
  try {
    return devicesSchema.parse(JSON.parse(await readFile(file, 'utf8'))).devices;
  } catch {
    return [];
  }
}
