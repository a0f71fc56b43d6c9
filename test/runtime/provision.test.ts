import { describe, expect, it } from 'vitest';
import { areaId, MAX_AREA_DEPTH } from '../../src/core/area.ts';
import { defaultPolicy, PUBLISH_WITHIN_SECONDS, treeDepth } from '../../src/runtime/provision.ts';

const QUORUM = { trusteeCount: 3, quorum: 2 };

function policyOf(depth: number | undefined, intervalSeconds = 900) {
  return defaultPolicy({
    networkId: 'net',
    quorum: QUORUM,
    intervalSeconds,
    ...(depth === undefined ? {} : { depth }),
  });
}

describe('the default policy', () => {
  it('has an interval on the map 90 s after its end, however deep the tree', () => {
    for (let depth = 1; depth <= MAX_AREA_DEPTH; depth++) {
      const { closeAfterSeconds, levelSeconds } = policyOf(depth);
      expect(closeAfterSeconds).toBe(60);
      expect(levelSeconds).toBeGreaterThanOrEqual(1);
      expect(closeAfterSeconds + levelSeconds * depth).toBeLessThanOrEqual(PUBLISH_WITHIN_SECONDS);
    }
  });

  it('gives each level the time that the tree leaves it, at most 10 s', () => {
    expect([2, 3, 7].map((depth) => policyOf(depth).levelSeconds)).toEqual([10, 10, 4]);
    expect(policyOf(undefined)).toEqual(policyOf(MAX_AREA_DEPTH));
  });

  it('closes a short interval before the next one has ended', () => {
    for (const depth of [3, 7, MAX_AREA_DEPTH]) {
      const { closeAfterSeconds, levelSeconds } = policyOf(depth, 60);
      expect(closeAfterSeconds + levelSeconds * depth).toBeLessThanOrEqual(60);
    }
  });
});

describe('the depth of a tree', () => {
  it('is that of its deepest street', () => {
    const areas = ['eu/es/28/28006/s1/s1-04', 'eu/pt/x'].map((id) => ({ area: areaId(id) }));
    expect(treeDepth(areas)).toBe(6);
  });
});
