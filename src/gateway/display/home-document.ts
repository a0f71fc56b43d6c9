// What the household's page shows, as one JSON document: what was measured, and beside it exactly
// what has left the house. The only document of the whole system that has a home's readings in it.

import { toHex } from '../../core/bytes.ts';
import { type Channel, channelIndices } from '../../core/channel.ts';
import { decodeFrame, FRAME_HEADER_BYTES, TAG_BYTES } from '../../core/frame.ts';
import type { Departure, HomeStore, StoredAmount } from '../home-store.ts';
import type { Household } from '../node/household.ts';
import type { SourceHealth } from '../sources/supervise.ts';
import { registerOfTrack } from '../track-name.ts';
import { localStarts } from './local-time.ts';

/** Intervals in the page's table: a day. */
const SHOWN_SECONDS = 86_400;

export interface HomeSource {
  readonly nowMs: () => number;
  readonly intervalSeconds: number;
  readonly timeZone: string | undefined;
  readonly channels: readonly Channel[];
  readonly household: Household;
  readonly home: HomeStore;
  readonly sources: () => readonly SourceHealth[];
  /** Why nothing gets out; undefined where it does. */
  readonly outward: () => string | undefined;
}

type Figures = Record<string, number>;

export interface PeriodDocument {
  /** By register; only what was measured. */
  readonly amounts: Figures;
  /** Produced and not exported, over the intervals in which both are known. */
  readonly selfConsumptionWh?: number;
  /** Intervals of the period that are over and are not whole. */
  readonly missingCount: number;
}

export interface IntervalDocument {
  readonly start: string;
  readonly amounts: Figures;
  /** By register, why there is none. */
  readonly missing: Record<string, string>;
  readonly status: string;
  readonly sent?: string;
  readonly received?: string;
  readonly frame?: FrameDocument;
}

export interface FrameDocument {
  readonly bytes: string;
  readonly byteCount: number;
  readonly version: number;
  readonly channels: readonly string[];
  readonly slot: number;
  readonly interval: number;
  readonly words: readonly string[];
  readonly tag: string;
}

export interface HomeDocument {
  readonly now: string;
  readonly timeZone?: string;
  readonly intervalSeconds: number;
  /** What the configuration follows, measured or not. */
  readonly registers: readonly string[];
  readonly powersW: Figures;
  readonly today: PeriodDocument;
  readonly month: PeriodDocument;
  readonly outward?: string;
  readonly sources: readonly SourceDocument[];
  /** The newest first. */
  readonly intervals: readonly IntervalDocument[];
}

export interface SourceDocument {
  readonly name: string;
  readonly kind: string;
  readonly state: string;
  readonly problem?: string;
  readonly measured?: string;
  readonly measuredCount: number;
  readonly refused: readonly {
    readonly reason: string;
    readonly count: number;
    readonly last: string;
    readonly detail?: string;
  }[];
}

export function createHomeDocument(source: HomeSource): HomeDocument {
  const { household, home, intervalSeconds, timeZone } = source;
  const nowMs = source.nowMs();
  const running = Math.floor(nowMs / 1000 / intervalSeconds);
  const starts = localStarts(nowMs, timeZone);
  const first = Math.floor(starts.monthMs / 1000 / intervalSeconds);
  const shownFrom = running - Math.floor(SHOWN_SECONDS / intervalSeconds);
  const rows = groupRows(home.amounts(Math.min(first, shownFrom), running));
  const today = Math.ceil(starts.dayMs / 1000 / intervalSeconds);
  const now = Object.fromEntries(household.runningAmounts());
  const period = (from: number) => sumPeriod(rows, household.registers, from, running, now);
  const outward = source.outward();
  return {
    now: new Date(nowMs).toISOString(),
    ...(timeZone === undefined ? {} : { timeZone }),
    intervalSeconds,
    registers: household.registers,
    powersW: Object.fromEntries(household.livePowersW()),
    today: period(today),
    month: period(first),
    ...(outward === undefined ? {} : { outward }),
    sources: source.sources().map(sourceDocument),
    intervals: shownIntervals(source, rows, shownFrom, running),
  };
}

interface IntervalRow {
  readonly amounts: Map<string, number>;
  readonly missing: Map<string, string>;
}

