// A street's authentication keys in WebAssembly's memory, and how long they are there. Secret.

import type { SimdMemory } from './simd-memory.ts';

/**
 * The authentication keys of a street's epoch, once for all its open intervals. They are overwritten
 * when the last intake lets go of them, so none outlives the intervals of its epoch.
 */
export class SharedKeys {
  readonly pointer: number;
  /** By its identity: a street's keys of one epoch are one array, which is never written into but to erase it. */
  readonly source: Uint8Array;
  readonly byteCount: number;
  readonly #memory: SimdMemory;
  readonly #onErased: () => void;
  #userCount = 0;

  constructor(memory: SimdMemory, source: Uint8Array, byteCount: number, onErased: () => void) {
    this.pointer = memory.exports.allocate(byteCount) >>> 0;
    this.source = source;
    this.byteCount = byteCount;
    this.#memory = memory;
    this.#onErased = onErased;
    const { bytes } = memory;
    bytes.set(source.subarray(0, byteCount), this.pointer);
    if (source.length < byteCount)
      bytes.fill(0, this.pointer + source.length, this.pointer + byteCount);
  }

  use(): number {
    this.#userCount++;
    return this.pointer;
  }

  letGo(): void {
    if (--this.#userCount > 0) return;
    this.#memory.release(this.pointer, this.byteCount);
    this.#onErased();
  }
}
