// GET /api/v1/areas/{id}/events

import { type App, addRoute, pathParameter } from '../add-route.ts';
import type { EventHub } from '../event-hub.ts';
import { createEventStream } from '../event-stream.ts';
import { visibleArea } from '../parse-area.ts';
import { requestViewer, viewerName } from '../request-viewer.ts';
import { type ServerDeps, serverLimits } from '../server-deps.ts';

export function addEventRoutes(app: App, deps: ServerDeps, hub: EventHub): void {
  const { source } = deps;
  const limits = serverLimits(deps);
  addRoute(app, { method: 'get', path: '/api/v1/areas/{id}/events', responses: {} }, (c) => {
    const viewer = requestViewer(c);
    const area = visibleArea(source, viewer, pathParameter(c, 'id'));
    const headers = {
      'Content-Type': 'text/event-stream',
      // no-transform: a compressor in between would hold events back until its window is full.
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
    };
    // A HEAD has nobody who would read the stream.
    if (c.req.method === 'HEAD') return c.body(null, 200, headers);
    const stream = createEventStream({
      source,
      hub,
      limits,
      viewer,
      viewerName: viewerName(c),
      area: area.id,
      lastEventId: parseEventId(c.req.header('Last-Event-ID')),
      signal: c.req.raw.signal,
      onError: deps.onError ?? (() => undefined),
    });
    return c.body(stream, 200, headers);
  });
}

/** Undefined where it is none of ours: the newest frame is sent then. */
function parseEventId(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
