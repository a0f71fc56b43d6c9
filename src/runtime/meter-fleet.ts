// Many meters behind one concentrator, in one process: for the demo, the replay and tests. Each is a
// real meter with its own keys; frames of one street travel in one message. What a receipt does not
// confirm is sent again, the very same frame, until the late window ends (design.md section 7).

import { isBusError } from '../bus/errors.ts';
import type { Bus, BusMessage, Replay } from '../bus/port.ts';
import { type AreaId, commonAncestor } from '../core/area.ts';
import { concatBytes } from '../core/bytes.ts';
import type { IntervalIndex } from '../core/interval.ts';
import type { Kernel } from '../core/kernel/kernel.ts';
import { PLAIN_KERNEL } from '../core/kernel/plain-kernel.ts';
import { areaNamed, type Network } from '../core/network-tree.ts';
import { decodeReceipt } from '../core/receipt.ts';
import { openSigned, splitSigned, type VerifySignature } from '../core/signed.ts';
import { readingSubject, receiptSubject, subtreePattern } from '../core/subjects.ts';
import {
  createFrames,
  createMeter,
  dueFrames,
  type FrameRefusal,
  handleReceipt,
  type MeterPlace,
  type MeterReading,
  type MeterState,
} from '../roles/meter.ts';
import type { FrameCommit, MeterStore } from '../store/meter-store.ts';
import type { Clock } from './clock.ts';
import type { EnrolledMeter } from './provision.ts';

/** A concentrator's message carries up to this many frames. */
const MAX_FRAMES_PER_MESSAGE = 1000;

export interface SentInterval {
  readonly sentCount: number;
  readonly lostCount: number;
  readonly refused: ReadonlyMap<FrameRefusal, number>;
  /** Sequence of the last message in the readings stream; 0 where nothing was sent. */
  readonly lastSeq: number;
}

/** Frames on their way, by street. */
export type StreetFrames = ReadonlyMap<AreaId, readonly Uint8Array[]>;

export interface MeterFleetOptions {
  readonly network: Network;
  readonly meters: readonly MeterState[];
  /** Where state and frame are stored together, before the frame is sent. */
  readonly store?: MeterStore;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly verify: VerifySignature;
  /** By default the plain one. */
  readonly kernel?: Kernel;
  readonly onError: (error: unknown) => void;
}

/** The meters of a network that was just provisioned, before their first frame. */
export function createMeters(network: Network, enrolled: readonly EnrolledMeter[]): MeterState[] {
  return enrolled.map((meter) => createMeter(placeOf(network, meter), meter.keys));
}

/** What a meter pins of its network. */
export function placeOf(
  network: Network,
  { area: street, slot, channels, capWh }: Omit<EnrolledMeter, 'keys'>,
): MeterPlace {
  const { intervalSeconds } = network.document;
  return { street, slot, channels, capWh, intervalSeconds, meterPolicy: network.meterPolicy };
}

export class MeterFleet implements AsyncDisposable {
  readonly meters: readonly MeterState[];
  readonly #options: MeterFleetOptions;
  readonly #bySlot = new Map<AreaId, MeterState[]>();
  /** Indices of the meters. */
  readonly #byStreet = new Map<AreaId, number[]>();
  /** Streets that a frame was sent on and no receipt has come for, by interval. */
  readonly #unreceipted = new Map<IntervalIndex, Set<AreaId>>();
  #receipts: Replay | undefined;

  constructor(options: MeterFleetOptions) {
    this.#options = options;
    this.meters = options.meters;
    for (const [index, meter] of options.meters.entries()) {
      const indices = this.#byStreet.get(meter.street);
      if (indices === undefined) this.#byStreet.set(meter.street, [index]);
      else indices.push(index);
      const slots = this.#bySlot.get(meter.street) ?? [];
      slots[meter.slot] = meter;
      this.#bySlot.set(meter.street, slots);
    }
  }

