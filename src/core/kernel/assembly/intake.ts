// Frames in: parsed, checked against the roster, their tags verified four at a time, kept by slot and
// added to the street's sums, each slot once (design.md sections 4 and 10). The rules and their order
// are those of roles/aggregator-intake.ts: the cheap checks first, and the tag before anything is
// kept or compared, so that forged bytes can neither take a slot nor pass for an equivocation.

import { TAGS } from './poly';
import { CONTEXTS, FRAMES, KEYS, tags4 } from './tag';
import { ZERO_KEY } from './zero-key';

// What became of frames, by index of the counters: the order of OUTCOMES in kernel.ts.
const ACCEPTED: u32 = 0;
const BAD_VERSION: u32 = 1;
const BAD_LENGTH: u32 = 2;
const FUTURE_INTERVAL: u32 = 3;
const UNKNOWN_SLOT: u32 = 4;
const BAD_CHANNELS: u32 = 5;
const CLOSED_INTERVAL: u32 = 6;
const BAD_TAG: u32 = 7;
const DUPLICATE: u32 = 8;
const EQUIVOCATION: u32 = 9;

/** One street in one interval. All pointers; the arrays are the street's slots long. */
@unmanaged
class Intake {
  interval: u32;
  slotCount: u32;
  /** Stored before this second, a frame comes from a clock that runs too far ahead. */
  opensAtSeconds: u32;
  /** Stored at or after it, a frame is too late. */
  closesAtSeconds: u32;
  /** Authentication keys of the interval's epoch; 0 where they are erased. */
  keys: usize;
  /** Channel sets; 0 where the slot is not active or its key is unknown. */
  sets: usize;
  /** `channelCount` masked words a slot. */
  words: usize;
  tags: usize;
  contributors: usize;
  contested: usize;
  count: u32;
  isClosed: u32;
  channelCount: u32;
  /** When so many slots have reported, the street is named as complete. */
  rosterCount: u32;
  /** Of the same street, another interval; 0 at the end. */
  next: usize;
  reserved: u32;
  context0: u64;
  context1: u64;
  sum0: u64;
  sum1: u64;
  sum2: u64;
  sum3: u64;
  sum4: u64;
  sum5: u64;
  sum6: u64;
  sum7: u64;
}

/** One message: frames of one street. */
@unmanaged
class Message {
  /** The street's intakes; 0 where the street is not known here. */
  intakes: usize;
  data: usize;
  byteCount: u32;
  storedAtSeconds: u32;
}

export const INTAKE_BYTES: u32 = offsetof<Intake>();

const NO_FRAME: usize = memory.data(128, 16);
const HEADER_BYTES: u32 = 10;
const TAG_BYTES: u32 = 16;

/** By number of words, 1 to 8: how many frames wait for their tags, and which. */
const WAITING: usize = memory.data(36, 16);
const QUEUES: usize = memory.data(9 * 4 * 8, 16);

let counters: usize = 0;
let completed: usize = 0;
let completedCount: u32 = 0;

