// The page: its document at `/` and `/map/…`, and its files, whose names hold their hash. Names are
// matched, never resolved: nothing outside the folder can be named.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from 'hono';
import type { App } from './add-route.ts';
import { missingPage } from './missing-page.ts';
import { Problem } from './problem.ts';
import type { ServerDeps, ServerEnv } from './server-deps.ts';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json',
  svg: 'image/svg+xml',
  png: 'image/png',
  ico: 'image/x-icon',
  webmanifest: 'application/manifest+json',
  woff2: 'font/woff2',
  txt: 'text/plain; charset=utf-8',
};
const FILE_NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/;
const NO_CACHE = 'no-cache';
const IMMUTABLE = 'public, max-age=31536000, immutable';

export function addStaticRoutes(app: App, { webDirectory }: ServerDeps): void {
  const page = async (c: Context<ServerEnv>): Promise<Response> => {
    const html = await readIfThere(join(webDirectory, 'index.html'));
    return html === undefined
      ? c.html(missingPage(), 503, { 'Cache-Control': 'no-store' })
      : c.body(html, 200, { 'Content-Type': TYPES.html as string, 'Cache-Control': NO_CACHE });
  };
  app.get('/', page);
  app.get('/map', page);
  app.get('/map/*', page);
  app.get('/assets/:name', async (c) => file(c, join(webDirectory, 'assets'), IMMUTABLE));
  // favicon.svg and its like, beside index.html
  app.get('/:name{[A-Za-z0-9_-]+\\.(svg|png|ico|webmanifest|txt)}', async (c) =>
    file(c, webDirectory, NO_CACHE),
  );
}

async function file(c: Context, directory: string, cacheControl: string): Promise<Response> {
  const name = c.req.param('name') ?? '';
  const type = TYPES[name.slice(name.lastIndexOf('.') + 1)];
  if (!FILE_NAME.test(name) || type === undefined) throw new Problem('not-found');
  const bytes = await readIfThere(join(directory, name));
  if (bytes === undefined) throw new Problem('not-found');
  return c.body(bytes, 200, { 'Content-Type': type, 'Cache-Control': cacheControl });
}

async function readIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