  /** Follows the receipts, so that what did not arrive can be sent again (`resend`). */
  async followReceipts(): Promise<void> {
    const { bus, clock, network } = this.#options;
    const { intervalSeconds, closeAfterSeconds } = network.document;
    // Older receipts are of frames that are no longer sent again.
    const sinceMs = clock.nowMs() - (intervalSeconds + closeAfterSeconds) * 1000;
    this.#receipts = await bus.replay(
      'RECEIPTS',
      {
        pattern: receiptPattern([...this.#bySlot.keys()]),
        ...(clock.isVirtual ? {} : { fromTimeMs: sinceMs }),
      },
      (message) => this.#onReceipt(message.data),
    );
  }

  /**
   * Masks and sends one interval. `valuesOf` gives a meter's watt-hours by channel, undefined where
   * it has no reading; `isLost` drops a frame on the way, for good.
   */
  async send(
    interval: IntervalIndex,
    valuesOf: (meter: number) => readonly (number | undefined)[] | undefined,
    isLost: (meter: number) => boolean = () => false,
  ): Promise<SentInterval> {
    const { kernel = PLAIN_KERNEL } = this.#options;
    const time = { nowSeconds: this.#options.clock.nowMs() / 1000, isAuthenticated: true };
    const refused = new Map<FrameRefusal, number>();
    const byStreet = new Map<AreaId, Uint8Array[]>();
    const commits: FrameCommit[] = [];
    let sentCount = 0;
    let lostCount = 0;
    for (const [street, indices] of this.#byStreet) {
      const chosen: { readonly index: number; readonly reading: MeterReading }[] = [];
      for (const index of indices) {
        const valuesWh = valuesOf(index);
        const state = this.meters[index] as MeterState;
        if (valuesWh !== undefined) chosen.push({ index, reading: { state, valuesWh } });
      }
      const readings = chosen.map(({ reading }) => reading);
      const frames: Uint8Array[] = [];
      for (const [position, outcome] of createFrames(kernel, readings, interval, time).entries()) {
        const { index, reading } = chosen[position] as (typeof chosen)[number];
        if (outcome.kind === 'refused') {
          refused.set(outcome.reason, (refused.get(outcome.reason) ?? 0) + 1);
          continue;
        }
        sentCount++;
        if (this.#options.store !== undefined)
          commits.push({ state: reading.state, interval, frame: outcome.frame });
        // Without receipts nobody empties the outbox; a stored frame is only kept to be sent again.
        if (this.#receipts === undefined) reading.state.outbox.delete(interval);
        if (isLost(index)) lostCount++;
        else frames.push(outcome.frame);
      }
      if (frames.length > 0) byStreet.set(street, frames);
    }
    this.#options.store?.commitFrames(commits);
    if (this.#receipts !== undefined) {
      this.#unreceipted.clear();
      this.#unreceipted.set(interval, new Set(byStreet.keys()));
    }
    return { sentCount, lostCount, refused, lastSeq: await this.deliver(byStreet) };
  }

  /** Sends every unconfirmed frame again. */
  async resend(): Promise<number> {
    const byStreet = this.unconfirmed();
    await this.deliver(byStreet);
    let count = 0;
    for (const frames of byStreet.values()) count += frames.length;
    return count;
  }

  /** The stored frames that no receipt has confirmed and that may still count. */
  unconfirmed(isChosen: (meter: number) => boolean = () => true): StreetFrames {
    const { clock, network } = this.#options;
    const nowSeconds = clock.nowMs() / 1000;
    const byStreet = new Map<AreaId, Uint8Array[]>();
    for (const [index, meter] of this.meters.entries()) {
      const frames = dueFrames(meter, nowSeconds, network.document.closeAfterSeconds);
      if (frames.length === 0 || !isChosen(index)) continue;
      const others = byStreet.get(meter.street);
      if (others === undefined) byStreet.set(meter.street, [...frames]);
      else others.push(...frames);
    }
    return byStreet;
  }

  /** Publishes frames as a concentrator does; the sequence of the last message, 0 where there is none. */
  async deliver(byStreet: StreetFrames): Promise<number> {
    const messages: BusMessage[] = [];
    for (const [street, frames] of byStreet) {
      const subject = readingSubject(street);
      for (let start = 0; start < frames.length; start += MAX_FRAMES_PER_MESSAGE) {
        messages.push({
          subject,
          data: concatBytes(...frames.slice(start, start + MAX_FRAMES_PER_MESSAGE)),
        });
      }
    }
    let lastSeq = 0;
    for (const outcome of await this.#options.bus.appendAll(messages)) {
      if (outcome.kind === 'stored') lastSeq = Math.max(lastSeq, outcome.seq);
      // What nobody acknowledged is sent again until a receipt confirms it.
      else if (this.#receipts === undefined || !isBusError(outcome.error, 'timeout'))
        throw outcome.error;
    }
    return lastSeq;
  }

  /** Resolves when a receipt has come for every street that was sent a frame, or patience ends. */
  async receiptsTaken(interval: IntervalIndex, patienceMs: number): Promise<void> {
    const untilMs = performance.now() + patienceMs;
    while ((this.#unreceipted.get(interval)?.size ?? 0) > 0 && performance.now() < untilMs)
      await new Promise((resolve) => setTimeout(resolve, 1));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#receipts?.[Symbol.asyncDispose]();
  }

  #onReceipt(bytes: Uint8Array): void {
    const { network, verify } = this.#options;
    const split = splitSigned('receipt', bytes);
    const receipt = split && decodeReceipt(split.body);
    const meters = receipt && this.#bySlot.get(receipt.area);
    // The pattern lets neighbouring streets through.
    if (receipt === undefined || meters === undefined) return;
    const street = areaNamed(network, receipt.area);
    const home = network.areas.at(street?.parent ?? -1);
    const keys = network.document.aggregators[home?.aggregator ?? -1]?.publicKeys ?? [];
    if (openSigned('receipt', bytes, keys, verify) === undefined) return;
    const { interval, accepted } = receipt;
    // A street's slots have gaps where the meter is another fleet's.
    const confirmed = meters.filter((meter) => handleReceipt(meter, interval, accepted));
    this.#options.store?.confirm(confirmed, interval);
    this.#unreceipted.get(interval)?.delete(receipt.area);
  }
}

/** The narrowest one that covers these streets: permissions name a street, or the area above all. */
function receiptPattern(streets: readonly AreaId[]): string {
  const [street] = streets;
  if (street !== undefined && streets.length === 1) return receiptSubject(street);
  const area = commonAncestor(streets);
  return area === undefined ? 'sw.v1.receipt.>' : subtreePattern('receipt', area);
}
