// GET /api/v1/areas/{id}, its geometry, and the search

import type { MapSource } from '../../map/map-source.ts';
import type { Viewer } from '../../map/viewer.ts';
import { type App, addRoute, pathParameter } from '../add-route.ts';
import { areaDocument, searchDocument } from '../area-document.ts';
import { etagJson } from '../etag-json.ts';
import { dottedArea, visibleArea } from '../parse-area.ts';
import { parseQuery } from '../parse-query.ts';
import { Problem } from '../problem.ts';
import { requestViewer, viewerName } from '../request-viewer.ts';
import { areaSchema, searchSchema } from '../schemas/area-schema.ts';
import { areaParams, geometryParams, searchQuery } from '../schemas/parameters.ts';
import {
  AREA_PROBLEMS,
  jsonResponses,
  problemResponses,
  VIEWER_PROBLEMS,
} from '../schemas/route-responses.ts';
import type { ServerDeps } from '../server-deps.ts';
import { viewerGeometry } from '../viewer-geometry.ts';
import type { SearchDocument } from '../wire.ts';

const MAX_SEARCH_LENGTH = 100;
const SEARCH_LIMIT = 20;
const MAX_SEARCHED = 5000;

export function addAreaRoutes(app: App, { source }: ServerDeps): void {
  addRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/areas/{id}',
      summary: 'An area, the way to it, and its children',
      tags: ['map'],
      request: { params: areaParams },
      responses: jsonResponses(areaSchema, 'The area.', AREA_PROBLEMS),
    },
    async (c) => {
      parseQuery(c, []);
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
    },
  );

  addRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/areas/{id}/geometry/{hash}',
      summary: 'The shapes of an area',
      description:
        'TopoJSON in degrees (WGS 84) with the objects `children`, `outline` and, where the token sees the parent, `siblings`. It never changes: another geometry has another address.',
      tags: ['map'],
      request: { params: geometryParams },
      responses: {
        200: {
          description: 'TopoJSON.',
          content: { 'application/json': { schema: { type: 'object' } } },
        },
        ...problemResponses([...AREA_PROBLEMS, 'unknown-geometry']),
      },
    },
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

  addRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/search',
      summary: 'Areas by name or id',
      tags: ['map'],
      request: { query: searchQuery },
      responses: jsonResponses(searchSchema, 'At most 20, best first.', VIEWER_PROBLEMS),
    },
    (c) => {
      const viewer = requestViewer(c);
      const text = parseQuery(c, ['q']).q ?? '';
      if (text.trim() === '' || text.length > MAX_SEARCH_LENGTH)
        throw new Problem('bad-query', `Give "q", of 1 to ${MAX_SEARCH_LENGTH} characters.`);
      return c.json(search(source, viewer, text), 200, {
        'Cache-Control': 'private, no-cache',
      });
    },
  );
}

/** What lies below the viewer's depth takes no place from what it may see. */
function search(source: MapSource, viewer: Viewer, text: string): SearchDocument {
  const found = source.search(text, viewer.area, SEARCH_LIMIT);
  const document = searchDocument(source, viewer, found);
  if (document.results.length === found.length) return document;
  const more = searchDocument(source, viewer, source.search(text, viewer.area, MAX_SEARCHED));
  return { results: more.results.slice(0, SEARCH_LIMIT) };
}
