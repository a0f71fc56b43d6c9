import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breakTrack, handleSample } from '../../../src/gateway/registers/handle-sample.ts';
import {
  createTrack,
  type IntervalEnd,
  type Sample,
  type SampleRefusal,
  type TrackSettings,
  type TrackState,
} from '../../../src/gateway/registers/track.ts';

const SETTINGS: TrackSettings = { intervalSeconds: 900, maxGapMs: 300_000, maxPowerW: 17_250 };
const INTERVAL_MS = 900_000;
/** 27 March 2022 00:45 UTC: a quarter of an hour before Europe's clocks go forward. */
const START = Date.UTC(2022, 2, 27, 0, 45);
const FIRST = START / INTERVAL_MS;
const KWH = 1_000_000;

interface Run {
  readonly track: TrackState;
  readonly ended: readonly IntervalEnd[];
  readonly refused: readonly SampleRefusal[];
}

function run(samples: readonly Sample[], settings = SETTINGS, track = createTrack()): Run {
  const ended: IntervalEnd[] = [];
  const refused: SampleRefusal[] = [];
  for (const sample of samples) {
    const outcome = handleSample(track, sample, settings);
    ended.push(...outcome.ended);
    if (outcome.refused !== undefined) refused.push(outcome.refused);
  }
  return { track, ended, refused };
}

/** A steady load, one sample every `stepMs`, from `fromMs` until `untilMs`. */
function steady(options: {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly stepMs?: number;
  readonly startMilli?: number;
  readonly powerW?: number;
  readonly meter?: string;
}): Sample[] {
  const { fromMs, untilMs, stepMs = 10_000, startMilli = 5000 * KWH, powerW = 360 } = options;
  const samples: Sample[] = [];
  for (let atMs = fromMs; atMs <= untilMs; atMs += stepMs)
    samples.push({
      atMs,
      milli: startMilli + Math.floor(((atMs - START) * powerW) / 3600),
      meter: options.meter,
    });
  return samples;
}

const readings = (ended: readonly IntervalEnd[]) => ended.filter((end) => end.kind === 'reading');

describe('a register with samples around every boundary', () => {
  it('gives the difference at the boundaries, and no reading for the interval it began in', () => {
    const { ended } = run(steady({ fromMs: START + 4000, untilMs: START + 3.1 * INTERVAL_MS }));
    expect(ended).toEqual([
      { kind: 'missing', from: FIRST, until: FIRST + 1, reason: 'started' },
      { kind: 'reading', interval: FIRST + 1, amount: 90 },
      { kind: 'reading', interval: FIRST + 2, amount: 90 },
    ]);
  });

  it('goes straight on where local clocks jump, since intervals are of UTC', () => {
    const meterTime = (atMs: number) => (atMs < Date.UTC(2022, 2, 27, 1) ? 3_600_000 : 7_200_000);
    const samples = steady({ fromMs: START, untilMs: START + 4 * INTERVAL_MS }).map((sample) => ({
      ...sample,
      meterTimeMs: sample.atMs + meterTime(sample.atMs),
    }));
    // And in autumn, where the meter's clock runs through an hour twice.
    const autumn = samples.map((sample) => ({
      ...sample,
      meterTimeMs: sample.atMs - meterTime(sample.atMs),
    }));
    for (const list of [samples, autumn]) {
      const { ended, refused } = run(list);
      expect(refused).toEqual([]);
      expect(readings(ended).map(({ amount }) => amount)).toEqual([90, 90, 90, 90]);
    }
  });

  it('reads the straight line between two samples that are near enough', () => {
    const samples = [
      { atMs: START, milli: 0 },
      { atMs: START + INTERVAL_MS - 100_000, milli: 100_000 },
      { atMs: START + INTERVAL_MS + 200_000, milli: 400_000 },
    ];
    expect(readings(run(samples).ended)).toEqual([
      { kind: 'reading', interval: FIRST, amount: 200 },
    ]);
  });
});

