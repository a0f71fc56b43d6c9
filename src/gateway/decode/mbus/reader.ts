// Bytes read from the front, with the end of them as a thrown `TelegramError`: it never leaves the
// decoders of this folder, which turn it into a `Damage` at their boundary.

import { type Damage, type DamageReason, damage } from '../telegram.ts';

export class TelegramError extends Error {
  readonly reason: DamageReason;
  readonly offset: number;

  constructor(reason: DamageReason, detail: string, offset: number) {
    super(detail);
    this.reason = reason;
    this.offset = offset;
  }
}

/** What `read` gives, or what was wrong. Errors that are not about the bytes go through. */
export function orDamage<T>(read: () => T): T | Damage {
  try {
    return read();
  } catch (error) {
    if (error instanceof TelegramError) return damage(error.reason, error.message, error.offset);
    throw error;
  }
}

export class Reader {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  byte(what: string): number {
    this.need(1, what);
    return this.bytes[this.at++] as number;
  }

  /** Least significant byte first, as all of M-Bus. */
  word(what: string): number {
    this.need(2, what);
    const low = this.byte(what);
    return low | (this.byte(what) << 8);
  }

  take(length: number, what: string): Uint8Array {
    this.need(length, what);
    const taken = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return taken;
  }

  need(length: number, what: string): void {
    if (this.left >= length) return;
    const found = `${this.left} ${this.left === 1 ? 'is' : 'are'} left`;
    throw new TelegramError(
      'bad-structure',
      `expected ${length} ${length === 1 ? 'byte' : 'bytes'} of ${what}, ${found}`,
      this.at,
    );
  }
}

export function hexText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += hexByte(byte);
  return text;
}

/** `0F` */
export function hexByte(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}
