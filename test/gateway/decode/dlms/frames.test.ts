import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../../../src/core/bytes.ts';
import { DLMS } from '../../../../src/gateway/decode/dlms/dlms.ts';
import {
  blocks,
  bytesOf,
  crcX25,
  hdlcFrame,
  hdlcSegments,
  LLC,
  mbusFrame,
  mbusSegments,
  plainMessage,
  wrapper,
} from './build.ts';
import { decodeAll, decodeOne, decodeStream, outcomes } from './decode-all.ts';

const MESSAGE = plainMessage();
const FRAME = hdlcFrame(concatBytes(LLC, MESSAGE));
const GARBAGE = bytesOf('00 7e a1 68 10 10 67 ff 7e 7e 16 a0');

describe('HDLC frames', () => {
  it('are read whatever the size of their addresses', () => {
    for (const address of ['41', '0883', '00020405'])
      for (const other of ['03', 'ceff', '02040607'])
        expect(
          decodeOne(
            hdlcFrame(concatBytes(LLC, MESSAGE), {
              destination: bytesOf(address),
              source: bytesOf(other),
            }),
          ).importWh,
        ).toBe(12_345);
  });

  it('make one message of their segments', () => {
    const frames = hdlcSegments(MESSAGE, 20);
    expect(frames.length).toBeGreaterThan(3);
    expect(decodeOne(concatBytes(...frames)).importW).toBe(678);
  });

  it('may share the flag between them', () => {
    const shared = concatBytes(FRAME, FRAME.subarray(1), FRAME.subarray(1));
    expect(outcomes(shared)).toEqual(['telegram', 'telegram', 'telegram']);
  });

  it('are found between garbage, at the cost of none of them', () => {
    const capture = concatBytes(GARBAGE, FRAME, GARBAGE, FRAME, FRAME, GARBAGE);
    expect(outcomes(capture).filter((outcome) => outcome === 'telegram')).toHaveLength(3);
  });

  it('are the same telegrams when they arrive byte by byte', () => {
    const capture = concatBytes(FRAME, ...hdlcSegments(MESSAGE, 31), FRAME.subarray(1), FRAME);
    for (const portion of [1, 7, 64])
      expect(decodeStream(capture, portion)).toEqual(decodeAll(capture));
  });

  it('are refused where any bit is wrong', () => {
    for (let bit = 0; bit < 8 * FRAME.length; bit++) {
      const wrong = FRAME.slice();
      wrong[bit >> 3] = (wrong[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(outcomes(wrong)).not.toContain('telegram');
    }
  });

  it('with a wrong check are read, with a warning, only if asked', () => {
    const wrong = FRAME.slice();
    wrong[wrong.length - 2] = (wrong.at(-2) as number) ^ 1;
    expect(outcomes(wrong)).toEqual([
      'bad-checksum: the frame check of an HDLC frame does not match',
    ]);
    expect(decodeOne(wrong, { checksums: 'ignore' }).warnings).toEqual([
      'the frame check of an HDLC frame does not match',
    ]);
  });

  it('that are cut say so, and the next one is read', () => {
    expect(outcomes(FRAME.subarray(0, 40))).toEqual(['cut-short: the last frame is not whole']);
    const [damaged, next] = outcomes(concatBytes(FRAME.subarray(0, 40), FRAME));
    expect(damaged).toMatch(/^cut-short/u);
    expect(next).toBe('telegram');
  });

  it('miss a segment and end in one error, not in a wrong telegram', () => {
    const frames = hdlcSegments(MESSAGE, 20);
    const withoutOne = concatBytes(...frames.filter((_, index) => index !== 2), FRAME);
    expect(outcomes(withoutOne)).toEqual([expect.not.stringMatching(/^telegram/u), 'telegram']);
    const withoutLast = concatBytes(...frames.slice(0, -1), FRAME);
    expect(outcomes(withoutLast)).toEqual([
      'cut-short: the last segment of a message is missing',
      'telegram',
    ]);
  });

  it('without information (receive ready, disconnect) are passed over', () => {
    const empty = hdlcFrame(new Uint8Array(0));
    const head = bytesOf('a0 08 41 08 83 11');
    const idle = concatBytes(bytesOf('7e'), head, crcX25(head), bytesOf('7e'));
    expect(outcomes(concatBytes(FRAME, idle, empty, idle, FRAME))).toEqual([
      'telegram',
      'telegram',
    ]);
  });
});

describe('blocks of a general block transfer', () => {
  const frames = blocks(MESSAGE, 30).map((block, index) =>
    hdlcFrame(index === 0 ? concatBytes(LLC, block) : block),
  );

  it('make one message', () => {
    expect(frames.length).toBeGreaterThan(2);
    expect(decodeOne(concatBytes(...frames)).importWh).toBe(12_345);
    expect(decodeStream(concatBytes(...frames, ...frames), 11)).toHaveLength(2);
  });

  it('make none where one is missing, doubled or out of order', () => {
    const [first, second, third] = frames as [Uint8Array, Uint8Array, Uint8Array];
    expect(outcomes(concatBytes(first, third))).not.toContain('telegram');
    expect(outcomes(concatBytes(first, second, second, third))).not.toContain('telegram');
    expect(outcomes(concatBytes(second, third))).not.toContain('telegram');
    expect(outcomes(concatBytes(first, second))).toEqual([
      'cut-short: the last block of a message is missing',
    ]);
  });
});

describe('M-Bus frames', () => {
  it('make one message of their segments', () => {
    const frames = mbusSegments(MESSAGE, 20);
    expect(decodeOne(concatBytes(...frames)).importWh).toBe(12_345);
    expect(decodeStream(concatBytes(...frames, ...frames), 5)).toHaveLength(2);
  });

  it('may be longer than their length byte can say', () => {
    const long = concatBytes(
      MESSAGE.subarray(0, 6),
      bytesOf('02 02'),
      concatBytes(bytesOf('09 81 c8'), new Uint8Array(200)),
      MESSAGE.subarray(6),
    );
    for (const size of [251, 252]) {
      const frames = mbusSegments(long, size);
      expect(frames[0]?.[1]).toBe((size + 5) & 0xff);
      expect(decodeOne(concatBytes(...frames)).importWh).toBe(12_345);
    }
  });

  it('are refused where the sum is wrong, or a segment is missing', () => {
    const [first, second, ...more] = mbusSegments(MESSAGE, 20) as [Uint8Array, Uint8Array];
    const wrong = second.slice();
    wrong[12] = (wrong[12] as number) ^ 0x40;
    expect(outcomes(concatBytes(first, wrong, ...more))).toEqual([
      'bad-checksum: the checksum of an M-Bus frame does not match',
    ]);
    expect(outcomes(concatBytes(first, ...more))).toEqual([
      'bad-structure: expected M-Bus segment 1, found 2',
    ]);
  });

  it('of other applications (a heat meter, CI 72) are not taken for DLMS', () => {
    const heat = mbusFrame(MESSAGE, 0x72);
    expect(DLMS.detect(heat)).toBe(0);
    expect(DLMS.split(heat, true).pieces).toEqual([]);
  });
});

describe('messages without a frame', () => {
  it('are read with and without the LLC header, one behind the other', () => {
    expect(decodeOne(MESSAGE).importW).toBe(678);
    expect(decodeOne(concatBytes(LLC, MESSAGE)).importW).toBe(678);
    expect(outcomes(concatBytes(MESSAGE, LLC, MESSAGE))).toEqual(['telegram', 'telegram']);
  });

  it('are read in the wrapper of TCP, from a stream as well', () => {
    const stream = concatBytes(wrapper(MESSAGE), wrapper(MESSAGE));
    expect(outcomes(stream)).toEqual(['telegram', 'telegram']);
    expect(decodeStream(stream, 9)).toHaveLength(2);
  });

  it('are not looked for in a stream, where nothing proves them', () => {
    expect(decodeStream(concatBytes(MESSAGE, MESSAGE), 16)).toEqual([]);
  });

  it('that are cut say so', () => {
    expect(outcomes(MESSAGE.subarray(0, MESSAGE.length - 3))).toEqual([
      expect.stringMatching(/^cut-short/u),
    ]);
  });
});

it('recognises none of its own in text', () => {
  const text = new TextEncoder().encode(
    '/KFM5KAIFA-METER\r\n\r\n1-0:1.8.0(000123.456*kWh)\r\n!\r\n',
  );
  expect(DLMS.detect(text)).toBe(0);
});
