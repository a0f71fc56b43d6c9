// The demo's map over HTTP, as a browser and a city's program use it.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  AreaDocument,
  EvidenceDocument,
  FrameDocument,
  HealthDocument,
  MapDocument,
  SeriesDocument,
  WordDocument,
} from '../../src/server/wire.ts';

const SCRIPT = fileURLToPath(new URL('../../bin/streetwatt.js', import.meta.url));

function startDemo(...args: readonly string[]): { process: ChildProcess; text: () => string } {
  const child = spawn(process.execPath, [SCRIPT, 'demo', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      text += chunk;
    });
  return { process: child, text: () => text };
}

async function until<T>(find: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (const endMs = performance.now() + 60_000; performance.now() < endMs; ) {
    const found = await find();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it did not come');
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  return child.exitCode;
}

describe('the demo’s map', () => {
  let demo: ReturnType<typeof startDemo>;
  let base = '';
  beforeAll(async () => {
    demo = startDemo('--meters', '1500', '--port', '0');
    base = await until(() => /^Map: (http:\S+)\//mu.exec(demo.text())?.[1]);
    await until(() => (demo.text().includes('pace ') ? true : undefined));
  });
  afterAll(async () => {
    demo.process.kill('SIGKILL');
    await ended(demo.process);
  });

  const get = (path: string, token?: string): Promise<Response> =>
    fetch(`${base}${path}`, {
      ...(token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } }),
    });
  const read = async <T>(path: string): Promise<T> => {
    const response = await get(path);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const areaPath = (id: string) => `/api/v1/areas/${id.replaceAll('/', '.')}`;

  it('says what is simulated, and whose geography it is', async () => {
    const map = await read<MapDocument>('/api/v1/map');
    expect(map.simulationNote).toContain('simulated as sums; nothing was masked then');
    expect(map.attributions.some(({ licence }) => licence === 'CC-BY-4.0')).toBe(true);
    expect(map).toMatchObject({ start: 'eu', hasEvidence: true, minMeters: 20 });
    expect(Date.parse(map.latest!) - Date.parse(map.first!)).toBeGreaterThan(7.9 * 86_400_000);
  });

  it('goes from the continent to a street, each level with its shapes', async () => {
    let id = 'eu';
    for (const next of ['eu/es', 'eu/es/13', 'eu/es/13/28', 'eu/es/13/28/28006']) {
      const frame = await read<FrameDocument>(`${areaPath(id)}/frame`);
      expect(frame.self.energyWh.net).not.toBeNull();
      expect(frame.rows.some((row) => row.members.includes(next))).toBe(true);
      expect((await read<AreaDocument>(areaPath(id))).geometryUrl).not.toBeNull();
      id = next;
    }
    const city = await read<AreaDocument>(areaPath(id));
    expect([city.name, city.origin, city.level]).toEqual(['Alcobendas', 'network', 'municipality']);
    const suburb = city.children[0]!;
    expect(suburb.name).toMatch(/^Suburb 1, /u);
    const streets = await read<FrameDocument>(`${areaPath(suburb.id)}/frame`);
    expect(streets.rows.some((row) => row.energyWh.net !== null && row.origin === 'network')).toBe(
      true,
    );
    const geometry = await get(city.geometryUrl!);
    expect(geometry.headers.get('cache-control')).toContain('immutable');
  });

  it('has yesterday and last week of a street, simulated, and today masked', async () => {
    const { latest } = await read<MapDocument>('/api/v1/map');
    const suburb = 'eu/es/13/28/28006/s2';
    const { rows } = await read<FrameDocument>(`${areaPath(suburb)}/frame`);
    const street = rows.find((row) => row.layers.includes('net') && row.energyWh.net !== null)!;
    const day = (before: number) => new Date(Date.parse(latest!) - before * 86_400_000);
    const series = await until(async () => {
      const [from, to] = [day(8).toISOString(), day(-1 / 96).toISOString()];
      const path = `${areaPath(suburb)}/series?from=${from}&until=${to}&row=${encodeURIComponent(street.id)}`;
      const found = await read<SeriesDocument>(path);
      return found.energyWh.net.filter((value) => value !== null).length > 7.5 * 96
        ? found
        : undefined;
    });
    expect(series.origin[0]).toBe('simulated');
    expect(series.origin.includes('network')).toBe(true);
  });

  it('holds the bytes that make a street’s number', async () => {
    const suburb = 'eu/es/13/28/28006/s2';
    const { rows, start } = await read<FrameDocument>(`${areaPath(suburb)}/frame`);
    const row = rows.find((one) => one.kind === 'area' && one.energyWh.net !== null)!;
    const evidence = await read<EvidenceDocument>(`${areaPath(row.id)}/evidence?t=${start}`);
    const word = (words: readonly WordDocument[]) =>
      BigInt(`0x${words.find(({ channel }) => channel === 'net')!.hex}`);
    const { maskedTotals, maskSums } = evidence.monitor;
    expect(BigInt.asIntN(64, word(maskedTotals) - word(maskSums))).toBe(BigInt(row.energyWh.net!));
    expect(evidence.bus!.frameCount).toBeGreaterThan(0);
    expect(evidence.household!.frame).toMatch(/^01/u);
  });

  it('tells how each interval went', async () => {
    const health = await read<HealthDocument>(`${areaPath('eu/es/13/28/28006')}/health`);
    const newest = health.intervals.at(-1)!;
    expect(newest.trustees).toEqual(['answered', 'answered', 'answered']);
    expect(newest.framesAccepted).toBeGreaterThan(1000);
    expect(newest.auditFindings).toEqual([]);
  });

  it('shows a city its own streets with its token, and nothing beside them', async () => {
    const token = /city-alcobendas +(\S+)/u.exec(demo.text())![1]!;
    const own = await get(`${areaPath('eu/es/13/28/28006/s1')}/frame`, token);
    expect(own.status).toBe(200);
    const map = (await (await get('/api/v1/map', token)).json()) as MapDocument;
    expect(map.start).toBe('eu/es/13/28/28006');
    for (const other of ['eu', 'eu/es/13/28', 'eu/es/13/28/28079'])
      expect((await get(`${areaPath(other)}/frame`, token)).ok).toBe(false);
    expect((await get('/api/v1/map', `${token}x`)).status).toBe(401);
  });

  it('ends at once while somebody watches', async () => {
    const stream = await get(`${areaPath('eu/es')}/events`);
    const reader = stream.body!.getReader();
    await reader.read();
    const startMs = performance.now();
    demo.process.kill('SIGINT');
    expect(await ended(demo.process)).toBe(130);
    expect(performance.now() - startMs).toBeLessThan(4000);
    await reader.cancel().catch(() => {});
    expect(demo.text()).not.toContain('map:');
  });
});

describe('the demo’s port', () => {
  let taken: Server;
  let port = 0;
  beforeAll(async () => {
    taken = createServer();
    await new Promise<void>((resolve) => {
      taken.listen(0, '127.0.0.1', resolve);
    });
    const address = taken.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });
  afterAll(() => new Promise((resolve) => taken.close(resolve)));

  it('is the one that was asked for, or an error', async () => {
    const demo = startDemo('--meters', '60', '--intervals', '1', '--port', String(port));
    expect(await ended(demo.process)).toBe(2);
    expect(demo.text()).toContain(`streetwatt: --port: expected a free one, found ${port} in use.`);
  });

  it('is open without a token on this machine alone', async () => {
    const demo = startDemo('--meters', '60', '--port', '0', '--host', '0.0.0.0');
    const [, bound] = await until(
      () => /^Map: http:\/\/0\.0\.0\.0:(\d+)\//mu.exec(demo.text()) ?? undefined,
    );
    expect((await fetch(`http://127.0.0.1:${bound}/api/v1/map`)).status).toBe(401);
    const token = /operator +(\S+)/u.exec(demo.text())![1];
    const headers = { Authorization: `Bearer ${token}` };
    expect((await fetch(`http://127.0.0.1:${bound}/api/v1/map`, { headers })).status).toBe(200);
    demo.process.kill('SIGINT');
    await ended(demo.process);
  });
});
