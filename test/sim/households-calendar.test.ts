import { describe, expect, it } from 'vitest';
import { civilDate } from '../../src/core/civil-date.ts';
import { dayNumber, dayOfYear, dayType, localTime } from '../../src/sim/calendar.ts';

describe('calendar', () => {
  it('agrees with Date from 1970 to 2105', () => {
    for (let day = 0; day < 49_500; day += 13) {
      const date = new Date(day * 86_400_000);
      const expected = {
        year: date.getUTCFullYear(),
        month: date.getUTCMonth() + 1,
        dayOfMonth: date.getUTCDate(),
      };
      expect(civilDate(day)).toEqual(expected);
      expect(dayNumber(expected.year, expected.month, expected.dayOfMonth)).toBe(day);
      expect(dayOfYear(day)).toBe(
        1 +
          (Date.UTC(expected.year, expected.month - 1, expected.dayOfMonth) -
            Date.UTC(expected.year, 0, 1)) /
            86_400_000,
      );
    }
  });

  it('agrees with the time zone database on the clock of Madrid, changes of time included', () => {
    const clock = new Intl.DateTimeFormat('en-GB', {
      timeZone: 'Europe/Madrid',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    for (const [year, month] of [
      [2026, 3],
      [2026, 10],
      [2027, 3],
      [2028, 10],
    ] as const) {
      const monthSeconds = dayNumber(year, month, 20) * 86_400;
      for (let seconds = monthSeconds; seconds < monthSeconds + 12 * 86_400; seconds += 1800) {
        const { hour } = localTime(seconds);
        const shown = `${String(Math.floor(hour)).padStart(2, '0')}:${String(Math.round((hour % 1) * 60)).padStart(2, '0')}`;
        expect(shown).toBe(clock.format(seconds * 1000));
      }
    }
  });

  it.each([
    [2026, 1, 15, 'workday'],
    [2026, 1, 17, 'saturday'],
    [2026, 1, 18, 'sunday'],
    [2026, 10, 12, 'sunday'],
    [2026, 12, 24, 'saturday'],
    [2028, 12, 24, 'sunday'],
  ] as const)('takes %i-%i-%i for a %s', (year, month, date, type) => {
    expect(dayType(dayNumber(year, month, date))).toBe(type);
  });
});
