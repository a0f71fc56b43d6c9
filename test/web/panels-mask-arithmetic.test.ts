import { describe, expect, it } from 'vitest';
import { componentSums } from '../../web/src/panels/component-sums.ts';
import { frameFields } from '../../web/src/panels/frame-fields.ts';
import {
  groupHex,
  parseWord,
  sumWords,
  unmask,
  wordHex,
} from '../../web/src/panels/mask-arithmetic.ts';

describe('unmasking in the page', () => {
  it('subtracts modulo 2^64', () => {
    expect(unmask('000000000000020d', '0000000000000000')?.energyWh).toBe(525n);
    const wrapped = unmask('0000000000000005', 'fffffffffffffe00');
    expect(wrapped?.energyWh).toBe(517n);
    expect(wrapped?.hasWrapped).toBe(true);
  });

  it('reads the difference as a signed number', () => {
    const negative = unmask('0000000000000000', '000000000000020d');
    expect(negative?.energyWh).toBe(-525n);
    expect(wordHex(negative?.word ?? 0n)).toBe('fffffffffffffdf3');
    expect(unmask('8000000000000000', '0000000000000000')?.energyWh).toBe(-(2n ** 63n));
  });

  it('keeps every bit where a double would lose some', () => {
    expect(unmask('ffffffffffffffff', 'fffffffffffffffe')?.energyWh).toBe(1n);
    expect(unmask('9e3779b97f4a7c15', '9e3779b97f4a7a08')?.energyWh).toBe(525n);
  });

  it('refuses what is no word', () => {
    for (const bad of ['', '0x00000000000002', '20d', '000000000000020g', '00000000000000020d'])
      expect(parseWord(bad)).toBeUndefined();
    expect(unmask('zz', '0000000000000000')).toBeUndefined();
  });

  it('adds components modulo 2^64', () => {
    expect(sumWords(['ffffffffffffffff', '0000000000000002'])).toBe('0000000000000001');
    expect(sumWords(['ffffffffffffffff', 'oops'])).toBeUndefined();
    expect(sumWords([])).toBeUndefined();
  });

  it('groups digits in fours and leaves a short rest', () => {
    expect(groupHex('e41f0b9277d03a')).toBe('e41f 0b92 77d0 3a');
    expect(groupHex('e41f')).toBe('e41f');
    expect(groupHex('')).toBe('');
  });
});

describe('a frame taken apart', () => {
  const oneChannel = `01${'01'}${'2a000000'}${'1f8e1d00'}${'e41f0b9277d03a07'}${'ab'.repeat(16)}`;

  it('names every field and keeps every byte', () => {
    const fields = frameFields(oneChannel);
    expect(fields.map((field) => field.label)).toEqual([
      'version',
      'channels',
      'slot',
      'interval',
      'masked word',
      'tag',
    ]);
    expect(fields.map((field) => field.hex).join('')).toBe(oneChannel);
  });

  it('shows three words of a frame with three channels', () => {
    const frame = `0107${'00'.repeat(8)}${'11'.repeat(24)}${'ab'.repeat(16)}`;
    expect(frameFields(frame).filter((field) => field.label === 'masked word')).toHaveLength(3);
  });

  it('shows bytes that are no frame as they are', () => {
    for (const bad of [
      '',
      '02',
      oneChannel.slice(2),
      `${oneChannel}00`,
      `0103${oneChannel.slice(4)}`,
    ])
      expect(frameFields(bad)).toEqual([{ label: 'frame', hex: bad }]);
  });
});

describe('the components of a mask sum', () => {
  const word = (hex: string) => [{ channel: 'net', hex: hex.padStart(16, '0') }];
  const trustees = [
    {
      name: 'A',
      maskSums: [
        { component: 0, words: word('a') },
        { component: 1, words: word('b') },
      ],
    },
    {
      name: 'B',
      maskSums: [
        { component: 1, words: word('b') },
        { component: 2, words: word('c') },
      ],
    },
    { name: 'C', maskSums: [{ component: 2, words: word('d') }] },
  ];

  it('stand once each, with those who answered for them', () => {
    const sums = componentSums(trustees, 'net');
    expect(sums.map((sum) => [sum.component, sum.holders.join(), sum.isAgreed])).toEqual([
      [0, 'A', true],
      [1, 'A,B', true],
      [2, 'B,C', false],
    ]);
    expect(sumWords(sums.map((sum) => sum.hex))).toBe('0000000000000021');
  });

  it('are none of a channel that nobody opened', () => {
    expect(componentSums(trustees, 'export')).toEqual([]);
  });
});
