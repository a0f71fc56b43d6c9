import { describe, expect, it } from 'vitest';
import { concatBytes, toHex, utf8 } from '../../../../src/core/bytes.ts';
import { decodeCapture } from '../../../../src/gateway/decode/decode-capture.ts';
import {
  createIec61850Decoder,
  IEC61850,
} from '../../../../src/gateway/decode/iec61850/iec61850.ts';
import { expectBoth, FUZZ_INPUTS, FUZZ_TIMEOUT_MS, fuzzDecoder } from '../fuzz.ts';
import {
  float,
  integer,
  MEMBERS,
  namedVariables,
  overTcp,
  quality,
  report,
  structure,
  text,
  tlv,
} from './build.ts';

const LINES = [
  'LD0/MMTR1.DmdWh.actVal=123456',
  'LD0/MMTR1.DmdWh.pulsQty=10',
  'LD0/MMTR1.DmdWh.t=2024-01-15T10:30:00Z',
  'LD0/MMTR1.SupWh.actVal[ST]=77',
  'LD0/MMTR1.SupWh.pulsQty[CF]=0.1',
  'LD0/MMXU1.TotW.mag.f: -230.5',
  'LD0/MMXU1.TotW.q: good',
].join('\n');

describe('a report over MMS', () => {
  const wanted = {
    kind: 'telegram',
    meter: 'LD0',
    time: '2024-01-15T10:30:00Z',
    importWh: 1_234_560,
    exportWh: 7.7,
    importW: 0,
    exportW: 230.5,
    warnings: [],
  };

  it.each([
    ['alone', report(MEMBERS)],
    ['over TCP', overTcp(report(MEMBERS))],
    ['over TCP in segments', overTcp(report(MEMBERS), 50)],
  ])('%s gives its totals', (_, bytes) => {
    expect(IEC61850.decode(bytes, {})).toMatchObject(wanted);
    expect(decodeCapture(utf8(toHex(bytes)), 'auto')).toMatchObject({
      protocol: 'iec61850',
      pieces: [{ decoded: wanted }],
    });
  });

  it('gives frequency and phases their names and units', () => {
    const decoded = IEC61850.decode(report(MEMBERS), {});
    const registers = decoded.kind === 'telegram' ? decoded.registers : new Map();
    expect(registers.get('LD0/MMXU1.Hz')).toEqual({ value: 49.98, unit: 'Hz' });
    expect(registers.get('LD0/MMXU1.PhV.phsB')).toEqual({
      value: 231.2,
      unit: 'V',
      time: '2024-01-15T10:30:00Z',
    });
  });

  it('takes variables by their names as well', () => {
    const { time: _, ...rest } = wanted;
    expect(IEC61850.decode(namedVariables(MEMBERS), {})).toMatchObject(rest);
  });

  it('gives counts where nobody says the size of a pulse, and Wh where the configuration does', () => {
    const bytes = report([MEMBERS[0] as (typeof MEMBERS)[0]]);
    const decoded = IEC61850.decode(bytes, {});
    expect(decoded).not.toHaveProperty('importWh');
    expect(decoded).toMatchObject({ warnings: ['counters without pulsQty are counts, not Wh'] });
    expect(createIec61850Decoder('0.5').decode(bytes, {})).toMatchObject({
      importWh: 61_728,
      warnings: [],
    });
    expect(() => createIec61850Decoder('some')).toThrow(RangeError);
  });

  it('does not count what the device calls invalid', () => {
    const value = structure(structure(float(500)), quality(0x40));
    const decoded = IEC61850.decode(report([{ reference: 'LD0/MMXU1$MX$TotW', value }]), {});
    expect(decoded).not.toHaveProperty('importW');
    expect(decoded.kind === 'telegram' && decoded.registers.get('LD0/MMXU1.TotW')).toEqual({
      value: 500,
      unit: 'W',
      quality: 'invalid',
    });
  });

  it('takes a unit’s multiplier, and never the net energy for the import', () => {
    const decoded = IEC61850.decode(
      report([
        { reference: 'LD0/MMXU1$MX$TotW$mag$f', value: float(1.5) },
        { reference: 'LD0/MMXU1$CF$TotW$units$multiplier', value: integer(3) },
        { reference: 'LD0/MMTR1$ST$TotWh$actVal', value: integer(9) },
        { reference: 'LD0/MMTR1$CF$TotWh$pulsQty', value: float(1) },
      ]),
      {},
    );
    expect(decoded).toMatchObject({ importW: 1500 });
    expect(decoded).not.toHaveProperty('importWh');
  });

  it('is refused without references, or with other nodes alone', () => {
    expect(IEC61850.decode(report(MEMBERS, false), {})).toMatchObject({ reason: 'unsupported' });
    const other = [{ reference: 'LD0/XCBR1$ST$Pos$stVal', value: integer(1) }];
    expect(IEC61850.decode(report(other), {})).toMatchObject({ reason: 'unsupported' });
  });

  it('is damage where it is cut, nested too deep or no report', () => {
    const bytes = overTcp(report(MEMBERS));
    expect(IEC61850.decode(bytes.subarray(0, -2), {})).toMatchObject({ reason: 'cut-short' });
    expect(IEC61850.decode(overTcp(tlv(0xa1, text('x'))), {})).toMatchObject({
      reason: 'unsupported',
    });
    let deep = integer(1);
    for (let level = 0; level < 20; level++) deep = structure(deep);
    expect(
      IEC61850.decode(report([{ reference: 'LD0/MMXU1$MX$TotW', value: deep }]), {}),
    ).toMatchObject({ reason: 'bad-structure' });
    const wide = tlv(0x87, Uint8Array.of(8, 1, 2));
    expect(
      IEC61850.decode(report([{ reference: 'LD0/MMXU1$MX$TotW', value: wide }]), {}),
    ).toMatchObject({ reason: 'bad-structure' });
  });
});

