// Decoders on one core: each telegram found in its bytes and decoded, every check done. And what of
// a small computer's core a meter takes that sends one a second.

import { DECODERS } from '../../src/gateway/decode/registry.ts';
import type { Decoder } from '../../src/gateway/decode/telegram.ts';
import { assertAnswer, type Bench, type PreparedBench, type Timed } from '../harness/bench.ts';
import { SMALL_CORE_FACTOR } from '../harness/targets.ts';
import { telegramsOf } from './telegrams.ts';

export const DECODE: Bench = {
  id: 'decode',
  prepare: async () => {
    const timed = DECODERS.flatMap(prepareDecoder);
    const sums = timed.map(({ id }) => ({
      id: `${id}.small-core`,
      measure: { kind: 'share', item: 'telegram', factor: SMALL_CORE_FACTOR } as const,
      parts: [id],
    }));
    return { timed, sums } satisfies PreparedBench;
  },
};

function prepareDecoder(decoder: Decoder): readonly Timed[] {
  const id = `decode.${decoder.protocol}`;
  const telegrams = telegramsOf(decoder);
  if (telegrams.length === 0) {
    console.warn(`${id} is skipped: no telegrams at hand (set STREETWATT_DATA)`);
    return [];
  }
  const run = (): number => {
    let registerCount = 0;
    for (const { bytes, options } of telegrams) {
      for (const { start, end } of decoder.split(bytes, true).pieces) {
        const decoded = decoder.decode(bytes.subarray(start, end), options);
        if (decoded.kind === 'telegram') registerCount += 1 + decoded.registers.size;
      }
    }
    return registerCount;
  };
  const expected = run();
  assertAnswer(expected >= telegrams.length, `${id}: a telegram does not decode`);
  const itemsPerCall = telegrams.length;
  return [{ id, measure: { kind: 'rate', item: 'telegram' }, itemsPerCall, run, expected }];
}
