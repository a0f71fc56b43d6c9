// The way of messages into WebAssembly: a piece of its memory for their bytes, a table of (street,
// where, how long, when), and room for what is said about them. A call takes a whole table.

import { channelSet } from '../channel.ts';
import { frameBytes, splitFrames } from '../frame.ts';
import {
  FRAME_OUTCOMES,
  type Intake,
  type IntakeMessage,
  type StrangerFrame,
  type TakenMessages,
} from './kernel.ts';
import { type SimdIntake, SimdIntakes } from './simd-intake.ts';
import type { SimdMemory } from './simd-memory.ts';

/** A message in the table, as 32-bit words: the assembly's Message. */
export const MESSAGE_WORDS = 4;
export const SHORTEST_FRAME_BYTES = 34;
/** A vector may be loaded a little behind the last frame. */
export const SLACK_BYTES = 64;

const MAX_MESSAGES = 65_536;
const DATA_BYTES: number = 4 * 2 ** 20;
const MAX_FRAMES: number = Math.ceil(DATA_BYTES / SHORTEST_FRAME_BYTES);

interface Taken {
  readonly counts: Uint32Array;
  readonly completed: Intake[];
  readonly strangers: StrangerFrame[];
}

export class SimdInlet {
  readonly #memory: SimdMemory;
  readonly #table: ReadonlyMap<number, SimdIntake>;
  readonly #data: number;
  readonly #messages: number;
  readonly #counts: number;
  readonly #completed: number;
  readonly #strangers: number;

  constructor(memory: SimdMemory, table: ReadonlyMap<number, SimdIntake>) {
    this.#memory = memory;
    this.#table = table;
    this.#data = memory.allocate(DATA_BYTES + SLACK_BYTES);
    this.#messages = memory.allocate(4 * MESSAGE_WORDS * MAX_MESSAGES);
    this.#counts = memory.allocate(4 * FRAME_OUTCOMES.length);
    this.#completed = memory.allocate(4 * MAX_FRAMES);
    this.#strangers = memory.allocate(8 * MAX_FRAMES);
  }

  takeMessages(messages: readonly IntakeMessage[]): TakenMessages {
    const taken = nothingTaken();
    let first = 0;
    while (first < messages.length) {
      const until = this.#fill(messages, first);
      if (until === first) {
        this.#takeLong(messages[first] as IntakeMessage, first, taken);
        first++;
        continue;
      }
      const start = first;
      this.#run(this.#messages, until - first, taken, (index, at) => {
        const { intakes, data } = messages[start + index] as IntakeMessage;
        return { message: start + index, intakes, frame: frameAt(data, at) };
      });
      first = until;
    }
    return taken;
  }

  /** Takes a table of the caller's, at most 4 MiB of messages; `intakesOf` tells its streets. */
  takeTable(
    table: number,
    messageCount: number,
    intakesOf: (message: number) => SimdIntakes,
  ): TakenMessages {
    const taken = nothingTaken();
    this.#run(table, messageCount, taken, (message, at) => {
      const { bytes, words } = this.#memory;
      const start = words[(table >>> 2) + message * MESSAGE_WORDS + 1] as number;
      // A copy: the memory is written over by what comes next.
      const frame = frameAt(bytes, start + at).slice();
      return { message, intakes: intakesOf(message), frame };
    });
    return taken;
  }

  /** Copies as many messages in as there is room for; the index behind the last. */
  #fill(messages: readonly IntakeMessage[], first: number): number {
    const { bytes, words } = this.#memory;
    let at = this.#data;
    const end = at + DATA_BYTES;
    let entry = this.#messages >>> 2;
    let index = first;
    for (; index < messages.length && index - first < MAX_MESSAGES; index++) {
      const { intakes, data, storedAtSeconds } = messages[index] as IntakeMessage;
      if (!(intakes instanceof SimdIntakes))
        throw new TypeError('intakes: expected those of this kernel');
      if (at + data.length > end) break;
      bytes.set(data, at);
      words[entry] = intakes.head;
      words[entry + 1] = at;
      words[entry + 2] = data.length;
      words[entry + 3] = storedAtSeconds;
      entry += MESSAGE_WORDS;
      at += data.length;
    }
    return index;
  }

  #run(
    table: number,
    messageCount: number,
    taken: Taken,
    strangerAt: (message: number, offset: number) => Omit<StrangerFrame, 'storedAtSeconds'>,
  ): void {
    const { exports } = this.#memory;
    this.#memory.words.fill(0, this.#counts >>> 2, (this.#counts >>> 2) + FRAME_OUTCOMES.length);
    const outcome = exports.takeMessages(
      table,
      messageCount,
      this.#counts,
      this.#completed,
      this.#strangers,
      MAX_FRAMES,
    );
    const { words } = this.#memory;
    for (let i = 0; i < FRAME_OUTCOMES.length; i++)
      taken.counts[i] = (taken.counts[i] as number) + (words[(this.#counts >>> 2) + i] as number);
    const completedCount = Number(outcome & 0xffffffffn);
    for (let i = 0; i < completedCount; i++) {
      const intake = this.#table.get(words[(this.#completed >>> 2) + i] as number);
      if (intake !== undefined) taken.completed.push(intake);
    }
    const strangerCount = Number(outcome >> 32n);
    for (let i = 0; i < strangerCount; i++) {
      const message = words[(this.#strangers >>> 2) + 2 * i] as number;
      const offset = words[(this.#strangers >>> 2) + 2 * i + 1] as number;
      const storedAtSeconds = words[(table >>> 2) + message * MESSAGE_WORDS + 3] as number;
      taken.strangers.push({ ...strangerAt(message, offset), storedAtSeconds });
    }
  }

  /** A message that the room is too small for goes in pieces. */
  #takeLong(message: IntakeMessage, index: number, taken: Taken): void {
    const { frames, rejected } = splitFrames(message.data);
    for (const frame of frames) {
      const part = this.takeMessages([{ ...message, data: frame }]);
      for (const [outcome, count] of part.counts.entries())
        taken.counts[outcome] = (taken.counts[outcome] as number) + count;
      taken.completed.push(...part.completed);
      for (const stranger of part.strangers) taken.strangers.push({ ...stranger, message: index });
    }
    if (rejected === undefined) return;
    const outcome = FRAME_OUTCOMES.indexOf(rejected);
    taken.counts[outcome] = (taken.counts[outcome] as number) + 1;
  }
}

function nothingTaken(): Taken {
  return { counts: new Uint32Array(FRAME_OUTCOMES.length), completed: [], strangers: [] };
}

function frameAt(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.subarray(at, at + frameBytes(channelSet(bytes[at + 1] as number)));
}
