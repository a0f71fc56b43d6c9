import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMapApp } from './map-app.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'streetwatt-web-'));
  await mkdir(join(folder, 'web', 'assets', 'sub.js'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(folder, 'web', 'index.html'), '<!doctype html><title>map</title>');
  await writeFile(join(folder, 'web', 'favicon.svg'), '<svg/>');
  await writeFile(join(folder, 'web', 'assets', 'index-a1b2.js'), 'export {};');
  await writeFile(join(folder, 'web', 'assets', '.env.js'), 'secret');
  await writeFile(join(folder, 'web', 'assets', 'index.map'), 'secret');
});

afterAll(async () => await rm(folder, { recursive: true }));

function setUp() {
  return createMapApp({ webDirectory: join(folder, 'web') });
}

describe('the page', () => {
  it('is one document, at its address and at every address of the map, always asked for', async () => {
    const { get } = setUp();
    for (const path of ['/', '/map', '/map/eu.es.13', '/map/eu/es?metric=net', '/map/..%2f..']) {
      const response = await get(path);
      expect(await response.text(), path).toContain('<title>map</title>');
      expect(response.headers.get('Cache-Control')).toBe('no-cache');
      expect(response.headers.get('Content-Type')).toBe('text/html; charset=utf-8');
    }
  });

  it('has files that never change, and needs no token', async () => {
    const { get } = setUp();
    const script = await get('/assets/index-a1b2.js');
    expect(script.headers.get('Cache-Control')).toContain('immutable');
    expect(script.headers.get('Content-Type')).toBe('text/javascript; charset=utf-8');
    expect((await get('/favicon.svg')).headers.get('Content-Type')).toBe('image/svg+xml');
  });

  it('gives nothing outside its folder, nothing hidden and nothing of another kind', async () => {
    const { get } = setUp();
    for (const path of [
      '/assets/../secret.txt',
      '/assets/..%2f..%2fsecret.txt',
      '/assets/%2e%2e%2f%2e%2e%2fsecret.txt',
      '/assets/..%5c..%5csecret.txt',
      '/assets/....//secret.txt',
      '/assets/%00index-a1b2.js',
      '/assets/index-a1b2.js%00.svg',
      '/assets/.env.js',
      '/assets/index.map',
      '/assets/sub.js',
      '/assets/',
      '/..%2fsecret.txt',
      '/secret.txt',
      '/index.html/../../secret.txt',
      '/assets/missing.js',
    ]) {
      const response = await get(path);
      expect(response.status, path).toBe(404);
      expect(await response.text()).not.toContain('secret');
    }
  });

  it('says how to build it where it is not built', async () => {
    const { get } = createMapApp({ webDirectory: join(folder, 'nowhere') });
    const response = await get('/map/eu');
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('npm run build');
  });
});
