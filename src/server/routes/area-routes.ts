// GET /api/v1/areas/{id}, its geometry, and the search

import { type App, addRoute, pathParameter } from '../add-route.ts';
import { areaDocument, searchDocument } from '../area-document.ts';
import { etagJson } from '../etag-json.ts';
import { dottedArea, visibleArea } from '../parse-area.ts';
import { Problem } from '../problem.ts';
import { requestViewer, viewerName } from '../request-viewer.ts';
import type { ServerDeps } from '../server-deps.ts';
import { viewerGeometry } from '../viewer-geometry.ts';

const MAX_SEARCH_LENGTH = 100;
const SEARCH_LIMIT = 20;

export function addAreaRoutes(app: App, { source }: ServerDeps): void {
  addRoute(app, { method: 'get', path: '/api/v1/areas/{id}', responses: {} }, async (c) => {
    const viewer = requestViewer(c);
    const area = visibleArea(source, viewer, pathParameter(c, 'id'));
    const geometry = await viewerGeometry(source, viewer, area.id);
    const geometryUrl =
      geometry === undefined
        ? null
        : `/api/v1/areas/${dottedArea(area.id)}/geometry/${geometry.hash}`;
    return etagJson(c, areaDocument(source, viewer, area, geometryUrl), {
      viewerName: viewerName(c),
      cacheControl: 'private, no-cache',
    });
  });

  addRoute(
    app,
    { method: 'get', path: '/api/v1/areas/{id}/geometry/{hash}', responses: {} },
    async (c) => {
      const viewer = requestViewer(c);
      const area = visibleArea(source, viewer, pathParameter(c, 'id'));
      const geometry = await viewerGeometry(source, viewer, area.id);
      if (geometry === undefined || geometry.hash !== pathParameter(c, 'hash'))
        throw new Problem('unknown-geometry');
      return c.body(new Uint8Array(geometry.json), 200, {
        'Content-Type': 'application/json',
        'Cache-Control': 'private, max-age=31536000, immutable',
        Vary: 'Authorization, Cookie',
      });
    },
  );

  addRoute(app, { method: 'get', path: '/api/v1/search', responses: {} }, (c) => {
    const viewer = requestViewer(c);
    const text = c.req.query('q') ?? '';
    if (text.trim() === '' || text.length > MAX_SEARCH_LENGTH)
      throw new Problem('bad-query', `Give "q", of 1 to ${MAX_SEARCH_LENGTH} characters.`);
    const found = source.search(text, viewer.area, SEARCH_LIMIT);
    return c.json(searchDocument(source, viewer, found), 200, {
      'Cache-Control': 'private, no-cache',
    });
  });
}
