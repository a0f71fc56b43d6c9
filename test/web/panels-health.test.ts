import { describe, expect, it } from 'vitest';
import type { HealthDocument } from '../../src/server/wire.ts';
import { curlLine, exportLinks, fileStem } from '../../web/src/panels/export-links.ts';
import { countsOverDay, healthStrip, trusteeTallies } from '../../web/src/panels/health-summary.ts';

type IntervalItem = HealthDocument['intervals'][number];

describe('the strip of the last day', () => {
  it('tells on time, withheld, disputed, late, missing and waiting apart', () => {
    const health = report('2026-11-21T02:01:00Z', [
      interval('2026-11-21T00:00Z', { publishedAfterSeconds: 70 }),
      interval('2026-11-21T00:15Z', { publishedAfterSeconds: 70, cellsWithheld: { 'too-few': 2 } }),
      interval('2026-11-21T00:30Z', { publishedAfterSeconds: 70, disagreementCount: 1 }),
      interval('2026-11-21T00:45Z', { publishedAfterSeconds: 300 }),
      interval('2026-11-21T01:00Z', { publishedAfterSeconds: null }),
      interval('2026-11-21T01:45Z', { publishedAfterSeconds: null }),
    ]);
    expect(healthStrip(health, 90, 900).map((item) => item.state)).toEqual([
      'on-time',
      'withheld',
      'disputed',
      'late',
      'missing',
      'waiting',
    ]);
  });

  it('takes the promised second for on time and the next one for late', () => {
    const states = [90, 91].map((seconds) => {
      const health = report('2026-11-21T02:00Z', [
        interval('2026-11-21T00:00Z', { publishedAfterSeconds: seconds }),
      ]);
      return healthStrip(health, 90, 900)[0]?.state;
    });
    expect(states).toEqual(['on-time', 'late']);
  });
});

describe('the counts of a day', () => {
  const health = report('2026-11-21T02:00Z', [
    interval('2026-11-21T00:00Z', {
      framesRejected: { 'bad-tag': 2, duplicate: 1 },
      trustees: ['answered', 'silent'],
    }),
    interval('2026-11-21T00:15Z', {
      framesRejected: { duplicate: 4, 'unknown-slot': 0 },
      trustees: ['answered', 'answered'],
    }),
  ]);

  it('add up by reason, most frequent first, without zeros', () => {
    expect(countsOverDay(health, 'framesRejected')).toEqual([
      ['duplicate', 5],
      ['bad-tag', 2],
    ]);
  });

  it('tell for each trustee how often it answered and why not', () => {
    expect(trusteeTallies(health)).toEqual([
      { name: 'consumers', answeredCount: 2, otherwise: [] },
      { name: 'university', answeredCount: 1, otherwise: [['silent', 1]] },
    ]);
  });
});

describe('export links', () => {
  const range = {
    fromSeconds: Date.parse('2026-11-21T06:15Z') / 1000,
    untilSeconds: Date.parse('2026-11-21T06:30Z') / 1000,
  };

  it('ask for the shown interval in each format', () => {
    const links = exportLinks('eu/es/13', range);
    expect(links.map((link) => link.format)).toEqual(['csv', 'geojson', 'parquet']);
    const url = new URL(links[0]?.href ?? '', 'http://map.test');
    expect(url.pathname).toBe('/api/v1/areas/eu.es.13/export');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      format: 'csv',
      from: '2026-11-21T06:15Z',
      until: '2026-11-21T06:30Z',
    });
  });

  it('name files that every system takes', () => {
    expect(fileStem('eu/es/13', range)).toBe('streetwatt-eu.es.13-20261121T0615Z-20261121T0630Z');
    expect(fileStem('a:b/"c"', range)).not.toMatch(/[:"/]/);
  });

  it('write a shell line that an odd id cannot break out of', () => {
    expect(curlLine('https://map.test', "/x?a='b'")).toBe(
      "curl -H 'Authorization: Bearer TOKEN' 'https://map.test/x?a=%27b%27'",
    );
  });
});

function interval(start: string, rest: Partial<IntervalItem>): IntervalItem {
  return {
    start,
    publishedAfterSeconds: 60,
    cellsPublished: 10,
    cellsWithheld: {},
    framesAccepted: 100,
    framesRejected: {},
    trustees: [],
    disagreementCount: 0,
    auditFindings: [],
    ...rest,
  };
}

function report(now: string, intervals: readonly IntervalItem[]): HealthDocument {
  return {
    area: 'eu/es/13',
    now,
    newest: null,
    nextExpectedAt: null,
    intervals,
    withheld: [],
    late: [],
    trusteeNames: ['consumers', 'university'],
    sources: [],
  };
}
