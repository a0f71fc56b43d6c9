// The monitor: subtracts mask sums from masked totals (design.md sections 5 and 7, corrections 3,
// 15, 18 and 22). Totals come in from the aggregators, mask sums from the trustees, alerts from the
// auditors; what comes out is one figure per target, or the reason why there is none.
//
// It holds no mask key. It sees no bitmap and no count of contributors. Invariants: answers are
// combined only where their set digests are equal and their seal is the one of the total; a component
// on which trustees differ withholds the figure and names them; a figure beyond what the meters'
// fuses allow is quarantined with its cell, not with the map.

import { isWithin } from '../core/area.ts';
import { equalBytes } from '../core/bytes.ts';
import type { Grant } from '../core/grant.ts';
import type { IntervalIndex } from '../core/interval.ts';
import { unmask } from '../core/mask.ts';
import { areaAt, areaNamed, type Network } from '../core/network-tree.ts';
import { type Alert, type AlertFinding, decodeAlert } from '../core/notice.ts';
import { decisionOf } from '../core/presence.ts';
import { sealDigest } from '../core/seal.ts';
import {
  openSigned,
  type Signer,
  signMessage,
  splitSigned,
  type VerifySignature,
} from '../core/signed.ts';
import { decodeTotal, type Total } from '../core/total.ts';
import {
  decodeUnmaskAnswer,
  encodeUnmaskRequest,
  type UnmaskAnswer,
  type UnmaskResult,
} from '../core/unmask.ts';
import { combineAnswers, type Disagreement, type WithheldReason } from './monitor-combine.ts';
import { type HeaderOf, leftOutOf, reachOf } from './monitor-headers.ts';
import {
  type MonitorPlan,
  type MonitorTarget,
  narrowScope,
  planMonitor,
  planOfRow,
  type Scope,
} from './monitor-plan.ts';
import { countRejection, type Rejections } from './rejections.ts';

/**
 * Findings that only a lying aggregator can cause. A frame that was left out may have had a bad tag:
 * that is shown and withholds nothing, or any meter could blank its area.
 */
const WITHHOLDING: ReadonlySet<AlertFinding> = new Set<AlertFinding>([
  'bad-seal',
  'wrong-total',
  'wrong-decision',
  'missing-frame',
]);

export type Figure =
  | {
      readonly kind: 'released';
      readonly energyWh: number;
      /** Percent, rounded down to a step. */
      readonly coverage: number;
      /** False where some component had only one answer, so that no other trustee confirms it. */
      readonly isChecked: boolean;
      /** Of a whole area that leaves a cell out: why it does, or that nobody here can tell. */
      readonly leftOut?: WithheldReason | 'unknown';
    }
  | { readonly kind: 'withheld'; readonly reason: WithheldReason };

/** A total whose seal its area's aggregator has signed. */
export interface SealedTotal {
  readonly total: Total;
  readonly digest: Uint8Array;
}

export interface MonitorInterval {
  readonly totals: Map<number, SealedTotal>;
  /** By trustee. */
  readonly answers: Map<number, readonly UnmaskResult[]>;
  readonly alerts: Alert[];
  request: Uint8Array | undefined;
  nonce: Uint8Array | undefined;
}

export interface MonitorState {
  readonly network: Network;
  readonly plan: MonitorPlan;
  /** What it opens, inside its grant. */
  readonly scope: Scope;
  /** Areas that it opens one level deeper than its scope: their whole totals were implausible. */
  readonly inside: ReadonlySet<number>;
  /** The only row that it opens, by its name; undefined where it opens all of its scope. */
  readonly row: string | undefined;
  readonly grant: Grant;
  readonly signedGrant: Uint8Array;
  readonly signer: Signer;
  readonly verify: VerifySignature;
  /** The areas whose totals it needs: of its targets for their words, of its rows for who is included. */
  readonly homes: ReadonlySet<number>;
  /**
   * Areas below those that it opens as a whole: their seals' headers say which cells the whole leaves
   * out. It does without them.
   */
  readonly below: ReadonlySet<number>;
  readonly intervals: Map<IntervalIndex, MonitorInterval>;
  readonly rejected: Rejections;
}

