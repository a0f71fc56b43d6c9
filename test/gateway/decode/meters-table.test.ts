// docs/meters.md lists every meter that a real telegram proves, and nothing else.
// STREETWATT_UPDATE_DOCS=1 writes the table anew.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { DECODERS } from '../../../src/gateway/decode/registry.ts';
import { PROTOCOLS } from '../../../src/gateway/decode/telegram.ts';
import {
  describeWithTelegrams,
  type TelegramItem,
  telegramItems,
} from '../../support/telegrams.ts';
import { mismatchesOf, readItem } from './proof.ts';

const DOCUMENT = fileURLToPath(new URL('../../../docs/meters.md', import.meta.url));
const TABLE = /(?<=<!-- proven:start -->\n)[\s\S]*(?=<!-- proven:end -->)/u;

describeWithTelegrams('the table of meters in docs/meters.md', () => {
  it('lists what real telegrams prove', () => {
    const text = readFileSync(DOCUMENT, 'utf8');
    const table = printTable();
    if (process.env.STREETWATT_UPDATE_DOCS === '1')
      writeFileSync(
        DOCUMENT,
        text.replace(TABLE, () => table),
      );
    const found = TABLE.exec(readFileSync(DOCUMENT, 'utf8'))?.[0];
    expect(found, 'run this test with STREETWATT_UPDATE_DOCS=1').toBe(table);
  });
});

function printTable(): string {
  const items = telegramItems(...DECODERS.map(({ protocol }) => protocol)).filter(isProven);
  const rows = items
    .sort((a, b) => orderOf(a) - orderOf(b) || compareText(a.file, b.file))
    .map(({ protocol, vendor_group, variant, kind, file }) =>
      [protocol, vendor_group, variant, kind, `\`${file.split('/').at(-1)}\``]
        .map(cell)
        .join(' | '),
    );
  const counts = PROTOCOLS.map(
    (protocol) => [protocol, items.filter((item) => item.protocol === protocol).length] as const,
  ).filter(([, count]) => count > 0);
  return [
    `${items.length} telegrams: ${counts.map(([protocol, count]) => `${protocol} ${count}`).join(', ')}.`,
    '',
    '| protocol | vendor | model or variant | kind | file |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row} |`),
    '',
  ].join('\n');
}

function isProven(item: TelegramItem): boolean {
  return mismatchesOf(item, readItem(item)).length === 0;
}

function orderOf({ protocol }: TelegramItem): number {
  return PROTOCOLS.indexOf(protocol);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s+/gu, ' ');
}
