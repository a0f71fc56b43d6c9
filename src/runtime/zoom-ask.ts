// One interval asked of the trustees and opened, looking deeper where a whole area is implausible.

import { isBusError } from '../bus/errors.ts';
import type { Bus } from '../bus/port.ts';
import { type AnswerKeys, openAnswer } from '../core/answer-seal.ts';
import type { ChannelSet } from '../core/channel.ts';
import type { HpkeKeyPair } from '../core/hpke.ts';
import type { IntervalIndex } from '../core/interval.ts';
import { unmaskSubject } from '../core/subjects.ts';
import { NONCE_BYTES } from '../core/unmask.ts';
import {
  createUnmaskRequest,
  handleAnswer,
  isStillSealing,
  type MonitorState,
  monitorInterval,
  type OpenedInterval,
  openInterval,
  refineMonitor,
} from '../roles/monitor.ts';
import type { MonitorTarget } from '../roles/monitor-plan.ts';
import { createRows, type Row } from '../roles/monitor-rows.ts';
import type { RandomBytes } from './parties.ts';

const RETRY_DELAY_MS = 1;
const MAX_RETRY_DELAY_MS = 100;

export interface MonitorResult {
  /** What the figures are of. */
  readonly targets: readonly MonitorTarget[];
  /** What was asked for. */
  readonly channels: ChannelSet;
  readonly opened: OpenedInterval;
  readonly rows: readonly Row[];
  /** By trustee: how its answer came out; `answered`, or a bus error's or rejection's code. */
  readonly trustees: readonly string[];
}

export interface AskContext {
  readonly bus: Bus;
  readonly random: RandomBytes;
  readonly keyPair: HpkeKeyPair;
  readonly answerKeys: AnswerKeys;
  readonly timeoutMs: number;
  /** How often trustees that have not summed the seals yet are asked. */
  readonly tries: number;
  /**
   * How long the others are waited for once a quorum has answered; as long as for any by default.
   * Whoever looks at a map does not wait for a trustee that hangs.
   */
  readonly graceMs?: number;
}

/** The interval's rows, and the state that they came from where it had to look deeper. */
export interface RefinedResult extends MonitorResult {
  readonly state: MonitorState;
}

/** `fill` gives a state that looks deeper the totals that it needs. */
export async function openRefined(
  state: MonitorState,
  interval: IntervalIndex,
  context: AskContext & { readonly fill?: (refined: MonitorState) => Promise<void> },
): Promise<RefinedResult> {
  let current = state;
  for (;;) {
    const trustees = await askTrustees(current, interval, context);
    const opened = openInterval(current, interval);
    const refined = refineMonitor(current, opened);
    if (refined === undefined)
      return {
        state: current,
        targets: current.plan.targets,
        channels: current.scope.channels,
        opened,
        rows: createRows(current, opened),
        trustees,
      };
    await context.fill?.(refined);
    current = refined;
  }
}

/** By trustee, how its answer came out. */
export async function askTrustees(
  state: MonitorState,
  interval: IntervalIndex,
  context: AskContext,
): Promise<readonly string[]> {
  const outcomes: string[] = new Array(state.network.quorum.trusteeCount).fill('silent');
  const { totals } = monitorInterval(state, interval);
  // Without a total there is nothing to subtract from: then trustees need not be asked.
  if (!state.plan.targets.some(({ home }) => totals.has(home))) return outcomes;
  for (let attempt = 0; ; attempt++) {
    const request = createUnmaskRequest(state, interval, context.random(NONCE_BYTES));
    const ending = new AbortController();
    let grace: NodeJS.Timeout | undefined;
    let answered = 0;
    await Promise.all(
      outcomes.map(async (_, trustee) => {
        const outcome = await ask(state, interval, trustee, request, context, ending.signal);
        outcomes[trustee] = outcome;
        if (outcome === 'answered') answered++;
        if (context.graceMs === undefined || answered < state.network.quorum.quorum) return;
        grace ??= setTimeout(() => ending.abort(), context.graceMs);
      }),
    );
    clearTimeout(grace);
    if (attempt + 1 >= context.tries || !isStillSealing(state, interval)) return outcomes;
    const delayMs = Math.min(MAX_RETRY_DELAY_MS, RETRY_DELAY_MS * 2 ** attempt);
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
}

async function ask(
  state: MonitorState,
  interval: IntervalIndex,
  trustee: number,
  request: Uint8Array,
  { bus, keyPair, answerKeys, timeoutMs }: AskContext,
  signal: AbortSignal,
): Promise<string> {
  try {
    const sealed = await bus.request(unmaskSubject(trustee), request, { timeoutMs, signal });
    const answer = await openAnswer(sealed, request, keyPair, answerKeys);
    if (answer === undefined) return 'not-for-us';
    return handleAnswer(state, interval, trustee, answer) ? 'answered' : 'bad-answer';
  } catch (error) {
    if (isBusError(error, 'no-responders') || isBusError(error, 'timeout')) return error.code;
    if (isBusError(error, 'aborted')) return 'timeout';
    if (isBusError(error, 'remote-error')) return error.message;
    throw error;
  }
}
