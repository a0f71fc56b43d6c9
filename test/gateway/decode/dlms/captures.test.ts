import { expect, it } from 'vitest';
import { concatBytes, toHex } from '../../../../src/core/bytes.ts';
import { parseObis } from '../../../../src/gateway/decode/obis.ts';
import type { Telegram } from '../../../../src/gateway/decode/telegram.ts';
import {
  describeWithTelegrams,
  type Kind,
  keysOf,
  readTelegram,
  type TelegramItem,
  telegramItems,
} from '../../../support/telegrams.ts';
import { mismatchesOf, readItem } from '../proof.ts';
import { bytesOf } from './build.ts';
import { decodeAll, decodeOne, decodeStream } from './decode-all.ts';

interface ExpectedRegister {
  readonly raw?: number | string | { readonly local: string };
  readonly scaler?: number | null;
  readonly value?: number | string | null;
  readonly unit?: string | null;
}

interface Expected {
  readonly system_title?: string;
  readonly security?: number;
  readonly frame_counter?: number;
  readonly gcm_tag_ok?: boolean;
  readonly apdu_time?: { readonly local: string; readonly deviation_min: number | null };
  readonly clock?: { readonly local: string };
  readonly meter_id?: string;
  readonly obis?: Readonly<Record<string, ExpectedRegister>>;
  readonly reference_obis?: Readonly<Record<string, ExpectedRegister>>;
  readonly reference?: { readonly u_v: number[]; readonly i_a: number[] };
  readonly [other: string]: unknown;
}

const ITEMS: readonly TelegramItem[] = telegramItems('dlms');

const TOTALS: readonly (readonly [keyof Telegram, string])[] = [
  ['importWh', 'import_wh'],
  ['exportWh', 'export_wh'],
  ['importW', 'power_import_w'],
  ['exportW', 'power_export_w'],
];

/** Positional lists: what the source calls its values. */
const NAMED: Readonly<Record<string, readonly [code: string, factor: number]>> = {
  list: ['1-1:0.2.129', 1],
  type: ['0-0:96.1.7', 1],
  reactive_import_var: ['1-0:3.7.0', 1],
  reactive_export_var: ['1-0:4.7.0', 1],
  i1_mA: ['1-0:31.7.0', 1e-3],
  i2_mA: ['1-0:51.7.0', 1e-3],
  i3_mA: ['1-0:71.7.0', 1e-3],
  u1_dV: ['1-0:32.7.0', 0.1],
  u2_dV: ['1-0:52.7.0', 0.1],
  u3_dV: ['1-0:72.7.0', 0.1],
  reactive_import_varh: ['1-0:3.8.0', 1],
  reactive_export_varh: ['1-0:4.8.0', 1],
  import_t1_wh: ['1-0:1.8.1', 1],
  import_t2_wh: ['1-0:1.8.2', 1],
  export_t1_wh: ['1-0:2.8.1', 1],
  export_t2_wh: ['1-0:2.8.2', 1],
};

/** The vendors' own words on values that come without a scaler: powers of ten by quantity. */
function factorOf(vendor: string, code: string): number {
  const { medium, quantity = 0, processing } = parseObis(code) ?? {};
  if (medium !== 1) return 1;
  const base = ((quantity - 1) % 20) + 1;
  if (vendor === 'Kamstrup') {
    if (processing === 8) return 10;
    return base === 11 || base === 13 ? 0.01 : 1;
  }
  if (vendor === 'Kaifa') return { 11: 1e-3, 12: 0.1 }[base] ?? 1;
  if (vendor === 'Iskraemeco') return { 11: 0.01, 12: 0.1 }[base] ?? 1;
  return 1;
}

function bytesOfItem(item: TelegramItem): Uint8Array {
  return bytesOf(Buffer.from(readTelegram(item)).toString('latin1'));
}

function expectedOf({ expected }: TelegramItem): Expected {
  return expected.apdus[0] ?? {};
}

function ofKind(...kinds: readonly Kind[]): readonly TelegramItem[] {
  return ITEMS.filter(({ kind }) => kinds.includes(kind));
}

function checkRegister(
  telegram: Telegram,
  item: TelegramItem,
  [name, expected]: readonly [string, ExpectedRegister],
): void {
  const code = name.replace(/\*255$/u, '');
  const found = telegram.registers.get(code);
  const { raw = expected.value, scaler, value, unit } = expected;
  if (typeof raw === 'object' && raw !== null) {
    expect(String(found?.value)).toContain(raw.local);
  } else if (typeof raw === 'number') {
    const exact =
      typeof scaler === 'number' ? Number(value) : raw * factorOf(item.vendor_group, code);
    expect(found?.value, code).toBeCloseTo(exact, 9);
    if (typeof scaler === 'number') expect(found?.unit ?? null, code).toBe(unit || null);
  } else if (expected.raw !== undefined) {
    expect(found?.value, code).toBe(String(raw).replace(/^0x/u, ''));
  }
}

