// A trustee as a running node: follows the seals, binds and sums each, stores and publishes what it
// is bound to, and only then answers (design.md section 5, corrections 4, 9, 16 and 21).

import { isBusError } from '../bus/errors.ts';
import type { Bus, Replay, StoredMessage, Subscription } from '../bus/port.ts';
import {
  ANSWER_RANDOM_BYTES,
  type AnswerSession,
  createAnswerSession,
  sealAnswer,
} from '../core/answer-seal.ts';
import { toHex } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import { epochAt, type IntervalIndex, intervalAt, SECONDS_PER_EPOCH } from '../core/interval.ts';
import type { Binding } from '../core/ledger.ts';
import { ledgerSubject, unmaskSubject } from '../core/subjects.ts';

import {
  advanceTrustee,
  eraseTrusteeEpoch,
  forgetTrusteeIntervals,
  KEY_GRACE_SECONDS,
  type MaskSumRecord,
  restoreMaskSums,
  type TrusteeState,
} from '../roles/trustee.ts';
import {
  createLedgerEntry,
  handleLedgerEntry,
  type LedgerOutcome,
} from '../roles/trustee-ledger.ts';
import { handleSeal, ledgerKey } from '../roles/trustee-seal.ts';
import { handleUnmaskRequest } from '../roles/trustee-unmask.ts';
import type { TrusteeStore } from '../store/trustee-store.ts';
import type { Clock } from './clock.ts';
import { IntervalTimers } from './interval-timers.ts';
import type { RandomBytes } from './parties.ts';
import { storeHeldKeys } from './stored-keys.ts';

/** Intervals whose mask sums stay in memory; older ones are read from the store when asked for. */
const KEPT_INTERVALS = 96;
const MAX_SESSIONS = 256;

export interface TrusteeNodeOptions {
  readonly state: TrusteeState;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly store: TrusteeStore;
  readonly random: RandomBytes;
  readonly onError: (error: unknown) => void;
  /** Another trustee is bound to another set for one interval: somebody cheats. */
  readonly onConflict?: (outcome: Extract<LedgerOutcome, { kind: 'conflict' }>) => void;
  readonly isDriven?: boolean;
}

export class TrusteeNode implements AsyncDisposable {
  readonly state: TrusteeState;
  readonly #options: TrusteeNodeOptions;
  readonly #timers: IntervalTimers;
  readonly #replays: Replay[] = [];
  #responder: Subscription | undefined;
  #bindings: Binding[] = [];
  #records: MaskSumRecord[] = [];
  /** Seals that arrived before a child of theirs, by interval. */
  readonly #waiting = new Map<IntervalIndex, StoredMessage[]>();
  #flushing: Promise<void> | undefined;
  #hasFailed = false;
  readonly #sessions = new Map<string, Promise<AnswerSession>>();
  /** Sequence of the last seal taken in. */
  sealsSeq = 0;

