// The sending half of a gateway: readings of whole intervals masked, stored, sent, and sent again
// until the aggregator's receipt has our bit or the street has closed (design.md sections 4 and 7).
//
// Order, so that power may fail anywhere: the reading is stored (household.ts); it is masked, and the
// meter's state and the frame are stored together; the frame is noted in the home's file, for the
// display; it is sent. An interval is masked at most once: the meter's store refuses it a second
// time, whatever the file of the home says.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus, Replay } from '../../bus/port.ts';
import { hasBit } from '../../core/bitmap.ts';
import { epochOfInterval, type IntervalIndex, intervalEndSeconds } from '../../core/interval.ts';
import type { VerifiedNetwork } from '../../core/network-bundle.ts';
import { areaNamed } from '../../core/network-tree.ts';
import { decodeReceipt } from '../../core/receipt.ts';
import { isEntryActive } from '../../core/roster.ts';
import { openSigned, splitSigned, type VerifySignature } from '../../core/signed.ts';
import { readingSubject, receiptSubject } from '../../core/subjects.ts';
import { createFrame, handleReceipt, type MeterState } from '../../roles/meter.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { MeterStore } from '../../store/meter-store.ts';
import type { HomeStore } from '../home-store.ts';
import { channelValues, registersNeeded } from '../registers/channel-values.ts';
import type { EnrolledPlace } from './enrolment.ts';
import type { Household } from './household.ts';

/** A receipt of an interval's last frames comes a little after the street has closed. */
const RECEIPT_GRACE_SECONDS = 60;
/** Receipts this old still tell the time to a gateway that was away for days. */
const RECEIPTS_BACK_MS = 7_200_000;
const LONGEST_PAUSE_MS = 60_000;

export interface UplinkOptions {
  readonly network: VerifiedNetwork;
  readonly place: EnrolledPlace;
  readonly state: MeterState;
  readonly meterStore: MeterStore;
  readonly home: HomeStore;
  readonly household: Household;
  readonly hasAuthenticatedTime: boolean;
  readonly clock: Clock;
  readonly verify: VerifySignature;
  readonly connect: () => Promise<Bus>;
  readonly onError: (error: unknown) => void;
}

export class Uplink implements AsyncDisposable {
  readonly #options: UplinkOptions;
  readonly #stop = new AbortController();
  /** When each waiting frame is to be sent (again). */
  readonly #dueMs = new Map<IntervalIndex, number>();
  #bus: Bus | undefined;
  #receipts: Replay | undefined;
  #connecting: Promise<void> | undefined;
  #sending: Promise<void> = Promise.resolve();
  #problem: string | undefined = 'not connected yet';
  #cancelTick: () => void = () => undefined;

  constructor(options: UplinkOptions) {
    this.#options = options;
  }

  /** Why nothing gets out at the moment. */
  get problem(): string | undefined {
    return this.#problem;
  }

  start(): void {
    const { state, home } = this.#options;
    // After a crash between the two files: what is stored to be sent is shown as such.
    for (const [interval, frame] of state.outbox) {
      home.depart(interval, 'waiting', frame);
      this.#dueMs.set(interval, 0);
    }
    this.maskDue();
    this.#connecting = this.#connect();
    this.#connecting.catch(this.#options.onError);
    this.#tick();
  }

  /** Masks every interval whose reading is whole and that still counts. */
  maskDue(): void {
    const { state, network, clock } = this.#options;
    const { intervalSeconds, closeAfterSeconds } = network.document;
    const nowSeconds = clock.nowMs() / 1000;
    const oldest = Math.floor((nowSeconds - closeAfterSeconds) / intervalSeconds) - 1;
    const running = Math.floor(nowSeconds / intervalSeconds);
    for (let at = Math.max(oldest, state.lastInterval + 1, 0); at < running; at++) {
      const interval = at as IntervalIndex;
      if (intervalEndSeconds(interval, intervalSeconds) + closeAfterSeconds > nowSeconds)
        this.#mask(interval, nowSeconds);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#cancelTick();
    await this.#connecting?.catch(() => undefined);
    await this.#sending;
    await this.#receipts?.[Symbol.asyncDispose]();
    await this.#bus?.[Symbol.asyncDispose]();
  }

  #mask(interval: IntervalIndex, nowSeconds: number): void {
    const { state, network, place, household, home, meterStore, hasAuthenticatedTime } =
      this.#options;
    const { channels, intervalSeconds, closeAfterSeconds } = network.document;
    if (!isEntryActive(place.entry, epochOfInterval(interval, intervalSeconds))) return;
    const hasExport = household.registers.includes('export');
    const amounts = household.amountsOf(interval);
    // It may still become whole: other sources report a little later.
    if (!registersNeeded(channels, state.channels, hasExport).every((name) => amounts.has(name)))
      return;
    const valuesWh = channelValues(channels, state.channels, amounts, hasExport);
    const time = { nowSeconds, isAuthenticated: hasAuthenticatedTime };
    const outcome = createFrame(state, interval, valuesWh, time);
    if (outcome.kind === 'refused') {
      if (outcome.reason === 'above-cap') home.depart(interval, 'refused');
      this.#problem = REFUSALS[outcome.reason] ?? this.#problem;
      return;
    }
    meterStore.commitFrame(state, interval, outcome.frame);
    const nowMs = nowSeconds * 1000;
    // Meters of a street do not all speak in the same second.
    const sendMs = nowMs + Math.random() * closeAfterSeconds * 250;
    home.depart(interval, 'waiting', outcome.frame, Math.round(sendMs));
    this.#dueMs.set(interval, sendMs);
  }

