// GET /api/v1/areas/{id}/events

import { type App, addRoute, pathParameter } from '../add-route.ts';
import { disconnecter } from '../disconnecter.ts';
import type { EventHub } from '../event-hub.ts';
import { createEventStream } from '../event-stream.ts';
import { visibleArea } from '../parse-area.ts';
import { parseQuery } from '../parse-query.ts';
import { requestViewer, viewerName } from '../request-viewer.ts';
import { areaParams, eventHeaders } from '../schemas/parameters.ts';
import { AREA_PROBLEMS, problemResponses } from '../schemas/route-responses.ts';
import { type ServerDeps, serverLimits } from '../server-deps.ts';
import type { ServerMetrics } from '../server-metrics.ts';

export function addEventRoutes(
  app: App,
  deps: ServerDeps,
  { hub, metrics }: { readonly hub: EventHub; readonly metrics: ServerMetrics },
): void {
  const { source } = deps;
  const limits = serverLimits(deps);
  addRoute(
    app,
    {
      method: 'get',
      path: '/api/v1/areas/{id}/events',
      summary: 'The newest frame, each time it changes',
      description:
        'Server-sent events: `frame` with a FrameDocument, `clock` with a ClockDocument every 15 s.',
      tags: ['map'],
      request: { params: areaParams, headers: eventHeaders },
      responses: {
        200: {
          description: 'It does not end by itself.',
          content: { 'text/event-stream': { schema: { type: 'string' } } },
        },
        ...problemResponses([...AREA_PROBLEMS, 'too-many-streams']),
      },
    },
    (c) => {
      parseQuery(c, []);
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
        disconnect: disconnecter(c),
        onFrame: metrics.observeFrame,
        onError: deps.onError ?? (() => undefined),
      });
      return c.body(stream, 200, headers);
    },
  );
}

/** Undefined where it is none of ours: the newest frame is sent then. */
function parseEventId(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
