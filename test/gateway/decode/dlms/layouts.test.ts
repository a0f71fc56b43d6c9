import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../../../src/core/bytes.ts';
import {
  bytesOf,
  cipher,
  code,
  dateTime,
  KEY,
  list,
  notification,
  octets,
  plainMessage,
  scalerUnit,
  u16,
  u32,
  wrapper,
} from './build.ts';
import { decodeOne, outcomes } from './decode-all.ts';

const text = (value: string) =>
  concatBytes(Uint8Array.of(0x0a, value.length), octets(value).subarray(2));

describe('values', () => {
  it('have their scaler applied and their unit named', () => {
    const { registers, importWh } = decodeOne(
      notification(
        list(
          list(code('1-0:1.8.0'), u32(123), scalerUnit(2, 30)),
          list(code('1-0:32.7.0'), u16(2307), scalerUnit(0xff, 35)),
          list(code('1-0:13.7.0'), u16(987), scalerUnit(0xfd, 255)),
        ),
      ),
    );
    expect(importWh).toBe(12_300);
    expect(registers.get('1-0:32.7.0')).toEqual({ value: 230.7, unit: 'V', scaler: -1 });
    expect(registers.get('1-0:13.7.0')).toEqual({ value: 0.987, scaler: -3 });
  });

  it('of 64 bits and of floats lose no digit', () => {
    const { registers } = decodeOne(
      notification(
        list(
          list(code('1-0:1.8.0'), bytesOf('15 ffffffffffffffff'), scalerUnit(0xff, 30)),
          list(code('1-0:2.8.0'), bytesOf('17 42c80000'), scalerUnit(0, 30)),
          list(code('1-0:1.7.0'), bytesOf('17 3dcccccd'), scalerUnit(0, 27)),
          list(code('1-0:2.7.0'), bytesOf('18 7ff0000000000000'), scalerUnit(0, 27)),
        ),
      ),
    );
    expect(registers.get('1-0:1.8.0')?.value).toBe('1844674407370955161.5');
    expect(registers.get('1-0:2.8.0')?.value).toBe(100);
    expect(registers.get('1-0:1.7.0')?.value).toBe(0.1);
    expect(registers.get('1-0:2.7.0')?.value).toBe('Infinity');
  });

  it('with a scaler that no meter means count for nothing', () => {
    const telegram = decodeOne(
      notification(list(list(code('1-0:1.8.0'), u32(5), scalerUnit(0x7f, 30)))),
    );
    expect(telegram.importWh).toBeUndefined();
    expect(telegram.registers.get('1-0:1.8.0')).toEqual({ value: 5 });
  });

  it('that are null are missing, and not zero', () => {
    const telegram = decodeOne(
      notification(list(code('1-0:1.8.0'), bytesOf('00'), code('1-0:1.7.0'), u32(3))),
    );
    expect(telegram.registers.has('1-0:1.8.0')).toBe(false);
    expect(telegram.importW).toBe(3);
  });
});

