// GET /api/v1/map

import { type App, addRoute } from '../add-route.ts';
import { mapDocument } from '../map-document.ts';
import { parseQuery } from '../parse-query.ts';
import { requestViewer } from '../request-viewer.ts';
import { mapSchema } from '../schemas/map-schema.ts';
import { jsonResponses, VIEWER_PROBLEMS } from '../schemas/route-responses.ts';
import type { ServerDeps } from '../server-deps.ts';

export function addMapRoutes(app: App, { source }: ServerDeps): void {
  addRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/map',
      summary: 'What there is to see with this token',
      tags: ['map'],
      responses: jsonResponses(mapSchema, 'Levels, metrics, clock and range.', VIEWER_PROBLEMS),
    },
    (c) => {
      const viewer = requestViewer(c);
      parseQuery(c, []);
      return c.json(mapDocument(source, viewer), 200, { 'Cache-Control': 'no-store' });
    },
  );
}
