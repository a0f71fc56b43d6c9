// Hostile bytes: no exception, no endless loop, no more than the caps allow.

import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../../../src/core/bytes.ts';
import { DLMS } from '../../../../src/gateway/decode/dlms/dlms.ts';
import { threadMs } from '../../../support/thread-time.ts';
import { expectBoth, FUZZ_INPUTS, FUZZ_TIMEOUT_MS, fuzzDecoder } from '../fuzz.ts';
import {
  AUTH_KEY,
  blocks,
  bytesOf,
  cipher,
  code,
  crcX25,
  dateTime,
  hdlcFrame,
  hdlcSegments,
  KEY,
  LLC,
  list,
  mbusSegments,
  notification,
  octets,
  plainMessage,
  u32,
  wrapper,
} from './build.ts';

const KEYS = { key: KEY, authKey: AUTH_KEY };

const message = plainMessage(dateTime());
const pushList = notification(
  list(
    list(list(bytesOf('12 0003'), code('1-0:1.8.0'), bytesOf('0f 02'), bytesOf('12 0000'))),
    u32(5),
    bytesOf('13 02 02 11 12 06 01 0002 03 0004'),
  ),
);
const kaifa = notification(
  list(octets('KFM_001'), octets('1'), octets('2'), ...[1, 2, 3, 4, 5, 6].map(u32)),
);
const SEEDS: readonly Uint8Array[] = [
  message,
  pushList,
  kaifa,
  cipher(message),
  cipher(message, { control: 0x20 }),
  wrapper(message),
  concatBytes(...hdlcSegments(message, 40)),
  concatBytes(...hdlcSegments(cipher(message), 40)),
  concatBytes(...mbusSegments(cipher(pushList), 50)),
  concatBytes(
    ...blocks(message, 30).map((block, at) => hdlcFrame(at ? block : concatBytes(LLC, block))),
  ),
];

describe(`the DLMS decoder under ${FUZZ_INPUTS} hostile inputs`, () => {
  it('with the keys', { timeout: FUZZ_TIMEOUT_MS }, () => {
    expectBoth(fuzzDecoder(DLMS, SEEDS, KEYS));
  });

  it('with an encryption key only, and checksums ignored', { timeout: FUZZ_TIMEOUT_MS }, () => {
    // What the checks would have stopped reaches segments, blocks, data and layouts.
    expectBoth(fuzzDecoder(DLMS, SEEDS, { key: KEY, checksums: 'ignore' }));
  });
});

it('is linear in the worst that was thought of', { timeout: 60_000 }, () => {
  const size = 1 << 20;
  const fill = (hex: string) => {
    const pattern = bytesOf(hex);
    return Uint8Array.from({ length: size }, (_, at) => pattern[at % pattern.length] as number);
  };
  const header = bytesOf('a7 ff 41 08 83 13');
  const headers = concatBytes(bytesOf('7e'), header, crcX25(header));
  const worst = [
    fill('7ea7'),
    fill('7e'),
    fill('7ea77f7f7e'),
    fill('68 06 06 68 53 ff 00 01 67'),
    fill('68 00 00 68 53 ff 00 01 67'),
    fill('e6e7000f'),
    fill('0f 00000000 00 02 7f'),
    fill(Buffer.from(headers).toString('hex')),
    concatBytes(fill('7ea7').subarray(0, 1900), headers, fill('7ea7')),
    concatBytes(bytesOf('0f 00000000 00 01 84 000ffff0'), new Uint8Array(size)),
  ];
  for (const bytes of worst) {
    const began = threadMs();
    for (const isEnd of [true, false])
      for (const { start, end } of DLMS.split(bytes, isEnd).pieces)
        DLMS.decode(bytes.subarray(start, end), KEYS);
    expect(threadMs() - began).toBeLessThan(5_000);
  }
});