export interface OpenedInterval {
  readonly interval: IntervalIndex;
  /** By target. */
  readonly figures: readonly Figure[];
  /** Per area index: the depth of the highest area whose total still includes this one. */
  readonly reach: readonly number[];
  readonly disagreements: readonly Disagreement[];
}

export interface MonitorSetup {
  readonly network: Network;
  readonly grant: Grant;
  readonly signedGrant: Uint8Array;
  readonly signer: Signer;
  readonly verify: VerifySignature;
  /** What it opens; by default all that the grant reaches. */
  readonly scope?: Scope;
  /** Opens this row of the scope and nothing else. */
  readonly row?: string;
}

/** @throws RangeError where the scope lies outside the grant, or has no such row. */
export function createMonitor(setup: MonitorSetup): MonitorState {
  const { network, grant, signedGrant, signer, verify, row } = setup;
  const scope = narrowScope(grant, setup.scope ?? grant);
  if (scope === undefined)
    throw new RangeError(`scope: expected one inside the grant of ${grant.area}`);
  const planned = planAll(network, scope, new Set(), row);
  if (planned === undefined) throw new RangeError(`row: expected one of ${scope.area}`);
  return {
    network,
    ...planned,
    grant,
    signedGrant,
    signer,
    verify,
    intervals: new Map(),
    rejected: new Map(),
  };
}

/**
 * A monitor for one interval that looks inside the areas whose whole totals came out implausible, or
 * that an auditor has found fault within, so that only the bad cell is left out of what lies above
 * (correction 18). Undefined where there is nothing to look into, or the grant ends there.
 */
export function refineMonitor(
  state: MonitorState,
  opened: OpenedInterval,
): MonitorState | undefined {
  const inside = new Set(state.inside);
  const known = monitorInterval(state, opened.interval);
  for (const [index, figure] of opened.figures.entries()) {
    const target = state.plan.targets[index] as MonitorTarget;
    if (target.kind !== 'area' || figure.kind === 'released') continue;
    if (figure.reason !== 'implausible' && !isAlerted(state, known, target)) continue;
    if (areaAt(state.network, target.index).depth < state.grant.deepestDepth)
      inside.add(target.index);
  }
  if (inside.size === state.inside.size) return undefined;
  const planned = planAll(state.network, state.scope, inside, state.row);
  const { totals, alerts } = known;
  const record = { ...newInterval(), totals, alerts };
  return planned && { ...state, ...planned, intervals: new Map([[opened.interval, record]]) };
}

function planAll(
  network: Network,
  scope: Scope,
  inside: ReadonlySet<number>,
  row: string | undefined,
): Pick<MonitorState, 'plan' | 'scope' | 'inside' | 'row' | 'homes' | 'below'> | undefined {
  const full = planMonitor(network, scope, inside);
  const plan = row === undefined ? full : planOfRow(full, row);
  if (plan === undefined) return undefined;
  const homes = new Set([
    ...plan.targets.map((target) => target.home),
    ...plan.rows.map((planned) => planned.area),
  ]);
  const below = new Set<number>();
  const addBelow = (area: number): void => {
    for (const child of areaAt(network, area).areaChildren) {
      below.add(child);
      addBelow(child);
    }
  };
  for (const target of plan.targets) if (target.kind === 'area') addBelow(target.index);
  return { plan, scope, inside, row, homes, below };
}

function newInterval(): MonitorInterval {
  return {
    totals: new Map(),
    answers: new Map(),
    alerts: [],
    request: undefined,
    nonce: undefined,
  };
}

export function monitorInterval(state: MonitorState, interval: IntervalIndex): MonitorInterval {
  let record = state.intervals.get(interval);
  if (record === undefined) {
    record = newInterval();
    state.intervals.set(interval, record);
  }
  return record;
}

