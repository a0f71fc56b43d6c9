import { describe, expect, it } from 'vitest';
import { type LabelCandidate, placeLabels, type View } from '../../../web/src/map/place-labels.ts';

const VIEW: View = { k: 1, x: 0, y: 0, width: 400, height: 300, lineHeight: 13 };
const measure = (text: string): number => text.length * 6;

function candidate(id: string, overrides: Partial<LabelCandidate> = {}): LabelCandidate {
  return {
    id,
    text: id,
    x: 200,
    y: 150,
    roomWidth: 100,
    roomHeight: 60,
    areaPx: 1000,
    ...overrides,
  };
}

describe('names on the map', () => {
  it('go to the largest cell first where two would overlap', () => {
    const small = candidate('small', { areaPx: 10 });
    const large = candidate('large', { areaPx: 9000, x: 205 });
    expect(placeLabels([small, large], VIEW, measure).map(({ id }) => id)).toEqual(['large']);
  });

  it('are left out where they do not fit, and come when the map is closer', () => {
    const narrow = candidate('Villanueva', { roomWidth: 30 });
    expect(placeLabels([narrow], VIEW, measure)).toEqual([]);
    const closer = { ...VIEW, k: 2, x: -200, y: -150 };
    expect(placeLabels([narrow], closer, measure)).toHaveLength(1);
  });

  it('break into two lines at the middle space', () => {
    const [label] = placeLabels(
      [candidate('a', { text: 'Comunidad de Madrid', roomWidth: 80 })],
      VIEW,
      measure,
    );
    expect(label?.lines).toEqual(['Comunidad', 'de Madrid']);
  });

  it('never reach over the edge of the frame', () => {
    expect(placeLabels([candidate('at the edge', { x: 5 })], VIEW, measure)).toEqual([]);
  });

  it('are not put under what stands over the map', () => {
    const under = candidate('under');
    expect(placeLabels([under], VIEW, measure, [[100, 140, 300, 170]])).toEqual([]);
    expect(placeLabels([under], VIEW, measure, [[0, 0, 300, 40]])).toHaveLength(1);
  });
});
