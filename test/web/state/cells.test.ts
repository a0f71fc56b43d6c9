import { describe, expect, it } from 'vitest';
import { classesFor } from '../../../src/map/classes.ts';
import type { AreaDocument, FrameDocument, RowDocument } from '../../../src/server/wire.ts';
import { cellsOf, countClasses, countStates } from '../../../web/src/state/cells.ts';
import { sortCells } from '../../../web/src/table/sort-cells.ts';

const item = (id: string, meterCount = 100) => ({
  id,
  name: id,
  level: 'street',
  meterCount,
  areaKm2: 2,
  center: null,
  bbox: null,
  isOpen: false,
  origin: 'network' as const,
});

const area: AreaDocument = {
  ...item('a'),
  isOpen: true,
  ancestors: [],
  childLevel: 'street',
  children: [item('a/1'), item('a/2'), item('a/3'), item('a/4'), item('a/5', 0)],
  geometryUrl: null,
};

function row(id: string, overrides: Partial<RowDocument>): RowDocument {
  return {
    id,
    name: id,
    kind: 'area',
    members: [id],
    layers: ['net', 'consumption', 'coverage'],
    meterCount: 100,
    energyWh: { net: 5000, consumption: 5000, production: null, import: null, export: null },
    absent: { production: 'too-few', import: 'too-few', export: 'too-few' },
    coverage: 1,
    status: 'published',
    reason: null,
    isChecked: true,
    origin: 'network',
    ...overrides,
  };
}

const rows = [
  row('a/1', {}),
  row('a/2', { layers: ['net'] }),
  row('a/{2+3}', {
    kind: 'cell',
    members: ['a/2', 'a/3'],
    layers: ['consumption'],
    meterCount: 200,
    energyWh: { net: null, consumption: 0, production: null, import: null, export: null },
  }),
];
const frame = { area: 'a', rows, self: row('a', {}) } as unknown as FrameDocument;
const classes = classesFor({
  metric: 'consumption',
  scale: 'meter',
  level: 'street',
  children: area.children,
});
const query = {
  area,
  frame,
  metric: 'consumption',
  scale: 'meter',
  classes,
  intervalSeconds: 900,
} as const;

describe('the cells of a level', () => {
  it('have every child exactly once, merged where the metric merges them', () => {
    const cells = cellsOf(query);
    expect(cells.map(({ id }) => id)).toEqual(['a/1', 'a/{2+3}', 'a/4', 'a/5']);
    expect(cells.flatMap(({ members }) => members).toSorted()).toEqual(
      area.children.map(({ id }) => id),
    );
  });

  it('show another partition for another metric', () => {
    const cells = cellsOf({ ...query, metric: 'net' });
    expect(cells.map(({ id }) => id)).toEqual(['a/1', 'a/2', 'a/3', 'a/4', 'a/5']);
  });

  it('tell a true zero from what is missing and from what is not connected', () => {
    const states = new Map(cellsOf(query).map(({ id, state }) => [id, state]));
    expect(Object.fromEntries(states)).toEqual({
      'a/1': 'value',
      'a/{2+3}': 'zero',
      'a/4': 'late',
      'a/5': 'unconnected',
    });
  });

  it('are pending while the frame is another level’s', () => {
    const other = { ...frame, area: 'b' } as FrameDocument;
    expect(countStates(cellsOf({ ...query, frame: other })).pending).toBe(5);
    expect(countStates(cellsOf({ ...query, frame: undefined })).pending).toBe(5);
  });

  it('add up the land of what is merged', () => {
    expect(cellsOf(query)[1]?.areaKm2).toBe(4);
  });

  it('count their classes without the blank ones', () => {
    const counts = countClasses(cellsOf(query), classes.thresholds.length + 1);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2);
  });

  it('are ranked with the blank ones last, whichever way', () => {
    const collator = new Intl.Collator('en');
    const order = (isDescending: boolean) =>
      sortCells(cellsOf(query), { key: 'value', isDescending }, 'consumption', collator).map(
        ({ id }) => id,
      );
    expect(order(true)).toEqual(['a/1', 'a/{2+3}', 'a/4', 'a/5']);
    expect(order(false)).toEqual(['a/{2+3}', 'a/1', 'a/4', 'a/5']);
  });
});
