// Whether a real telegram proves that its meter is read: it decodes to what the index of the data
// folder says of it, or, where it is damaged, to nothing.

import { decodeCapture } from '../../../src/gateway/decode/decode-capture.ts';
import type { Protocol, Telegram } from '../../../src/gateway/decode/telegram.ts';
import { keysOf, readTelegram, type TelegramItem } from '../../support/telegrams.ts';

export interface Reading {
  readonly telegrams: readonly Telegram[];
  /** Sentences. */
  readonly damages: readonly string[];
}

/** CRCs of telegrams that somebody made anonymous do not match: the notes say which. */
export function hasWrongCrc({ expected }: TelegramItem): boolean {
  return expected?.crc_valid === false;
}

export function readItem(item: TelegramItem, protocol: Protocol | 'auto' = item.protocol): Reading {
  const { pieces } = decodeCapture(readTelegram(item), protocol, {
    ...keysOf(item),
    ...(hasWrongCrc(item) && { checksums: 'ignore' }),
  });
  const decoded = pieces.map((piece) => piece.decoded);
  return {
    telegrams: decoded.filter((one) => one.kind === 'telegram'),
    damages: decoded.filter((one) => one.kind === 'damage').map(({ detail }) => detail),
  };
}

/** What is wrong, in words; none where the telegram proves its meter. */
export function mismatchesOf(item: TelegramItem, reading: Reading): string[] {
  const { damages } = reading;
  let { telegrams } = reading;
  if (item.kind === 'negative') {
    const isClear = telegrams.length === 0 && damages.length > 0;
    return isClear ? [] : [`expected damage, found ${telegrams.length} telegrams`];
  }
  const expected = item.expected.frames ?? item.expected.apdus ?? [item.expected];
  // One expectation of an M-Bus meter may be spread over the telegrams that it sends in turn.
  if (/mbus$/u.test(item.protocol)) telegrams = mergeOfOneMeter(telegrams);
  const wrong: string[] = [];
  const count: number = item.expected.frame_count ?? expected.length;
  if (telegrams.length !== count)
    wrong.push(`expected ${count} telegrams, found ${telegrams.length}: ${damages[0]}`);
  for (const [index, one] of expected.entries()) {
    const telegram = telegrams[index];
    if (telegram === undefined) break;
    wrong.push(...compare(one, telegram).map((text) => `telegram ${index}: ${text}`));
  }
  return wrong;
}

function mergeOfOneMeter(telegrams: readonly Telegram[]): readonly Telegram[] {
  const [first, ...more] = telegrams;
  if (first === undefined || more.some(({ meter }) => meter !== first.meter)) return telegrams;
  return [Object.assign({}, first, ...more)];
}

// biome-ignore lint/suspicious/noExplicitAny: see TelegramItem
function compare(expected: any, telegram: Telegram): string[] {
  const net = expected.power_net_w;
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['import', expected.import_wh ?? expected.import_wh_sum_of_tariffs, telegram.importWh],
    ['export', expected.export_wh ?? expected.export_wh_sum_of_tariffs, telegram.exportWh],
    ['import power', expected.power_import_w, telegram.importW],
    ['export power', expected.power_export_w, telegram.exportW],
    ['net power', net, net === undefined ? net : (telegram.importW ?? 0) - (telegram.exportW ?? 0)],
    ['meter', expected.meter_id_hex ?? expected.meter_id, telegram.meter],
    ['time', expected.time, telegram.time],
  ];
  return pairs
    .filter(([, wanted, found]) => wanted !== undefined && wanted !== found)
    .map(([name, wanted, found]) => `${name}: expected ${wanted}, found ${found}`);
}
