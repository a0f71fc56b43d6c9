import { expect, it } from 'vitest';
import { utf8 } from '../../../src/core/bytes.ts';
import { decodeCapture } from '../../../src/gateway/decode/decode-capture.ts';
import {
  describeWithTelegrams,
  keysOf,
  readTelegram,
  type TelegramItem,
  telegramItems,
} from '../../support/telegrams.ts';
import { dumpOf } from './hex-dump.ts';

describeWithTelegrams('a real telegram, however it is written down', () => {
  it.each(telegramItems().map((item) => [item.file, item] as const))(
    'is the same, also where nobody says which protocol it is: %s',
    (_, item) => {
      const wanted = telegramsOf(item, readTelegram(item), item.protocol);
      for (const [dress, bytes] of Object.entries(dressesOf(item)))
        for (const protocol of [item.protocol, 'auto'] as const)
          expect([dress, protocol, telegramsOf(item, bytes, protocol)]).toEqual([
            dress,
            protocol,
            wanted,
          ]);
    },
  );
});

function telegramsOf(
  item: TelegramItem,
  bytes: Uint8Array,
  protocol: TelegramItem['protocol'] | 'auto',
) {
  const { pieces } = decodeCapture(bytes, protocol, keysOf(item));
  return pieces.map(({ decoded }) => decoded).filter(({ kind }) => kind === 'telegram');
}

function dressesOf(item: TelegramItem): Record<string, Uint8Array> {
  const file = Buffer.from(readTelegram(item));
  const bytes =
    item.encoding === 'hex'
      ? Buffer.from(file.toString('latin1').replaceAll(/[^0-9a-f]/giu, ''), 'hex')
      : file;
  const pairs = bytes.toString('hex').match(/../gu) as string[];
  const dresses: Record<string, string> = {
    pairs: pairs.join(' '),
    literals: pairs.map((pair) => `0x${pair}`).join(', '),
    log: `2026-11-21T10:00:00.123Z rx: ${pairs.join('')}\n`,
    xxd: dumpOf(bytes, 'xxd'),
    hexdump: dumpOf(bytes, 'hexdump'),
  };
  if (item.encoding === 'ascii')
    dresses.lines = bytes
      .toString('latin1')
      .split(/\r?\n/u)
      .map((line) => `2026-11-21 10:00:00.1 rx: ${line}`)
      .join('\n');
  return Object.fromEntries(Object.entries(dresses).map(([name, text]) => [name, utf8(text)]));
}
