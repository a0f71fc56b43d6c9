import { describe, expect, it } from 'vitest';
import { ageOf } from '../../../web/src/layout/age.ts';

const END = Date.UTC(2026, 10, 21, 6, 30);
const about = { intervalSeconds: 900, publishWithinSeconds: 90, newestEndMs: END };
const MINUTE = 60_000;

describe('the age of what is shown', () => {
  it('expects the next interval after its end and the time it takes to publish', () => {
    expect(ageOf({ ...about, nowMs: END }).nextExpectedMs).toBe(END + 16.5 * MINUTE);
  });

  it('is fresh until then, due for a quarter of an hour, and late from then on', () => {
    expect(ageOf({ ...about, nowMs: END + 16 * MINUTE }).state).toBe('fresh');
    expect(ageOf({ ...about, nowMs: END + 17 * MINUTE }).state).toBe('due');
    expect(ageOf({ ...about, nowMs: END + 31 * MINUTE }).state).toBe('due');
    expect(ageOf({ ...about, nowMs: END + 32 * MINUTE }).state).toBe('late');
  });

  it('says by how much it is overdue', () => {
    expect(ageOf({ ...about, nowMs: END + 46.5 * MINUTE }).overdueMs).toBe(30 * MINUTE);
  });
});
