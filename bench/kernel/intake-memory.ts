// What an aggregator's kernel holds for each meter of an open interval: measured as the memory that
// many streets take, with their headers and the allocator's own words.

import { createSimdKernel } from '../../src/core/kernel/simd-kernel.ts';
import { simdExports } from '../data/simd.ts';
import { createStreets, intakeSetup } from '../data/street.ts';
import type { Bench } from '../harness/bench.ts';

export const INTAKE_MEMORY: Bench = {
  id: 'ingest.memory',
  async prepare(scale) {
    const exports = await simdExports();
    const kernel = createSimdKernel(exports);
    const streets = createStreets(scale === 'full' ? 1000 : 10);
    const before = exports.allocate(16) >>> 0;
    for (const [index, street] of streets.entries())
      kernel.createIntakes().open(intakeSetup(street, index));
    const after = exports.allocate(16) >>> 0;
    const slotCount = streets.reduce((sum, { readings }) => sum + readings.length, 0);
    // A fresh allocator goes upwards: what lies between the two is the streets.
    const bytes = (after - before) / slotCount;
    return {
      timed: [],
      results: [
        { id: 'ingest.memory', unit: 'bytes/meter', median: bytes, min: bytes, max: bytes },
      ],
    };
  },
};
