// A street's intakes in WebAssembly. They live in its memory as a linked list; this side opens and
// forgets them, and reads out what a seal needs. Frames come in by simd-inlet.ts.

import { bitmapBytes } from '../bitmap.ts';
import { equalBytes } from '../bytes.ts';
import type { IntervalIndex } from '../interval.ts';
import { KEY_BYTES } from '../mask.ts';
import { merkleRoot } from '../merkle.ts';
import type { Intake, IntakeSetup, StreetIntakes } from './kernel.ts';
import type { SimdMemory } from './simd-memory.ts';

// The fields of the assembly's Intake, as indices of 32-bit words.
const KEYS = 4;
const COUNT = 10;
const IS_CLOSED = 11;
const NEXT = 14;
const CONTEXT = 16;
const SUMS = 20;
const TAG_BYTES = 16;
const DIGEST_BYTES = 32;

export class SimdIntakes implements StreetIntakes {
  readonly #memory: SimdMemory;
  readonly #table: Map<number, SimdIntake>;
  /** Newest first, as they are linked. */
  #intakes: SimdIntake[] = [];

  constructor(memory: SimdMemory, table: Map<number, SimdIntake>) {
    this.#memory = memory;
    this.#table = table;
  }

  /** Where the list begins; 0 where it is empty. */
  get head(): number {
    return this.#intakes[0]?.pointer ?? 0;
  }

