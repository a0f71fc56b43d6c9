import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/core/bytes.ts';
import { decodeCapture } from '../../../src/gateway/decode/decode-capture.ts';
import { DECODERS } from '../../../src/gateway/decode/registry.ts';
import type { Telegram } from '../../../src/gateway/decode/telegram.ts';
import { printTelegram } from '../../../src/gateway/decode/telegram-json.ts';

const DOCUMENT = readFileSync(
  fileURLToPath(new URL('../../../docs/meters.md', import.meta.url)),
  'utf8',
);

function blockAfter(heading: string): string {
  const found = DOCUMENT.slice(DOCUMENT.indexOf(`\n${heading}`)).match(/```\w+\n([\s\S]*?)```/u);
  return (found as RegExpMatchArray)[1] as string;
}

function decode(text: string): Telegram {
  const { pieces } = decodeCapture(utf8(text), 'auto');
  expect(pieces).toHaveLength(1);
  expect(pieces[0]?.decoded.kind).toBe('telegram');
  return pieces[0]?.decoded as Telegram;
}

const lines = (text: string): string => text.replaceAll('\n', '\r\n');

describe('the examples of docs/meters.md', () => {
  it('are what is printed of the P1 telegram', () => {
    const printed = JSON.parse(printTelegram(decode(lines(blockAfter('P1:')))));
    expect(printed).toEqual(JSON.parse(blockAfter('It prints one JSON object')));
  });

  it('have right checksums', () => {
    const readout = lines(blockAfter('IEC 62056-21 ('))
      .replace('<STX>', '\u0002')
      .replace('<ETX>', '\u0003')
      .trimEnd();
    expect(decode(readout)).toMatchObject({ importWh: 285400, warnings: [] });
    const groups = blockAfter('Linky, standard mode').split('\n').slice(1, -2);
    const frame = `\u0002${groups.map((group) => `\n${group}\r`).join('')}\u0003`;
    expect(decode(frame)).toMatchObject({ importWh: 1234567, warnings: [] });
  });

  it('have a line for every protocol that is read', () => {
    for (const { protocol } of DECODERS) expect(DOCUMENT).toContain(`\n| \`${protocol}\` | `);
  });
});