describe('values without units', () => {
  it.each([
    ['Kamstrup_V0001', 12_340, 1.5, 230, '10 Wh and W, as Kamstrup meters do'],
    ['KFM_001', 1234, 0.15, 23, 'Wh and W, as Kaifa meters do'],
    ['ISK103', 1234, 1.5, 23, 'Wh and W, as Iskraemeco meters do'],
    ['LGZ103', 1234, 150, 230, 'Wh and W, as Landis+Gyr meters do'],
    ['XYZ', 1234, 150, 230, 'Wh and W, as most meters do'],
  ])('of %s are taken as that vendor means them, and it is said', (vendor, wh, a, v, said) => {
    const { importWh, registers, warnings } = decodeOne(
      notification(
        list(
          text(vendor),
          ...[code('1-0:1.8.0'), u32(1234), code('1-0:31.7.0'), u32(150)],
          ...[code('1-0:32.7.0'), u16(230)],
        ),
      ),
    );
    expect(importWh).toBe(wh);
    expect(registers.get('1-0:31.7.0')?.value).toBe(a);
    expect(registers.get('1-0:32.7.0')?.value).toBe(v);
    expect(warnings).toEqual([`values come without units: assumed to count ${said}`]);
  });

  it('of gas and water stay without one', () => {
    const { registers, warnings } = decodeOne(
      notification(list(code('7-1:3.0.0'), u32(30_545), code('0-1:24.2.1'), u32(5))),
    );
    expect(registers.get('0-1:24.2.1')).toEqual({ value: 5 });
    expect(warnings).toEqual([]);
  });

  it('in a pushed list take them from the scaler attribute, where that is pushed too', () => {
    const object = (classId: number, name: string, attribute: number) =>
      list(u16(classId), code(name), Uint8Array.of(0x0f, attribute), u16(0));
    const objects = [
      object(40, '0-8:25.9.0', 2),
      object(3, '1-0:1.8.0', 2),
      object(3, '1-0:1.8.0', 3),
      object(3, '1-0:1.7.0', 2),
    ];
    const { importWh, importW } = decodeOne(
      notification(list(list(...objects), u32(77), scalerUnit(3, 30), u32(9))),
    );
    expect(importWh).toBe(77_000);
    expect(importW).toBe(9);
  });
});

describe('lists without OBIS codes', () => {
  it('that are none of the known ones are refused, not guessed at', () => {
    const unknown = notification(list(octets('KFM_001'), octets('1'), u32(5)));
    const said = 'unsupported: a list of 3 values without OBIS codes, in no order that is known';
    expect(outcomes(unknown)).toEqual([said]);
    expect(outcomes(notification(list(octets('ISK1'), u32(1), u32(2))))).toEqual([said]);
    expect(outcomes(notification(u32(5)))).toEqual([said.replace('3', '1')]);
    // Kaifa's list 1: the power, alone in a structure.
    expect(decodeOne(notification(list(u32(5)))).importW).toBe(5);
  });

  it('may have a meter number of six digits, which is no OBIS code', () => {
    const power = [1, 2, 3, 4].map(u32);
    const iskra = list(octets('ISK1'), octets('160456'), u16(2300), u16(50), ...power);
    const { meter, importW, registers } = decodeOne(notification(iskra));
    expect({ meter, importW }).toEqual({ meter: 'ISK1', importW: 1 });
    expect(registers.get('1-0:32.7.0')?.value).toBe(230);
    expect(registers.get('0-0:96.1.0')?.value).toBe('160456');
    const unknown = list(octets('ABC1'), octets('160456'), u32(5));
    expect(outcomes(notification(unknown))[0]).toMatch(/^unsupported/u);
  });

  it('of Kaifa with one phase are read', () => {
    const head = [octets('KFM_001'), octets('697'), octets('MA105H2E')];
    const values = [1000, 2, 3, 4, 4500, 2301].map(u32);
    const hourly = [octets(dateTime()), ...[7, 8, 9, 10].map(u32)];
    const { registers, ...telegram } = decodeOne(notification(list(...head, ...values, ...hourly)));
    expect(telegram).toMatchObject({ meter: '697', importW: 1000, importWh: 7, exportWh: 8 });
    expect(registers.get('1-0:31.7.0')?.value).toBe(4.5);
    expect(registers.get('1-0:32.7.0')?.value).toBe(230.1);
    expect(telegram.time).toBe('2026-11-21T10:15:00');
  });
});

describe('vendors with an own encoding', () => {
  it('swap type and length of OBIS codes (Landis+Gyr ZMF100)', () => {
    const swapped = (name: string) => concatBytes(Uint8Array.of(6, 9), code(name).subarray(2));
    const { importWh, importW } = decodeOne(
      notification(
        list(
          list(swapped('1-0:1.8.0'), u32(15), scalerUnit(1, 30)),
          list(swapped('1-0:1.7.0'), u32(20), scalerUnit(0, 27)),
        ),
      ),
    );
    expect({ importWh, importW }).toEqual({ importWh: 150, importW: 20 });
  });

  it('write object names as bare bytes (E.GD)', () => {
    const bare = (name: string) =>
      concatBytes(bytesOf('0003'), code(name).subarray(2), Uint8Array.of(2));
    const { importWh } = decodeOne(
      notification(
        list(
          bytesOf('16 01'),
          list(list(bare('1-0:1.8.0'), u32(15)), list(bare('1-0:1.7.0'), u32(1))),
        ),
      ),
    );
    expect(importWh).toBe(15);
  });
});