  open(setup: IntakeSetup): Intake {
    const intake = new SimdIntake(this.#memory, setup, this.head);
    this.#intakes.unshift(intake);
    this.#table.set(intake.pointer, intake);
    return intake;
  }

  forget(before: IntervalIndex): void {
    if (this.#intakes.every((intake) => intake.interval >= before)) return;
    const kept: SimdIntake[] = [];
    for (const intake of this.#intakes) {
      if (intake.interval >= before) {
        kept.push(intake);
        continue;
      }
      this.#table.delete(intake.pointer);
      intake.release();
    }
    this.#intakes = kept;
    for (const [index, intake] of kept.entries()) intake.link(kept[index + 1]?.pointer ?? 0);
  }
}

export class SimdIntake implements Intake {
  readonly street: number;
  readonly interval: IntervalIndex;
  readonly pointer: number;
  readonly #memory: SimdMemory;
  readonly #slotCount: number;
  readonly #channelCount: number;
  readonly #layout: Layout;

  constructor(memory: SimdMemory, setup: IntakeSetup, next: number) {
    const { sets, channelCount, keys, context, interval } = setup;
    const layout = layOut(memory.exports.INTAKE_BYTES.value, sets.length, channelCount);
    const pointer = memory.allocate(layout.byteCount);
    this.street = setup.street;
    this.interval = interval;
    this.pointer = pointer;
    this.#memory = memory;
    this.#slotCount = sets.length;
    this.#channelCount = channelCount;
    this.#layout = layout;
    memory.words.set(
      [
        interval,
        sets.length,
        setup.opensAtSeconds,
        setup.closesAtSeconds,
        keys === undefined ? 0 : pointer + layout.keys,
        pointer + layout.sets,
        pointer + layout.words,
        pointer + layout.tags,
        pointer + layout.contributors,
        pointer + layout.contested,
        0,
        0,
        channelCount,
        setup.rosterCount,
        next,
      ],
      pointer >>> 2,
    );
    memory.bytes.set(context.subarray(0, 16), pointer + 4 * CONTEXT);
    memory.bytes.set(sets, pointer + layout.sets);
    if (keys !== undefined)
      memory.bytes.set(keys.subarray(0, KEY_BYTES * sets.length), pointer + layout.keys);
  }

  get count(): number {
    return this.#field(COUNT);
  }

  close(): void {
    this.#setField(IS_CLOSED, 1);
  }

  eraseKeys(): void {
    const at = this.pointer + this.#layout.keys;
    this.#memory.bytes.fill(0, at, at + KEY_BYTES * this.#slotCount);
    this.#setField(KEYS, 0);
  }

  contributors(): Uint8Array {
    return this.#bitmap(this.#layout.contributors);
  }

  contested(): Uint8Array {
    return this.#bitmap(this.#layout.contested);
  }

  frameDigest(slot: number): Uint8Array | undefined {
    const only = new Uint8Array(bitmapBytes(this.#slotCount));
    if (slot >= this.#slotCount) return undefined;
    only[slot >>> 3] = 1 << (slot & 7);
    return this.#withDigests(only, (nodes) => this.#memory.copy(nodes, DIGEST_BYTES));
  }

  framesRoot(contributors: Uint8Array): Uint8Array | undefined {
    return this.#withDigests(contributors, (nodes, count) => {
      if (count === 0) return merkleRoot([]);
      this.#memory.exports.merkleRoot(nodes, count);
      return this.#memory.copy(nodes, DIGEST_BYTES);
    });
  }

  sumWords(contributors: Uint8Array): BigUint64Array {
    const channelCount = this.#channelCount;
    if (equalBytes(contributors, this.contributors()))
      return new BigUint64Array(
        this.#memory.copy(this.pointer + 4 * SUMS, 8 * channelCount).buffer as ArrayBuffer,
      );
    const sum = new BigUint64Array(channelCount);
    const words = new BigUint64Array(
      this.#memory.bytes.buffer as ArrayBuffer,
      this.pointer + this.#layout.words,
      this.#slotCount * channelCount,
    );
    for (let slot = 0; slot < this.#slotCount; slot++) {
      if ((((contributors[slot >>> 3] ?? 0) >>> (slot & 7)) & 1) === 0) continue;
      for (let channel = 0; channel < channelCount; channel++)
        sum[channel] = (sum[channel] as bigint) + (words[slot * channelCount + channel] as bigint);
    }
    return sum;
  }

  link(next: number): void {
    this.#setField(NEXT, next);
  }

  release(): void {
    this.#memory.release(this.pointer, this.#layout.byteCount);
  }

  #withDigests(
    contributors: Uint8Array,
    read: (nodes: number, count: number) => Uint8Array,
  ): Uint8Array | undefined {
    const own = this.contributors();
    // A bitmap from outside may have any length.
    for (const [index, byte] of contributors.entries())
      if ((byte & ~(own[index] ?? 0)) !== 0) return undefined;
    const { exports } = this.#memory;
    const nodes = this.#memory.allocate(DIGEST_BYTES * this.#slotCount + own.length);
    try {
      const bitmap = nodes + DIGEST_BYTES * this.#slotCount;
      this.#memory.bytes.set(contributors.subarray(0, own.length), bitmap);
      const count = exports.frameDigests(
        bitmap,
        this.#slotCount,
        this.pointer + this.#layout.sets,
        this.pointer + this.#layout.words,
        this.pointer + this.#layout.tags,
        this.#channelCount,
        this.interval,
        nodes,
      );
      return read(nodes, count);
    } finally {
      exports.release(nodes);
    }
  }

  #bitmap(at: number): Uint8Array {
    return this.#memory.copy(this.pointer + at, bitmapBytes(this.#slotCount));
  }

  #field(index: number): number {
    return this.#memory.words[(this.pointer >>> 2) + index] as number;
  }

  #setField(index: number, value: number): void {
    this.#memory.words[(this.pointer >>> 2) + index] = value;
  }
}

/** One intake is one piece of memory: its fields, then these arrays, as offsets. */
interface Layout {
  readonly words: number;
  readonly tags: number;
  readonly keys: number;
  readonly sets: number;
  readonly contributors: number;
  readonly contested: number;
  readonly byteCount: number;
}

/** For each slot 8 bytes a channel, a tag, a key, a channel set and two bits: 73 bytes at three channels. */
function layOut(headerBytes: number, slotCount: number, channelCount: number): Layout {
  const words = headerBytes;
  const tags = words + 8 * channelCount * slotCount;
  const keys = tags + TAG_BYTES * slotCount;
  const sets = keys + KEY_BYTES * slotCount;
  const contributors = sets + slotCount;
  const contested = contributors + bitmapBytes(slotCount);
  return {
    words,
    tags,
    keys,
    sets,
    contributors,
    contested,
    byteCount: contested + bitmapBytes(slotCount),
  };
}
