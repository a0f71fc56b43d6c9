import { describe, expect, it } from 'vitest';
import { showAt, stepDays, stepIntervals } from '../../web/src/slider/step-time.ts';
import {
  clampToRange,
  hoursPerTick,
  intervalCount,
  knownPart,
  rangeAround,
  timeTicks,
} from '../../web/src/slider/time-range.ts';
import { countState, trackPieces } from '../../web/src/slider/track.ts';

const MADRID = 'Europe/Madrid';

describe('the range of the slider', () => {
  it('is the local day, or the week that ends with it', () => {
    const day = rangeAround(at('2026-11-21T06:30Z'), 'day', MADRID, 900);
    expect(day).toEqual({
      fromSeconds: at('2026-11-20T23:00Z'),
      untilSeconds: at('2026-11-21T23:00Z'),
    });
    const week = rangeAround(at('2026-11-21T06:30Z'), 'week', MADRID, 900);
    expect(week.fromSeconds).toBe(at('2026-11-14T23:00Z'));
    expect(week.untilSeconds).toBe(day.untilSeconds);
    expect(intervalCount(week, 900)).toBe(7 * 96);
  });

  it('has 92 or 100 steps when the clocks change', () => {
    const count = (time: string): number =>
      intervalCount(rangeAround(at(time), 'day', MADRID, 900), 900);
    expect(count('2026-03-29T12:00Z')).toBe(92);
    expect(count('2026-10-25T12:00Z')).toBe(100);
    const week = rangeAround(at('2026-10-27T12:00Z'), 'week', MADRID, 900);
    expect(intervalCount(week, 900)).toBe(7 * 96 + 4);
  });

  it('begins with a whole interval where the day does not', () => {
    const day = rangeAround(at('2026-11-21T12:00Z'), 'day', 'Asia/Kathmandu', 3600);
    expect(day.fromSeconds % 3600).toBe(0);
    expect(intervalCount(day, 3600)).toBe(24);
  });

  it('asks for no more of itself than there is', () => {
    const bounds = { firstSeconds: 1800, newestSeconds: 4500, intervalSeconds: 900 };
    const all = { fromSeconds: 0, untilSeconds: 90_000 };
    expect(knownPart(all, bounds)).toEqual({ fromSeconds: 1800, untilSeconds: 5400 });
    const later = { fromSeconds: 5400, untilSeconds: 90_000 };
    expect(knownPart(later, bounds)).toEqual({ fromSeconds: 4500, untilSeconds: 5400 });
  });

  it('keeps what is pointed at inside', () => {
    const day = rangeAround(at('2026-11-21T06:30Z'), 'day', MADRID, 900);
    expect(clampToRange(at('2026-11-21T06:44Z'), day, 900)).toBe(at('2026-11-21T06:30Z'));
    expect(clampToRange(0, day, 900)).toBe(day.fromSeconds);
    expect(clampToRange(at('2027-01-01T00:00Z'), day, 900)).toBe(day.untilSeconds - 900);
  });
});

describe('the ticks of a day', () => {
  it('stand at the hours of the wall clock', () => {
    const day = rangeAround(at('2026-11-21T06:30Z'), 'day', MADRID, 900);
    expect(timeTicks(day, 6, MADRID)).toEqual([
      { atSeconds: at('2026-11-20T23:00Z'), isDay: true },
      { atSeconds: at('2026-11-21T05:00Z'), isDay: false },
      { atSeconds: at('2026-11-21T11:00Z'), isDay: false },
      { atSeconds: at('2026-11-21T17:00Z'), isDay: false },
    ]);
  });

  it('stay at those hours on the days of 92 and 100', () => {
    for (const date of ['2026-03-29', '2026-10-25']) {
      const day = rangeAround(at(`${date}T12:00Z`), 'day', MADRID, 900);
      expect(timeTicks(day, 6, MADRID).map((tick) => hour(tick.atSeconds))).toEqual([0, 6, 12, 18]);
    }
  });

  it('are as many as the width can hold', () => {
    expect(hoursPerTick('day', 320)).toBe(6);
    expect(hoursPerTick('day', 900)).toBe(2);
    expect(hoursPerTick('week', 320)).toBe(24);
  });
});

