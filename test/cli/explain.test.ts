import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { DEFAULT_EXPLAIN_SEED, formatExplanation, formatSummary } from '../../src/cli/explain.ts';
import { fromHex, readU64 } from '../../src/core/bytes.ts';
import { componentHolders } from '../../src/core/components.ts';
import { decodeFrame } from '../../src/core/frame.ts';
import { explainThreeHomes } from '../../src/runtime/explain.ts';

const README = new URL('../../README.md', import.meta.url);

const explanation = explainThreeHomes(DEFAULT_EXPLAIN_SEED);
const text = formatExplanation(explanation);
const readingsWh = explanation.homes.map(({ readingWh }) => BigInt(readingWh));

function word(hex: string): bigint {
  return BigInt(`0x${hex}`);
}

function sum(hexWords: readonly string[]): bigint {
  return BigInt.asUintN(
    64,
    hexWords.reduce((total, hex) => total + word(hex), 0n),
  );
}

describe('the story of three homes', () => {
  it('ends in the sum of what they read', () => {
    expect(readingsWh).toEqual([120n, 310n, 95n]);
    const { maskedTotal, maskSums, totalWh } = explanation.monitor;
    expect(BigInt.asIntN(64, word(maskedTotal) - sum(maskSums))).toBe(525n);
    expect(totalWh).toBe(525);
  });

  it('masks every reading with one word per component', () => {
    const { maskedWords, maskedTotal } = explanation.aggregator;
    for (const [index, home] of explanation.homes.entries()) {
      expect(home.maskWords).toHaveLength(3);
      const masked = BigInt.asUintN(64, BigInt(home.readingWh) + sum(home.maskWords));
      expect(word(maskedWords[index] as string)).toBe(masked);
    }
    expect(word(maskedTotal)).toBe(sum(maskedWords));
  });

  it('carries the masked words in the frames, and nothing else of them', () => {
    const words = explanation.bus.frames.map((hex) => decodeFrame(fromHex(hex)).words[0]);
    expect(words).toEqual(explanation.aggregator.maskedWords.map(word));
    expect(explanation.bus.frames.every((hex) => hex.length === 2 * 34)).toBe(true);
  });

  it('opens with any two trustees, and leaves one without a component', () => {
    const holders = componentHolders({ trusteeCount: 3, quorum: 2 });
    for (const pair of [
      [0, 1],
      [0, 2],
      [1, 2],
    ]) {
      const sums = new Map<number, string>();
      for (const trustee of pair) {
        for (const held of explanation.trustees[trustee]?.maskSums ?? []) {
          expect(sums.get(held.component) ?? held.sum).toBe(held.sum);
          sums.set(held.component, held.sum);
        }
      }
      expect(sums.size).toBe(holders.length);
      const total = word(explanation.aggregator.maskedTotal) - sum([...sums.values()]);
      expect(BigInt.asIntN(64, total)).toBe(525n);
    }
    for (const trustee of explanation.trustees) expect(trustee.maskSums).toHaveLength(2);
  });

  it('leaves no party but the home with a word that is a reading', () => {
    const { bus, aggregator, trustees, monitor } = explanation;
    const held = [
      ...bus.frames.flatMap(everyWordOf),
      ...[...aggregator.maskedWords, aggregator.maskedTotal].map(word),
      ...trustees.flatMap(({ maskSums }) => maskSums.map((entry) => word(entry.sum))),
      ...[monitor.maskedTotal, ...monitor.maskSums].map(word),
      BigInt(monitor.totalWh),
    ];
    for (const readingWh of readingsWh) expect(held).not.toContain(readingWh);
  });

  it('is the same for one seed, and other words for another', () => {
    expect(explainThreeHomes(DEFAULT_EXPLAIN_SEED)).toEqual(explanation);
    const other = explainThreeHomes('another');
    expect(other.monitor.totalWh).toBe(525);
    expect(other.aggregator.maskedWords).not.toEqual(explanation.aggregator.maskedWords);
  });

  it('fits a page of text', () => {
    const lines = text.split('\n');
    expect(lines.length).toBeLessThanOrEqual(45);
    for (const line of lines) expect([...line].length).toBeLessThanOrEqual(100);
    expect(text).toContain('= 525 Wh');
  });

  it('opens the README, as it is computed', async () => {
    const readme = await readFile(README, 'utf8');
    expect(readme).toContain(
      `<!-- explain:start -->\n\`\`\`text\n${formatSummary(explanation)}\n\`\`\`\n<!-- explain:end -->`,
    );
  });
});

/** The eight bytes at every place of a frame as a word, not only where the masked word stands. */
function everyWordOf(frameHex: string): bigint[] {
  const bytes = fromHex(frameHex);
  return Array.from({ length: bytes.length - 7 }, (_, at) => readU64(bytes, at));
}
