import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../../src/core/bytes.ts';
import { LINKY_TIC } from '../../../../src/gateway/decode/linky-tic/linky-tic.ts';
import type { Telegram } from '../../../../src/gateway/decode/telegram.ts';
import { TIC_HISTORIC, TIC_STANDARD, type TicMode, ticFrame } from '../samples.ts';

const SAMPLES: Readonly<Record<TicMode, Uint8Array>> = {
  historic: ticFrame(TIC_HISTORIC, 'historic'),
  standard: ticFrame(TIC_STANDARD, 'standard'),
};

function read(bytes: Uint8Array): Telegram {
  const decoded = LINKY_TIC.decode(bytes, {});
  if (decoded.kind === 'damage') throw new Error(decoded.detail);
  return decoded;
}

describe("a frame of Linky's telemetry", () => {
  it('of historic mode adds up its tariffs', () => {
    const telegram = read(SAMPLES.historic);
    expect(telegram).toMatchObject({ meter: '021800999999', importWh: 300500, warnings: [] });
    expect(telegram.importW).toBeUndefined();
    expect(telegram.registers.get('PAPP')).toEqual({ value: 2160, unit: 'VA' });
    expect(telegram.registers.get('PTEC')).toEqual({ value: 'HP..' });
  });

  it('of standard mode has a time, import and export', () => {
    const telegram = read(SAMPLES.standard);
    expect(telegram).toMatchObject({
      meter: '021876999999',
      time: '2024-01-15T10:30:00+01:00',
      importWh: 1234567,
      exportWh: 32781,
    });
    expect(telegram.registers.get('SMAXSN')).toEqual({
      value: 2100,
      unit: 'VA',
      time: '2024-01-15T06:34:17+02:00',
      quality: 'clock in doubt',
    });
  });

  it('tells the parts of the Euridis identity', () => {
    const { registers } = read(SAMPLES.standard);
    expect(
      ['manufacturer', 'year', 'type'].map((part) => registers.get(`euridis-${part}`)?.value),
    ).toEqual(['02', '18', '76']);
  });

  it.each(['historic', 'standard'] as const)(
    'of %s mode is damaged by any one changed digit',
    (mode) => {
      const bytes = SAMPLES[mode];
      for (let at = 1; at < bytes.length - 1; at++) {
        const byte = bytes[at] as number;
        if (byte < 0x30 || byte > 0x39) continue;
        const broken = bytes.slice();
        broken[at] = byte === 0x39 ? 0x30 : byte + 1;
        expect([at, LINKY_TIC.decode(broken, {}).kind]).toEqual([at, 'damage']);
      }
    },
  );

  it('is read with a warning for a wrong checksum if that is wanted', () => {
    const broken = SAMPLES.historic.slice();
    broken[8] = (broken[8] as number) ^ 1;
    const decoded = LINKY_TIC.decode(broken, { checksums: 'ignore' });
    expect(decoded).toMatchObject({ warnings: ['the checksum of ADCO does not match'] });
  });

  it('is damaged where the meter broke off, or where it mixes the modes', () => {
    const cut = SAMPLES.standard.slice(0, 40);
    cut[39] = 4;
    expect(LINKY_TIC.split(cut, false).pieces).toEqual([{ start: 0, end: 40 }]);
    expect(LINKY_TIC.decode(cut, {})).toMatchObject({ reason: 'cut-short' });
    const groups = (bytes: Uint8Array) => new TextDecoder().decode(bytes).slice(1, -1);
    const mixed = utf8(`\u0002${groups(SAMPLES.historic)}${groups(SAMPLES.standard)}\u0003`);
    expect(LINKY_TIC.decode(mixed, {})).toMatchObject({ reason: 'bad-structure' });
  });
});
