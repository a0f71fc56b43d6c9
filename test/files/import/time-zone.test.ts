import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLocalOrder } from '../../../src/files/import/local-order.ts';
import { createTimeZone, startOfLocalDay } from '../../../src/files/import/time-zone.ts';
import { zoneNamed } from './import-here.ts';

const ZONES = [
  'Europe/Madrid',
  'Europe/London',
  'America/Chicago',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'America/Sao_Paulo',
  'UTC',
];
/** 2010 to 2030, in quarter hours. */
const quarter = fc
  .integer({ min: Date.UTC(2010, 0, 1) / 900_000, max: Date.UTC(2030, 0, 1) / 900_000 })
  .map((index) => index * 900);

describe('a time zone', () => {
  it.each(ZONES)('finds every instant of %s again from what its clock shows', (name) => {
    const zone = zoneNamed(name);
    fc.assert(
      fc.property(quarter, (instant) => {
        const local = instant + zone.offsetSecondsAt(instant);
        const instants = zone.instantsOf(local);
        expect(instants).toContain(instant);
        for (const one of instants) expect(one + zone.offsetSecondsAt(one)).toBe(local);
        expect(instants.length).toBeLessThanOrEqual(2);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['Europe/Berlin', 2024],
    ['America/Chicago', 2023],
    ['Australia/Lord_Howe', 2024],
  ])('resolves a year of %s in order, as a walk in UTC shows it', (name, year) => {
    const zone = zoneNamed(name);
    const ascending = createLocalOrder();
    const descending = createLocalOrder();
    const walk: number[] = [];
    for (let at = Date.UTC(year, 0, 2) / 1000; at < Date.UTC(year, 11, 30) / 1000; at += 900)
      walk.push(at);
    const show = (at: number): number => at + zone.offsetSecondsAt(at);
    const resolved = walk.map((at) => ascending.resolve(zone.instantsOf(show(at))));
    expect(resolved).toEqual(walk);
    walk.reverse();
    expect(walk.map((at) => descending.resolve(zone.instantsOf(show(at))))).toEqual(walk);
  });

  it('resolves the hour that comes twice with gaps in it, and both hours side by side', () => {
    const zone = zoneNamed('Europe/Berlin');
    const at = (hour: number, minute: number): number => Date.UTC(2024, 9, 27, hour, minute) / 1000;
    const clock = (instant: number): readonly number[] =>
      zone.instantsOf(instant + zone.offsetSecondsAt(instant));
    for (const instants of [
      [at(0, 15), at(0, 30), at(0, 45), at(1, 0), at(1, 15), at(1, 30)],
      [at(23 - 24, 45), at(0, 0), at(1, 0), at(0, 15), at(1, 15), at(0, 30), at(1, 30), at(2, 0)],
    ]) {
      const order = createLocalOrder();
      expect(instants.map((instant) => order.resolve(clock(instant)))).toEqual(instants);
    }
  });

  it('has days of 23, 24 and 25 hours', () => {
    const zone = zoneNamed('Europe/London');
    const hours = (month: number, day: number): number => {
      const midnight = Date.UTC(2024, month - 1, day) / 1000;
      return (startOfLocalDay(zone, midnight + 86_400) - startOfLocalDay(zone, midnight)) / 3600;
    };
    expect([hours(3, 31), hours(6, 1), hours(10, 27)]).toEqual([23, 24, 25]);
    // Midnight itself was skipped in Sao Paulo.
    const brazil = zoneNamed('America/Sao_Paulo');
    expect(startOfLocalDay(brazil, Date.UTC(2018, 10, 4) / 1000)).toBe(
      Date.UTC(2018, 10, 4, 3) / 1000,
    );
  });

  it('knows no zone by a wrong name', () => {
    for (const name of ['Europe/Atlantis', '', '../etc', 'Europe/Berlin\0'])
      expect(createTimeZone(name)).toBeUndefined();
  });
});