describe('the meter', () => {
  const named = (...names: readonly string[]) =>
    decodeOne(
      notification(
        list(
          ...names.flatMap((name) => [code(name), octets(`id of ${name}`)]),
          code('1-0:1.7.0'),
          u32(1),
        ),
      ),
    ).meter;

  it('is named by its device name before its numbers, and never by its sub-meter first', () => {
    expect(named('0-0:96.1.1', '0-0:96.1.0', '0-0:42.0.0')).toBe('id of 0-0:42.0.0');
    expect(named('0-1:96.1.0', '0-0:96.1.1', '0-0:96.1.0')).toBe('id of 0-0:96.1.0');
    expect(named('0-1:96.1.0')).toBe('id of 0-1:96.1.0');
    expect(named()).toBeUndefined();
  });

  it('is named by the last text, or the system title, where no code names it', () => {
    const data = list(octets(dateTime()), code('1-0:1.7.0'), u32(1), octets('181220000009'));
    expect(decodeOne(notification(data)).meter).toBe('181220000009');
    const message = cipher(notification(list(code('1-0:1.7.0'), u32(1))), { control: 0x20 });
    expect(decodeOne(message, { key: KEY }).meter).toBe('5453543132333435');
  });
});

describe('the time', () => {
  it('has the offset that the meter tells, with the sign of ISO 8601', () => {
    const timeOf = (time: Uint8Array) => decodeOne(plainMessage(time)).time;
    expect(timeOf(dateTime(-120, 0x80))).toBe('2026-11-21T10:15:00+02:00');
    expect(timeOf(dateTime(210))).toBe('2026-11-21T10:15:00-03:30');
    expect(timeOf(dateTime())).toBe('2026-11-21T10:15:00');
    expect(timeOf(dateTime(9999))).toBe('2026-11-21T10:15:00');
    expect(timeOf(bytesOf('ffff ffff ff ffffffff 8000 ff'))).toBeUndefined();
    expect(timeOf(bytesOf('07ea 02 1f 06 0a0f0000 8000 00'))).toBeUndefined();
  });

  it('comes with the meter s own doubts', () => {
    const warnings = (status: number) => decodeOne(plainMessage(dateTime(0, status))).warnings;
    expect(warnings(0x80)).toEqual([]);
    expect(warnings(0xff)).toEqual([]);
    expect(warnings(0x03)).toEqual(['the meter says that its clock is invalid and doubtful']);
  });

  it('is read from the clock where the push has none', () => {
    const data = list(
      list(code('0-0:1.0.0'), octets(dateTime(-60))),
      list(code('1-0:1.7.0'), u32(1)),
    );
    expect(decodeOne(notification(data)).time).toBe('2026-11-21T10:15:00+01:00');
  });
});

it('reads event notifications, with and without a time', () => {
  const rest = concatBytes(bytesOf('0003'), code('1-0:1.7.0').subarray(2), bytesOf('02'), u32(42));
  expect(decodeOne(concatBytes(bytesOf('c2 00'), rest)).importW).toBe(42);
  const timed = concatBytes(bytesOf('c2 01 0c'), dateTime(-60), rest);
  expect(decodeOne(timed)).toMatchObject({ importW: 42, time: '2026-11-21T10:15:00+01:00' });
});

it('refuses bytes behind the message', () => {
  const message = concatBytes(notification(list(code('1-0:1.7.0'), u32(1))), bytesOf('00'));
  expect(outcomes(wrapper(message))).toEqual([
    expect.stringMatching(/^bad-structure: expected the end of the message, found 1 more bytes/u),
  ]);
});
