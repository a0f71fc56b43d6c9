// The fast kernel's WebAssembly instance and its memory. Views are made anew when the memory has
// grown, which leaves the old ones empty: none is kept by anybody else. That they are empty is asked,
// since to ask for the memory's buffer costs more, for every message.

/** What assembly/index.ts exports. Pointers and counts are unsigned 32-bit numbers. */
export interface SimdExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly INTAKE_BYTES: { readonly value: number };
  allocate(byteCount: number): number;
  release(pointer: number): void;
  blockFloor(keys: number, count: number, counter: number): number;
  ratchetKeys(keys: number, count: number): void;
  sumMasks(
    slotCounts: number,
    streetCount: number,
    keys: number,
    sets: number,
    bitmaps: number,
    componentCount: number,
    channelCount: number,
    interval: number,
    sums: number,
  ): void;
  maskFrames(
    count: number,
    slots: number,
    sets: number,
    values: number,
    channelCount: number,
    keys: number,
    componentCount: number,
    authenticationKeys: number,
    context: number,
    interval: number,
    out: number,
  ): number;
  takeMessages(
    messages: number,
    messageCount: number,
    counts: number,
    completed: number,
    strangers: number,
    strangerLimit: number,
  ): bigint;
  frames(
    bitmap: number,
    slotCount: number,
    sets: number,
    words: number,
    tags: number,
    channelCount: number,
    interval: number,
    out: number,
  ): number;
  hashMany(messages: number, lengths: number, count: number, out: number): void;
}

export class SimdMemory {
  readonly exports: SimdExports;
  #bytes: Uint8Array = new Uint8Array(0);
  #words: Uint32Array = new Uint32Array(0);

  constructor(exports: SimdExports) {
    this.exports = exports;
  }

  get bytes(): Uint8Array {
    if (this.#bytes.length === 0) this.#refresh();
    return this.#bytes;
  }

  /** The same memory as 32-bit words: word i is at byte 4 i. */
  get words(): Uint32Array {
    if (this.#words.length === 0) this.#refresh();
    return this.#words;
  }

  /** Zeroed, aligned to 16 bytes. The caller gives it back with `release`. */
  allocate(byteCount: number): number {
    const pointer = this.exports.allocate(byteCount) >>> 0;
    this.bytes.fill(0, pointer, pointer + byteCount);
    return pointer;
  }

  /** Overwrites it with zeros first: it may have held keys. */
  release(pointer: number, byteCount: number): void {
    this.bytes.fill(0, pointer, pointer + byteCount);
    this.exports.release(pointer);
  }

  copy(pointer: number, byteCount: number): Uint8Array {
    return this.bytes.slice(pointer, pointer + byteCount);
  }

  #refresh(): void {
    this.#bytes = new Uint8Array(this.exports.memory.buffer);
    this.#words = new Uint32Array(this.exports.memory.buffer);
  }
}
