import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../../src/core/bytes.ts';
import { MBUS } from '../../../src/gateway/decode/mbus/mbus.ts';
import type {
  Damage,
  DecodeOptions,
  Register,
  Telegram,
} from '../../../src/gateway/decode/telegram.ts';
import { expectBoth, FUZZ_INPUTS, FUZZ_TIMEOUT_MS, fuzzDecoder } from './fuzz.ts';
import { hex, LONG_HEADER, RECORDS, TEST_KEY, wired } from './mbus-frames.ts';

function read(frame: Uint8Array, options: DecodeOptions = {}): Telegram {
  const decoded = MBUS.decode(frame, options);
  if (decoded.kind === 'damage') throw new Error(decoded.detail);
  return decoded;
}

function refuse(frame: Uint8Array, options: DecodeOptions = {}): Damage {
  const decoded = MBUS.decode(frame, options);
  if (decoded.kind === 'telegram') throw new Error('expected damage');
  return decoded;
}

/** The one record behind a long header. */
function record(bytes: string): readonly [string, Register] {
  const all = [...read(wired(LONG_HEADER + bytes)).registers];
  expect(all).toHaveLength(6);
  return all[5] as [string, Register];
}

describe('the wired M-Bus decoder', () => {
  it('reads import, export and power of an electricity meter', () => {
    const { meter, importWh, exportWh, importW, exportW, warnings } = read(
      wired(LONG_HEADER + RECORDS),
    );
    expect({ meter, importWh, exportWh, importW, exportW, warnings }).toEqual({
      meter: '12345678',
      importWh: 563412,
      exportWh: 67,
      importW: 1.5,
      exportW: undefined,
      warnings: [],
    });
  });

  it('gives no import of a meter that is not for electricity', () => {
    const heat = LONG_HEADER.replace('a8150202', 'a8150204');
    expect(read(wired(heat + RECORDS)).importWh).toBeUndefined();
  });

  it('adds up tariffs where the meter has no sum, and leaves other subunits and storages out', () => {
    const tariffs = '84100301000000842003020000008440030400000044030800000014031000000';
    const { importWh } = read(wired(`${LONG_HEADER}${tariffs}0`));
    expect(importWh).toBe(3);
  });

  it('takes negative power for export', () => {
    const { importW, exportW } = read(wired(`${LONG_HEADER}022b9cff`));
    expect([importW, exportW]).toEqual([0, 100]);
  });

  it('keeps every digit', () => {
    expect(record('0c1345230100')).toEqual(['volume', { value: 12.345, unit: 'm3', scaler: -3 }]);
    expect(record('0706ffffffffffffff7f')[1].value).toBe('9223372036854775807000');
    expect(record('053f9a99993f')[1].value).toBe(12);
    expect(record('055b9a99993f')[1].value).toBe(1.2);
  });

  it.each([
    ['0103 ff', 'energy', -1],
    ['0203 ff7f', 'energy', 32767],
    ['0303 ffffff', 'energy', -1],
    ['0603 010000000080', 'energy', -(2 ** 47) + 1],
    ['0903 12', 'energy', 12],
    ['0a03 34f2', 'energy', -234],
    ['0e03 907856341200', 'energy', 1234567890],
    ['0d03 c2 3412', 'energy', 1234],
    ['0d03 d2 3412', 'energy', -1234],
    ['0d03 e2 3412', 'energy', 0x1234],
    ['0d03 e0', 'energy', ''],
    ['0003', 'energy', ''],
    ['0d78 04 44434241', 'fabrication-number', 'ABCD'],
    ['0d78 03 010203', 'fabrication-number', '010203'],
    ['0d78 f0 000102030405060708090a0b0c0d0e0f', 'fabrication-number', hexDown(16)],
    ['0c78 78563402', 'fabrication-number', '02345678'],
    ['02fd17 ffff', 'error-flags', 65535],
    ['0bfd0f 010203', 'software-version', '030201'],
  ])('reads the data field of %s', (bytes, name, value) => {
    const [found, register] = record(bytes.replaceAll(' ', ''));
    expect([found, register.value]).toEqual([name, value]);
  });

  it.each([
    ['0a03 3a12', '123A'],
    ['0203 0080', '8000'],
    ['0503 0000c07f', '7FC00000'],
  ])('marks %s as no value, and counts it in no sum', (bytes, value) => {
    const { registers, importWh } = read(wired(LONG_HEADER + bytes.replaceAll(' ', '')));
    expect(registers.get('energy')).toEqual(expect.objectContaining({ value, quality: 'invalid' }));
    expect(importWh).toBeUndefined();
  });

  it.each([
    ['4403', 'energy.storage1'],
    ['c40103', 'energy.storage3'],
    ['845003', 'energy.tariff1.subunit1'],
    ['84900403', 'energy.storage128.tariff1'],
    [`84${'8f'.repeat(9)}0f03`, `energy.storage${2 ** 41 - 2}`],
    ['1403', 'energy.max'],
    ['2403', 'energy.min'],
    ['3403', 'energy.error'],
    ['04ab3c', 'power.backward'],
    ['04fdc8fc01', 'voltage.l1'],
    ['04fdc8fc05', 'voltage.l1-l2'],
    ['04fb00', 'energy'],
    ['04fb02', 'reactive-energy'],
    ['04fb2c', 'frequency'],
    ['04fd48', 'voltage'],
    ['04fd59', 'current'],
    ['04ab41', 'power.lower-exceed-count'],
    ['04abff05', 'power.vendor-05'],
    ['04ff05', 'vendor-05'],
    ['04abff', 'power.vendor-7F', '7f'],
    ['04ab7f', 'power.vendor'],
    ['04fb7d', 'cumulated-maximum-power'],
    ['04fb06', 'vif-fb06'],
  ])('names what %s is', (header, name, more = '') => {
    expect(record(`${header}${more}01000000`)[0]).toBe(name);
  });

  it('applies multipliers, and turns durations into seconds', () => {
    expect(record('0483750a000000')[1]).toEqual({ value: 1, unit: 'Wh', scaler: -1 });
    expect(record('04837d0a000000')[1]).toEqual({ value: 10000, unit: 'Wh', scaler: 3 });
    expect(record('012202')[1]).toEqual({ value: 7200, unit: 's' });
    expect(record('01ab5205')[1]).toEqual({ value: 18000, unit: 's' });
  });

  it('says why a record has no good value', () => {
    const { registers, importWh } = read(wired(`${LONG_HEADER}04831801000000`));
    expect(registers.get('energy')?.quality).toBe('data error');
    expect(importWh).toBeUndefined();
  });

  it('reads a plain-text VIF from its last character', () => {
    expect(record('017c0374614207')).toEqual(['Bat', { value: 7 }]);
  });

  it('shows no password', () => {
    expect(record('04fd1678563412')).toEqual(['secret', { value: '(not shown)' }]);
  });

  it('refuses more extensions than the standard has, and the reserved', () => {
    expect(refuse(wired(`${LONG_HEADER}84${'80'.repeat(10)}000301`)).detail).toMatch(/10 DIFEs/u);
    expect(refuse(wired(`${LONG_HEADER}0483${'80'.repeat(10)}0001`)).detail).toMatch(/10 VIFEs/u);
    expect(refuse(wired(`${LONG_HEADER}3f`)).detail).toBe('the reserved DIF 3F');
    expect(refuse(wired(`${LONG_HEADER}0d03fb`)).detail).toMatch(/reserved length code FB/u);
    expect(refuse(wired(`${LONG_HEADER}7f`)).reason).toBe('unsupported');
  });

  it.each([
    ['13', '79', [99, 97]],
    ['1f', '79', [101, 103]],
    ['13', 'b9', [101, 103]],
    ['1f', 'b9', [99, 97]],
    ['13', '39', [1, 2]],
    ['13', 'f9', [99, 97]],
  ])('reads a profile of VIFE %s and spacing control %s', (vife, control, values) => {
    const bytes = `8b046e0001008d04ee${vife}04${control}fe0102`;
    const { registers } = read(wired(LONG_HEADER + bytes));
    const found = [...registers].filter(([name]) => /profile\..*\.[12]$/u.test(name));
    expect(found.map(([, { value }]) => value)).toEqual(values);
    expect(found.map(([, { quality }]) => quality)).toEqual(['every month', 'every month']);
  });

  it('skips idle filler, and keeps what the vendor put at the end', () => {
    const { registers, warnings } = read(wired(`${LONG_HEADER}2f2f0103052f1fabcd`));
    expect(registers.get('vendor-data')?.value).toBe('ABCD');
    expect(warnings).toEqual(['the meter has more to send in a further telegram']);
  });

  it('gives a second record of a name a name of its own', () => {
    const { registers } = read(wired(`${LONG_HEADER}010301010302`));
    expect([...registers.keys()].slice(5)).toEqual(['energy', 'energy#2']);
  });

  it('reads numbers with the most significant byte first (CI 76)', () => {
    const { registers } = read(wired(`76${LONG_HEADER.slice(2)}040300003039`));
    expect(registers.get('energy')?.value).toBe(12345);
  });

  it('gives no reading of what was sent to a meter', () => {
    const { importWh, warnings } = read(wired('510103ff', 0x53));
    expect(importWh).toBeUndefined();
    expect(warnings.join()).toMatch(/sent by the master.*sent to the meter/u);
  });
});