// @ts-ignore: decorator
@inline
function countOutcome(outcome: u32): void {
  const at = counters + (<usize>outcome << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/**
 * Takes `messageCount` messages. Adds to the counters at `outcomes`; writes the intakes that became
 * complete to `completedOut`; and those frames whose interval is none of the street's, which the
 * caller opens or refuses, to `strangersOut` as pairs (message, byte offset), at most `strangerLimit`.
 * Returns complete intakes | strangers << 32.
 */
export function takeMessages(
  messages: usize, messageCount: u32, outcomes: usize,
  completedOut: usize, strangersOut: usize, strangerLimit: u32,
): u64 {
  counters = outcomes;
  completed = completedOut;
  completedCount = 0;
  let strangers: u32 = 0;
  for (let index: u32 = 0; index < messageCount; index++) {
    const message = changetype<Message>(messages + index * offsetof<Message>());
    const end = message.data + message.byteCount;
    let at = message.data;
    if (at == end) countOutcome(BAD_LENGTH);
    while (at < end) {
      if (load<u8>(at) != 1) {
        countOutcome(BAD_VERSION);
        break;
      }
      const set: u32 = at + 1 < end ? load<u8>(at, 1) : 0;
      const wordCount = popcnt<u32>(set);
      const byteCount = HEADER_BYTES + (wordCount << 3) + TAG_BYTES;
      if (set == 0 || at + byteCount > end) {
        countOutcome(BAD_LENGTH);
        break;
      }
      const interval = load<u32>(at, 6);
      let intake = message.intakes;
      while (intake != 0 && changetype<Intake>(intake).interval != interval)
        intake = changetype<Intake>(intake).next;
      if (intake == 0) {
        if (strangers < strangerLimit) {
          const out = strangersOut + (<usize>strangers << 3);
          store<u32>(out, index);
          store<u32>(out, <u32>(at - message.data), 4);
          strangers++;
        }
      } else {
        checkFrame(changetype<Intake>(intake), at, set, wordCount, message.storedAtSeconds);
      }
      at += byteCount;
    }
  }
  for (let wordCount: u32 = 1; wordCount <= 8; wordCount++) flush(wordCount);
  return <u64>completedCount | (<u64>strangers << 32);
}

// @ts-ignore: decorator
@inline
function checkFrame(
  intake: Intake, frame: usize, set: u32, wordCount: u32, storedAtSeconds: u32,
): void {
  if (storedAtSeconds < intake.opensAtSeconds) return countOutcome(FUTURE_INTERVAL);
  const slot = load<u32>(frame, 2);
  const known: u32 = slot < intake.slotCount ? load<u8>(intake.sets + slot) : 0;
  if (known == 0) return countOutcome(UNKNOWN_SLOT);
  if (known != set) return countOutcome(BAD_CHANNELS);
  if (storedAtSeconds >= intake.closesAtSeconds || intake.keys == 0)
    return countOutcome(CLOSED_INTERVAL);
  const waiting = load<u32>(WAITING + (wordCount << 2));
  const entry = QUEUES + (wordCount << 5) + (waiting << 3);
  store<u32>(entry, <u32>changetype<usize>(intake));
  store<u32>(entry, <u32>frame, 4);
  store<u32>(WAITING + (wordCount << 2), waiting + 1);
  if (waiting == 3) flush(wordCount);
}

/** Verifies the waiting frames of this length, and keeps the good ones in the order they came in. */
function flush(wordCount: u32): void {
  const waiting = load<u32>(WAITING + (wordCount << 2));
  if (waiting == 0) return;
  const queue = QUEUES + (wordCount << 5);
  for (let lane: u32 = 0; lane < 4; lane++) {
    const isUsed = lane < waiting;
    const intake = changetype<Intake>(<usize>load<u32>(queue + ((isUsed ? <usize>lane : 0) << 3)));
    const frame: usize = load<u32>(queue + (lane << 3), 4);
    store<u32>(FRAMES + (lane << 2), <u32>(isUsed ? frame : NO_FRAME));
    store<u32>(
      KEYS + (lane << 2),
      <u32>(isUsed ? intake.keys + (<usize>load<u32>(frame, 2) << 5) : ZERO_KEY),
    );
    store<u32>(CONTEXTS + (lane << 2), <u32>(changetype<usize>(intake) + offsetof<Intake>('context0')));
  }
  const untagged = HEADER_BYTES + (wordCount << 3);
  tags4(untagged);
  for (let lane: u32 = 0; lane < waiting; lane++) {
    const frame: usize = load<u32>(queue + (lane << 3), 4);
    const tag = frame + untagged;
    const difference =
      (load<u32>(TAGS + (lane << 2)) ^ load<u32>(tag)) |
      (load<u32>(TAGS + (lane << 2), 16) ^ load<u32>(tag, 4)) |
      (load<u32>(TAGS + (lane << 2), 32) ^ load<u32>(tag, 8)) |
      (load<u32>(TAGS + (lane << 2), 48) ^ load<u32>(tag, 12));
    const intake = changetype<Intake>(<usize>load<u32>(queue + (lane << 3)));
    settle(intake, frame, wordCount, difference == 0);
  }
  store<u32>(WAITING + (wordCount << 2), 0);
}

// @ts-ignore: decorator
@inline
function settle(intake: Intake, frame: usize, wordCount: u32, isTagValid: bool): void {
  const slot = load<u32>(frame, 2);
  const byte = slot >> 3;
  const bit: u32 = <u32>1 << (slot & 7);
  if (!isTagValid) {
    store<u8>(intake.contested + byte, load<u8>(intake.contested + byte) | bit);
    return countOutcome(BAD_TAG);
  }
  const reported: u32 = load<u8>(intake.contributors + byte);
  if ((reported & bit) != 0) {
    if (isSame(intake, slot, frame, wordCount)) return countOutcome(DUPLICATE);
    store<u8>(intake.contested + byte, load<u8>(intake.contested + byte) | bit);
    return countOutcome(EQUIVOCATION);
  }
  if (intake.isClosed != 0) {
    store<u8>(intake.contested + byte, load<u8>(intake.contested + byte) | bit);
    return countOutcome(CLOSED_INTERVAL);
  }
  store<u8>(intake.contributors + byte, reported | bit);
  let set: u32 = load<u8>(frame, 1);
  const words = intake.words + <usize>(slot * intake.channelCount) * 8;
  const sums = changetype<usize>(intake) + offsetof<Intake>('sum0');
  for (let at = frame + HEADER_BYTES; set != 0; set &= set - 1, at += 8) {
    const channel = <usize>ctz(set) << 3;
    const word = load<u64>(at);
    store<u64>(words + channel, word);
    store<u64>(sums + channel, load<u64>(sums + channel) + word);
  }
  v128.store(intake.tags + (<usize>slot << 4), v128.load(frame + HEADER_BYTES + (wordCount << 3)));
  intake.count++;
  countOutcome(ACCEPTED);
  if (intake.count == intake.rosterCount) {
    store<u32>(completed + (<usize>completedCount << 2), <u32>changetype<usize>(intake));
    completedCount++;
  }
}

/** Slot, interval and channel set are equal already. */
function isSame(intake: Intake, slot: u32, frame: usize, wordCount: u32): bool {
  let set: u32 = load<u8>(frame, 1);
  const words = intake.words + <usize>(slot * intake.channelCount) * 8;
  let at = frame + HEADER_BYTES;
  for (; set != 0; set &= set - 1, at += 8)
    if (load<u64>(at) != load<u64>(words + (<usize>ctz(set) << 3))) return false;
  return v128.all_true<u8>(
    v128.eq<u8>(v128.load(at), v128.load(intake.tags + (<usize>slot << 4))),
  );
}
