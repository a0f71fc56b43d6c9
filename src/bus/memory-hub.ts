// What the connections of one memory bus share: who is subscribed, the streams, and the deliveries.

import { DeliveryQueue, type Receiver, type Reply } from './delivery-queue.ts';
import { BusError } from './errors.ts';
import { MAX_MESSAGE_BYTES } from './limits.ts';
import { type FaultPlan, Faults } from './memory-faults.ts';
import { MemoryStream } from './memory-stream.ts';
import type { ReplayOptions, StoredMessage, StreamName } from './port.ts';
import { ReplayPump } from './replay-pump.ts';
import { type MaxAges, maxAgeSecondsOf, STREAM_NAMES, STREAMS, streamOf } from './streams.ts';
import { compilePattern, SubjectTrie } from './subject-trie.ts';

export interface MemoryBusOptions {
  /** The streams' clock; the machine's own by default. */
  readonly nowMs?: () => number;
  readonly maxAgesSeconds?: MaxAges;
  readonly faults?: FaultPlan;
  /**
   * Gives every receiver and every stream bytes of its own. Off, all share the publisher's buffer,
   * under the port's rule that nobody modifies it; on, a test finds out who does.
   */
  readonly isCopying?: boolean;
}

/** How many stored messages a replay looks at in one go. */
const SCAN_COUNT = 1024;

export class MemoryHub {
  readonly queue: DeliveryQueue = new DeliveryQueue();
  readonly receivers: SubjectTrie<Receiver> = new SubjectTrie();
  readonly #streams = new Map<StreamName, MemoryStream>();
  readonly #liveReplays = new Map<StreamName, SubjectTrie<ReplayPump>>();
  readonly #nowMs: () => number;
  readonly #faults: Faults;
  readonly #isCopying: boolean;

  constructor(options: MemoryBusOptions) {
    this.#nowMs = options.nowMs ?? Date.now;
    this.#faults = new Faults(options.faults);
    this.#isCopying = options.isCopying ?? false;
    for (const name of STREAM_NAMES) {
      const maxAgeSeconds = maxAgeSecondsOf(name, options.maxAgesSeconds);
      this.#streams.set(name, new MemoryStream(STREAMS[name], maxAgeSeconds));
      this.#liveReplays.set(name, new SubjectTrie());
    }
  }

  stream(name: StreamName): MemoryStream {
    const stream = this.#streams.get(name);
    if (stream === undefined) throw new RangeError(`no stream is called ${String(name)}`);
    return stream;
  }

  /** To whoever is subscribed, and to the stream that owns the subject, as a server does it. */
  publish(subject: string, data: Uint8Array): void {
    checkSize(subject, data);
    this.#deliver(subject, data);
    const spec = streamOf(subject);
    if (spec !== undefined) this.#store(this.stream(spec.name), subject, data);
  }

  append(subject: string, data: Uint8Array): { readonly seq: number } {
    checkSize(subject, data);
    const spec = streamOf(subject);
    if (spec === undefined) throw new BusError('no-stream', `no stream stores ${subject}`);
    const fault = this.#faults.appendFault();
    if (fault === 'lost') throw new BusError('timeout', `no acknowledgement for ${subject}`);
    this.#deliver(subject, data);
    const stream = this.stream(spec.name);
    const stored = this.#store(stream, subject, data);
    if (fault === 'duplicated') this.#store(stream, subject, data);
    if (fault === 'ack-lost') throw new BusError('timeout', `no acknowledgement for ${subject}`);
    if (stored === undefined) {
      throw new BusError('subject-taken', `${spec.name} already holds a message on ${subject}`);
    }
    return { seq: stored.seq };
  }

  lastOn(name: StreamName, subject: string): StoredMessage | undefined {
    const message = this.stream(name).lastOn(subject, this.#nowMs());
    return message && { ...message, data: this.own(message.data) };
  }

  /** False where nobody is subscribed. Requests are not subject to faults. */
  request(subject: string, data: Uint8Array, reply: Reply): boolean {
    checkSize(subject, data);
    const receivers = this.receivers.match(subject);
    for (const receiver of receivers) {
      this.queue.push(receiver, { subject, data: this.own(data) }, reply, 0);
    }
    return receivers.length > 0;
  }

  replay(
    name: StreamName,
    options: ReplayOptions,
    handler: (message: StoredMessage) => void | Promise<void>,
  ): ReplayPump {
    const stream = this.stream(name);
    const pattern = options.pattern ?? '>';
    const matches = compilePattern(pattern);
    const live = this.#liveReplays.get(name)!;
    stream.expire(this.#nowMs());
    const targetSeq = stream.lastSeq;
    let nextSeq =
      options.fromTimeMs === undefined
        ? (options.fromSeq ?? 1)
        : stream.seqAtTime(options.fromTimeMs);
    let isLive = false;

    const refill = (): boolean => {
      if (isLive) return false;
      for (let scanned = 0; scanned < SCAN_COUNT; scanned++) {
        const message = stream.from(nextSeq);
        if (message === undefined) {
          // Nothing runs between the end of the scan and this line, so nothing is missed.
          isLive = true;
          live.add(pattern, pump);
          pump.offerCaughtUp();
          return pump.queuedCount > 0;
        }
        nextSeq = message.seq + 1;
        if (message.seq > targetSeq) pump.offerCaughtUp();
        if (matches(message.subject)) pump.offer(this.#copied(message));
      }
      return true;
    };
    const pump = new ReplayPump({
      handler,
      signal: options.signal,
      fromSeq: options.fromSeq,
      refill,
      onEnd: () => live.delete(pattern, pump),
      onBusy: (change) => this.queue.changeBusy(change),
    });
    pump.wake();
    return pump;
  }

  /** The bytes themselves, or in copying mode a copy. */
  own(data: Uint8Array): Uint8Array {
    return this.#isCopying ? data.slice() : data;
  }

  #deliver(subject: string, data: Uint8Array): void {
    const receivers = this.receivers.match(subject);
    for (const receiver of receivers) {
      for (const delayTurns of this.#faults.deliveryDelays()) {
        this.queue.push(receiver, { subject, data: this.own(data) }, undefined, delayTurns);
      }
    }
  }

  #store(stream: MemoryStream, subject: string, data: Uint8Array): StoredMessage | undefined {
    const message = stream.append(subject, this.own(data), this.#nowMs());
    if (message === undefined) return undefined;
    for (const pump of this.#liveReplays.get(stream.spec.name)!.match(subject)) {
      pump.offer(this.#copied(message));
      pump.wake();
    }
    return message;
  }

  #copied(message: StoredMessage): StoredMessage {
    return this.#isCopying ? { ...message, data: message.data.slice() } : message;
  }
}

function checkSize(subject: string, data: Uint8Array): void {
  if (data.length <= MAX_MESSAGE_BYTES) return;
  throw new BusError(
    'too-large',
    `a message on ${subject} has ${data.length} bytes; at most ${MAX_MESSAGE_BYTES} travel`,
  );
}
