import { describe, expect, it } from 'vitest';
import type { Channel } from '../../../src/core/channel.ts';
import { channelValues, registersNeeded } from '../../../src/gateway/registers/channel-values.ts';

const CHANNELS = ['net', 'export', 'production', 'gas', 'heat'].map(
  (name) => ({ name }) as unknown as Channel,
);
const [NET, EXPORT, PRODUCTION, GAS, HEAT] = [1, 2, 4, 8, 16] as const;
const amounts = new Map([
  ['import', 300],
  ['export', 450],
  ['gas', 125],
  ['water', 12],
]);

describe('the channels of a home', () => {
  it('are its registers by name, and net is import minus export', () => {
    const declared = (NET | EXPORT | GAS) as never;
    expect(channelValues(CHANNELS, declared, amounts, true)).toEqual([
      ...[-150, 450, undefined, 125, undefined],
    ]);
    expect(registersNeeded(CHANNELS, declared, true)).toEqual(['import', 'export', 'gas']);
  });

  it('have net as import alone where nothing is exported', () => {
    expect(channelValues(CHANNELS, NET as never, amounts, false)[0]).toBe(300);
    expect(registersNeeded(CHANNELS, NET as never, false)).toEqual(['import']);
  });

  it('have no value, and not zero, where a register has none', () => {
    const declared = (NET | PRODUCTION | HEAT) as never;
    const values = channelValues(CHANNELS, declared, new Map([['import', 300]]), true);
    expect(values).toEqual(Array(5).fill(undefined));
  });
});
