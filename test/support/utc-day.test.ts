import { describe, expect, it } from 'vitest';
import { UTC_DAY_TIMEOUT_MS, waitForUtcDayMs } from './utc-day.ts';

const waitAt = (time: string) => waitForUtcDayMs(Date.parse(`2026-11-21T${time}Z`));

describe('the wait for a day in UTC', () => {
  it('is none where five minutes of it are left', () => {
    for (const time of ['00:00:00', '12:00:00', '23:54:59.999', '23:55:00'])
      expect([time, waitAt(time)]).toEqual([time, 0]);
  });

  it('ends with the day where fewer are left, within the hook’s timeout', () => {
    expect(waitAt('23:55:00.001')).toBe(299_999);
    expect(waitAt('23:59:59')).toBe(1000);
    expect(waitAt('23:59:59.999')).toBe(1);
    expect(waitAt('23:55:00.001')).toBeLessThan(UTC_DAY_TIMEOUT_MS);
  });
});
