// The measuring half of a gateway: measurements of all sources in, registers followed, readings of
// whole intervals stored. It knows nothing of networks, and works whether or not one is there.

import type { GatewayConfig } from '../gateway-config.ts';
import type { HomeStore, StoredAmount } from '../home-store.ts';
import { createClockWatch, watchClock } from '../registers/clock-watch.ts';
import { breakTrack, handleSample } from '../registers/handle-sample.ts';
import { toMilli } from '../registers/milli-units.ts';
import {
  createTrack,
  type IntervalEnd,
  type Sample,
  type TrackSettings,
  type TrackState,
} from '../registers/track.ts';
import type { Measurement } from '../sources/source.ts';
import { registerOfTrack, trackName, tracksOf } from '../track-name.ts';

/** Register states are stored this often where no reading came out of them: cards wear out. */
const SAVE_EVERY_MS = 30_000;
/** A power that is older is not live. */
const POWER_STAYS_MS = 120_000;

/** A meter whose clock differs by less is believed to the second. */
const CLOCKS_AGREE_MS = 60_000;
const JITTER_MS = 5000;
const ELECTRICITY: ReadonlySet<string> = new Set(['import', 'export', 'production']);

export interface HouseholdClock {
  nowMs(): number;
  /** Only ever runs forward. */
  steadyMs(): number;
}

export interface HouseholdOptions {
  readonly config: Pick<
    GatewayConfig,
    'sources' | 'maxPowerW' | 'maxPerHour' | 'maxGapSeconds' | 'turnsAt'
  >;
  readonly intervalSeconds: number;
  readonly store: HomeStore;
  readonly clock: HouseholdClock;
  /** A sample of this source was not taken. */
  readonly onRefused: (source: string, reason: string, detail: string) => void;
  /** Readings were stored. */
  readonly onReadings: () => void;
}

export class Household {
  readonly #options: HouseholdOptions;
  readonly #tracks: Map<string, TrackState>;
  readonly #powers = new Map<string, { readonly atMs: number; readonly powerW: number }>();
  readonly #watch: ReturnType<typeof createClockWatch>;
  #savedMs: number;
  #clockSteps = 0;

  constructor(options: HouseholdOptions) {
    this.#options = options;
    const { store, clock, config } = options;
    const nowMs = clock.nowMs();
    const stored = store.loadTracks();
    this.#tracks = new Map(
      tracksOf(config).map((name) => [name, stored.get(name) ?? createTrack()]),
    );
    // Across a restart nothing but the stored time tells that the clock went back.
    for (const track of this.#tracks.values())
      if (track.last !== undefined && track.last.atMs > nowMs)
        breakTrack(track, 'clock-step', this.#intervalAt(nowMs));
    this.#watch = createClockWatch(nowMs, clock.steadyMs());
    this.#savedMs = nowMs;
  }

  get clockSteps(): number {
    return this.#clockSteps;
  }

  take(source: string, measurement: Measurement): void {
    const { clock, onRefused, config } = this.#options;
    const atMs = clock.nowMs();
    const verdict = watchClock(this.#watch, atMs, clock.steadyMs());
    if (verdict === 'not-set') {
      onRefused(source, 'clock-not-set', 'the gateway’s own clock is before 2024');
      return;
    }
    if (verdict === 'stepped') this.#onClockStep(atMs);
    const amounts: StoredAmount[] = [];
    for (const [register, milli] of measurement.amounts) {
      const name = trackName(source, measurement.feed, register);
      const track = this.#tracks.get(name);
      if (track === undefined) continue;
      const { meter } = measurement;
      const times = timesOf(measurement, register, track, atMs);
      if (times === 'same-step') continue;
      const sample = { ...times, milli, meter };
      const { refused, ended } = handleSample(track, sample, this.#settingsOf(register));
      if (refused !== undefined) onRefused(source, refused, `${register} at ${milli / 1000}`);
      for (const end of ended) amounts.push(...rowsOf(name, end));
    }
    for (const [register, powerW] of measurement.powersW) {
      if (Number.isFinite(powerW) && Math.abs(powerW) <= config.maxPowerW)
        this.#powers.set(trackName(source, measurement.feed, register), { atMs, powerW });
      else onRefused(source, 'above-fuse', `power of ${register}: ${powerW} W`);
    }
    if (amounts.length > 0) {
      this.save(amounts);
      this.#options.onReadings();
    } else if (atMs - this.#savedMs >= SAVE_EVERY_MS) this.save();
  }

  save(amounts: readonly StoredAmount[] = []): void {
    this.#options.store.save(this.#tracks, amounts);
    this.#savedMs = this.#options.clock.nowMs();
  }

  /** By register, of one interval: the sum of all sources that feed it, missing where one is. */
  amountsOf(interval: number): ReadonlyMap<string, number> {
    const rows = this.#options.store.amounts(interval, interval + 1);
    const byTrack = new Map(rows.map(({ track, amount }) => [track, amount]));
    return this.#sum((track) => byTrack.get(track));
  }

  /** Watts by register, of sources that have spoken lately. */
  livePowersW(): ReadonlyMap<string, number> {
    const nowMs = this.#options.clock.nowMs();
    return this.#sum((track) => {
      const power = this.#powers.get(track);
      return power !== undefined && nowMs - power.atMs <= POWER_STAYS_MS ? power.powerW : undefined;
    });
  }

  /** By register, what has flowed since the running interval began, where that is known. */
  runningAmounts(): ReadonlyMap<string, number> {
    const running = this.#intervalAt(this.#options.clock.nowMs());
    return this.#sum((name) => {
      const { boundary, last } = this.#tracks.get(name) as TrackState;
      if (boundary?.interval !== running || last === undefined) return undefined;
      return Math.floor(last.milli / 1000) - Math.floor(boundary.milli / 1000);
    });
  }

