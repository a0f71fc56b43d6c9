import { describe, expect, it } from 'vitest';
import {
  absentText,
  CELL_STATE_NAMES,
  CELL_STATES,
  type CellFigures,
  cellState,
  REASON_TEXTS,
  reasonText,
} from '../../src/map/cell-state.ts';
import { statusOfCoverage } from '../../src/map/ordinary-coverage.ts';

const ROW: CellFigures = {
  energyWh: { net: 5000, consumption: 6000, production: 1000, import: 5500, export: 500 },
  absent: {},
  status: 'published',
  reason: null,
  coverage: 1,
};

function rowWithout(reason: string): CellFigures {
  return { ...ROW, energyWh: { ...ROW.energyWh, export: null }, absent: { export: reason } };
}

describe('the state of a cell', () => {
  it('is a value where the whole cell is published', () => {
    expect(cellState(ROW, 'net')).toEqual({ state: 'value', reason: undefined });
  });

  it('is a true zero only where zero was published for the whole cell', () => {
    const row = { ...ROW, energyWh: { ...ROW.energyWh, production: 0 } };
    expect(cellState(row, 'production').state).toBe('zero');
    const part: CellFigures = { ...row, status: 'partial', reason: 'no-seal', coverage: 0.8 };
    expect(cellState(part, 'production')).toEqual({ state: 'partial', reason: 'no-seal' });
  });

  it.each(['too-few', 'low-presence', 'no-seal', 'no-quorum', 'implausible', 'mismatch'])(
    'is withheld with the reason %s',
    (reason) => {
      expect(cellState(rowWithout(reason), 'export')).toEqual({ state: 'withheld', reason });
      expect(cellState(rowWithout(reason), 'net').state).toBe('value');
    },
  );

  it.each(['unmetered-production', 'not-granted'])('is withheld where it is %s', (reason) => {
    expect(cellState(rowWithout(reason), 'export')).toEqual({ state: 'withheld', reason });
  });

  it.each(['late', 'missing', 'not-connected'])('is dotted where the figure is %s', (reason) => {
    expect(cellState(rowWithout(reason), 'export')).toEqual({ state: 'late', reason });
  });

  it('takes the row’s reason where the metric has none', () => {
    const nothing = { net: null, consumption: null, production: null, import: null, export: null };
    const of = (row: Partial<CellFigures>) =>
      cellState({ ...ROW, energyWh: nothing, coverage: 0, ...row }, 'net');
    expect(of({ status: 'withheld', reason: 'too-few' })).toEqual({
      state: 'withheld',
      reason: 'too-few',
    });
    expect(of({ status: 'late' })).toEqual({ state: 'late', reason: 'late' });
    expect(of({ status: 'not-connected' })).toEqual({ state: 'late', reason: 'not-connected' });
    expect(of({ status: 'published' })).toEqual({ state: 'late', reason: 'missing' });
  });

  it('is a value though some meters are silent, as some always are', () => {
    expect(cellState({ ...ROW, coverage: 0.9, reason: 'no-seal' }, 'net').state).toBe('value');
    expect(statusOfCoverage(0.9)).toBe('published');
    expect(statusOfCoverage(0.899)).toBe('partial');
  });

  it('shows coverage itself as a value, and as a blank where nothing is published', () => {
    expect(cellState(ROW, 'coverage').state).toBe('value');
    expect(cellState({ ...ROW, status: 'partial', coverage: 0.5 }, 'coverage').state).toBe(
      'partial',
    );
    const withheld: CellFigures = { ...ROW, status: 'withheld', reason: 'too-few', coverage: 0 };
    expect(cellState(withheld, 'coverage')).toEqual({ state: 'withheld', reason: 'too-few' });
    const late: CellFigures = { ...ROW, status: 'late', reason: null, coverage: 0 };
    expect(cellState(late, 'coverage')).toEqual({ state: 'late', reason: 'late' });
  });

  it('never takes a figure that is no number for one', () => {
    const row = { ...ROW, energyWh: { net: Number.NaN } };
    expect(cellState(row, 'net').state).toBe('late');
    expect(cellState(row, 'export').state).toBe('late');
  });
});

describe('the words of the legend', () => {
  it('name each state once and explain it in whole sentences', () => {
    expect([...CELL_STATE_NAMES].sort()).toEqual(Object.keys(CELL_STATES).sort());
    for (const { label, explanation } of Object.values(CELL_STATES)) {
      expect(label).not.toBe('');
      expect(explanation).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('give each reason a sentence of its own', () => {
    const texts = Object.keys(REASON_TEXTS).map(reasonText);
    expect(new Set(texts).size).toBe(11);
    for (const text of texts) expect(text).toMatch(/^[A-Z].*\.$/);
  });

  it('have a sentence for a reason that they do not know, and for none', () => {
    expect(reasonText('toString')).toBe('Not published: toString.');
    expect(reasonText(null)).toBe('No reason was given.');
  });

  it('say what a figure of few homes would tell where net is published', () => {
    const texts = (['export', 'import', 'production', 'consumption'] as const).map((metric) =>
      absentText(ROW, metric, 'too-few'),
    );
    expect(new Set(texts).size).toBe(4);
    for (const text of texts) expect(text).toMatch(/^Too few homes here (feed in|produce): .*\.$/);
    expect(absentText(ROW, 'export', 'not-connected')).toBe('No meter here counts what is fed in.');
    const nothing = { energyWh: { net: null } };
    expect(absentText(nothing, 'export', 'too-few')).toBe(reasonText('too-few'));
    expect(absentText(ROW, 'export', 'no-seal')).toBe(reasonText('no-seal'));
  });
});
