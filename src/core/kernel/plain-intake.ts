// Frames in, as the kernel's plain twin: parsed, checked and kept, each slot once per interval
// (design.md sections 4 and 10). The cheap checks come first and the tag before anything is kept or
// compared, so that forged bytes can neither take a slot nor pass for an equivocation. All they leave
// is one bit: that the slot was contested, and that its counted frame must be named to auditors, who
// cannot check tags.

import { bitIndices, bitmapBytes, hasBit, setBit } from '../bitmap.ts';
import { equalBytes } from '../bytes.ts';
import { channelIndices } from '../channel.ts';
import { decodeFrame, type FrameBody, isFrameTagValid, splitFrames } from '../frame.ts';
import { frameDigest, framesRoot } from '../frames-root.ts';
import type { IntervalIndex } from '../interval.ts';
import { addWords, KEY_BYTES } from '../mask.ts';
import { checkSetup } from './check-setup.ts';
import {
  FRAME_OUTCOMES,
  type FrameOutcome,
  type Intake,
  type IntakeMessage,
  type IntakeSetup,
  type StrangerFrame,
  type StreetIntakes,
  type TakenMessages,
} from './kernel.ts';

export class PlainIntakes implements StreetIntakes {
  readonly byInterval: Map<IntervalIndex, PlainIntake> = new Map();

  open(setup: IntakeSetup): Intake {
    checkSetup(setup);
    const intake = new PlainIntake(setup);
    this.byInterval.set(setup.interval, intake);
    return intake;
  }

  forget(before: IntervalIndex): void {
    for (const [interval, intake] of this.byInterval) {
      if (interval >= before) continue;
      intake.eraseKeys();
      this.byInterval.delete(interval);
    }
  }

  [Symbol.dispose](): void {
    this.forget(Number.POSITIVE_INFINITY as IntervalIndex);
  }
}

export function takeMessages(messages: readonly IntakeMessage[]): TakenMessages {
  const counts = new Uint32Array(FRAME_OUTCOMES.length);
  const completed: Intake[] = [];
  const strangers: StrangerFrame[] = [];
  const count = (outcome: FrameOutcome) => {
    const index = FRAME_OUTCOMES.indexOf(outcome);
    counts[index] = (counts[index] as number) + 1;
  };
  for (const [message, { intakes, data, storedAtSeconds }] of messages.entries()) {
    if (!(intakes instanceof PlainIntakes))
      throw new TypeError('intakes: expected those of the plain kernel');
    const { frames, rejected } = splitFrames(data);
    for (const frame of frames) {
      const body = decodeFrame(frame);
      const intake = intakes.byInterval.get(body.interval);
      if (intake === undefined) {
        strangers.push({ message, intakes, frame, storedAtSeconds });
        continue;
      }
      const outcome = intake.take(frame, body, storedAtSeconds);
      count(outcome);
      if (outcome === 'accepted' && intake.count === intake.setup.rosterCount)
        completed.push(intake);
    }
    if (rejected !== undefined) count(rejected);
  }
  return { counts, completed, strangers };
}

class PlainIntake implements Intake {
  readonly setup: IntakeSetup;
  readonly street: number;
  readonly interval: IntervalIndex;
  count = 0;
  readonly #contributors: Uint8Array;
  readonly #contested: Uint8Array;
  /** Slot by slot, one word per channel; zero where the slot has not reported. */
  readonly #words: BigUint64Array;
  readonly #frames: (Uint8Array | undefined)[];
  #keys: Uint8Array | undefined;
  #isClosed = false;

  constructor(setup: IntakeSetup) {
    this.setup = setup;
    this.street = setup.street;
    this.interval = setup.interval;
    const slotCount = setup.sets.length;
    this.#contributors = new Uint8Array(bitmapBytes(slotCount));
    this.#contested = new Uint8Array(bitmapBytes(slotCount));
    this.#words = new BigUint64Array(slotCount * setup.channelCount);
    this.#frames = new Array(slotCount).fill(undefined);
    this.#keys = setup.keys?.slice();
  }

  take(frame: Uint8Array, body: FrameBody, storedAtSeconds: number): FrameOutcome {
    const { sets, opensAtSeconds, closesAtSeconds } = this.setup;
    if (storedAtSeconds < opensAtSeconds) return 'future-interval';
    const known = sets[body.slot] ?? 0;
    if (known === 0) return 'unknown-slot';
    if (known !== body.channels) return 'bad-channels';
    if (storedAtSeconds >= closesAtSeconds || this.#keys === undefined) return 'closed-interval';
    const outcome = this.#settle(frame, body, this.#keys);
    // Auditors find this frame as well, and may find it first.
    if (outcome !== 'accepted' && outcome !== 'duplicate') setBit(this.#contested, body.slot);
    return outcome;
  }

  close(): void {
    this.#isClosed = true;
  }

  eraseKeys(): void {
    this.#keys?.fill(0);
    this.#keys = undefined;
  }

  contributors(): Uint8Array {
    return this.#contributors.slice();
  }

  contested(): Uint8Array {
    return this.#contested.slice();
  }

  frameDigest(slot: number): Uint8Array | undefined {
    const frame = this.#frames[slot];
    return frame && frameDigest(frame);
  }

  framesRoot(contributors: Uint8Array): Uint8Array | undefined {
    const frames: Uint8Array[] = [];
    for (const slot of bitIndices(contributors)) {
      const frame = this.#frames[slot];
      if (frame === undefined) return undefined;
      frames.push(frame);
    }
    return framesRoot(frames);
  }

  sumWords(contributors: Uint8Array): BigUint64Array {
    const { channelCount } = this.setup;
    const sum = new BigUint64Array(channelCount);
    for (const slot of bitIndices(contributors))
      if (slot < this.setup.sets.length)
        addWords(sum, this.#words.subarray(slot * channelCount, (slot + 1) * channelCount));
    return sum;
  }

  #settle(frame: Uint8Array, body: FrameBody, keys: Uint8Array): FrameOutcome {
    const key = keys.subarray(body.slot * KEY_BYTES, (body.slot + 1) * KEY_BYTES);
    if (!isFrameTagValid(frame, key, this.setup.context)) return 'bad-tag';
    if (hasBit(this.#contributors, body.slot)) {
      const kept = this.#frames[body.slot] as Uint8Array;
      return equalBytes(kept, frame) ? 'duplicate' : 'equivocation';
    }
    if (this.#isClosed) return 'closed-interval';
    const at = body.slot * this.setup.channelCount;
    for (const [position, channel] of channelIndices(body.channels).entries())
      this.#words[at + channel] = body.words[position] as bigint;
    // A copy of what may be a Buffer, whose `slice` is none.
    this.#frames[body.slot] = new Uint8Array(frame);
    setBit(this.#contributors, body.slot);
    this.count++;
    return 'accepted';
  }
}