describe('values by reference', () => {
  const wanted = {
    importWh: 1_234_560,
    exportWh: 7.7,
    importW: 0,
    exportW: 230.5,
    time: '2024-01-15T10:30:00Z',
  };

  it('are one telegram a block of lines', () => {
    const { protocol, pieces } = decodeCapture(utf8(`${LINES}\n\n${LINES}\n`), 'auto');
    expect(protocol).toBe('iec61850');
    expect(pieces).toMatchObject([{ decoded: wanted }, { decoded: wanted }]);
  });

  it('may be JSON', () => {
    const json = `{"LD0/MMTR1.DmdWh.actVal": 123456, "LD0/MMTR1.DmdWh.pulsQty": 10, "LD0/MMXU1.TotW.mag.f": 42.5, "site": "x"}\n`;
    expect(decodeCapture(utf8(json), 'auto')).toMatchObject({
      protocol: 'iec61850',
      pieces: [{ decoded: { importWh: 1_234_560, importW: 42.5 } }],
    });
  });

  it('are damage where a value is none', () => {
    expect(IEC61850.decode(utf8('LD0/MMXU1.TotW.mag.f=many'), {})).toMatchObject({
      reason: 'bad-structure',
    });
  });

  it('of other things are not recognised', () => {
    expect(IEC61850.detect(utf8('path/to.file=1\nLD0/XCBR1.Pos.stVal=1\n{"a":1}\n'))).toBe(0);
  });
});

describe(`iec61850 under ${FUZZ_INPUTS} hostile inputs`, () => {
  it('never throws, hangs or grows', { timeout: FUZZ_TIMEOUT_MS }, () => {
    const samples = [
      overTcp(report(MEMBERS)),
      overTcp(report(MEMBERS), 60),
      namedVariables(MEMBERS),
      utf8(`${LINES}\n`),
    ];
    expectBoth(fuzzDecoder(IEC61850, [...samples, concatBytes(report(MEMBERS), report(MEMBERS))]));
  });
});