  constructor(options: TrusteeNodeOptions) {
    this.#options = options;
    this.state = options.state;
    this.#timers = new IntervalTimers({
      clock: options.clock,
      intervalSeconds: options.state.network.document.intervalSeconds,
      fromEpoch: options.state.network.document.fromEpoch,
      isDriven: options.isDriven === true,
      onInterval: (interval) =>
        this.#timers.at(this.#endMs(interval), () => this.#turnEpoch(interval)),
    });
  }

  expectInterval(interval: IntervalIndex): void {
    this.#timers.expect(interval);
  }

  async start(): Promise<void> {
    const { state, bus, clock, store } = this.#options;
    const nowMs = clock.nowMs();
    const { intervalSeconds } = state.network.document;
    const first = Math.max(
      0,
      intervalAt(nowMs / 1000, intervalSeconds) - KEPT_INTERVALS,
    ) as IntervalIndex;
    // All of it: what the stream still holds and we do not would look like an old backup.
    const ledger = store.loadLedger(0);
    for (const { area, interval, sealDigest } of ledger.bindings)
      state.ledger.set(ledgerKey(area, interval), toHex(sealDigest));
    state.ledgerSequence = ledger.ledgerSequence;
    state.ledgerHead = ledger.ledgerHead;
    restoreMaskSums(state, store.loadMaskSums(first, Number.MAX_SAFE_INTEGER));
    this.#advance();
    // The union of our own ledger and the stream, before anything else is heard or said.
    const entries = await bus.replay('LEDGER', { pattern: 'sw.v1.ledger.>' }, (message) =>
      this.#onLedger(message),
    );
    this.#replays.push(entries);
    await entries.caughtUp;
    // Restored from an old backup: nothing up to the published head, and nothing of now.
    if (state.refusedUntil >= 0) {
      state.refusedUntil = Math.max(state.refusedUntil, intervalAt(nowMs / 1000, intervalSeconds));
    }
    const fromTimeMs = nowMs - 2 * SECONDS_PER_EPOCH * 1000;
    for (const { sequence, entry } of store.unpublishedEntries())
      await this.#publishEntry(sequence, entry);
    const seals = await bus.replay(
      'SEALS',
      { pattern: 'sw.v1.seal.>', ...(clock.isVirtual ? {} : { fromTimeMs }) },
      (message) => this.#onSeal(message),
    );
    this.#replays.push(seals);
    await seals.caughtUp;
    await this.#flushed();
    this.#responder = await bus.respond(unmaskSubject(state.index), (message) =>
      this.#answer(message.data),
    );
    this.#timers.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timers[Symbol.dispose]();
    await this.#responder?.[Symbol.asyncDispose]();
    for (const replay of this.#replays) await replay[Symbol.asyncDispose]();
    await this.#flushed();
  }

  #onLedger(message: StoredMessage): void {
    const outcome = handleLedgerEntry(this.state, message.data);
    if (outcome.kind === 'conflict') this.#options.onConflict?.(outcome);
  }

  #onSeal(message: StoredMessage): void {
    const { state, clock } = this.#options;
    this.#advance();
    this.sealsSeq = message.seq;
    const storedAtSeconds = clock.isVirtual ? clock.nowMs() / 1000 : message.storedAtMs / 1000;
    const outcome = handleSeal(state, message.data, storedAtSeconds);
    const interval = Number(
      message.subject.slice(message.subject.lastIndexOf('.') + 1),
    ) as IntervalIndex;
    if (outcome.kind === 'rejected') {
      if (outcome.reason === 'missing-child') this.#wait(interval, message);
      return;
    }
    if (outcome.isNew) {
      this.#bindings.push(outcome.binding);
      this.#records.push(...outcome.records);
      this.#flushSoon();
    }
    const waiting = this.#waiting.get(interval);
    if (waiting === undefined) return;
    this.#waiting.delete(interval);
    for (const earlier of waiting) this.#onSeal(earlier);
  }

  #wait(interval: IntervalIndex, message: StoredMessage): void {
    const waiting = this.#waiting.get(interval) ?? [];
    if (waiting.length < 1024) waiting.push(message);
    this.#waiting.set(interval, waiting);
  }

  #flushSoon(): void {
    this.#flushing ??= new Promise<void>((resolve) => setImmediate(resolve))
      .then(() => this.#flush())
      .catch((error: unknown) => {
        this.#hasFailed = true;
        this.#options.onError(error);
      })
      .finally(() => {
        this.#flushing = undefined;
        if (this.#bindings.length > 0) this.#flushSoon();
      });
  }

  /** In the store and on the ledger stream: from here on it may be spoken of. */
  async #flush(): Promise<void> {
    const { state, store } = this.#options;
    const bindings = this.#bindings;
    const records = this.#records;
    this.#bindings = [];
    this.#records = [];
    const entry = createLedgerEntry(state, bindings);
    const { ledgerSequence, ledgerHead } = state;
    store.commitSeal({ bindings, records, ledgerSequence, ledgerHead, entry });
    await this.#publishEntry(ledgerSequence, entry);
  }

  async #publishEntry(sequence: number, entry: Uint8Array): Promise<void> {
    const { state, bus, store } = this.#options;
    for (;;) {
      try {
        await bus.append(ledgerSubject(state.index, sequence), entry);
        store.markPublished(sequence);
        return;
      } catch (error) {
        // Stored or not, we cannot tell: once more does no harm, silence would.
        if (!isBusError(error, 'timeout')) throw error;
      }
    }
  }

  async #flushed(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing;
  }

  async #answer(bytes: Uint8Array): Promise<Uint8Array> {
    const { state, store, clock } = this.#options;
    // Checked here and not behind another await: no seal may come in between.
    while (this.#flushing !== undefined) await this.#flushing;
    // What could not be stored and published must not be spoken of.
    if (this.#hasFailed) throw new Error('no-keys');
    const outcome = handleUnmaskRequest(state, bytes, (interval) =>
      restoreMaskSums(state, store.maskSumsOf(interval)),
    );
    if (outcome.kind === 'rejected') throw new Error(outcome.reason);
    const { request, grant, answer, releasedCount } = outcome;
    store.requests.add({
      atSeconds: Math.floor(clock.nowMs() / 1000),
      monitor: toHex(grant.monitor),
      interval: request.interval,
      area: grant.area,
      targetCount: request.targets.length,
      releasedCount,
      requestDigest: sha256(bytes),
    });
    return sealAnswer(await this.#session(grant.hpkePublicKey), answer, bytes);
  }

  /** One encapsulation for each monitor and epoch. */
  #session(recipientPublicKey: Uint8Array): Promise<AnswerSession> {
    const name = `${this.state.epoch} ${toHex(sha256(recipientPublicKey))}`;
    let session = this.#sessions.get(name);
    if (session === undefined) {
      if (this.#sessions.size >= MAX_SESSIONS) this.#sessions.clear();
      session = createAnswerSession(recipientPublicKey, this.#options.random(ANSWER_RANDOM_BYTES));
      this.#sessions.set(name, session);
    }
    return session;
  }

  /** Ratchets memory and store to the clock's epoch. */
  #advance(): void {
    const { state, clock, store } = this.#options;
    const epoch = epochAt(clock.nowMs() / 1000);
    if (epoch <= state.epoch) return;
    advanceTrustee(state, epoch);
    storeHeldKeys(store.keys, state.network, state.keys);
  }

  #turnEpoch(interval: IntervalIndex): void {
    const { state, clock, store } = this.#options;
    this.#advance();
    forgetTrusteeIntervals(state, (interval - KEPT_INTERVALS) as IntervalIndex);
    for (const old of this.#waiting.keys())
      if (old < interval - KEPT_INTERVALS) this.#waiting.delete(old);
    const intoDay = clock.nowMs() / 1000 - epochAt(clock.nowMs() / 1000) * SECONDS_PER_EPOCH;
    if (intoDay < KEY_GRACE_SECONDS) return;
    if ([...state.keys.values()].every((keys) => keys.previous === undefined)) return;
    eraseTrusteeEpoch(state);
    store.keys.erasePrevious();
  }

  #endMs(interval: IntervalIndex): number {
    return (interval + 1) * this.state.network.document.intervalSeconds * 1000;
  }
}
