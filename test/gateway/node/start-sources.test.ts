import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { concatBytes, toHex, utf8 } from '../../../src/core/bytes.ts';
import { startSources } from '../../../src/gateway/node/start-sources.ts';
import { sourceSchema } from '../../../src/gateway/source-config.ts';
import type { Measurement } from '../../../src/gateway/sources/source.ts';
import { groupWrite, routed } from '../decode/knx/build.ts';
import { bare, formatA, hex, LINK_ADDRESS, RECORDS, SHORT_HEADER } from '../decode/mbus-frames.ts';
import { until } from '../sources/collect.ts';

const folder = await mkdtemp(join(tmpdir(), 'streetwatt-sources-'));
afterAll(() => rm(folder, { recursive: true }));

/** A source of the configuration, read from a file that `bytes` are appended to. */
async function measure(source: object, bytes: Uint8Array, count: number) {
  const path = join(folder, `${Math.random()}.log`);
  await writeFile(path, '');
  const measured: Measurement[] = [];
  const config = { kind: 'file', name: 'bus', path, pollMs: 10, ...source };
  const [started] = await startSources({
    sources: [sourceSchema.parse(config)],
    nowMs: Date.now,
    onMeasured: (_, measurement) => void measured.push(measurement),
  });
  await using running = started!;
  const { health } = running;
  await until(() => health.state === 'reading');
  await appendFile(path, bytes);
  const refusals = () => [...health.refused.values()].reduce((sum, one) => sum + one.count, 0);
  await until(() => measured.length + refusals() >= count);
  return { measured, refused: Object.fromEntries(health.refused) };
}

const amountsOf = ({ measured }: { measured: readonly Measurement[] }) =>
  measured.map(({ amounts }) => Object.fromEntries(amounts));

describe('a source of KNX telegrams', () => {
  const light = routed(groupWrite('0/0/1', '01'));
  const points = {
    '1/2/3': { type: '13.013', direction: 'import' },
    '1/2/4': { type: '13.010' },
    '1/2/5': { type: '14.056', direction: 'import' },
  };

  it('knows what the installation’s project says, and keeps quiet about the lights', async () => {
    const sent = concatBytes(
      light,
      routed(groupWrite('1/2/3', '000004d2')),
      routed(groupWrite('1/2/4', '00000400')),
      routed(groupWrite('1/2/5', '43480000')),
      light,
    );
    const takes = { import: 'importWh', production: '1/2/4' };
    const bus = await measure({ protocol: 'knx', takes, points }, sent, 1);
    expect(amountsOf(bus)).toEqual([{ import: 1_234_000_000, production: 1_024_000 }]);
    expect(bus.measured[0]?.powersW.get('import')).toBe(200);
    expect(bus.refused).toEqual({});
  });

  it('has nothing to take without it', async () => {
    const wrong = concatBytes(routed(groupWrite('1/2/3', '0102')), light);
    const takes = { import: 'importWh' };
    expect(await measure({ protocol: 'knx', takes, points }, wrong, 1)).toMatchObject({
      measured: [],
      refused: { 'bad-structure': { detail: 'expected 4 bytes of DPT 13.013, found 2' } },
    });
  });
});

describe('a source of IEC 61850 reports', () => {
  it('has counters in watt-hours where the configuration says what a count is', async () => {
    const lines = utf8('LD0/MMTR1.DmdWh.actVal=123\nLD0/MMTR1.SupWh.actVal=7\n\n');
    const takes = { import: 'importWh', export: 'exportWh' };
    const known = { protocol: 'iec61850', takes, pulsQty: '2.5' };
    expect(amountsOf(await measure(known, lines, 1))).toEqual([
      { import: 307_500, export: 17_500 },
    ]);
    const { measured, refused } = await measure({ protocol: 'iec61850', takes }, lines, 1);
    expect(measured).toEqual([]);
    expect(refused['no-register']?.detail).toBe('counters without pulsQty are counts, not Wh');
  });
});

describe('a source of hexadecimal lines', () => {
  it('is read line by line, with or without a logger’s time, and what else the program says', async () => {
    const frame = formatA(bare(hex(SHORT_HEADER + RECORDS), LINK_ADDRESS));
    const damaged = frame.slice();
    damaged[12]! ^= 1;
    const text = [
      'rtl_wmbus: started',
      `2026-11-21 10:00:00 T1: ${toHex(frame)}`,
      toHex(damaged),
      '',
    ].join('\n');
    const source = { protocol: 'wmbus', form: 'hex-lines', takes: { import: 'importWh' } };
    const { measured, refused } = await measure(source, utf8(text), 2);
    expect(measured).toHaveLength(1);
    expect(Object.keys(refused)).toEqual(['bad-checksum']);
  });
});
