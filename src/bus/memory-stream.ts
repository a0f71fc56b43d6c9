// One stored stream in memory: an array in sequence order, the last message of every subject, and
// expiry by age from the front.

import type { StoredMessage } from './port.ts';
import type { StreamSpec } from './streams.ts';

/** Expired entries are cut off the array once there are this many, and they are half of it. */
const COMPACT_COUNT = 1024;

export class MemoryStream {
  readonly spec: StreamSpec;
  readonly #maxAgeMs: number;
  readonly #lastBySubject = new Map<string, StoredMessage>();
  #messages: StoredMessage[] = [];
  /** Index of the first message that has not expired. */
  #head = 0;
  #lastSeq = 0;
  #lastStoredAtMs = Number.NEGATIVE_INFINITY;

  constructor(spec: StreamSpec, maxAgeSeconds: number) {
    this.spec = spec;
    this.#maxAgeMs = maxAgeSeconds * 1000;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Undefined where a first-wins stream holds a message on the subject. */
  append(subject: string, data: Uint8Array, nowMs: number): StoredMessage | undefined {
    this.expire(nowMs);
    if (this.spec.isFirstWins && this.#lastBySubject.has(subject)) return undefined;
    // Never backwards, also when the clock steps: `seqAtTime` searches by halves.
    this.#lastStoredAtMs = Math.max(nowMs, this.#lastStoredAtMs);
    const message = { subject, data, seq: ++this.#lastSeq, storedAtMs: this.#lastStoredAtMs };
    this.#messages.push(message);
    this.#lastBySubject.set(subject, message);
    return message;
  }

  lastOn(subject: string, nowMs: number): StoredMessage | undefined {
    this.expire(nowMs);
    return this.#lastBySubject.get(subject);
  }

  /** The first message from `seq` on; sequences of a memory stream have no gaps. */
  from(seq: number): StoredMessage | undefined {
    const first = this.#messages[this.#head];
    if (first === undefined) return undefined;
    return this.#messages[this.#head + Math.max(0, seq - first.seq)];
  }

  /** Sequence of the first message that was stored at `timeMs` or later. */
  seqAtTime(timeMs: number): number {
    let low = this.#head;
    let high = this.#messages.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#messages[middle]!.storedAtMs < timeMs) low = middle + 1;
      else high = middle;
    }
    return this.#messages[low]?.seq ?? this.#lastSeq + 1;
  }

  expire(nowMs: number): void {
    const oldestMs = nowMs - this.#maxAgeMs;
    let first = this.#messages[this.#head];
    while (first !== undefined && first.storedAtMs <= oldestMs) {
      if (this.#lastBySubject.get(first.subject) === first) {
        this.#lastBySubject.delete(first.subject);
      }
      first = this.#messages[++this.#head];
    }
    if (this.#head >= COMPACT_COUNT && this.#head * 2 >= this.#messages.length) {
      this.#messages = this.#messages.slice(this.#head);
      this.#head = 0;
    }
  }
}
