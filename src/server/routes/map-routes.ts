// GET /api/v1/map

import { type App, addRoute } from '../add-route.ts';
import { mapDocument } from '../map-document.ts';
import { requestViewer } from '../request-viewer.ts';
import type { ServerDeps } from '../server-deps.ts';

export function addMapRoutes(app: App, { source }: ServerDeps): void {
  addRoute(app, { method: 'get', path: '/api/v1/map', responses: {} }, (c) =>
    c.json(mapDocument(source, requestViewer(c)), 200, { 'Cache-Control': 'no-store' }),
  );
}
