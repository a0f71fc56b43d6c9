import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createProgress } from '../../src/cli/progress.ts';

function outputOf(isTTY: boolean): string {
  const stream = Object.assign(new PassThrough(), {
    isTTY,
    columns: 80,
    cursorTo: () => true,
    clearLine: () => true,
  });
  let text = '';
  stream.on('data', (chunk) => {
    text += String(chunk);
  });
  {
    using progress = createProgress(stream);
    progress.report('reading', 0, 10);
    progress.report('reading', 10, 10);
    progress.report('planning', 1, 2);
  }
  stream.end();
  stream.read();
  return text;
}

describe('progress', () => {
  it('draws a bar for each step on a terminal', () => {
    const text = outputOf(true);
    expect(text).toContain('reading');
    expect(text).toContain('planning');
  });

  it('is silent elsewhere', () => {
    expect(outputOf(false)).toBe('');
  });
});
