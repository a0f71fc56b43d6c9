// Room in the kernel's memory that its calls share, one at a time: keys go in, and zeros over them when
// the call is over. It is kept, since asking for it anew cost more than a street's masks.

import type { SimdMemory } from './simd-memory.ts';

/** A vector may be loaded a little behind the end. */
const SLACK_BYTES = 64;
const FIRST_BYTES: number = 2 ** 16;

export class SimdRoom {
  readonly #memory: SimdMemory;
  #pointer = 0;
  #byteCount = 0;

  constructor(memory: SimdMemory) {
    this.#memory = memory;
  }

  /** Where so many bytes of zeros begin, until they are wiped. May make the memory grow. */
  reserve(byteCount: number): number {
    if (byteCount > this.#byteCount) {
      if (this.#byteCount > 0) this.#memory.exports.release(this.#pointer);
      this.#byteCount = Math.max(FIRST_BYTES, 2 ** Math.ceil(Math.log2(byteCount)));
      this.#pointer = this.#memory.allocate(this.#byteCount + SLACK_BYTES);
    }
    return this.#pointer;
  }

  /** In a `finally`: `using` would cost as much as several blocks. */
  wipe(byteCount: number): void {
    this.#memory.bytes.fill(0, this.#pointer, this.#pointer + byteCount);
  }
}