  get registers(): readonly string[] {
    return [...new Set([...this.#tracks.keys()].map(registerOfTrack))];
  }

  #sum(of: (track: string) => number | undefined): ReadonlyMap<string, number> {
    const sums = new Map<string, number | undefined>();
    for (const track of this.#tracks.keys()) {
      const register = registerOfTrack(track);
      const amount = of(track);
      const before = sums.has(register) ? sums.get(register) : 0;
      sums.set(
        register,
        amount === undefined || before === undefined ? undefined : before + amount,
      );
    }
    const known = [...sums].filter((entry): entry is [string, number] => entry[1] !== undefined);
    return new Map(known);
  }

  #settingsOf(register: string): TrackSettings {
    const { config, intervalSeconds } = this.#options;
    const turn = config.turnsAt[register];
    const most = config.maxPerHour[register];
    return {
      intervalSeconds,
      maxGapMs: config.maxGapSeconds * 1000,
      maxPowerW: most === undefined ? config.maxPowerW : toMilli(most.value, most.unit) / 1000,
      isStepped: !ELECTRICITY.has(register),
      modulusMilli: turn && toMilli(turn.value, turn.unit),
    };
  }

  #onClockStep(nowMs: number): void {
    this.#clockSteps++;
    for (const track of this.#tracks.values())
      breakTrack(track, 'clock-step', this.#intervalAt(nowMs));
  }

  #intervalAt(nowMs: number): number {
    return Math.floor(nowMs / 1000 / this.#options.intervalSeconds);
  }
}

/**
 * A register with a time of its own was measured as long ago as the meter says, or, where the meter's
 * clock is right, to the second. Every telegram repeats its last step, which is no sample again.
 */
function timesOf(
  { meterTimeMs, registerTimesMs }: Measurement,
  register: string,
  { last }: TrackState,
  nowMs: number,
): Pick<Sample, 'atMs' | 'meterTimeMs'> | 'same-step' {
  const ownMs = registerTimesMs?.get(register);
  if (ownMs === undefined || meterTimeMs === undefined) return { atMs: nowMs, meterTimeMs };
  if (ownMs === last?.meterTimeMs) return 'same-step';
  if (Math.abs(nowMs - meterTimeMs) <= CLOCKS_AGREE_MS)
    return { atMs: Math.min(ownMs, nowMs), meterTimeMs: ownMs };
  const agoMs = nowMs - Math.max(0, meterTimeMs - ownMs);
  // Telegrams tell whole seconds and take some: from one step to the next the meter knows better.
  const alongMs = last?.meterTimeMs === undefined ? agoMs : last.atMs + ownMs - last.meterTimeMs;
  return {
    atMs: Math.abs(alongMs - agoMs) <= JITTER_MS ? Math.min(alongMs, nowMs) : agoMs,
    meterTimeMs: ownMs,
  };
}

/** Of a long absence only its last intervals are kept one by one. */
const MAX_ROWS = 200;

function rowsOf(track: string, end: IntervalEnd): StoredAmount[] {
  if (end.kind === 'reading')
    return [{ interval: end.interval, track, amount: end.amount, reason: undefined }];
  const from = Math.max(end.from, end.until - MAX_ROWS);
  return Array.from({ length: end.until - from }, (_, at) => ({
    ...{ interval: from + at, track },
    ...{ amount: undefined, reason: end.reason },
  }));
}