describe('a register with a gap', () => {
  it('has no reading, not zero, for the intervals that the gap touches, and spreads nothing', () => {
    const samples = [
      ...steady({ fromMs: START, untilMs: START + 1.5 * INTERVAL_MS }),
      ...steady({ fromMs: START + 3.5 * INTERVAL_MS, untilMs: START + 5 * INTERVAL_MS }),
    ];
    expect(run(samples).ended).toEqual([
      { kind: 'reading', interval: FIRST, amount: 90 },
      { kind: 'missing', from: FIRST + 1, until: FIRST + 3, reason: 'gap' },
      { kind: 'missing', from: FIRST + 3, until: FIRST + 4, reason: 'gap' },
      { kind: 'reading', interval: FIRST + 4, amount: 90 },
    ]);
  });

  it('is fine with a gap inside an interval', () => {
    const samples = [
      ...steady({ fromMs: START, untilMs: START + 60_000 }),
      ...steady({ fromMs: START + 800_000, untilMs: START + INTERVAL_MS }),
    ];
    expect(readings(run(samples).ended)).toHaveLength(1);
  });

  it.each([
    [299_000, 1],
    [300_000, 1],
    [301_000, 0],
  ])('across a boundary of %i ms gives %i readings', (gapMs, count) => {
    const beforeMs = START + INTERVAL_MS - 100_000;
    const samples = [
      ...steady({ fromMs: START, untilMs: beforeMs, stepMs: 100_000 }),
      ...steady({ fromMs: beforeMs + gapMs, untilMs: beforeMs + gapMs }),
    ];
    expect(readings(run(samples).ended)).toHaveLength(count);
  });

  it('of thirty years is one line, not a million', () => {
    const samples = [
      ...steady({ fromMs: START, untilMs: START + INTERVAL_MS }),
      { atMs: START + 1e12, milli: 5001 * KWH },
    ];
    expect(run(samples).ended).toHaveLength(2);
  });
});

describe('a register that turns over', () => {
  it.each([
    ['six digits of kWh, recognised', 1e6 * KWH, undefined],
    ['five digits, recognised', 1e5 * KWH, undefined],
    ['32 bits of Wh, recognised', 2 ** 32 * 1000, undefined],
    ['odd, configured', 123_456 * KWH, 123_456 * KWH],
  ])('goes on: %s', (_, turn, modulusMilli) => {
    const samples = steady({
      fromMs: START,
      untilMs: START + 2 * INTERVAL_MS,
      startMilli: turn - 100_000,
    }).map((sample) => ({ ...sample, milli: sample.milli % turn }));
    const { ended, refused } = run(samples, { ...SETTINGS, modulusMilli });
    expect(refused).toEqual([]);
    expect(readings(ended).map(({ amount }) => amount)).toEqual([90, 90]);
  });
});

describe('a register that no longer is what it was', () => {
  const before = steady({ fromMs: START, untilMs: START + 1.5 * INTERVAL_MS });
  const later = (more: Partial<Parameters<typeof steady>[0]>) =>
    steady({
      fromMs: START + 1.5 * INTERVAL_MS + 10_000,
      untilMs: START + 4 * INTERVAL_MS,
      ...more,
    });

  it.each([
    ['reset', { startMilli: 0 }, 'register-reset', 'register-decreased'],
    ['set forward', { startMilli: 6000 * KWH }, 'register-jumped', 'above-fuse'],
  ] as const)('when %s begins anew after three samples', (_, more, reason, refusal) => {
    const { ended, refused } = run([...before, ...later(more)]);
    expect(refused).toEqual([refusal, refusal]);
    expect(ended).toEqual([
      { kind: 'reading', interval: FIRST, amount: 90 },
      { kind: 'missing', from: FIRST + 1, until: FIRST + 2, reason },
      { kind: 'reading', interval: FIRST + 2, amount: 90 },
      { kind: 'reading', interval: FIRST + 3, amount: 90 },
    ]);
  });

  it('when the meter is exchanged counts nothing across the two', () => {
    const old = before.map((sample) => ({ ...sample, meter: 'old' }));
    const { ended, refused } = run([...old, ...later({ startMilli: 5000 * KWH, meter: 'new' })]);
    expect(refused).toEqual(['other-meter', 'other-meter']);
    expect(ended[1]).toEqual({
      kind: 'missing',
      from: FIRST + 1,
      until: FIRST + 2,
      reason: 'meter-exchanged',
    });
    expect(readings(ended)).toHaveLength(3);
  });

  it('is not exchanged by a neighbour’s telegrams in between', () => {
    const ours = steady({ fromMs: START, untilMs: START + 2 * INTERVAL_MS, meter: 'ours' });
    const mixed = ours.flatMap((sample) => [
      sample,
      { ...sample, atMs: sample.atMs + 1, milli: 7, meter: 'theirs' },
    ]);
    const { ended, refused } = run(mixed);
    expect(new Set(refused)).toEqual(new Set(['other-meter']));
    expect(readings(ended).map(({ amount }) => amount)).toEqual([90, 90]);
  });

  it('is not reset by one broken value', () => {
    const samples = steady({ fromMs: START, untilMs: START + INTERVAL_MS });
    for (const [broken, reason] of [
      [0, 'register-decreased'],
      [5_400 * KWH, 'above-fuse'],
      [5_000_000 * KWH + 35_000_000, 'unit-changed'],
      [-1, 'negative'],
      [Number.NaN, 'not-a-number'],
      [9.1e15, 'not-a-number'],
      [9.001e15, 'too-large'],
    ] as const) {
      const spoilt = samples.toSpliced(30, 1, { ...samples[30]!, milli: broken });
      const { ended, refused } = run(spoilt);
      expect(refused).toEqual([reason]);
      expect(readings(ended)).toEqual([{ kind: 'reading', interval: FIRST, amount: 90 }]);
    }
  });
});