describe('steps of the shown time', () => {
  const bounds = {
    firstSeconds: at('2026-11-19T00:00Z'),
    newestSeconds: at('2026-11-21T06:15Z'),
    intervalSeconds: 900,
  };

  it('go back from live and return to it', () => {
    expect(stepIntervals(undefined, -1, bounds)).toBe(at('2026-11-21T06:00Z'));
    expect(stepIntervals(at('2026-11-21T06:00Z'), 1, bounds)).toBe(at('2026-11-21T06:15Z'));
    expect(stepIntervals(at('2026-11-21T06:15Z'), 1, bounds)).toBeUndefined();
    expect(stepIntervals(undefined, 1, bounds)).toBeUndefined();
  });

  it('stop at the oldest interval', () => {
    expect(stepIntervals(bounds.firstSeconds, -1, bounds)).toBe(bounds.firstSeconds);
    expect(stepDays(at('2026-11-19T05:00Z'), -1, bounds, MADRID)).toBe(bounds.firstSeconds);
  });

  it('keep the local time from day to day', () => {
    expect(stepDays(undefined, -1, bounds, MADRID)).toBe(at('2026-11-20T06:15Z'));
    expect(stepDays(at('2026-11-20T12:00Z'), 1, bounds, MADRID)).toBeUndefined();
    const autumn = { ...bounds, firstSeconds: 0 };
    expect(stepDays(at('2026-10-25T08:00Z'), -1, autumn, MADRID)).toBe(at('2026-10-24T07:00Z'));
    const spring = at('2026-03-30T00:30Z');
    expect(stepDays(spring, -1, autumn, MADRID)).toBe(spring - 86_400);
  });

  it('show the interval that holds the instant pointed at', () => {
    expect(showAt(at('2026-11-20T10:07Z'), bounds)).toBe(at('2026-11-20T10:00Z'));
    expect(showAt(at('2026-11-21T06:20Z'), bounds)).toBe(at('2026-11-21T06:15Z'));
    expect(showAt(at('2026-11-21T09:00Z'), bounds)).toBeUndefined();
  });
});

describe('the track', () => {
  const range = { fromSeconds: 0, untilSeconds: 6 * 900 };

  it('joins neighbours of one state and tells a gap from what is ahead', () => {
    const status = ['published', 'published', 'withheld', 'partial'] as const;
    const pieces = trackPieces(range, { fromSeconds: 0, status }, known(0, 3 * 900), 900);
    expect(pieces.map((piece) => [piece.state, piece.fromSeconds / 900])).toEqual([
      ['published', 0],
      ['gap', 2],
      ['partial', 3],
      ['ahead', 4],
    ]);
    expect(countState(pieces, 'published', 900)).toBe(2);
    expect(countState(pieces, 'ahead', 900)).toBe(2);
    expect(pieces.at(-1)?.untilSeconds).toBe(range.untilSeconds);
  });

  it('takes a null or a late interval for a gap and says nothing of what it has not asked for', () => {
    const status = [null, 'late'] as const;
    const pieces = trackPieces(range, { fromSeconds: 900, status }, known(0, 5 * 900), 900);
    expect(pieces.map((piece) => piece.state)).toEqual(['unknown', 'gap', 'unknown']);
    expect(trackPieces(range, undefined, known(0, 5 * 900), 900)).toHaveLength(1);
  });

  it('tells what lies before the first figures from a gap', () => {
    const pieces = trackPieces(range, undefined, known(2 * 900, 3 * 900), 900);
    expect(pieces.map((piece) => piece.state)).toEqual(['before', 'unknown', 'ahead']);
  });
});

function known(firstSeconds: number, newestSeconds: number) {
  return { firstSeconds, newestSeconds };
}

function hour(seconds: number): number {
  return Number(
    new Intl.DateTimeFormat('en-GB', {
      timeZone: MADRID,
      hour: '2-digit',
      hourCycle: 'h23',
    }).format(seconds * 1000),
  );
}

function at(time: string): number {
  return Date.parse(time) / 1000;
}