function hexDown(count: number): string {
  return Array.from({ length: count }, (_, at) => `0${(count - 1 - at).toString(16)}`)
    .join('')
    .toUpperCase();
}

describe('times of M-Bus', () => {
  it.each([
    ['426c9f2c', 'date.storage1', '2020-12-31', undefined],
    ['046d2b0f791a', 'time', '2011-10-25T15:43:00', undefined],
    ['046dab0f791a', 'time', '2011-10-25T15:43:00', 'invalid time'],
    ['046d2b8f791a', 'time', '2011-10-25T15:43:00', 'summer time'],
    ['066d1e5c11da2140', 'time', '2022-01-26T17:28:30', undefined],
    ['036d071e0f', 'time', '15:30:07', undefined],
    ['046d00000000', 'time', '00000000', 'invalid time'],
    ['046d3f1fffff', 'time', 'FFFF1F3F', 'invalid time'],
    ['0483392b0f791a', 'energy.start', '2011-10-25T15:43:00', undefined],
  ])('reads %s', (bytes, name, value, quality) => {
    const [found, register] = record(bytes);
    expect([found, register.value, register.quality]).toEqual([name, value, quality]);
  });

  it('are the telegram time only where the meter says that they are valid', () => {
    expect(read(wired(`${LONG_HEADER}046d2b0f791a`)).time).toBe('2011-10-25T15:43:00');
    expect(read(wired(`${LONG_HEADER}046dab0f791a`)).time).toBeUndefined();
  });

  it('tell when a stored value was measured', () => {
    const { registers } = read(wired(`${LONG_HEADER}446d2b0f791a410301`));
    expect(registers.get('energy.storage1')?.time).toBe('2011-10-25T15:43:00');
  });
});

