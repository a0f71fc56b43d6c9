// Built from the public description: the places of BT-23 and BT-28 as openHAB's smartmeterosgp reads
// them from meters (openhab/openhab-addons), the packets as in C12.18.

import { describe, expect, it } from 'vitest';
import { concatBytes, fromHex, toHex, utf8 } from '../../../../src/core/bytes.ts';
import { decodeCapture } from '../../../../src/gateway/decode/decode-capture.ts';
import { OSGP } from '../../../../src/gateway/decode/osgp/osgp.ts';
import { partialRead, read, ST0, ST1, session } from '../c1219/build.ts';
import { expectBoth, FUZZ_INPUTS, FUZZ_TIMEOUT_MS, fuzzDecoder } from '../fuzz.ts';
import { BT23, BT28, osgpSession } from './build.ts';

describe('osgp', () => {
  it('reads energy and power from the optical port', () => {
    expect(OSGP.decode(osgpSession(), {})).toMatchObject({
      kind: 'telegram',
      meter: '0000000000012345',
      importWh: 12_345_678,
      exportWh: 2500,
      importW: 430,
      exportW: 0,
      warnings: [],
    });
  });

  it('moves currents and voltages to their units', () => {
    const decoded = OSGP.decode(osgpSession(), {});
    expect(decoded.kind === 'telegram' && decoded.registers.get('voltage-l1')).toEqual({
      value: 230.1,
      unit: 'V',
      scaler: -3,
    });
  });

  it('is not recognised by itself: the packets are those of C12.18', () => {
    expect(OSGP.detect(osgpSession())).toBe(0);
    expect(decodeCapture(utf8(toHex(osgpSession())), 'osgp').pieces).toMatchObject([
      { decoded: { kind: 'telegram', importWh: 12_345_678 } },
    ]);
  });

  it('says that it took the byte order for granted', () => {
    const decoded = OSGP.decode(session(partialRead(23, 0, BT23)), {});
    expect(decoded).toMatchObject({
      importWh: 12_345_678,
      warnings: [expect.stringMatching(/^BT-00/u)],
    });
  });

  it('refuses registers of another size, and tables that hold none', () => {
    const config = [...ST0.slice(0, 2), 0x8a, ...ST0.slice(3)];
    expect(OSGP.decode(session(read(0, config), read(23, BT23)), {})).toMatchObject({
      reason: 'unsupported',
    });
    expect(OSGP.decode(session(read(0, ST0), read(1, ST1)), {})).toMatchObject({
      reason: 'unsupported',
    });
    expect(OSGP.decode(session(read(0, ST0), read(23, [1])), {})).toMatchObject({
      reason: 'bad-structure',
    });
  });

  it('reads tables written down', () => {
    const text = `BT-00: ${toHex(Uint8Array.from(ST0))}\nBT-23: ${toHex(Uint8Array.from(BT23))}\n`;
    const { protocol, pieces } = decodeCapture(utf8(text), 'auto');
    expect(protocol).toBe('osgp');
    expect(pieces).toMatchObject([{ decoded: { importWh: 12_345_678, exportWh: 2500 } }]);
  });

  it('reads a request with its answer in clear, as the application layer has them', () => {
    const request = [0x3f, 0, 23, 0, 0, 0, 0, 8];
    const plain = Uint8Array.from([...request, 0, 0, 8, ...BT23]);
    const secured = Uint8Array.from([
      ...request,
      ...new Array<number>(12).fill(0xab),
      0,
      0,
      8,
      ...BT23,
      ...new Array<number>(8).fill(0xcd),
    ]);
    expect(OSGP.decode(plain, {})).toMatchObject({ importWh: 12_345_678 });
    expect(OSGP.decode(secured, {})).toMatchObject({
      importWh: 12_345_678,
      warnings: ['the OMA digest is not verified', expect.stringMatching(/^BT-00/u)],
    });
  });

  it('refuses what is encrypted in one clear sentence', () => {
    const hidden = fromHex('3f0017000000000811223344556677889900aabbccddeeff0102030405060708');
    expect(OSGP.decode(hidden, {})).toMatchObject({
      reason: 'unsupported',
      detail: expect.stringMatching(/RC4, OMA digest/u),
    });
  });

  it(`survives ${FUZZ_INPUTS} hostile inputs`, { timeout: FUZZ_TIMEOUT_MS }, () => {
    const request = Uint8Array.from([0x3f, 0, 28, 0, 0, 0, 0, 40, 0, 0, 40, ...BT28]);
    expectBoth(fuzzDecoder(OSGP, [osgpSession(), request, concatBytes(request, request)]));
  });
});
