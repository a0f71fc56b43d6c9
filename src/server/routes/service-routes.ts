// GET /healthz and /metrics: for operators, with no figure of anybody.

import { type App, addRoute } from '../add-route.ts';
import { maxAgeSeconds, newestAgeSeconds } from '../health-document.ts';
import { isFromLoopback } from '../loopback.ts';
import { Problem } from '../problem.ts';
import { requestViewer, viewerMiddleware } from '../request-viewer.ts';
import { type HealthzDocument, healthzSchema } from '../schemas/healthz-schema.ts';
import { problemResponses, VIEWER_PROBLEMS } from '../schemas/route-responses.ts';
import type { ServerDeps } from '../server-deps.ts';
import type { ServerMetrics } from '../server-metrics.ts';

export function addServiceRoutes(app: App, deps: ServerDeps, metrics: ServerMetrics): void {
  const { source } = deps;
  addRoute(
    app,
    {
      method: 'get',
      path: '/healthz',
      summary: 'Whether the map is up to date',
      tags: ['service'],
      security: [],
      responses: {
        200: {
          description: 'The newest interval is as new as it should be.',
          content: { 'application/json': { schema: healthzSchema } },
        },
        ...problemResponses([]),
        503: {
          description: 'There is no interval yet, or the newest is too old.',
          content: { 'application/json': { schema: healthzSchema } },
        },
      },
    },
    (c) => {
      const ageSeconds = newestAgeSeconds(source);
      const maxAge = maxAgeSeconds(source);
      const document: HealthzDocument = {
        isHealthy: ageSeconds !== undefined && ageSeconds <= maxAge,
        ageSeconds: ageSeconds === undefined ? null : Math.round(ageSeconds),
        maxAgeSeconds: maxAge,
      };
      return c.json(document, document.isHealthy ? 200 : 503, { 'Cache-Control': 'no-store' });
    },
  );

  app.use('/metrics', viewerMiddleware(deps));
  addRoute(
    app,
    {
      method: 'get',
      path: '/metrics',
      summary: 'Metrics for Prometheus',
      description: 'For this machine itself, or for a token that may read metrics.',
      tags: ['service'],
      responses: {
        200: { description: 'Text.', content: { 'text/plain': { schema: { type: 'string' } } } },
        ...problemResponses([...VIEWER_PROBLEMS, 'not-granted']),
      },
    },
    async (c) => {
      if (c.get('holder')?.mayReadMetrics !== true && !isFromLoopback(c, deps)) {
        requestViewer(c);
        throw new Problem('not-granted', 'The token may not read metrics.');
      }
      return c.body(await metrics.text(), 200, {
        'Content-Type': metrics.contentType,
        'Cache-Control': 'no-store',
      });
    },
  );
}
