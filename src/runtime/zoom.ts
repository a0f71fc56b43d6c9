// Opening on demand: totals from the bus's replay or the aggregators' stores, mask sums from the
// trustees, rows out (design.md section 7). Nothing is asked for but what the scope needs.
//
// One opening for each scope and interval, shared by all who ask for it under one grant; a caller
// that goes away does not end it. A few at a time, what somebody waits for before what goes on
// behind.

import type { Bus } from '../bus/port.ts';
import type { AnswerKeys } from '../core/answer-seal.ts';
import type { IntervalIndex } from '../core/interval.ts';
import type { Network } from '../core/network-tree.ts';
import type { Alert } from '../core/notice.ts';
import type { VerifySignature } from '../core/signed.ts';
import { createMonitor, type MonitorState, type SealedTotal } from '../roles/monitor.ts';
import type { Scope } from '../roles/monitor-plan.ts';
import type { RandomBytes } from './parties.ts';
import { type MonitorResult, openRefined } from './zoom-ask.ts';
import type { NamedGrant } from './zoom-grant.ts';
import { ZoomQueue } from './zoom-queue.ts';
import { ZoomTotals } from './zoom-totals.ts';

const MAX_CONCURRENT = 8;
/** More than a page asks for; a series of a month comes in several of these. */
const MAX_WAITING = 1024;
/** Trustees that have not summed the seals yet are asked again, for about a second. */
const TRIES = 12;
/** A map does not wait longer for a trustee that hangs; its figures then say that one less confirms them. */
const GRACE_MS = 400;
const MAX_STATES = 1024;

export interface ZoomOptions {
  readonly network: Network;
  readonly bus: Bus;
  readonly verify: VerifySignature;
  readonly random: RandomBytes;
  /** What the live monitor holds: totals and alerts that need not be asked for. */
  readonly totalOf?: (area: number, interval: IntervalIndex) => SealedTotal | undefined;
  readonly alertsOf?: (interval: IntervalIndex) => readonly Alert[];
  readonly requestTimeoutMs?: number;
}

export interface ZoomQuery {
  readonly grant: NamedGrant;
  /** Inside the grant. */
  readonly scope: Scope;
  /** One row of it and nothing else. */
  readonly row?: string | undefined;
  readonly interval: IntervalIndex;
  /** Nobody waits for it. */
  readonly isBackground?: boolean;
  /**
   * Intervals from here up to, and without, `until` will be opened as well: their totals are asked
   * for together.
   */
  readonly span?: { readonly from: IntervalIndex; readonly until: IntervalIndex };
}

export interface ZoomResult extends MonitorResult {
  /** False where an aggregator that may have a total did not answer: another look may find more. */
  readonly isComplete: boolean;
}

export class Zoom implements AsyncDisposable {
  readonly #options: ZoomOptions;
  readonly #queue: ZoomQueue = new ZoomQueue(MAX_CONCURRENT, MAX_WAITING);
  readonly #totals: ZoomTotals;
  readonly #answerKeys: AnswerKeys = new Map();
  readonly #states = new Map<string, MonitorState>();
  readonly #opening = new Map<string, Promise<ZoomResult>>();

  constructor(options: ZoomOptions) {
    this.#options = options;
    this.#totals = new ZoomTotals(options);
  }

  /** How many openings are under way or wait. */
  get pendingCount(): number {
    return this.#opening.size;
  }

  /**
   * Shared with whoever asks for the same. Rejects with `closed` when the zoom is disposed
   * first, with `SourceBusyError` when too many wait.
   * @throws RangeError where the scope lies outside the grant, or has no such row
   */
  open(query: ZoomQuery): Promise<ZoomResult> {
    const scopeName = nameOf(query);
    const key = `${scopeName} ${query.interval}`;
    const known = this.#opening.get(key);
    if (known !== undefined) {
      if (query.isBackground !== true) this.#queue.promote(key);
      return known;
    }
    const state = this.#stateOf(scopeName, query);
    const opening = this.#queue
      .run(key, query.isBackground === true, () => this.#open(state, query))
      .finally(() => this.#opening.delete(key));
    this.#opening.set(key, opening);
    return opening;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue[Symbol.asyncDispose]();
  }

  async #open(shared: MonitorState, query: ZoomQuery): Promise<ZoomResult> {
    const { interval, grant } = query;
    // Of this opening alone: nothing of it outlives its rows.
    const state: MonitorState = { ...shared, intervals: new Map() };
    let isComplete = await this.#totals.fill(state, grant, interval, query.span);
    const result = await openRefined(state, interval, {
      bus: this.#options.bus,
      random: this.#options.random,
      keyPair: grant.keyPair,
      answerKeys: this.#answerKeys,
      timeoutMs: this.#options.requestTimeoutMs ?? 5000,
      tries: TRIES,
      graceMs: GRACE_MS,
      // Those inside an area that turned out implausible.
      fill: async (refined) => {
        isComplete = (await this.#totals.fill(refined, grant, interval, undefined)) && isComplete;
      },
    });
    return { ...result, isComplete };
  }

  #stateOf(name: string, { grant, scope, row }: ZoomQuery): MonitorState {
    const known = this.#states.get(name);
    if (known !== undefined) return known;
    const state = createMonitor({
      network: this.#options.network,
      grant: grant.grant,
      signedGrant: grant.signedGrant,
      signer: grant.signer,
      verify: this.#options.verify,
      scope,
      ...(row === undefined ? {} : { row }),
    });
    if (this.#states.size >= MAX_STATES) this.#states.clear();
    this.#states.set(name, state);
    return state;
  }
}

function nameOf({ grant, scope, row }: ZoomQuery): string {
  return [grant.name, scope.area, scope.deepestDepth, scope.channels, row ?? ''].join(' ');
}
