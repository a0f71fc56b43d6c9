import { describe, expect, it } from 'vitest';
import { concatBytes, fromHex, toHex, utf8 } from '../../../../src/core/bytes.ts';
import { decodeCapture } from '../../../../src/gateway/decode/decode-capture.ts';
import { createKnxDecoder, KNX } from '../../../../src/gateway/decode/knx/knx.ts';
import { expectBoth, FUZZ_INPUTS, FUZZ_TIMEOUT_MS, fuzzDecoder } from '../fuzz.ts';
import { groupWrite, routed, tunnelled } from './build.ts';

const POINTS = new Map([
  ['1/2/3', { type: '13.013', direction: 'import' }],
  ['1/2/4', { type: '14.056', direction: 'import' }],
] as const);

describe('a line of a group address, a datapoint type and bytes', () => {
  it.each([
    ['13.010', '0000abcd', { value: 43981, unit: 'Wh' }],
    ['13.010', 'ffffffff', { value: -1, unit: 'Wh' }],
    ['13.013', '00 00 04 d2', { value: 1_234_000, unit: 'Wh' }],
    ['13.011', '00000064', { value: 100, unit: 'VAh' }],
    ['13.015', '00000002', { value: 2000, unit: 'varh' }],
    ['13.016', '00000002', { value: 2_000_000, unit: 'Wh' }],
    ['29.010', '000000174876e800', { value: 100_000_000_000, unit: 'Wh' }],
    ['14.056', '43480000', { value: 200, unit: 'W' }],
    ['14.056', 'c3480000', { value: -200, unit: 'W' }],
    // 0.01 * 1000 * 2^1 kW
    ['9.024', '0be8', { value: 20_000, unit: 'W' }],
    ['9.024', '8000', { value: -20_480, unit: 'W' }],
    ['9.021', '07d0', { value: 0.02, unit: 'A' }],
  ])('of %s with %s', (type, hex, register) => {
    const { protocol, pieces } = decodeCapture(utf8(`1/2/3 ${type} ${hex}\n`), 'auto');
    expect(protocol).toBe('knx');
    expect(pieces).toHaveLength(1);
    const decoded = pieces[0]?.decoded;
    expect(decoded?.kind === 'telegram' && decoded.registers.get('1/2/3')).toEqual(register);
  });

  it('is a total only where it says which way', () => {
    const { pieces } = decodeCapture(
      utf8(
        '1/2/3 13.010 0000abcd\n1/2/3 13.010 0000abcd import\n1/2/5 14.056 c3480000 import\n1/2/6 13.010 00000001 production\n',
      ),
      'knx',
    );
    expect(pieces[0]?.decoded).not.toHaveProperty('importWh');
    expect(pieces.slice(1).map(({ decoded }) => decoded)).toMatchObject([
      { importWh: 43981 },
      { exportW: 200 },
      { productionWh: 1 },
    ]);
  });

  it('is refused where the bytes are not of that type, or the address is none', () => {
    for (const line of ['1/2/3 13.010 00ab', '1/2/3 1.001 01', '40/2/3 13.010 0000abcd'])
      expect(KNX.decode(utf8(line), {})).toMatchObject({ kind: 'damage', reason: 'bad-structure' });
  });

  it('has no value where the device has none', () => {
    for (const line of ['1/2/3 9.024 7fff', '1/2/3 14.056 7fc00000'])
      expect(KNX.decode(utf8(line), {})).toMatchObject({
        registers: new Map(),
        warnings: ['1/2/3 has no valid value'],
      });
  });
});

