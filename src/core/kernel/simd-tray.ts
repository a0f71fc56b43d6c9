// Messages that wait for their call, in WebAssembly's memory from the moment they come in: copied
// once, with a line of a table each and no object.

import type { MessageTray, StreetIntakes, TakenMessages } from './kernel.ts';
import { MESSAGE_WORDS, SHORTEST_FRAME_BYTES, type SimdInlet, SLACK_BYTES } from './simd-inlet.ts';
import { SimdIntakes } from './simd-intake.ts';
import type { SimdMemory } from './simd-memory.ts';

/** As much as the largest message of the bus. */
const DATA_BYTES: number = 2 ** 20;
const MAX_MESSAGES: number = Math.ceil(DATA_BYTES / SHORTEST_FRAME_BYTES);
const TABLE_BYTES: number = 4 * MESSAGE_WORDS * MAX_MESSAGES;

export class SimdTray implements MessageTray {
  readonly #memory: SimdMemory;
  readonly #inlet: SimdInlet;
  /** By message. What stands behind the last is of earlier calls. */
  readonly #intakes: SimdIntakes[] = [];
  #table = 0;
  #data = 0;
  #count = 0;
  #byteCount = 0;

  constructor(memory: SimdMemory, inlet: SimdInlet) {
    this.#memory = memory;
    this.#inlet = inlet;
  }

  get byteCount(): number {
    return this.#byteCount;
  }

  add(intakes: StreetIntakes, data: Uint8Array, storedAtSeconds: number): boolean {
    if (!(intakes instanceof SimdIntakes))
      throw new TypeError('intakes: expected those of this kernel');
    if (this.#table === 0) this.#begin();
    const { length } = data;
    const index = this.#count;
    if (index === MAX_MESSAGES || this.#byteCount + length > DATA_BYTES) return false;
    const { bytes, words } = this.#memory;
    const at = this.#data + this.#byteCount;
    bytes.set(data, at);
    const entry = (this.#table >>> 2) + index * MESSAGE_WORDS;
    words[entry + 1] = at;
    words[entry + 2] = length;
    words[entry + 3] = storedAtSeconds;
    this.#intakes[index] = intakes;
    this.#count = index + 1;
    this.#byteCount += length;
    return true;
  }

  take(): TakenMessages {
    const count = this.#count;
    const { words } = this.#memory;
    // Not when they came in: an interval may have been opened or forgotten since.
    for (let index = 0, entry = this.#table >>> 2; index < count; index++, entry += MESSAGE_WORDS)
      words[entry] = (this.#intakes[index] as SimdIntakes).head;
    this.#count = 0;
    this.#byteCount = 0;
    return this.#inlet.takeTable(
      this.#table,
      count,
      (message) => this.#intakes[message] as SimdIntakes,
    );
  }

  [Symbol.dispose](): void {
    if (this.#table === 0) return;
    this.#memory.exports.release(this.#table);
    this.#table = 0;
    this.#count = 0;
    this.#byteCount = 0;
  }

  /** Not before it is needed: there are nodes that read none. */
  #begin(): void {
    this.#table = this.#memory.allocate(TABLE_BYTES + DATA_BYTES + SLACK_BYTES);
    this.#data = this.#table + TABLE_BYTES;
  }
}
