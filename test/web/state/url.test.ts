import { describe, expect, it } from 'vitest';
import {
  DEFAULT_VIEW,
  formatViewAddress,
  parseViewAddress,
  type ViewAddress,
} from '../../../web/src/state/url.ts';

function parse(address: string): ViewAddress {
  const url = new URL(address, 'http://map.test');
  return parseViewAddress(url.pathname, url.search);
}

describe('the address of a view', () => {
  it('reads an area, a metric, a moment and a scale', () => {
    expect(parse('/map/eu/es/13?metric=net&t=2026-11-21T06:30Z&scale=abs')).toEqual({
      area: 'eu/es/13',
      metric: 'net',
      scale: 'abs',
      start: Date.UTC(2026, 10, 21, 6, 30) / 1000,
      panel: 'map',
    });
  });

  it('reads back what it writes', () => {
    const views: ViewAddress[] = [
      DEFAULT_VIEW,
      { area: 'eu/es/13/28', metric: 'net', scale: 'km2', start: 1795242600, panel: 'privacy' },
      { area: 'eu', metric: 'coverage', scale: 'abs', start: undefined, panel: 'health' },
    ];
    for (const view of views) expect(parse(formatViewAddress(view))).toEqual(view);
  });

  it('writes a time to the minute, unescaped', () => {
    expect(formatViewAddress({ ...DEFAULT_VIEW, area: 'eu/es', start: 1795242600 })).toBe(
      '/map/eu/es?metric=consumption&t=2026-11-21T06:30Z',
    );
  });

  it('starts where the viewer starts when no area is said', () => {
    expect(parse('/')).toEqual(DEFAULT_VIEW);
    expect(parse('/map')).toEqual(DEFAULT_VIEW);
    expect(parse('/map/')).toEqual(DEFAULT_VIEW);
  });

  it('takes what it does not know as not said', () => {
    const view = parse('/map/eu?metric=voltage&scale=__proto__&t=yesterday&panel=<script>');
    expect(view).toEqual({ ...DEFAULT_VIEW, area: 'eu' });
    expect(parse('/map/eu?t=2026-13-45T99:99Z').start).toBeUndefined();
  });

  it('survives an address that cannot be decoded', () => {
    expect(parse('/map/%E0%A4%A').area).toBe('%E0%A4%A');
  });
});