describe('a frame', () => {
  it.each([
    ['cEMI', (cemi: Uint8Array) => cemi],
    ['a routing indication', routed],
    ['a tunnelling request', tunnelled],
  ])('of %s gives its bytes, or the value where the project is known', (_, wrap) => {
    const bytes = wrap(groupWrite('1/2/3', '000004d2'));
    expect(KNX.decode(bytes, {})).toMatchObject({
      meter: '1.1.5',
      registers: new Map([['1/2/3', { value: '000004d2' }]]),
      warnings: [expect.stringMatching(/^a frame does not say its datapoint type/u)],
    });
    expect(createKnxDecoder(POINTS).decode(bytes, {})).toMatchObject({
      meter: '1.1.5',
      importWh: 1_234_000,
    });
  });

  // Bytes from XKNX/xknx, test/knxip_tests: tunnelling_request_test.py, and the routing indication of
  // its first knxip test.
  it('of a public test of others is read as there', () => {
    const tunnelling = fromHex('061004200015040117001100bce000004808010081');
    const routing = fromHex('0610053000122900bcd012020151020040f0');
    expect(KNX.decode(tunnelling, {})).toMatchObject({
      registers: new Map([['9/0/8', { value: '01' }]]),
    });
    expect(KNX.decode(routing, {})).toMatchObject({
      meter: '1.2.2',
      registers: new Map([['0/1/81', { value: 'f0' }]]),
    });
    expect(KNX.detect(concatBytes(Uint8Array.of(1, 6, 16), routing))).toBe(0.8);
  });

  it('is found among others in a stream', () => {
    const bytes = concatBytes(
      Uint8Array.of(0xff),
      routed(groupWrite('1/2/3', '00000001')),
      tunnelled(groupWrite('1/2/4', '43480000')),
    );
    const { pieces, restStart } = KNX.split(bytes.subarray(0, -3), false);
    expect(pieces).toHaveLength(1);
    expect(restStart).toBe(pieces[0]?.end);
    expect(KNX.split(bytes, false).pieces).toHaveLength(2);
    const { protocol } = decodeCapture(
      utf8(toHex(routed(groupWrite('1/2/3', '00000001')))),
      'auto',
    );
    expect(protocol).toBe('knx');
  });

  it('that asks, is secured, is for one device or is cut says so', () => {
    const whole = groupWrite('1/2/3', '00000001');
    const change = (at: number, byte: number) => whole.with(at, byte);
    const refuse = (bytes: Uint8Array) => KNX.decode(bytes, {});
    expect(refuse(change(10, 0x00))).toMatchObject({
      reason: 'unsupported',
      detail: expect.stringMatching(/request/u),
    });
    expect(refuse(whole.with(9, 0x03).with(10, 0xf1))).toMatchObject({
      detail: expect.stringMatching(/Data Secure/u),
    });
    expect(refuse(change(3, 0x60))).toMatchObject({
      detail: expect.stringMatching(/single device/u),
    });
    expect(refuse(whole.subarray(0, -1))).toMatchObject({ reason: 'cut-short' });
    expect(refuse(concatBytes(whole, Uint8Array.of(0)))).toMatchObject({ reason: 'bad-structure' });
    expect(refuse(fromHex('06100950000a00000000'))).toMatchObject({
      detail: expect.stringMatching(/secure wrapper/u),
    });
  });

  it('is not guessed at in other bytes', () => {
    expect(KNX.detect(groupWrite('1/2/3', '00000001'))).toBe(0);
    expect(KNX.detect(utf8('1/2/3 is a group address\n2024/1/15 13.010 0000\n'))).toBe(0);
  });
});

describe(`knx under ${FUZZ_INPUTS} hostile inputs`, () => {
  it('never throws, hangs or grows', { timeout: FUZZ_TIMEOUT_MS }, () => {
    const samples = [
      routed(groupWrite('1/2/3', '000004d2')),
      tunnelled(groupWrite('1/2/4', '43480000')),
      groupWrite('1/2/3', '000004d2'),
      utf8('1/2/3 13.010 0000ABCD\n1/2/4 9.024 0be8 export\n'),
    ];
    expectBoth(fuzzDecoder(createKnxDecoder(POINTS), samples));
  });
});