/** By interval; a register that several sources feed is missing where one of them is. */
function groupRows(stored: readonly StoredAmount[]): ReadonlyMap<number, IntervalRow> {
  const rows = new Map<number, IntervalRow>();
  for (const { interval, track, amount, reason } of stored) {
    const row = rows.get(interval) ?? { amounts: new Map(), missing: new Map() };
    rows.set(interval, row);
    const register = registerOfTrack(track);
    if (amount === undefined) row.missing.set(register, reason ?? 'gap');
    else if (!row.missing.has(register))
      row.amounts.set(register, (row.amounts.get(register) ?? 0) + amount);
    if (row.missing.has(register)) row.amounts.delete(register);
  }
  return rows;
}

function sumPeriod(
  rows: ReadonlyMap<number, IntervalRow>,
  registers: readonly string[],
  from: number,
  until: number,
  running: Figures,
): PeriodDocument {
  const amounts: Figures = { ...running };
  let selfWh = ownConsumptionWh(running.production, running.export);
  let wholeCount = 0;
  let firstInterval = until;
  for (const [interval, row] of rows) {
    if (interval < from || interval >= until) continue;
    firstInterval = Math.min(firstInterval, interval);
    if (registers.every((register) => row.amounts.has(register))) wholeCount++;
    for (const [register, amount] of row.amounts)
      amounts[register] = (amounts[register] ?? 0) + amount;
    const addedWh = ownConsumptionWh(row.amounts.get('production'), row.amounts.get('export'));
    if (addedWh !== undefined) selfWh = (selfWh ?? 0) + addedWh;
  }
  return {
    amounts,
    ...(selfWh === undefined ? {} : { selfConsumptionWh: selfWh }),
    missingCount: until - firstInterval - wholeCount,
  };
}

/** Where one of them is not known, so is the difference: it is not zero. */
function ownConsumptionWh(produced?: number, exported?: number): number | undefined {
  return produced === undefined || exported === undefined ? undefined : produced - exported;
}

function shownIntervals(
  { home, intervalSeconds, channels }: HomeSource,
  rows: ReadonlyMap<number, IntervalRow>,
  from: number,
  until: number,
): readonly IntervalDocument[] {
  const departures = new Map(
    home.departures(from, until - from + 1).map((departure) => [departure.interval, departure]),
  );
  const shown: IntervalDocument[] = [];
  for (let interval = until - 1; interval >= from; interval--) {
    const row = rows.get(interval);
    const departure = departures.get(interval);
    if (row === undefined && departure === undefined) continue;
    shown.push({
      start: new Date(interval * intervalSeconds * 1000).toISOString(),
      amounts: Object.fromEntries(row?.amounts ?? []),
      missing: Object.fromEntries(row?.missing ?? []),
      status: departure?.status ?? 'not-sent',
      ...timesOf(departure),
      ...(departure?.frame === undefined
        ? {}
        : { frame: frameDocument(departure.frame, channels) }),
    });
  }
  return shown;
}

function timesOf(departure: Departure | undefined) {
  const { sentMs, receiptMs } = departure ?? {};
  return {
    ...(sentMs === undefined ? {} : { sent: new Date(sentMs).toISOString() }),
    ...(receiptMs === undefined ? {} : { received: new Date(receiptMs).toISOString() }),
  };
}

export function frameDocument(frame: Uint8Array, channels: readonly Channel[]): FrameDocument {
  const body = decodeFrame(frame);
  const wordBytes = frame.subarray(FRAME_HEADER_BYTES, frame.length - TAG_BYTES);
  return {
    bytes: toHex(frame),
    byteCount: frame.length,
    version: frame[0] as number,
    channels: channelIndices(body.channels).map((index) => channels[index]?.name ?? `${index}`),
    slot: body.slot,
    interval: body.interval,
    words: Array.from({ length: wordBytes.length / 8 }, (_, at) =>
      toHex(wordBytes.subarray(8 * at, 8 * at + 8)),
    ),
    tag: toHex(frame.subarray(frame.length - TAG_BYTES)),
  };
}

function sourceDocument(health: SourceHealth): SourceDocument {
  const { name, kind, state, problem, lastMeasuredMs, measuredCount, refused } = health;
  return {
    ...{ name, kind, state, measuredCount },
    ...(problem === undefined ? {} : { problem }),
    ...(lastMeasuredMs === undefined ? {} : { measured: new Date(lastMeasuredMs).toISOString() }),
    refused: [...refused].map(([reason, { count, lastMs, detail }]) => ({
      ...{ reason, count, last: new Date(lastMs).toISOString() },
      ...(detail === undefined ? {} : { detail }),
    })),
  };
}
