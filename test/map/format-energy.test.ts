import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEnergyFormat } from '../../src/map/format-energy.ts';

const format = createEnergyFormat('en-GB');
/** Spaces that do not break are as good as others to read here. */
const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, ' ');

describe('power in words', () => {
  it.each([
    [0, '0 W'],
    [-0, '0 W'],
    [0.5, '0.5 W'],
    [4, '4 W'],
    [44.44, '44.4 W'],
    [512, '512 W'],
    [999.4, '999 W'],
    [999.5, '1.00 kW'],
    [999.6, '1.00 kW'],
    [1000, '1.00 kW'],
    [1234, '1.23 kW'],
    [12_345, '12.3 kW'],
    [123_456, '123 kW'],
    [999_499, '999 kW'],
    [999_500, '1.00 MW'],
    [1_240_000, '1.24 MW'],
    [28_700_000_000, '28.7 GW'],
    [1.5e12, '1.50 TW'],
    [1.5e15, '1.50 PW'],
    [-1, '−1 W'],
    [-999.6, '−1.00 kW'],
    [-1_240_000, '−1.24 MW'],
  ])('%d W is %s', (powerW, text) => {
    expect(plain(format.power(powerW))).toBe(text);
  });

  it('is a dash and never a zero where nothing is published', () => {
    for (const nothing of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(format.power(nothing)).toBe('–');
      expect(format.energy(nothing)).toBe('–');
      expect(format.share(nothing)).toBe('–');
      expect(format.count(nothing)).toBe('–');
      expect(format.value(nothing, 'W/meter')).toBe('–');
      expect(format.value(nothing, 'share')).toBe('–');
    }
  });

  it('has a plus where the sign says the direction, but not at zero', () => {
    expect(plain(format.power(1500, { isSigned: true }))).toBe('+1.50 kW');
    expect(plain(format.power(0, { isSigned: true }))).toBe('0 W');
    expect(plain(format.power(-1500, { isSigned: true }))).toBe('−1.50 kW');
  });

  it('drops trailing zeros where it is short', () => {
    expect(plain(format.power(1000, { isShort: true }))).toBe('1 kW');
    expect(plain(format.power(-500_000, { isShort: true }))).toBe('−500 kW');
  });

  it('follows the reader’s locale', () => {
    expect(plain(createEnergyFormat('es').power(-1_240_000))).toBe('−1,24 MW');
    expect(plain(createEnergyFormat('de').power(28_700_000_000))).toBe('28,7 GW');
    expect(plain(createEnergyFormat('sv').power(-1234))).toBe('−1,23 kW');
  });

  it('does without a locale that is none', () => {
    expect(plain(createEnergyFormat('not a locale').power(512))).toBe('512 W');
  });

  it('never breaks a line, never prints a hyphen, and has at most three digits', () => {
    const power = fc.double({ min: -1e15, max: 1e15, noNaN: true });
    fc.assert(
      fc.property(power, fc.constantFrom('en', 'es', 'de', 'fr', 'sv', 'ar'), (powerW, locale) => {
        const text = createEnergyFormat(locale).power(powerW);
        expect(text).not.toMatch(/[ -]/);
        if (Math.abs(powerW) >= 1) {
          const digits = text.match(/[0-9٠-٩]/g) ?? [];
          expect(digits.length).toBeLessThanOrEqual(powerW === 0 ? 1 : 3);
        }
      }),
      { seed: 5 },
    );
  });

  it('stays within half of the third digit of what it was given', () => {
    const units: Record<string, number> = { W: 1, kW: 1e3, MW: 1e6, GW: 1e9 };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9e11 }), (powerW) => {
        const [digits, unit] = plain(format.power(powerW)).split(' ') as [string, string];
        const shown = Number(digits) * units[unit]!;
        expect(Math.abs(shown - powerW)).toBeLessThanOrEqual(0.00501 * powerW);
      }),
      { seed: 6 },
    );
  });
});

describe('energy and shares in words', () => {
  it.each([
    [310, '310 Wh'],
    [310_000, '310 kWh'],
    [9_999_000, '10.0 MWh'],
    [1.2e9, '1.20 GWh'],
  ])('%d Wh is %s', (energyWh, text) => {
    expect(plain(format.energy(energyWh))).toBe(text);
  });

  it.each([
    [0, '0%'],
    [0.57, '57%'],
    [0.9, '90%'],
    [0.999, '99%'],
    [1, '100%'],
  ])('a coverage of %d is %s: only a whole one is 100', (share, text) => {
    expect(format.share(share)).toBe(text);
  });

  it('groups counts as the locale does', () => {
    expect(format.count(8131)).toBe('8,131');
    expect(createEnergyFormat('de').count(8131)).toBe('8.131');
  });

  it('names what a value is divided by', () => {
    expect(plain(format.value(412, 'W/meter'))).toBe('412 W per meter');
    expect(plain(format.value(1_240_000, 'W/km2'))).toBe('1.24 MW per km²');
    expect(plain(format.value(-1500, 'W', { isSigned: true }))).toBe('−1.50 kW');
    expect(plain(format.value(0.9, 'share'))).toBe('90%');
  });
});
