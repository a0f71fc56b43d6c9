import { describe, expect, it } from 'vitest';
import {
  type AreaId,
  areaDepth,
  areaId,
  areaSubject,
  isWithin,
  lastToken,
  parentArea,
  parseAreaId,
} from '../../src/core/area.ts';

describe('an area id', () => {
  it.each([
    'es',
    'es/md/28079/centro/s0042',
    'A-_9',
    'a'.repeat(64),
    new Array(16).fill('x').join('/'),
  ])('%j is one', (text) => {
    expect(parseAreaId(text)).toBe(text);
  });

  it.each([
    '',
    '/',
    'es/',
    '/es',
    'es//md',
    'es.md',
    'es/*',
    'es/>',
    'es/md ',
    'es/\u0000',
    'es/m\u00e9',
    'es/..',
    'a'.repeat(65),
    new Array(17).fill('x').join('/'),
    'x'.repeat(100_000),
  ])('%j is none', (text) => {
    expect(parseAreaId(text)).toBeUndefined();
    expect(() => areaId(text)).toThrow(RangeError);
  });

  it('knows its parent, last token, depth and subject', () => {
    const street = areaId('es/md/s1');
    expect(parentArea(street)).toBe('es/md');
    expect(parentArea(areaId('es'))).toBeUndefined();
    expect(lastToken(street)).toBe('s1');
    expect(lastToken(areaId('es'))).toBe('es');
    expect([areaDepth(street), areaDepth(areaId('es'))]).toEqual([3, 1]);
    expect(areaSubject(street)).toBe('es.md.s1');
  });

  it.each([
    ['es/md/s1', 'es/md', true],
    ['es/md', 'es/md', true],
    ['es/mdx', 'es/md', false],
    ['es', 'es/md', false],
    ['pt/md', 'es', false],
  ])('%s within %s: %s', (area, ancestor, isInside) => {
    expect(isWithin(area as AreaId, ancestor as AreaId)).toBe(isInside);
  });
});
