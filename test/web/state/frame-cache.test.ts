import { describe, expect, it } from 'vitest';
import type { FrameDocument } from '../../../src/server/wire.ts';
import { FrameCache } from '../../../web/src/state/frame-cache.ts';

const frame = (minute: number, revision = 0, area = 'eu'): FrameDocument =>
  ({ area, start: new Date(minute * 60_000).toISOString(), revision }) as FrameDocument;

describe('the cache of frames', () => {
  it('keeps no more than it may, over any number of updates', () => {
    const cache = new FrameCache(10);
    for (let minute = 0; minute < 5000; minute++) cache.put(frame(minute));
    expect(cache.size).toBe(10);
    expect(cache.get('eu', 0)).toBeUndefined();
    expect(cache.get('eu', 4999 * 60)).toBeDefined();
  });

  it('never goes back to an older revision', () => {
    const cache = new FrameCache(10);
    cache.put(frame(5, 3));
    cache.put(frame(5, 2));
    expect(cache.get('eu', 300)?.revision).toBe(3);
  });

  it('gives the newest of an area where no moment is asked for', () => {
    const cache = new FrameCache(10);
    cache.put(frame(30));
    cache.put(frame(15));
    cache.put(frame(45, 0, 'eu/es'));
    expect(cache.get('eu', undefined)?.start).toBe(frame(30).start);
  });
});