function checkHeader({ registers }: Telegram, expected: Expected): void {
  if (expected.system_title === undefined) return;
  expect(registers.get('system-title')?.value).toBe(expected.system_title);
  expect(registers.get('security-control')?.value).toBe(expected.security);
  expect(registers.get('frame-counter')?.value).toBe(expected.frame_counter);
}

describeWithTelegrams('telegrams of real DLMS meters', () => {
  it('are all there', () => {
    expect(ITEMS.length).toBeGreaterThanOrEqual(54);
  });

  it.each(ofKind('positive', 'edge', 'derived'))('$file gives what it is known to say', (item) => {
    const telegram = decodeOne(bytesOfItem(item), keysOf(item));
    const expected = expectedOf(item);
    checkHeader(telegram, expected);
    for (const [field, name] of TOTALS)
      if (expected[name] !== undefined) expect(telegram[field], name).toBe(expected[name]);
    for (const [name, [code, factor]] of Object.entries(NAMED)) {
      const value = expected[name];
      const found =
        telegram.registers.get(code) ?? telegram.registers.get(code.replace('1-0', '1-1'));
      if (typeof value === 'number') expect(found?.value, name).toBeCloseTo(value * factor, 9);
      else if (value !== undefined) expect(found?.value, name).toBe(value);
    }
    if (expected.meter_id !== undefined) expect(telegram.meter).toBe(expected.meter_id);
    const time = expected.apdu_time ?? expected.clock;
    if (time !== undefined) expect(telegram.time?.slice(0, 19)).toBe(time.local);
    const deviation = expected.apdu_time?.deviation_min;
    if (deviation === null) expect(telegram.time).toHaveLength(19);
    if (deviation === -120) expect(telegram.time?.slice(19)).toBe('+02:00');
    if (expected.gcm_tag_ok === true) expect(telegram.warnings.join()).not.toContain('verified');
    const registers = expected.obis ?? {};
    for (const register of Object.entries(registers)) checkRegister(telegram, item, register);
    // Energomera's reference tells null values as 0.
    if (expected.obis === undefined && item.vendor_group !== 'Energomera')
      for (const register of Object.entries(expected.reference_obis ?? {}))
        checkRegister(telegram, item, register);
    const { u_v: volts = [], i_a: amperes = [] } = expected.reference ?? {};
    if (expected.obis !== undefined) return;
    for (const [index, phase] of ['1', '2', '3'].entries()) {
      const value = (quantity: number): unknown =>
        telegram.registers.get(`1-0:${quantity + 20 * Number(phase)}.7.0`)?.value ?? 0;
      if (volts.length > 0) expect(value(12)).toBeCloseTo(volts[index] as number, 9);
      if (amperes.length > 0) expect(value(11)).toBeCloseTo(amperes[index] as number, 9);
    }
  });

  it.each(ofKind('header-only'))('$file says what its header says without a key', (item) => {
    const telegram = decodeOne(bytesOfItem(item));
    const expected = expectedOf(item);
    checkHeader(telegram, expected);
    expect(telegram.meter).toBe(expected.system_title);
    expect(telegram.warnings.join()).toContain('no key is given');
    const wrong = decodeAll(bytesOfItem(item), { key: new Uint8Array(16).fill(7) });
    expect(wrong).toEqual([expect.objectContaining({ kind: 'damage', reason: 'bad-key' })]);
  });

  it.each(ofKind('negative'))('$file ends in a clear error', (item) => {
    const found = decodeAll(bytesOfItem(item));
    expect(found.length).toBeGreaterThan(0);
    for (const decoded of found) expect(decoded.kind).toBe('damage');
  });

  it('are recognised without being told what they are', () => {
    for (const item of ITEMS) {
      const reading = readItem(item, 'auto');
      expect(mismatchesOf(item, reading), item.file).toEqual([]);
      for (const { protocol } of reading.telegrams) expect(protocol).toBe('dlms');
    }
  });

  it('are the same out of a stream of all that have a frame', () => {
    const framed = ofKind('positive').filter(
      (item) => item.keys === null && [0x7e, 0x68].includes(bytesOfItem(item)[0] as number),
    );
    expect(framed.length).toBeGreaterThan(15);
    const stream = concatBytes(...framed.map(bytesOfItem));
    const found = decodeStream(stream, 50);
    expect(found).toEqual(framed.map((item) => decodeOne(bytesOfItem(item))));
  });

  it('with keys never show one', () => {
    for (const item of ITEMS.filter(({ keys }) => keys !== null)) {
      const shown = JSON.stringify(decodeAll(bytesOfItem(item), keysOf(item)), (_, value) =>
        value instanceof Map ? [...value] : value,
      ).toLowerCase();
      for (const key of Object.values<string>(item.keys ?? {}))
        expect(shown).not.toContain(toHex(bytesOf(key)));
    }
  });
});
