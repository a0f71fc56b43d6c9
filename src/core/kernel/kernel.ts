// The hot path, as operations over flat arrays, behind one interface with two implementations:
// plain-kernel.ts, which every machine runs and which is written to be read, and simd-kernel.ts, which
// does the same in WebAssembly, four ChaCha20 blocks, Poly1305 tags or SHA-256 hashes at a time.
//
//   take in     frames of many streets: parsed, checked, verified, kept once, added up
//   sum masks   of a street's contributors, for a trustee's component
//   mask        many readings into tagged frames: concentrators, simulation
//   ratchet     many keys into those of the next epoch
//   hash        what seals are made of: set digests, roots; nothing secret goes through these
//
// Secret: every key that is passed in. Nothing of them stays behind a call, but in an intake, which
// holds its street's authentication keys of one epoch until it is told to erase them.

import type { HashMany } from '../hash-many.ts';
import type { IntervalIndex } from '../interval.ts';

/** What becomes of a frame, by the counters' index: the same order as in assembly/intake.ts. */
export const FRAME_OUTCOMES = [
  'accepted',
  'bad-version',
  'bad-length',
  'future-interval',
  'unknown-slot',
  'bad-channels',
  'closed-interval',
  'bad-tag',
  'duplicate',
  'equivocation',
] as const;
export type FrameOutcome = (typeof FRAME_OUTCOMES)[number];

export interface Kernel {
  readonly name: 'plain' | 'simd';
  /**
   * Moves 32-byte keys that stand back to back one epoch on, in place. A key of zeros stands for none
   * and stays: its successor could be computed by anybody.
   */
  ratchetKeys(keys: Uint8Array): void;
  /**
   * The sums, mod 2^64, of the contributors' mask words over those that declare the channel: for each
   * street, and of it each component in turn, `channelCount` words.
   */
  sumMasks(query: MaskSumQuery): BigUint64Array;
  /** The frames of a batch, back to back, as `encodeFrame` makes each. */
  maskFrames(batch: FrameBatch): Uint8Array;
  readonly hashMany: HashMany;
  /** A street's place for what comes in. */
  createIntakes(): StreetIntakes;
  /** Takes messages in their order. Frames whose interval none of the street's intakes has come back. */
  takeMessages(messages: readonly IntakeMessage[]): TakenMessages;
  /** A place of one's own for messages that come in one by one. */
  createTray(): MessageTray;
}

export interface MaskSumQuery {
  readonly streets: readonly MaskSumStreet[];
  readonly componentCount: number;
  readonly channelCount: number;
  readonly interval: IntervalIndex;
}

export interface MaskSumStreet {
  /** `componentCount` keys of 32 bytes a slot. */
  readonly keys: Uint8Array;
  /** Bitmap over the slots. */
  readonly contributors: Uint8Array;
  /** Channel set of each slot. */
  readonly sets: Uint8Array;
}

/** Readings of one street and interval. */
export interface FrameBatch {
  readonly slots: Uint32Array;
  readonly sets: Uint8Array;
  readonly channelCount: number;
  /** Watt-hours, `channelCount` a reading; of channels outside the reading's set anything. */
  readonly values: BigInt64Array;
  readonly componentCount: number;
  /** `componentCount` keys of 32 bytes a reading. */
  readonly componentKeys: Uint8Array;
  /** One key of 32 bytes a reading. */
  readonly authenticationKeys: Uint8Array;
  readonly context: Uint8Array;
  readonly interval: IntervalIndex;
}

export interface IntakeSetup {
  /** The caller's number for the street. */
  readonly street: number;
  readonly interval: IntervalIndex;
  readonly channelCount: number;
  /** A frame that the stream stored before this second comes from a clock too far ahead. */
  readonly opensAtSeconds: number;
  /** A frame that it stored at or after this second is too late. */
  readonly closesAtSeconds: number;
  /** When so many slots have reported, the street is complete. */
  readonly rosterCount: number;
  readonly context: Uint8Array;
  /** Channel set of each slot; 0 where it is not active in this epoch, or its key is not known. */
  readonly sets: Uint8Array;
  /**
   * Authentication keys, 32 bytes a slot; undefined where they are erased. The same array for every
   * interval of an epoch: they are copied once for all of them.
   */
  readonly keys: Uint8Array | undefined;
}

/** One street's intervals that frames may still come for. Disposing forgets them all. */
export interface StreetIntakes extends Disposable {
  /** @throws RangeError for a slot whose set has a channel beyond `channelCount` */
  open(setup: IntakeSetup): Intake;
  /** Lets go of the intervals before this one; their intakes are not used again. */
  forget(before: IntervalIndex): void;
}

/** What came in of one street in one interval. */
export interface Intake {
  readonly street: number;
  readonly interval: IntervalIndex;
  /** Slots that have reported. */
  readonly count: number;
  /** No frame counts any more. */
  close(): void;
  /** It takes no frame any more. The copy is overwritten when the last of the epoch's intakes erases its keys, or is forgotten. */
  eraseKeys(): void;
  /** Who has reported, by slot. A copy. */
  contributors(): Uint8Array;
  /** Bit s: a frame of slot s that might have counted was seen and is not the kept one. A copy. */
  contested(): Uint8Array;
  /** SHA-256 of the kept frame. */
  frameDigest(slot: number): Uint8Array | undefined;
  /** The root over the frames of these slots; undefined where one is not here. */
  framesRoot(contributors: Uint8Array): Uint8Array | undefined;
  /** By channel, mod 2^64. */
  sumWords(contributors: Uint8Array): BigUint64Array;
}

export interface IntakeMessage {
  readonly intakes: StreetIntakes;
  /** Frames, back to back. */
  readonly data: Uint8Array;
  /** When the stream stored it. */
  readonly storedAtSeconds: number;
}

/** Messages that wait to be taken together. Disposing gives its memory back; it is not used again. */
export interface MessageTray extends Disposable {
  /** Of the messages that wait; at most 1 MiB. */
  readonly byteCount: number;
  /** Copies the message in; false where there is no room for it behind those that wait. */
  add(intakes: StreetIntakes, data: Uint8Array, storedAtSeconds: number): boolean;
  /** Takes what waits, as `takeMessages` does. */
  take(): TakenMessages;
}

/** A frame whose interval none of its street's intakes has. */
export interface StrangerFrame {
  /** Index of the message that it came in. */
  readonly message: number;
  readonly intakes: StreetIntakes;
  readonly frame: Uint8Array;
  readonly storedAtSeconds: number;
}

export interface TakenMessages {
  /** Frames, or rests of messages that are none, by index of `FRAME_OUTCOMES`. */
  readonly counts: Uint32Array;
  /** Whose whole roster has now reported, in no order. */
  readonly completed: readonly Intake[];
  readonly strangers: readonly StrangerFrame[];
}
