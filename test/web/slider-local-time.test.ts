import { describe, expect, it } from 'vitest';
import {
  addLocalDays,
  sameLocalTime,
  startOfLocalDay,
  zoneOffsetSeconds,
} from '../../web/src/slider/local-time.ts';

const MADRID = 'Europe/Madrid';

describe('local days', () => {
  it('begin at local midnight, in winter and in summer', () => {
    expect(startOfLocalDay(at('2026-11-21T06:30Z'), MADRID)).toBe(at('2026-11-20T23:00Z'));
    expect(startOfLocalDay(at('2026-07-01T06:30Z'), MADRID)).toBe(at('2026-06-30T22:00Z'));
  });

  it('hold the quarter-hour before midnight and not the one after it', () => {
    expect(startOfLocalDay(at('2026-11-21T22:45Z'), MADRID)).toBe(at('2026-11-20T23:00Z'));
    expect(startOfLocalDay(at('2026-11-21T23:00Z'), MADRID)).toBe(at('2026-11-21T23:00Z'));
  });

  it('have 92 quarter-hours in spring, 100 in autumn and 96 otherwise', () => {
    expect(quarters('2026-03-29T12:00Z')).toBe(92);
    expect(quarters('2026-10-25T12:00Z')).toBe(100);
    expect(quarters('2026-03-28T12:00Z')).toBe(96);
    expect(quarters('2026-10-26T12:00Z')).toBe(96);
  });

  it('begin at the skip where the clocks skip midnight', () => {
    // Beirut, 29 March 2026: 00:00 becomes 01:00 at 22:00 UTC.
    const start = startOfLocalDay(at('2026-03-29T10:00Z'), 'Asia/Beirut');
    expect(start).toBe(at('2026-03-28T22:00Z'));
    expect(addLocalDays(start, 1, 'Asia/Beirut') - start).toBe(23 * 3600);
  });

  it('know offsets west of Greenwich and of half hours', () => {
    expect(zoneOffsetSeconds(at('2026-11-21T00:00Z'), 'America/St_Johns')).toBe(-3.5 * 3600);
    expect(zoneOffsetSeconds(at('2026-11-21T00:00Z'), 'Asia/Kathmandu')).toBe(5.75 * 3600);
    expect(zoneOffsetSeconds(at('2026-11-21T00:00Z'), 'UTC')).toBe(0);
  });
});

describe('the same local time', () => {
  it('is 24 hours away on ordinary days', () => {
    expect(sameLocalTime(at('2026-11-21T06:30Z'), -1, MADRID)).toBe(at('2026-11-20T06:30Z'));
    expect(sameLocalTime(at('2026-11-21T06:30Z'), -7, MADRID)).toBe(at('2026-11-14T06:30Z'));
  });

  it('keeps the wall clock across a change of the clocks', () => {
    // 09:00 on the Monday after, 09:00 on the Sunday of the change.
    expect(sameLocalTime(at('2026-10-26T08:00Z'), -1, MADRID)).toBe(at('2026-10-25T08:00Z'));
    expect(sameLocalTime(at('2026-10-25T08:00Z'), -1, MADRID)).toBe(at('2026-10-24T07:00Z'));
  });

  it('is nowhere in the hour that spring leaves out', () => {
    // 02:30 on 30 March; on 29 March 02:00 became 03:00.
    expect(sameLocalTime(at('2026-03-30T00:30Z'), -1, MADRID)).toBeUndefined();
  });

  it('stays in the same one of the two hours that autumn repeats', () => {
    // 02:30 in summer time the day before; 02:30 in winter time the day after.
    expect(sameLocalTime(at('2026-10-24T00:30Z'), 1, MADRID)).toBe(at('2026-10-25T00:30Z'));
    expect(sameLocalTime(at('2026-10-26T01:30Z'), -1, MADRID)).toBe(at('2026-10-25T01:30Z'));
  });
});

function quarters(time: string): number {
  const start = startOfLocalDay(at(time), MADRID);
  return (addLocalDays(start, 1, MADRID) - start) / 900;
}

function at(time: string): number {
  return Date.parse(time) / 1000;
}
