import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planCells } from '../../src/core/plan.ts';
import type { PlanStreet } from '../../src/core/plan-types.ts';
import {
  formatPlanReport,
  type PlanReportOptions,
  writeCellsCsv,
} from '../../src/files/plan-report.ts';
import { policyOf, street, streetOfCaps } from '../reference/plan-networks.ts';

const POLICY = policyOf(20, 2);

function report(streets: readonly PlanStreet[], options?: PlanReportOptions): string {
  return formatPlanReport(streets, POLICY, planCells(streets, POLICY), options);
}

describe('the report of a plan', () => {
  const homes = Array.from({ length: 30 }, () => 1000);
  const streets = [
    street('es/a/1', 30, 10),
    street('es/a/2', 5),
    street('es/a/3', 40, 9),
    street('es/a/4', 18, 9),
    street('es/b/1', 26, 23),
    streetOfCaps('es/c/1', [...homes, 40_000]),
    streetOfCaps('es/c/2', [...homes, ...homes, ...homes]),
    street('pt/x/1', 1010, 10),
  ];

  it('says which streets stand alone, which were merged with whom, and why', () => {
    const text = report(streets);
    expect(text).toContain('Cells of 8 streets\n');
    expect(text).toContain('in any cell, 22 when it is planned');
    expect(text).toContain('es/a: 2 (5 of at least 22), 4 (18 of at least 22): 23 together\n');
    expect(text).toContain('es/c: 1 (31, one with 57.1 % of the caps), 2 (90): 121 together\n');
    expect(text).toContain('es/a: 1 (30), 3 (40)\n');
    expect(text).toContain('pt/x: 1 (1,010)\n');
    expect(text).toContain('production\n  Nobody declares it.\n');
  });

  it('says what is not published, and why', () => {
    expect(report(streets)).toContain(
      [
        '  Not published (1 street): too few, even together with all that they may be merged with:',
        '    pt/x/1 (10 of at least 22)',
      ].join('\n'),
    );
  });

  it('counts the streets of each channel', () => {
    const rows = report(streets)
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(rows).toContainEqual(['net', '8', '4', '4', '2', '0']);
    expect(rows).toContainEqual(['export', '5', '1', '3', '1', '1']);
  });

  it('cuts long lists and counts the rest', () => {
    const many = Array.from({ length: 60 }, (_, i) => street(`es/a${i % 6}/s${i}`, 30));
    const text = report(many, { maxListed: 2 });
    expect(text).toContain('    and 4 more: see cells.csv\n');
    expect(text.split('\n').length).toBeLessThan(30);
    const flat = report(Array.from({ length: 20 }, (_, i) => street(`es/a/s${i}`, 30)));
    expect(flat).toContain(' and 8 more\n');
  });

  it('reports an empty network', () => {
    expect(report([])).toContain('Cells of 0 streets');
  });
});

describe('cells.csv', () => {
  it('has every cell on a line', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'streetwatt-plan-'));
    try {
      const path = join(folder, 'cells.csv');
      const streets = [street('es/a/1', 30, 22), street('es/a/2', 5), street('es/a/3', 19)];
      await writeCellsCsv(path, planCells(streets, POLICY), POLICY);
      expect(await readFile(path, 'utf8')).toBe(
        [
          'channel,cell,home,members,streets,meters,cap_wh,reason',
          'net,es/a/1,es/a,es/a/1,1,30,30000,alone',
          'net,es/a/{2+3},es/a,es/a/2 es/a/3,2,24,24000,merged-too-few',
          'export,es/a/1,es/a,es/a/1,1,22,22000,alone',
          '',
        ].join('\n'),
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
