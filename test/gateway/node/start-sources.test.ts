import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { concatBytes, toHex, utf8 } from '../../../src/core/bytes.ts';
import { decoderOf } from '../../../src/gateway/decode/registry.ts';
import { startSources } from '../../../src/gateway/node/start-sources.ts';
import { sourceSchema } from '../../../src/gateway/source-config.ts';
import { createHexLines } from '../../../src/gateway/sources/hex-lines.ts';
import type { Measurement } from '../../../src/gateway/sources/source.ts';
import { groupWrite, routed } from '../decode/knx/build.ts';
import { bare, formatA, hex, LINK_ADDRESS, RECORDS, SHORT_HEADER } from '../decode/mbus-frames.ts';
import { readout } from '../decode/samples.ts';
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

describe('a source’s log', () => {
  it('says what is wrong once, and when it is over, and no value', async () => {
    const path = join(folder, 'later.log');
    const lines: string[] = [];
    const config = { kind: 'file', name: 'grid', path, pollMs: 10, protocol: 'iec62056-21' };
    const [started] = await startSources({
      sources: [sourceSchema.parse({ ...config, takes: { import: 'importWh' } })],
      ...{ nowMs: Date.now, onMeasured: () => undefined, firstPauseMs: 10 },
      say: (line) => void lines.push(line),
    });
    await using running = started!;
    await until(() => lines.length > 0);
    await new Promise((done) => setTimeout(done, 100));
    await writeFile(path, '');
    await until(() => running.health.state === 'reading');
    const damaged = readout();
    damaged[40]! ^= 1;
    for (let count = 0; count < 3; count++) await appendFile(path, damaged);
    await appendFile(path, readout());
    await until(() => running.health.measuredCount > 0);
    expect(lines).toEqual([
      `grid: cannot read ${path}: ENOENT`,
      'grid: refused: bad-checksum',
      'grid: is read again',
    ]);
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

  it('throws on no bytes at all, and keeps no more than a line', () => {
    const wmbus = decoderOf('wmbus')!;
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (parts) => {
        const lines = createHexLines(wmbus, { checksums: 'require' });
        for (const part of parts) for (const { kind } of lines(part)) expect(kind).toBeDefined();
      }),
    );
    const lines = createHexLines(wmbus, {});
    const endless = utf8('0'.repeat(64 * 1024));
    for (let count = 0; count < 100; count++) expect(lines(endless)).toEqual([]);
    expect(lines(utf8('\n'))).toHaveLength(1);
    // Nor is the end of such a line taken for a telegram, though the line after it is.
    const telegram = toHex(formatA(bare(hex(SHORT_HEADER + RECORDS), LINK_ADDRESS)));
    for (let count = 0; count < 3; count++) lines(endless);
    expect(lines(utf8(` ${telegram}\n`)).map(({ kind }) => kind)).toEqual(['damage']);
    expect(lines(utf8(`${telegram}\n`)).map(({ kind }) => kind)).toEqual(['telegram']);
  });
});