describe('a meter that changes its unit', () => {
  it.each([3, -3, 1, -1, 5])('by 10^%i keeps its run and its readings', (exponent) => {
    const samples = steady({
      fromMs: START,
      untilMs: START + 4 * INTERVAL_MS,
      startMilli: 5000 * KWH,
    });
    const factor = 10 ** exponent;
    const changed = samples.map((sample, at) =>
      at < 150 ? sample : { ...sample, milli: Math.floor(sample.milli * factor) },
    );
    const { ended, refused, track } = run(changed);
    expect(refused).toEqual(['unit-changed', 'unit-changed']);
    expect(readings(ended)).toHaveLength(4);
    const sum = readings(ended).reduce((total, { amount }) => total + amount, 0);
    // Digits that the meter no longer sends are lost, nothing else.
    expect(Math.abs(sum - 360)).toBeLessThanOrEqual(1);
    expect(track.exponent).toBe(exponent === 0 ? 0 : -exponent);
  });

  it('and back again', () => {
    const samples = steady({ fromMs: START, untilMs: START + 3 * INTERVAL_MS });
    const changed = samples.map((sample, at) =>
      at < 100 || at > 200 ? sample : { ...sample, milli: sample.milli * 1000 },
    );
    const { ended, track } = run(changed);
    expect(readings(ended).map(({ amount }) => amount)).toEqual([90, 90, 90]);
    expect(track.exponent).toBe(0);
  });
});

describe('samples that are late or come twice', () => {
  it('are refused, and change nothing', () => {
    const samples = steady({ fromMs: START, untilMs: START + 2 * INTERVAL_MS }).map((sample) => ({
      ...sample,
      meterTimeMs: sample.atMs,
    }));
    const doubled = samples.flatMap((sample, at) => {
      const old = samples[Math.max(0, at - 5)]!;
      return [sample, sample, { ...old, atMs: sample.atMs + 5 }];
    });
    const plain = run(samples);
    const { ended, refused } = run(doubled);
    expect(ended).toEqual(plain.ended);
    expect(new Set(refused)).toEqual(new Set(['duplicate', 'out-of-order']));
  });
});

describe('a clock that was set', () => {
  it('leaves the intervals that it cut without a reading, and goes on', () => {
    const track = createTrack();
    run(steady({ fromMs: START, untilMs: START + 1.5 * INTERVAL_MS }), SETTINGS, track);
    const nowMs = START + 2.5 * INTERVAL_MS;
    breakTrack(track, 'clock-step', Math.floor(nowMs / INTERVAL_MS));
    const { ended } = run(
      steady({ fromMs: nowMs, untilMs: START + 4 * INTERVAL_MS }),
      SETTINGS,
      track,
    );
    expect(ended).toEqual([
      { kind: 'missing', from: FIRST + 1, until: FIRST + 3, reason: 'clock-step' },
      { kind: 'reading', interval: FIRST + 3, amount: 90 },
    ]);
  });

  it('back by an hour gives readings again as soon as a whole interval was seen', () => {
    const track = createTrack();
    const first = run(steady({ fromMs: START, untilMs: START + 5 * INTERVAL_MS }), SETTINGS, track);
    expect(readings(first.ended)).toHaveLength(5);
    const backMs = START + 1.5 * INTERVAL_MS;
    breakTrack(track, 'clock-step', Math.floor(backMs / INTERVAL_MS));
    const again = run(
      steady({ fromMs: backMs, untilMs: START + 4 * INTERVAL_MS, startMilli: 5001 * KWH }),
      SETTINGS,
      track,
    );
    expect(readings(again.ended).map(({ interval }) => interval - FIRST)).toEqual([2, 3]);
  });
});

