// GET /openapi.json, /docs and its style

import type { App } from '../add-route.ts';
import { DOCS_STYLE, docsPage } from '../docs-page.ts';
import { SESSION_COOKIE } from '../request-viewer.ts';
import type { ServerDeps } from '../server-deps.ts';

const CACHE_CONTROL = 'no-cache';

export function addDocsRoutes(app: App, { source }: ServerDeps): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: SESSION_COOKIE,
  });
  // Made once, at the first request: all routes are there by then.
  let document: unknown;
  const openApi = (): unknown => {
    document ??= app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: {
        title: 'Streetwatt API',
        version: '1',
        description: [
          'Consumption, production, import and export of areas, from a continent down to a street,',
          'summed by masked aggregation. There is no resource for a household or a meter.',
          `The figures are under ${source.about.dataLicence}.`,
          source.about.simulationNote ?? '',
        ]
          .join(' ')
          .trim(),
      },
      security: [{ bearer: [] }, { session: [] }],
    });
    return document;
  };
  app.get('/openapi.json', (c) =>
    c.json(openApi() as object, 200, { 'Cache-Control': CACHE_CONTROL }),
  );
  app.get('/docs', (c) => c.html(docsPage(openApi()), 200, { 'Cache-Control': CACHE_CONTROL }));
  app.get('/docs/style.css', (c) =>
    c.body(DOCS_STYLE, 200, { 'Content-Type': 'text/css', 'Cache-Control': CACHE_CONTROL }),
  );
}
