// The reader's half of IEC 62056-21, modes A to C (6.3 and annex A): a request at 300 baud, the
// meter's identification with the speed that it offers, in mode C our acknowledgement, and the data
// at the new speed.
//
//   reader  / ? <address> ! CR LF              300 baud
//   meter   / X X X Z <identification> CR LF   300 baud
//   reader  ACK 0 Z 0 CR LF                    300 baud, mode C only (6.3.3)
//   meter   STX <data> ! CR LF ETX BCC         Z's speed; mode A stays at 300 and has no Z
//
// Mode D needs none of this: it sends unasked. Optical heads echo what they send; that is no answer.

import { setTimeout as sleep } from 'node:timers/promises';
import type { SourceSink } from './source.ts';
import type { TelegramReader } from './telegram-reader.ts';

export interface SignOnOptions {
  readonly everySeconds: number;
  /** Of one meter on a bus; empty: whoever is there. */
  readonly address: string;
  /** The fastest that the optical head or the cable can do. */
  readonly maxBaud: number;
  /** Zeros for two seconds first, for meters on a battery (annex B). */
  readonly hasWakeUp: boolean;
}

export interface SignOn extends TelegramReader, Disposable {
  /** Never fulfilled: rejected where the port can no longer be set. */
  readonly failed: Promise<never>;
}

export interface SignOnPort extends SignOnOptions {
  /** Of the request: 300 by the standard. */
  readonly baud: number;
  readonly write: (text: string) => void;
  readonly setSpeed: (baud: number) => Promise<void>;
  readonly reader: TelegramReader;
  readonly sink: SourceSink;
}

export const SIGN_ON_BAUD = 300;
/** Digits are mode C, letters mode B, which changes by itself (6.3.14, item 13). */
const SPEEDS: Readonly<Record<string, number>> = {
  ...{ '0': 300, '1': 600, '2': 1200, '3': 2400, '4': 4800, '5': 9600, '6': 19_200 },
  ...{ A: 600, B: 1200, C: 2400, D: 4800, E: 9600, F: 19_200 },
};
/** A start bit, eight or seven and parity, a stop bit. */
const BITS_PER_CHARACTER = 10;
/** The reaction time before we may speak (tr, 6.6: 200 ms). */
const REACTION_MS = 220;
/** The meter answers within 1500 ms, and has pauses no longer than that (ta). */
const QUIET_MS = 2000;
const MAX_IDENTIFICATION_BYTES = 64;
const WAKE_UP_MS = 2200;
const AFTER_WAKE_UP_MS = 1600;

export function startSignOn(port: SignOnPort): SignOn {
  return new Dialogue(port);
}

class Dialogue implements SignOn {
  readonly failed: Promise<never>;
  readonly #port: SignOnPort;
  readonly #stop = new AbortController();
  #state: 'identification' | 'changing' | 'data' = 'data';
  #heard: number[] = [];
  #lastHeardMs = 0;
  #baud: number;

  constructor(port: SignOnPort) {
    this.#port = port;
    this.#baud = port.baud;
    this.failed = this.#run();
    // Whoever does not look at it is no reason to end.
    this.failed.catch(() => {});
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  receive(bytes: Uint8Array): void {
    this.#lastHeardMs = performance.now();
    if (this.#state === 'data') this.#port.reader.receive(bytes);
    // What comes while the speed changes is our own echo, and noise.
    else if (this.#state === 'identification') this.#hearIdentification(bytes);
  }

  /** Again and again; a meter that is still sending is not interrupted. */
  async #run(): Promise<never> {
    const { everySeconds } = this.#port;
    for (;;) {
      const startedMs = performance.now();
      await this.#signOn();
      do await this.#wait(QUIET_MS);
      while (
        performance.now() - startedMs < everySeconds * 1000 ||
        performance.now() - this.#lastHeardMs < QUIET_MS
      );
    }
  }

  async #signOn(): Promise<void> {
    const { baud, address, hasWakeUp, sink } = this.#port;
    if (this.#state === 'identification') sink.refused('no-answer', 'nobody answered the request');
    await this.#setSpeed(baud);
    this.#state = 'changing';
    if (hasWakeUp) {
      this.#port.write('\0'.repeat(Math.floor((WAKE_UP_MS * baud) / 1000 / BITS_PER_CHARACTER)));
      await this.#wait(WAKE_UP_MS + AFTER_WAKE_UP_MS);
    }
    this.#heard = [];
    this.#state = 'identification';
    this.#port.write(`/?${address}!\r\n`);
  }

  #hearIdentification(bytes: Uint8Array): void {
    for (const [at, byte] of bytes.entries()) {
      // The parity bit of a line that is read as 8N1.
      this.#heard.push(byte & 0x7f);
      if (this.#heard.at(-1) !== 0x0a) continue;
      const line = String.fromCharCode(...this.#heard);
      this.#heard = [];
      const [found, speed] = /\/[A-Za-z]{3}([ -~])[^\r\n]*\r\n$/u.exec(line) ?? [];
      if (found === undefined || speed === undefined) continue;
      this.#port.reader.receive(Buffer.from(found, 'latin1'));
      this.#answer(speed, bytes.subarray(at + 1)).catch((error: unknown) => {
        if (!this.#stop.signal.aborted) this.#port.sink.refused('no-speed', String(error));
      });
      return;
    }
    this.#heard = this.#heard.slice(-MAX_IDENTIFICATION_BYTES);
  }

  async #answer(speed: string, behind: Uint8Array): Promise<void> {
    const { baud, maxBaud, write } = this.#port;
    const offered = SPEEDS[speed];
    if (offered === undefined || (/[A-F]/u.test(speed) && offered === baud)) {
      this.#state = 'data';
      if (behind.length > 0) this.#port.reader.receive(behind);
      return;
    }
    this.#state = 'changing';
    if (/\d/u.test(speed)) {
      const taken = Object.entries(SPEEDS)
        .filter(([name, rate]) => /\d/u.test(name) && rate <= Math.min(offered, maxBaud))
        .at(-1) ?? ['0', baud];
      await this.#wait(REACTION_MS);
      const acknowledgement = `\x060${taken[0]}0\r\n`;
      write(acknowledgement);
      // An adapter may still hold what the system has given to it.
      await this.#wait((acknowledgement.length * BITS_PER_CHARACTER * 1000) / baud);
      await this.#setSpeed(taken[0] === '0' ? baud : taken[1]);
    } else await this.#setSpeed(offered);
    this.#state = 'data';
  }

  async #setSpeed(baud: number): Promise<void> {
    if (baud === this.#baud) return;
    await this.#port.setSpeed(baud);
    this.#baud = baud;
  }

  #wait(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.#stop.signal });
  }
}
