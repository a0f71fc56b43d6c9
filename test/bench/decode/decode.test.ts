// Needs no real telegrams: without them their protocols are left out, which a line says.

import { describe, expect, it } from 'vitest';
import { DECODE } from '../../../bench/decode/decode.ts';

describe('the bench of the decoders', () => {
  it('times each protocol that has telegrams, and decodes all of them each time', async () => {
    const { timed, sums } = await DECODE.prepare('quick');
    const ids = timed.map(({ id }) => id);
    expect(ids).toEqual(
      expect.arrayContaining(
        ['c1219', 'iec61850', 'ieee2030-5', 'knx', 'osgp'].map((name) => `decode.${name}`),
      ),
    );
    for (const { run, expected } of timed) expect(run()).toBe(expected);
    expect(sums?.map(({ parts }) => parts)).toEqual(ids.map((id) => [id]));
  });
});
