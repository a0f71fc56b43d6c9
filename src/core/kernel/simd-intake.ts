// A street's intakes in WebAssembly. They live in its memory as a linked list; this side opens and
// forgets them, and reads out what a seal needs. Frames come in by simd-inlet.ts.

import { bitmapBytes } from '../bitmap.ts';
import { sha256 } from '../digest.ts';
import { FRAME_HEADER_BYTES, TAG_BYTES } from '../frame.ts';
import { FRAMES_LABEL, frameDigest } from '../frames-root.ts';
import type { IntervalIndex } from '../interval.ts';
import { KEY_BYTES } from '../mask.ts';
import { checkSetup } from './check-setup.ts';
import type { Intake, IntakeSetup, StreetIntakes } from './kernel.ts';
import { SharedKeys } from './simd-keys.ts';
import type { SimdMemory } from './simd-memory.ts';

// The fields of the assembly's Intake, as indices of 32-bit words.
const KEYS = 4;
const COUNT = 10;
const IS_CLOSED = 11;
const NEXT = 14;
const CONTEXT = 16;
const SUMS = 20;
const NO_LABEL: Uint8Array = new Uint8Array(0);

export class SimdIntakes implements StreetIntakes {
  readonly #memory: SimdMemory;
  readonly #table: Map<number, SimdIntake>;
  /** Newest first, as they are linked. */
  #intakes: SimdIntake[] = [];
  /** Those that some intake uses: of one epoch, or of two over midnight. */
  readonly #keys: SharedKeys[] = [];
  /** Of the last intake: a street has the same from one interval to the next. */
  #layout: Layout | undefined;

  constructor(memory: SimdMemory, table: Map<number, SimdIntake>) {
    this.#memory = memory;
    this.#table = table;
  }

  /** Where the list begins; 0 where it is empty. */
  get head(): number {
    return this.#intakes[0]?.pointer ?? 0;
  }

