import { describe, expect, it } from 'vitest';
import { ageWords, agoWords, createTimeFormat } from '../../src/map/format-time.ts';

const format = createTimeFormat('Europe/Madrid', 'en-GB');
const at = (text: string) => Date.parse(text);
const quarter = (start: string) => [at(start), at(start) + 900_000] as const;

describe('an interval in words', () => {
  it('is told in UTC', () => {
    expect(format.intervalUtc(...quarter('2026-11-21T06:15Z'))).toBe('06:15–06:30 UTC');
    expect(format.intervalUtc(...quarter('2026-11-21T23:45Z'))).toBe('23:45–00:00 UTC');
  });

  it('is told in the time zone of the map', () => {
    expect(format.intervalLocal(...quarter('2026-11-21T06:15Z'))).toBe('07:15–07:30 CET');
    expect(format.intervalLocal(...quarter('2026-07-01T06:15Z'))).toBe('08:15–08:30 CEST');
  });

  it.each([
    ['en-GB', 'Europe/Madrid', 'CEST'],
    ['es-ES', 'Europe/Madrid', 'CEST'],
    ['de-DE', 'Europe/Madrid', 'MESZ'],
    ['en-US', 'Europe/Madrid', 'UTC+2'],
    ['en-GB', 'America/Lima', 'UTC−5'],
    ['en-US', 'UTC', 'UTC'],
  ])('names the zone as %s has it for %s: %s', (locale, timeZone, name) => {
    const words = createTimeFormat(timeZone, locale).intervalLocal(...quarter('2026-07-01T06:15Z'));
    expect(words.split(' ').at(-1)).toBe(name);
  });

  it('tells the two hours apart that the end of summer time repeats', () => {
    expect(format.intervalLocal(...quarter('2026-10-25T00:15Z'))).toBe('02:15–02:30 CEST');
    expect(format.intervalLocal(...quarter('2026-10-25T00:45Z'))).toBe('02:45 CEST–02:00 CET');
    expect(format.intervalLocal(...quarter('2026-10-25T01:15Z'))).toBe('02:15–02:30 CET');
  });

  it('jumps over the hour that the start of summer time skips', () => {
    expect(format.intervalLocal(...quarter('2026-03-29T00:45Z'))).toBe('01:45 CET–03:00 CEST');
  });

  it('is midnight and not 24 o’clock at the start of a day', () => {
    expect(format.clock(at('2026-11-20T23:00Z'))).toBe('00:00');
    expect(createTimeFormat('Europe/Madrid', 'en-US').clock(at('2026-11-20T23:00Z'))).toBe('00:00');
  });
});

describe('a day in words', () => {
  it('has the date of the map’s time zone, not that of UTC', () => {
    expect(format.day(at('2026-11-20T23:30Z'))).toBe('Sat, 21 Nov 2026');
  });

  it.each([
    ['2026-03-29T12:00Z', '2026-03-28T23:00Z', 92],
    ['2026-03-28T23:00Z', '2026-03-28T23:00Z', 92],
    ['2026-11-21T22:59:59Z', '2026-11-20T23:00Z', 96],
    ['2026-10-25T00:30Z', '2026-10-24T22:00Z', 100],
    ['2026-10-25T22:59Z', '2026-10-24T22:00Z', 100],
  ])('of %s starts at %s and has %i quarter-hours', (ms, start, intervalCount) => {
    const day = format.localDay(at(ms), 900);
    expect(new Date(day.startMs)).toEqual(new Date(start));
    expect(day.intervalCount).toBe(intervalCount);
    expect(day.endMs - day.startMs).toBe(intervalCount * 900_000);
  });

  it('starts at one o’clock where midnight is skipped', () => {
    const cairo = createTimeFormat('Africa/Cairo', 'en-GB');
    const day = cairo.localDay(at('2026-04-24T12:00Z'), 900);
    expect(cairo.clock(day.startMs)).toBe('01:00');
    expect(day.intervalCount).toBe(92);
  });

  it('is a day of UTC where the time zone is none that is known', () => {
    const day = createTimeFormat('Nowhere/Atall', 'en-GB').localDay(at('2026-11-21T12:00Z'), 900);
    expect(new Date(day.startMs)).toEqual(new Date('2026-11-21T00:00Z'));
  });
});

describe('an age in words', () => {
  it.each([
    [0, 'less than a minute'],
    [59.9, 'less than a minute'],
    [60, '1 minute'],
    [179, '2 minutes'],
    [3599, '59 minutes'],
    [3600, '1 hour'],
    [3660, '1 hour 1 minute'],
    [7500, '2 hours 5 minutes'],
    [86_400, '1 day'],
    [90_000, '1 day 1 hour'],
    [183_600, '2 days 3 hours'],
    [null, 'an unknown time'],
    [undefined, 'an unknown time'],
    [Number.NaN, 'an unknown time'],
    [-5, 'less than a minute'],
  ])('of %s seconds is %s', (seconds, words) => {
    expect(ageWords(seconds)).toBe(words);
  });

  it('is told as a time ago', () => {
    expect(agoWords(200)).toBe('3 minutes ago');
    expect(agoWords(20)).toBe('just now');
    expect(agoWords(-20)).toBe('just now');
    expect(agoWords(null)).toBe('an unknown time ago');
  });
});