/** Takes a total that the area's own aggregator sealed; the interval it is of, where it counts. */
export function handleTotal(state: MonitorState, bytes: Uint8Array): IntervalIndex | undefined {
  const checked = checkTotal(state, bytes);
  if (typeof checked === 'string') return reject(state, checked);
  const { area, sealed } = checked;
  const { interval } = sealed.total.header;
  const record = monitorInterval(state, interval);
  if (!record.totals.has(area)) record.totals.set(area, sealed);
  return interval;
}

/** The area that a total is of, and the total, where one of the area's aggregators has sealed it. */
export function checkTotal(
  { network, verify }: Pick<MonitorState, 'network' | 'verify'>,
  bytes: Uint8Array,
): { readonly area: number; readonly sealed: SealedTotal } | string {
  const total = decodeTotal(bytes);
  const area = total && areaNamed(network, total.header.area);
  if (total === undefined || area === undefined) return 'malformed-total';
  if (!equalBytes(total.header.network, network.digest)) return 'wrong-network';
  const keys = network.document.aggregators[area.aggregator]?.publicKeys ?? [];
  const headerBody = openSigned('seal', total.signedHeader, keys, verify);
  if (headerBody === undefined) return 'bad-seal-signature';
  return { area: area.index, sealed: { total, digest: sealDigest(headerBody) } };
}

/** Whether every total that it needs for this interval is here. */
export function hasAllTotals(state: MonitorState, interval: IntervalIndex): boolean {
  const record = state.intervals.get(interval);
  if (record === undefined) return state.homes.size === 0;
  for (const home of state.homes) if (!record.totals.has(home)) return false;
  return true;
}

/** The signed request for all targets of an interval. `nonce` is 16 fresh random bytes. */
export function createUnmaskRequest(
  state: MonitorState,
  interval: IntervalIndex,
  nonce: Uint8Array,
): Uint8Array {
  const record = monitorInterval(state, interval);
  const targets = state.plan.targets.map(({ kind, index, channel }) => ({ kind, index, channel }));
  const body = encodeUnmaskRequest({
    network: state.network.digest,
    interval,
    targets,
    nonce,
    grant: state.signedGrant,
  });
  record.request = signMessage('unmask-request', body, state.signer);
  record.nonce = nonce;
  record.answers.clear();
  return record.request;
}

/** Takes a trustee's signed answer, as unsealed; whether it counts. */
export function handleAnswer(
  state: MonitorState,
  interval: IntervalIndex,
  trustee: number,
  signedAnswer: Uint8Array,
): boolean {
  const record = monitorInterval(state, interval);
  const key = state.network.document.trustees[trustee]?.publicKey;
  const body = key && openSigned('unmask-answer', signedAnswer, [key], state.verify);
  const answer = body && decodeUnmaskAnswer(body);
  if (answer === undefined || !isAnswerTo(state, record, interval, trustee, answer)) {
    reject(state, 'bad-answer');
    return false;
  }
  record.answers.set(trustee, answer.results);
  return true;
}

/** Whether a trustee that answered has not seen the seals yet, so that asking again is worth while. */
export function isStillSealing(state: MonitorState, interval: IntervalIndex): boolean {
  const record = monitorInterval(state, interval);
  for (const results of record.answers.values()) {
    for (const [index, result] of results.entries()) {
      if (result.status !== 'no-seal') continue;
      const target = state.plan.targets[index] as MonitorTarget;
      if (record.totals.has(target.home) && decided(record, target) === undefined) return true;
    }
  }
  return false;
}

/** Takes an auditor's alert. Late ones count as well: the interval is to be opened again. */
export function handleAlert(state: MonitorState, bytes: Uint8Array): IntervalIndex | undefined {
  const split = splitSigned('alert', bytes);
  const alert = split && decodeAlert(split.body);
  if (alert === undefined) return reject(state, 'malformed-alert');
  if (openSigned('alert', bytes, state.network.document.auditors, state.verify) === undefined)
    return reject(state, 'bad-alert-signature');
  monitorInterval(state, alert.interval).alerts.push(alert);
  return alert.interval;
}