  #tick(): void {
    if (this.#stop.signal.aborted) return;
    const { clock, network } = this.#options;
    // Often enough for three attempts before the street closes.
    const everyMs = Math.min(5000, network.document.closeAfterSeconds * 100);
    this.#cancelTick = clock.at(clock.nowMs() + everyMs, async () => {
      try {
        this.maskDue();
        this.#dropLate();
        this.#sending = this.#sendDue();
        await this.#sending;
      } catch (error) {
        this.#options.onError(error);
      }
      this.#tick();
    });
  }

  /** What no aggregator takes any more is neither kept nor masked again. */
  #dropLate(): void {
    const { state, network, clock, home, meterStore } = this.#options;
    const { intervalSeconds, closeAfterSeconds } = network.document;
    const untilSeconds = clock.nowMs() / 1000 - closeAfterSeconds - RECEIPT_GRACE_SECONDS;
    let hasDropped = false;
    for (const interval of state.outbox.keys()) {
      if (intervalEndSeconds(interval, intervalSeconds) > untilSeconds) continue;
      state.outbox.delete(interval);
      this.#dueMs.delete(interval);
      home.setStatus(interval, 'too-late');
      hasDropped = true;
    }
    if (hasDropped) meterStore.prune(Math.floor(untilSeconds / intervalSeconds));
  }

  async #sendDue(): Promise<void> {
    const { state, network, clock } = this.#options;
    const { intervalSeconds, closeAfterSeconds } = network.document;
    const bus = this.#bus;
    if (bus === undefined) return;
    for (const [interval, frame] of [...state.outbox]) {
      const nowMs = clock.nowMs();
      const closesMs = (intervalEndSeconds(interval, intervalSeconds) + closeAfterSeconds) * 1000;
      if (nowMs >= closesMs || nowMs < (this.#dueMs.get(interval) ?? 0)) continue;
      this.#dueMs.set(interval, nowMs + closeAfterSeconds * 250);
      try {
        await bus.append(readingSubject(state.street), frame);
        this.#problem = undefined;
      } catch (error) {
        // It is sent again; whether it arrived, the receipt will say.
        this.#problem = `sending failed: ${messageOf(error)}`;
      }
    }
  }

  async #connect(): Promise<void> {
    const { signal } = this.#stop;
    for (let pauseMs = 1000; !signal.aborted; pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)) {
      try {
        this.#bus = await this.#options.connect();
        await this.#followReceipts(this.#bus);
        this.#problem = undefined;
        return;
      } catch (error) {
        this.#problem = `no connection to the bus: ${messageOf(error)}`;
        await closeQuietly(this.#bus);
        this.#bus = undefined;
        const waitMs = pauseMs * (0.75 + Math.random() / 2);
        await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #followReceipts(bus: Bus): Promise<void> {
    const { clock, state, onError } = this.#options;
    this.#receipts = await bus.replay(
      'RECEIPTS',
      {
        pattern: receiptSubject(state.street),
        ...(clock.isVirtual ? {} : { fromTimeMs: clock.nowMs() - RECEIPTS_BACK_MS }),
      },
      (message) => {
        try {
          this.#takeReceipt(message.data);
        } catch (error) {
          onError(error);
        }
      },
    );
    this.#receipts.ended.catch(onError);
  }

  #takeReceipt(bytes: Uint8Array): void {
    const { network, verify, state, meterStore, home, clock, place } = this.#options;
    const split = splitSigned('receipt', bytes);
    const receipt = split && decodeReceipt(split.body);
    if (receipt?.area !== state.street) return;
    const parent = network.areas.at(areaNamed(network, state.street)?.parent ?? -1);
    const keys = network.document.aggregators[parent?.aggregator ?? -1]?.publicKeys ?? [];
    if (openSigned('receipt', bytes, keys, verify) === undefined) return;
    const { interval, accepted } = receipt;
    // The aggregator has seen this interval end: its signature is a clock that nobody on the way can
    // push forward (correction 11).
    const epoch = epochOfInterval(interval, network.document.intervalSeconds);
    if (epoch > state.trustedEpoch) state.trustedEpoch = epoch;
    if (!hasBit(accepted, place.slot)) return;
    if (handleReceipt(state, interval, accepted)) meterStore.confirm([state], interval);
    this.#dueMs.delete(interval);
    home.setStatus(interval, 'received', clock.nowMs());
  }
}

const REFUSALS: Readonly<Record<string, string>> = {
  'needs-authenticated-time':
    'waiting for a receipt of the street, which tells the time: the clock has moved by days',
};

/** It has failed before; how it ends changes nothing. */
async function closeQuietly(bus: Bus | undefined): Promise<void> {
  try {
    await bus?.[Symbol.asyncDispose]();
  } catch {}
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
