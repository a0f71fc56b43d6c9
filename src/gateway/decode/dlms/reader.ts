// Reading big-endian fields out of hostile bytes. What does not fit is thrown as `Malformed`, which
// never leaves this folder: the decoder turns it into a `Damage`.

import type { DamageReason } from '../telegram.ts';

export class Malformed extends Error {
  readonly reason: DamageReason;
  /** In the bytes that were read. */
  readonly at: number;

  constructor(reason: DamageReason, detail: string, at: number) {
    super(detail);
    this.name = 'Malformed';
    this.reason = reason;
    this.at = at;
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

  /** undefined behind the end. */
  peek(ahead: number = 0): number | undefined {
    return this.bytes[this.at + ahead];
  }

  u8(): number {
    this.#need(1);
    return this.bytes[this.at++] as number;
  }

  u16(): number {
    return (this.u8() << 8) | this.u8();
  }

  u32(): number {
    return this.u16() * 0x1_0000 + this.u16();
  }

  /** A big-endian integer of `size` bytes, at most 8. */
  integer(size: number, isSigned: boolean): bigint {
    const view = this.take(size);
    if (size <= 4) {
      let small = 0;
      for (const byte of view) small = small * 256 + byte;
      if (isSigned && small >= 2 ** (8 * size - 1)) small -= 2 ** (8 * size);
      return BigInt(small);
    }
    let value = 0n;
    for (const byte of view) value = (value << 8n) | BigInt(byte);
    return isSigned ? BigInt.asIntN(8 * size, value) : value;
  }

  /** A view, not a copy. */
  take(size: number): Uint8Array {
    this.#need(size);
    const view = this.bytes.subarray(this.at, this.at + size);
    this.at += size;
    return view;
  }

  /** A-XDR length (IEC 61334-6, 6.1): one byte to 127, else 81 to 84 and as many bytes. */
  length(): number {
    const start = this.at;
    const first = this.u8();
    if (first < 0x80) return first;
    const size = first & 0x7f;
    if (size === 0 || size > 4)
      throw new Malformed('bad-structure', `expected a length, found byte 0x${hex(first)}`, start);
    let length = 0;
    for (let left = size; left > 0; left--) length = length * 256 + this.u8();
    return length;
  }

  #need(size: number): void {
    if (size <= this.left) return;
    const missing = `expected ${size} more bytes, found ${this.left}`;
    throw new Malformed('cut-short', missing, this.at);
  }
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
