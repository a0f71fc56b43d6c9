import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { PROBLEMS } from '../../src/server/problem.ts';
import { createMapApp, EVERYTHING } from './map-app.ts';

interface Operation {
  readonly responses: Record<
    string,
    { description: string; content?: Record<string, { schema: { $ref?: string } }> }
  >;
}

interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: {
    readonly schemas: Record<string, { properties?: Record<string, { enum?: string[] }> }>;
  };
}

function setUp() {
  return createMapApp({ anonymous: EVERYTHING, table: { hasEvidence: true } });
}

async function openApi(): Promise<OpenApi> {
  return (await (await setUp().get('/openapi.json')).json()) as OpenApi;
}

/** Every documented answer, with the codes that its description names. */
function problemsOf(document: OpenApi): { where: string; status: number; code: string }[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, { responses }]) =>
      Object.entries(responses).flatMap(([status, { description, content = {} }]) =>
        'application/problem+json' in content
          ? [...description.matchAll(/`([a-z-]+)`:/g)].map((match) => ({
              where: `${method} ${path}`,
              status: Number(status),
              code: match[1] as string,
            }))
          : [],
      ),
    ),
  );
}

describe('the OpenAPI document', () => {
  it('is OpenAPI 3.1 with the documents of the API by name', async () => {
    const document = await openApi();
    expect(document.openapi).toBe('3.1.0');
    for (const name of [
      'Map',
      'Area',
      'Search',
      'Frame',
      'Series',
      'Health',
      'Evidence',
      'Problem',
    ])
      expect(document.components.schemas).toHaveProperty(`${name}Document`);
    const references = JSON.stringify(document).matchAll(
      /"\$ref":"#\/components\/schemas\/(\w+)"/g,
    );
    for (const [, name] of references)
      expect(document.components.schemas).toHaveProperty(name as string);
  });

  it('names every problem that there is, with its status, and none else', async () => {
    const document = await openApi();
    const known = Object.entries(PROBLEMS).map(([code, { status }]) => `${code} ${status}`);
    const codes = document.components.schemas.ProblemDocument?.properties?.code?.enum;
    expect(codes).toEqual(Object.keys(PROBLEMS));
    for (const { where, code, status } of problemsOf(document))
      expect(known, where).toContain(`${code} ${status}`);
  });

  it('agrees with the table of docs/api.md', async () => {
    const text = await readFile(new URL('../../docs/api.md', import.meta.url), 'utf8');
    const rows = [...text.matchAll(/^\| `([a-z-]+)` \| (\d{3}) \| (.+?) \| (.+?) \|$/gm)].map(
      ([, code, status, title, hint]) => ({ code, status: Number(status), title, hint }),
    );
    expect(rows).toEqual(Object.entries(PROBLEMS).map(([code, kind]) => ({ code, ...kind })));
  });

  it('has every route of the application, and the application every route of it', async () => {
    const { app } = setUp();
    const document = await openApi();
    const documented = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const served = app.routes
      .filter(({ method, path }) => method !== 'ALL' && /^\/(?:api|ogc|healthz|metrics)/.test(path))
      .map(
        ({ method, path }) =>
          `${method} ${path.replaceAll(/:(\w+)(?:\{.*?\})?/g, '{$1}').replace(/(.)\/$/, '$1')}`,
      );
    expect(new Set(served)).toEqual(new Set(documented));
  });
});

describe('what cannot be asked for', () => {
  it('is a household or a meter: no route, no parameter and no schema has one', async () => {
    const { app } = setUp();
    const document = await openApi();
    const forbidden = /household|meter(?!Count|s\b)|home|slot|roster|customer|reading/i;
    for (const { path } of app.routes) expect(path).not.toMatch(forbidden);
    for (const path of Object.keys(document.paths)) expect(path).not.toMatch(forbidden);
    for (const [name, { properties = {} }] of Object.entries(document.components.schemas)) {
      expect(name).not.toMatch(forbidden);
      // The evidence of the demo alone shows one simulated household, its own.
      if (name === 'EvidenceDocument') continue;
      for (const property of Object.keys(properties))
        if (property !== 'minMeters' && property !== 'meterCount')
          expect(property).not.toMatch(forbidden);
    }
  });

  it('is anything below a street', async () => {
    const { get, source } = setUp();
    const streets = source.allAreas.filter((id) => id.split('/').length === 7);
    expect(streets.length).toBeGreaterThan(0);
    for (const street of streets.slice(0, 8)) {
      const dotted = street.replaceAll('/', '.');
      for (const below of ['.h1', '.0', '.meter-1', '/meters', '/meters/0', '/homes', '/readings'])
        expect((await get(`/api/v1/areas/${dotted}${below}`)).status).toBeGreaterThanOrEqual(403);
    }
  });
});

describe('the readable documentation', () => {
  it('has every address and every error, and needs nothing from elsewhere', async () => {
    const { get } = setUp();
    const html = await (await get('/docs')).text();
    for (const path of Object.keys((await openApi()).paths)) expect(html).toContain(path);
    for (const code of Object.keys(PROBLEMS)) expect(html).toContain(`id="${code}"`);
    expect(html).not.toMatch(/<script|style=|(?:src|href)="(?!\/|#)/);
    expect((await get('/docs/style.css')).headers.get('Content-Type')).toBe('text/css');
  });
});
