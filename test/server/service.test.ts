import { describe, expect, it } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import type { IntervalIndex } from '../../src/core/interval.ts';
import { healthzSchema } from '../../src/server/schemas/healthz-schema.ts';
import {
  CITY_TOKEN,
  createMapApp,
  EVERYTHING,
  type MapApp,
  METRICS_TOKEN,
  NOW_MS,
  problemCode,
} from './map-app.ts';

const LOOPBACK = { incoming: { socket: { remoteAddress: '127.0.0.1' } } };

async function metrics({ get }: MapApp): Promise<string> {
  const response = await get('/metrics', METRICS_TOKEN);
  expect(response.status).toBe(200);
  return await response.text();
}

describe('/healthz', () => {
  it('is well while the newest interval is as new as it should be', async () => {
    const { get, source } = createMapApp();
    const fine = await get('/healthz');
    expect(fine.status).toBe(200);
    expect(healthzSchema.parse(await fine.json())).toEqual({
      isHealthy: true,
      ageSeconds: 300,
      maxAgeSeconds: 990,
    });
    expect(source.latestInterval()).toBeDefined();
  });

  it('is not when the next one is overdue', async () => {
    let lateMs = 0;
    const { get } = createMapApp({
      change: (source) => ({ ...source, nowMs: () => source.nowMs() + lateMs }),
    });
    lateMs = 690_000;
    expect((await get('/healthz')).status).toBe(200);
    lateMs = 691_000;
    const late = await get('/healthz');
    expect(late.status).toBe(503);
    expect(await late.json()).toMatchObject({ isHealthy: false, ageSeconds: 991 });
  });
});

describe('/metrics', () => {
  it('is for this machine and for tokens that may read it', async () => {
    const server = createMapApp();
    expect(await problemCode(await server.get('/metrics'))).toBe('unauthorized');
    expect(await problemCode(await server.get('/metrics', CITY_TOKEN))).toBe('not-granted');
    expect((await server.get('/metrics', METRICS_TOKEN)).status).toBe(200);
    expect((await server.app.request('/metrics', {}, LOOPBACK)).status).toBe(200);
    const remote = { incoming: { socket: { remoteAddress: '10.0.0.1' } } };
    expect((await server.app.request('/metrics', {}, remote)).status).toBe(401);
    const headers = { 'X-Forwarded-For': '10.0.0.1' };
    expect((await server.app.request('/metrics', { headers }, LOOPBACK)).status).toBe(401);
    const open = createMapApp({ anonymous: EVERYTHING });
    expect(await problemCode(await open.get('/metrics'))).toBe('not-granted');
  });

  it('has the age of the newest interval, the service level', async () => {
    const server = createMapApp();
    expect(await metrics(server)).toContain('streetwatt_interval_age_seconds 300');
  });

  it('counts rows by level and status, and absences by reason, once an interval', async () => {
    const server = createMapApp({ anonymous: EVERYTHING });
    const path = '/api/v1/areas/eu.es.13.28.28006.s1/frame';
    await server.get(path);
    await server.get(path);
    const text = await metrics(server);
    expect(text).toContain('streetwatt_rows{level="street",status="published"} 4');
    expect(text).toContain('streetwatt_rows{level="street",status="withheld"} 1');
    expect(text).toContain('streetwatt_absent_total{level="street",reason="too-few"} 1');
    server.source.advanceTo(NOW_MS + 900_000);
    expect(await metrics(server)).not.toContain('streetwatt_rows{');
    await server.get(path);
    expect(await metrics(server)).toContain(
      'streetwatt_absent_total{level="street",reason="too-few"} 2',
    );
  });

  it("counts the meters' frames of each interval once", async () => {
    const server = createMapApp();
    await metrics(server);
    const text = await metrics(server);
    expect(text).toContain('streetwatt_frames_accepted_total 8000');
    expect(text).toContain('streetwatt_frames_rejected_total{reason="bad-tag"} 4');
    server.source.advanceTo(NOW_MS + 900_000);
    expect(await metrics(server)).toContain('streetwatt_frames_accepted_total 12000');
  });

  it('measures requests by route template and status', async () => {
    const server = createMapApp({ anonymous: EVERYTHING });
    await server.get('/api/v1/areas/eu.es/frame');
    await server.get('/api/v1/areas/eu.fr/frame?t=x');
    await server.get('/nothing-of-that-name');
    const text = await metrics(server);
    const count = 'streetwatt_http_request_duration_seconds_count';
    expect(text).toContain(`${count}{method="GET",route="/api/v1/areas/:id/frame",status="200"} 1`);
    expect(text).toContain(`${count}{method="GET",route="/api/v1/areas/:id/frame",status="400"} 1`);
    expect(text).toContain(`${count}{method="GET",route="none",status="404"} 1`);
    expect(text).toContain('streetwatt_problems_total{code="bad-time"} 1');
  });

  it('has no area, no token and no meter in any label', async () => {
    const server = createMapApp({ anonymous: EVERYTHING });
    for (const id of server.source.allAreas)
      await server.get(`/api/v1/areas/${id.replaceAll('/', '.')}/frame`);
    server.source.revise(areaId('eu/es'), server.source.latestInterval() as IntervalIndex);
    const text = await metrics(server);
    expect(text).not.toMatch(/eu[./]es|28006|s1-0|the-token/);
    const labels = new Set([...text.matchAll(/[{,](\w+)="/g)].map((match) => match[1]));
    expect([...labels].sort()).toEqual(['le', 'level', 'method', 'reason', 'route', 'status']);
  });
});
