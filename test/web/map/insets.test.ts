import { describe, expect, it } from 'vitest';
import { farAway, type Placed } from '../../../web/src/map/insets.ts';

const MAINLAND: Placed[] = [
  { id: 'north', bbox: [-9, 40, 3, 43.8] },
  { id: 'south', bbox: [-7.5, 36, 0, 40.2] },
  { id: 'balearic', bbox: [1.2, 38.6, 4.3, 40.1] },
];
const CANARIES: Placed = { id: 'canaries', bbox: [-18.2, 27.6, -13.3, 29.4] };

describe('what is drawn apart', () => {
  it('is a small group of islands far over the sea', () => {
    expect([...farAway([...MAINLAND, CANARIES])]).toEqual(['canaries']);
  });

  it('is nothing near', () => {
    expect(farAway(MAINLAND).size).toBe(0);
  });

  it('is nothing where the rest would not be drawn much larger without it', () => {
    const iceland: Placed = { id: 'iceland', bbox: [-24, 63, -13, 66.5] };
    const europe: Placed[] = [
      { id: 'west', bbox: [-10, 36, 15, 58] },
      { id: 'east', bbox: [15, 36, 50, 71] },
    ];
    expect(farAway([...europe, iceland]).size).toBe(0);
  });

  it('is nothing where two groups are alike', () => {
    const twin: Placed = { id: 'twin', bbox: [-40, 36, -25, 44] };
    expect(farAway([...MAINLAND, twin]).size).toBe(0);
  });

  it('is nothing of one child or none', () => {
    expect(farAway([]).size).toBe(0);
    expect(farAway([CANARIES]).size).toBe(0);
  });
});