/** Every target of the interval with what is here now: a figure, or why not. */
export function openInterval(state: MonitorState, interval: IntervalIndex): OpenedInterval {
  const record = monitorInterval(state, interval);
  const disagreements: Disagreement[] = [];
  const figures = state.plan.targets.map((target, index) =>
    openTarget(state, record, target, index, disagreements),
  );
  return { interval, figures, reach: reachOf(state.network, headersOf(record)), disagreements };
}

function openTarget(
  state: MonitorState,
  record: MonitorInterval,
  target: MonitorTarget,
  index: number,
  disagreements: Disagreement[],
): Figure {
  const sealed = record.totals.get(target.home);
  if (sealed === undefined) return { kind: 'withheld', reason: 'no-seal' };
  const reason = decided(record, target);
  if (reason !== undefined) return { kind: 'withheld', reason };
  if (isAlerted(state, record, target)) return { kind: 'withheld', reason: 'mismatch' };
  const { totals } = sealed.total;
  const masked =
    target.kind === 'cell'
      ? totals.cells[target.channel]?.[target.position]
      : totals.area[target.channel];
  if (masked === undefined) return { kind: 'withheld', reason: 'mismatch' };
  const combined = combineAnswers(
    state.network.quorum,
    record.answers,
    sealed.digest,
    index,
    disagreements,
  );
  if (combined.kind === 'withheld') return combined;
  const value = unmask(masked, combined.maskSum);
  const isSigned = state.network.channels[target.channel]?.isSigned === true;
  const bound = BigInt(target.capSumWh);
  if (value > bound || value < (isSigned ? -bound : 0n))
    return { kind: 'withheld', reason: 'implausible' };
  const leftOut =
    target.kind === 'area' && combined.coverage < 100
      ? leftOutOf(state.network, headersOf(record), target.index, target.channel)
      : undefined;
  return {
    kind: 'released',
    energyWh: Number(value),
    coverage: combined.coverage,
    isChecked: combined.isChecked,
    ...(leftOut === undefined ? {} : { leftOut }),
  };
}

function headersOf(record: MonitorInterval): HeaderOf {
  return (area) => record.totals.get(area)?.total.header;
}

/** Why the home's seal itself withholds the cell; undefined where it does not. */
function decided(record: MonitorInterval, target: MonitorTarget): WithheldReason | undefined {
  if (target.kind === 'area') return undefined;
  const byte = record.totals.get(target.home)?.total.header.decisions[target.channel]?.[
    target.position
  ];
  const decision = byte === undefined ? undefined : decisionOf(byte);
  if (decision === undefined) return 'mismatch';
  return decision === 'included' ? undefined : decision;
}

function isAlerted(state: MonitorState, record: MonitorInterval, target: MonitorTarget): boolean {
  const home = areaAt(state.network, target.home).id;
  const members =
    target.kind === 'cell' ? state.network.cells.at(target.index)?.members : undefined;
  return record.alerts.some((alert) => {
    if (!WITHHOLDING.has(alert.finding)) return false;
    if (members === undefined) return isWithin(alert.area, home);
    if (alert.cells.length > 0)
      return alert.cells.some(
        ([channel, cell]) => channel === target.channel && cell === target.index,
      );
    // A cell of whole areas takes in what any of them sealed.
    return (
      alert.area === home ||
      members.some((member) => isWithin(alert.area, areaAt(state.network, member).id))
    );
  });
}

function isAnswerTo(
  state: MonitorState,
  record: MonitorInterval,
  interval: IntervalIndex,
  trustee: number,
  answer: UnmaskAnswer,
): boolean {
  return (
    record.nonce !== undefined &&
    equalBytes(answer.nonce, record.nonce) &&
    equalBytes(answer.network, state.network.digest) &&
    answer.interval === interval &&
    answer.trustee === trustee &&
    answer.results.length === state.plan.targets.length
  );
}

function reject(state: MonitorState, reason: string): undefined {
  countRejection(state.rejected, reason);
  return undefined;
}