describe('any gapless run of any register', () => {
  const household = fc.record({
    startMilli: fc.nat(2e12),
    offsetMs: fc.nat(2 * INTERVAL_MS),
    steps: fc.array(
      fc.record({ waitMs: fc.integer({ min: 500, max: 299_000 }), powerW: fc.nat(17_000) }),
      { minLength: 10, maxLength: 300 },
    ),
  });

  function samplesOf({
    startMilli,
    offsetMs,
    steps,
  }: typeof household extends fc.Arbitrary<infer T> ? T : never) {
    const samples: Sample[] = [{ atMs: START + offsetMs, milli: startMilli }];
    for (const { waitMs, powerW } of steps) {
      const { atMs, milli } = samples.at(-1)!;
      samples.push({ atMs: atMs + waitMs, milli: milli + Math.floor((powerW * waitMs) / 3600) });
    }
    return samples;
  }

  it('adds up to what the register moved, exactly', () => {
    fc.assert(
      fc.property(household, (home) => {
        const samples = samplesOf(home);
        const { ended, refused, track } = run(samples);
        expect(refused).toEqual([]);
        const given = readings(ended);
        for (const [at, { interval }] of given.entries())
          expect(interval).toBe(given[0]!.interval + at);
        if (given.length === 0) return;
        // The register at the run's two ends, by the same line, worked out here anew.
        const endMs = (given.at(-1)!.interval + 1) * INTERVAL_MS;
        const sum = given.reduce((total, { amount }) => total + amount, 0);
        const whole = (atMs: number) => Math.floor(lineAt(samples, atMs) / 1000);
        expect(sum).toBe(whole(endMs) - whole(given[0]!.interval * INTERVAL_MS));
        expect(track.boundary?.milli).toBe(lineAt(samples, endMs));
      }),
      { numRuns: 300 },
    );
  });

  it('gives the same with any of its samples twice, and never an interval twice', () => {
    fc.assert(
      fc.property(household, fc.infiniteStream(fc.boolean()), (home, isTwice) => {
        const samples = samplesOf(home);
        const doubled = samples.flatMap((sample) =>
          isTwice.next().value ? [sample, sample] : [sample],
        );
        expect(run(doubled).ended).toEqual(run(samples).ended);
      }),
    );
  });

  it('with samples left out gives less, never something else', () => {
    fc.assert(
      fc.property(household, fc.infiniteStream(fc.nat(9)), (home, dice) => {
        const samples = samplesOf(home);
        const kept = samples.filter(() => dice.next().value !== 0);
        const { ended } = run(kept);
        for (const { interval, amount } of readings(ended)) {
          const whole = (atMs: number) => Math.floor(lineAt(kept, atMs) / 1000);
          expect(amount).toBe(whole((interval + 1) * INTERVAL_MS) - whole(interval * INTERVAL_MS));
        }
        // Every interval is said once, in order.
        let next = ended[0]?.kind === 'missing' ? ended[0].from : (ended[0]?.interval ?? 0);
        for (const end of ended) {
          expect(end.kind === 'missing' ? end.from : end.interval).toBe(next);
          next = end.kind === 'missing' ? end.until : end.interval + 1;
        }
      }),
    );
  });

  it('is the same when the state was stored and loaded between any two samples', () => {
    fc.assert(
      fc.property(household, (home) => {
        const samples = samplesOf(home);
        let track = createTrack();
        const ended: IntervalEnd[] = [];
        for (const sample of samples) {
          ended.push(...handleSample(track, sample, SETTINGS).ended);
          track = JSON.parse(JSON.stringify(track)) as TrackState;
        }
        expect(ended).toEqual(run(samples).ended);
      }),
      { numRuns: 50 },
    );
  });

  it('of garbage never throws, and never gives a reading above the fuse', () => {
    const anything = fc.record({
      atMs: fc.oneof(fc.integer(), fc.double(), fc.integer({ min: START, max: START + 1e8 })),
      milli: fc.oneof(
        fc.integer(),
        fc.double(),
        fc.nat(1e6).map((n) => n * 1e9),
      ),
      meter: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
      meterTimeMs: fc.option(fc.double(), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 200 }), (samples) => {
        for (const { amount } of readings(run(samples).ended)) {
          expect(amount).toBeGreaterThanOrEqual(0);
          expect(amount).toBeLessThanOrEqual(17_250 / 4 + 1000);
        }
      }),
    );
  });
});

/** The reference: straight lines between samples, in milli-units. */
function lineAt(samples: readonly Sample[], atMs: number): number {
  const at = samples.findIndex((sample) => sample.atMs >= atMs);
  const after = samples[at]!;
  const before = samples[at - 1];
  if (after.atMs === atMs || before === undefined) return after.milli;
  const share = (atMs - before.atMs) / (after.atMs - before.atMs);
  return before.milli + Math.floor((after.milli - before.milli) * share);
}
