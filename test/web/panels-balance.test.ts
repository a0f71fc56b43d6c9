import { describe, expect, it } from 'vitest';
import {
  boundaryExchangeWh,
  checkBalance,
  compareFigures,
} from '../../web/src/headline/balance.ts';

const WHOLE = { net: 400, consumption: 520, production: 120, import: 450, export: 50 };

describe('the balance check', () => {
  it('closes where production and import make consumption and export', () => {
    expect(checkBalance(WHOLE)).toMatchObject({ kind: 'closed', leftWh: 570, rightWh: 570 });
  });

  it('is open by one watt-hour', () => {
    expect(checkBalance({ ...WHOLE, import: 451 }).kind).toBe('open');
  });

  it('names what it lacks', () => {
    expect(checkBalance({ ...WHOLE, production: null, consumption: null })).toEqual({
      kind: 'unknown',
      missing: ['production', 'consumption'],
    });
  });

  it('takes a published zero for a figure', () => {
    const still = { net: 450, consumption: 450, production: 0, import: 450, export: 0 };
    expect(checkBalance(still).kind).toBe('closed');
  });
});

describe('the exchange over the boundary', () => {
  it('is consumption minus production, and the net load', () => {
    expect(boundaryExchangeWh(WHOLE)).toBe(WHOLE.net);
    expect(boundaryExchangeWh({ ...WHOLE, production: null })).toBeNull();
  });
});

describe('a comparison', () => {
  it('gives the difference and its share', () => {
    expect(compareFigures(110, 100)).toEqual({ deltaWh: 10, share: 0.1 });
    expect(compareFigures(-110, -100)).toEqual({ deltaWh: -10, share: -0.1 });
  });

  it('gives no share of zero, across zero, or of next to nothing', () => {
    expect(compareFigures(5, 0)).toEqual({ deltaWh: 5, share: null });
    expect(compareFigures(-5, 5)).toEqual({ deltaWh: -10, share: null });
    expect(compareFigures(4300, 10)?.share).toBeNull();
  });

  it('is none where either is not published', () => {
    expect(compareFigures(null, 5)).toBeUndefined();
    expect(compareFigures(5, undefined)).toBeUndefined();
  });
});