describe('other structures of M-Bus', () => {
  it('reads the fixed structure', () => {
    const frame = wired('73785634120a00e97e0100000035010000');
    const { meter, registers } = read(frame);
    expect(meter).toBe('12345678');
    expect(registers.get('medium')?.value).toBe('water');
    expect(registers.get('volume')).toEqual({ value: 0.001, unit: 'm3', scaler: -3 });
    expect(registers.get('volume.storage1')?.value).toBe(0.135);
  });

  it('reads binary counters of the fixed structure', () => {
    const { registers, importWh } = read(wired('73785634120a0185023930000000000000'));
    expect(registers.get('energy')?.value).toBe(12345000);
    expect(importWh).toBe(12345000);
  });

  it('tells an application error', () => {
    expect(read(wired('7008')).warnings).toEqual([
      'the meter reports an application error: the application is busy',
    ]);
    expect(read(wired('70')).registers.get('application-error')?.value).toBe('unspecified error');
  });

  it('leaves DLMS to its own decoder', () => {
    const { reason, detail } = refuse(wired('000102030405'));
    expect([reason, detail]).toEqual(['unsupported', expect.stringMatching(/DLMS/u)]);
    expect(MBUS.detect(wired('000102030405'))).toBe(0);
  });
});

describe('frames of M-Bus', () => {
  const frame = wired(LONG_HEADER + RECORDS);

  it('are found between acknowledgements, requests and noise', () => {
    const noise = hex('0068e5105b015c16ff');
    const stream = concatBytes(noise, frame, noise, frame, hex('681010'));
    const { pieces } = MBUS.split(stream, true);
    const found = pieces.map(({ start, end }) => MBUS.decode(stream.subarray(start, end), {}).kind);
    expect(found).toEqual(['telegram', 'telegram']);
  });

  it('that lost bytes do not take the next one along', () => {
    const stream = concatBytes(frame.subarray(0, 9), frame.subarray(14), frame, frame);
    const { pieces } = MBUS.split(stream, false);
    const found = pieces.map(({ start, end }) => MBUS.decode(stream.subarray(start, end), {}));
    expect(found.map((one) => (one.kind === 'damage' ? one.reason : one.importWh))).toEqual([
      'cut-short',
      563412,
      563412,
    ]);
  });

  it('wait for their rest', () => {
    for (let length = 1; length < frame.length; length++) {
      const { pieces, restStart } = MBUS.split(frame.subarray(0, length), false);
      expect([pieces.length, restStart]).toEqual([0, 0]);
    }
  });

  it('say what is wrong with them', () => {
    expect(refuse(frame.subarray(0, 20)).reason).toBe('cut-short');
    expect(refuse(concatBytes(frame, hex('00'))).reason).toBe('bad-structure');
    expect(refuse(hex('00')).reason).toBe('not-a-telegram');
    expect(refuse(new Uint8Array(0)).reason).toBe('not-a-telegram');
    const flipped = frame.slice();
    flipped[20] = (flipped[20] as number) ^ 1;
    expect(refuse(flipped).reason).toBe('bad-checksum');
    expect(read(flipped, { checksums: 'ignore' }).warnings[0]).toMatch(/checksum/u);
  });

  it('without values are said to be so', () => {
    for (const [bytes, name] of [
      ['e5', 'an acknowledgement'],
      ['105b015c16', 'a short frame'],
      ['680303685301b80c16', 'a control frame'],
    ] as const) {
      const { pieces } = MBUS.split(hex(bytes), true);
      expect(pieces).toHaveLength(1);
      expect(refuse(hex(bytes)).detail).toContain(name);
    }
  });

  it('are refused in clear where a key is given and checks are required', () => {
    expect(refuse(frame, { key: TEST_KEY, checksums: 'require' }).reason).toBe('bad-key');
    expect(read(frame, { key: TEST_KEY }).importWh).toBe(563412);
  });

  it('are no harm when hostile', { timeout: FUZZ_TIMEOUT_MS }, () => {
    const profile = '8b046e6200008d04ee130a3bfe990000520000100000';
    const samples = [
      frame,
      wired('73785634120a00e97e0100000035010000'),
      wired(LONG_HEADER + profile),
      wired(`76${LONG_HEADER.slice(2)}0403000030390d780444434241017c0374614207`),
    ];
    expectBoth(fuzzDecoder(MBUS, samples));
    // Without the checksum everything behind it is reached.
    expectBoth(fuzzDecoder(MBUS, samples, { checksums: 'ignore', key: TEST_KEY }));
    expect(FUZZ_INPUTS).toBeGreaterThan(0);
  });
});
