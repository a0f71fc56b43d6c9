import { describe, expect, it } from 'vitest';
import { concatBytes, utf8 } from '../../../src/core/bytes.ts';
import { DECODERS } from '../../../src/gateway/decode/registry.ts';
import { createTelegramStream, receiveBytes } from '../../../src/gateway/decode/stream.ts';
import {
  type Decoded,
  type Decoder,
  MAX_TELEGRAM_BYTES,
  type Protocol,
} from '../../../src/gateway/decode/telegram.ts';
import { sessionOf } from './c1219/build.ts';
import { MEMBERS, overTcp, report } from './iec61850/build.ts';
import { groupWrite, routed } from './knx/build.ts';
import {
  encryptedP1,
  p1Telegram,
  readout,
  smlFile,
  TEST_KEY,
  TIC_STANDARD,
  ticFrame,
} from './samples.ts';

const NOISE = utf8('\u00ff\u0000?');

const SAMPLES: readonly (readonly [Protocol, Uint8Array])[] = [
  ['sml', smlFile()],
  ['dsmr-p1', p1Telegram()],
  ['dsmr-p1', encryptedP1(p1Telegram())],
  ['iec62056-21', readout()],
  ['linky-tic', ticFrame(TIC_STANDARD, 'standard')],
  ['c1219', sessionOf()],
  ['iec61850', overTcp(report(MEMBERS))],
  ['knx', routed(groupWrite('1/2/3', '000004d2'))],
];

function decoderOf(protocol: Protocol): Decoder {
  return DECODERS.find((decoder) => decoder.protocol === protocol) as Decoder;
}

function receive(decoder: Decoder, bytes: Uint8Array, size: number): Decoded[] {
  const stream = createTelegramStream();
  const decoded: Decoded[] = [];
  for (let at = 0; at < bytes.length; at += size)
    decoded.push(
      ...receiveBytes(stream, bytes.subarray(at, at + size), decoder, { key: TEST_KEY }),
    );
  return decoded;
}

describe('a stream of telegrams', () => {
  it.each(SAMPLES)('of %s gives the same in portions of any size', (protocol, sample) => {
    const decoder = decoderOf(protocol);
    const bytes = concatBytes(sample, NOISE, sample, sample, utf8('\r\n'));
    const wanted = decoder.decode(sample, { key: TEST_KEY });
    expect(wanted.kind).toBe('telegram');
    for (const size of [1, 2, 3, 7, 64, 255, bytes.length])
      expect(receive(decoder, bytes, size)).toEqual([wanted, wanted, wanted]);
  });

  it.each(SAMPLES)(
    'of %s that begins in the middle gives the next whole one',
    (protocol, sample) => {
      const decoder = decoderOf(protocol);
      const bytes = concatBytes(sample.subarray(40), sample, utf8('\r\n'));
      const telegrams = receive(decoder, bytes, 16).filter(({ kind }) => kind === 'telegram');
      expect(telegrams).toEqual([decoder.decode(sample, { key: TEST_KEY })]);
    },
  );

  it.each(SAMPLES)('of %s keeps no more than a telegram of what never ends', (protocol, sample) => {
    const decoder = decoderOf(protocol);
    const stream = createTelegramStream();
    const filler = new Uint8Array(1000).fill(0x41);
    receiveBytes(stream, sample.subarray(0, 20), decoder);
    for (let count = 0; count < 200; count++) {
      receiveBytes(stream, filler, decoder);
      expect(stream.rest.length).toBeLessThanOrEqual(MAX_TELEGRAM_BYTES);
    }
    receiveBytes(stream, utf8('\r\n'), decoder);
    const found = receiveBytes(stream, concatBytes(sample, utf8('\r\n'), sample), decoder, {
      key: TEST_KEY,
    });
    expect(found.map(({ kind }) => kind)).toContain('telegram');
  });
});
