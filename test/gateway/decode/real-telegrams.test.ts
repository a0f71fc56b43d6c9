import { expect, it } from 'vitest';
import { shortenObis } from '../../../src/gateway/decode/obis.ts';
import type { Register, Telegram } from '../../../src/gateway/decode/telegram.ts';
import {
  describeWithTelegrams,
  type TelegramItem,
  telegramItems,
} from '../../support/telegrams.ts';
import { hasWrongCrc, mismatchesOf, readItem } from './proof.ts';

/** DLMS, M-Bus and wireless M-Bus have tests of their own beside theirs. */
const OWN = ['sml', 'dsmr-p1', 'iec62056-21', 'linky-tic'] as const;

describeWithTelegrams('real telegrams', () => {
  for (const item of telegramItems(...OWN)) {
    it(`${item.kind === 'negative' ? 'refuses' : 'reads'} ${item.file}`, () => {
      const reading = readItem(item);
      expect(mismatchesOf(item, reading)).toEqual([]);
      expect(readItem(item, 'auto').telegrams).toEqual(reading.telegrams);
      for (const telegram of reading.telegrams) expect(telegram.protocol).toBe(item.protocol);
    });
  }

  for (const item of telegramItems('sml').filter(({ kind }) => kind !== 'negative')) {
    it(`has every register of ${item.file}, with its unit`, () => {
      const { telegrams } = readItem(item);
      for (const [index, frame] of item.expected.frames.entries()) {
        for (const [code, wanted] of Object.entries<{ value: unknown; unit: string | null }>(
          frame.obis,
        )) {
          const found = registerOf(telegrams[index] as Telegram, code);
          expect([code, found.unit ?? null]).toEqual([code, wanted.unit]);
          expect([code, asText(found.value)]).toEqual([code, asText(wanted.value)]);
        }
      }
    });
  }

  for (const item of telegramItems('dsmr-p1', 'iec62056-21')) {
    it(`has every register of ${item.file}`, () => {
      const [telegram] = readItem(item).telegrams as [Telegram];
      for (const [code, wanted] of Object.entries<string | string[]>(
        item.expected.obis ?? item.expected.registers,
      )) {
        const found = registerOf(telegram, code);
        const last = [wanted].flat().at(-1) as string;
        const measured = /^(-?[\d.]+)\*(k?)(Wh|W|V|A|m3)$/iu.exec(last);
        if (measured === null) continue;
        const value = Number(`${measured[1]}e${measured[2] === '' ? 0 : 3}`);
        if (typeof wanted === 'string' || wanted.length === 2)
          expect([code, found.value]).toEqual([code, value]);
      }
    });
  }

  for (const item of telegramItems('linky-tic')) {
    it(`has every group of ${item.file}`, () => {
      const [telegram] = readItem(item).telegrams as [Telegram];
      for (const [label, { value }] of Object.entries<{ value: string }>(item.expected.groups)) {
        const found = registerOf(telegram, label);
        const wanted =
          found.unit === undefined
            ? value.trim()
            : Number(value) * (/^(PREF|PCOUP)$/u.test(label) ? 1000 : 1);
        expect([label, found.value]).toEqual([label, wanted]);
      }
    });
  }

  it('refuses a CRC that does not match, also as another protocol, unless told to ignore it', () => {
    const wrong = telegramItems('dsmr-p1').filter(hasWrongCrc);
    expect(wrong.length).toBeGreaterThan(0);
    for (const item of wrong) {
      const strict: TelegramItem = { ...item, expected: {} };
      for (const protocol of ['dsmr-p1', 'auto'] as const) {
        const { telegrams, damages } = readItem(strict, protocol);
        expect(telegrams).toEqual([]);
        expect(damages[0]).toMatch(/^expected the CRC [0-9A-F]{4}, found [0-9A-F]{4}$/u);
      }
    }
  });

  it('gives nothing but the sender of an encrypted telegram without its key', () => {
    const item = telegramItems('dsmr-p1').find(({ keys }) => keys !== null) as TelegramItem;
    const { telegrams } = readItem({ ...item, keys: null });
    expect(telegrams).toHaveLength(1);
    expect(telegrams[0]?.meter).toBe(item.expected.system_title);
    expect(telegrams[0]?.registers.size).toBe(0);
    expect(telegrams[0]?.warnings[0]).toMatch(/no key/u);
  });
});

function registerOf(telegram: Telegram, code: string): Register {
  const found = telegram.registers.get(shortenObis(code));
  if (found === undefined) throw new Error(`no register ${code}`);
  return found;
}

/** The index has bytes now as text, now as hexadecimal. */
function asText(value: unknown): string {
  if (typeof value === 'number') return String(value);
  const text = String(value);
  const isHex = /^(?:[0-9a-f]{2})+$/iu.test(text) && text.length > 4;
  const plain = isHex ? Buffer.from(text, 'hex').toString('latin1') : text;
  return /^[ -~]+$/u.test(plain) ? plain : text.toLowerCase();
}