  open(setup: IntakeSetup): Intake {
    checkSetup(setup);
    const slotCount = setup.sets.length;
    let layout = this.#layout;
    if (layout?.slotCount !== slotCount || layout.channelCount !== setup.channelCount) {
      const headerBytes = this.#memory.exports.INTAKE_BYTES.value;
      layout = layOut(headerBytes, slotCount, setup.channelCount);
      this.#layout = layout;
    }
    const keys = setup.keys && this.#keysOf(setup.keys, KEY_BYTES * slotCount);
    const intake = new SimdIntake(this.#memory, layout, keys, setup, this.head);
    this.#intakes.unshift(intake);
    this.#table.set(intake.pointer, intake);
    return intake;
  }

  forget(before: IntervalIndex): void {
    const intakes = this.#intakes;
    let keptCount = 0;
    for (const intake of intakes) if (intake.interval >= before) keptCount++;
    if (keptCount === intakes.length) return;
    const kept: SimdIntake[] = [];
    for (const intake of intakes) {
      if (intake.interval >= before) {
        kept[kept.length - 1]?.link(intake.pointer);
        kept.push(intake);
        continue;
      }
      this.#table.delete(intake.pointer);
      intake.release();
    }
    kept[kept.length - 1]?.link(0);
    this.#intakes = kept;
  }

  [Symbol.dispose](): void {
    this.forget(Number.POSITIVE_INFINITY as IntervalIndex);
  }

  #keysOf(source: Uint8Array, byteCount: number): SharedKeys {
    for (const keys of this.#keys)
      if (keys.source === source && keys.byteCount === byteCount) return keys;
    const keys = new SharedKeys(this.#memory, source, byteCount, () => {
      this.#keys.splice(this.#keys.indexOf(keys), 1);
    });
    this.#keys.push(keys);
    return keys;
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
  #keys: SharedKeys | undefined;

  constructor(
    memory: SimdMemory,
    layout: Layout,
    keys: SharedKeys | undefined,
    setup: IntakeSetup,
    next: number,
  ) {
    const pointer = memory.exports.allocate(layout.byteCount) >>> 0;
    this.street = setup.street;
    this.interval = setup.interval;
    this.pointer = pointer;
    this.#memory = memory;
    this.#slotCount = layout.slotCount;
    this.#channelCount = layout.channelCount;
    this.#layout = layout;
    this.#keys = keys;
    const { bytes, words } = memory;
    // Tags are read only where a bit says that they are there.
    bytes.fill(0, pointer, pointer + layout.sets);
    const at = pointer >>> 2;
    words[at] = setup.interval;
    words[at + 1] = layout.slotCount;
    words[at + 2] = setup.opensAtSeconds;
    words[at + 3] = setup.closesAtSeconds;
    words[at + KEYS] = keys?.use() ?? 0;
    words[at + 5] = pointer + layout.sets;
    words[at + 6] = pointer + layout.words;
    words[at + 7] = pointer + layout.tags;
    words[at + 8] = pointer + layout.contributors;
    words[at + 9] = pointer + layout.contested;
    words[at + 12] = layout.channelCount;
    words[at + 13] = setup.rosterCount;
    words[at + NEXT] = next;
    bytes.set(setup.context.subarray(0, 16), pointer + 4 * CONTEXT);
    bytes.set(setup.sets, pointer + layout.sets);
  }

  get count(): number {
    return this.#field(COUNT);
  }

  close(): void {
    this.#setField(IS_CLOSED, 1);
  }

  eraseKeys(): void {
    this.#setField(KEYS, 0);
    this.#keys?.letGo();
    this.#keys = undefined;
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
    return this.#withFrames(only, NO_LABEL, frameDigest);
  }

  framesRoot(contributors: Uint8Array): Uint8Array | undefined {
    return this.#withFrames(contributors, FRAMES_LABEL, sha256);
  }

  sumWords(contributors: Uint8Array): BigUint64Array {
    const channelCount = this.#channelCount;
    if (this.#isEverybody(contributors))
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

  #isEverybody(contributors: Uint8Array): boolean {
    const { bytes } = this.#memory;
    const at = this.pointer + this.#layout.contributors;
    if (contributors.length !== bitmapBytes(this.#slotCount)) return false;
    for (let i = 0; i < contributors.length; i++)
      if (contributors[i] !== bytes[at + i]) return false;
    return true;
  }

  link(next: number): void {
    this.#setField(NEXT, next);
  }

  release(): void {
    this.eraseKeys();
    this.#memory.exports.release(this.pointer);
  }

  /** What `read` makes of the label and the frames in slot order; undefined where one is not here. */
  #withFrames(
    contributors: Uint8Array,
    label: Uint8Array,
    read: (message: Uint8Array) => Uint8Array,
  ): Uint8Array | undefined {
    const { exports, bytes } = this.#memory;
    const ownAt = this.pointer + this.#layout.contributors;
    const ownBytes = bitmapBytes(this.#slotCount);
    // A bitmap from outside may have any length.
    for (let i = 0; i < contributors.length; i++) {
      const own = i < ownBytes ? (bytes[ownAt + i] as number) : 0;
      if (((contributors[i] as number) & ~own) !== 0) return undefined;
    }
    const frameRoom = this.#slotCount * (FRAME_HEADER_BYTES + 8 * this.#channelCount + TAG_BYTES);
    const bitmap = exports.allocate(ownBytes + label.length + frameRoom) >>> 0;
    const labelAt = bitmap + ownBytes;
    const framesAt = labelAt + label.length;
    const { bytes: room } = this.#memory;
    for (let i = 0; i < ownBytes; i++) room[bitmap + i] = contributors[i] ?? 0;
    room.set(label, labelAt);
    const byteCount = exports.frames(
      bitmap,
      this.#slotCount,
      this.pointer + this.#layout.sets,
      this.pointer + this.#layout.words,
      this.pointer + this.#layout.tags,
      this.#channelCount,
      this.interval,
      framesAt,
    );
    const found = read(room.subarray(labelAt, framesAt + byteCount));
    exports.release(bitmap);
    return found;
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
  readonly slotCount: number;
  readonly channelCount: number;
  readonly words: number;
  readonly contributors: number;
  readonly contested: number;
  readonly sets: number;
  readonly tags: number;
  readonly byteCount: number;
}

/** For each slot 8 bytes a channel, a tag, a channel set and two bits: 41 bytes at three channels. */
function layOut(headerBytes: number, slotCount: number, channelCount: number): Layout {
  const words = headerBytes;
  const contributors = words + 8 * channelCount * slotCount;
  const contested = contributors + bitmapBytes(slotCount);
  const sets = contested + bitmapBytes(slotCount);
  const tags = sets + slotCount;
  const byteCount = tags + TAG_BYTES * slotCount;
  return { slotCount, channelCount, words, contributors, contested, sets, tags, byteCount };
}
