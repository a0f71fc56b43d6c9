// The map's HTTP server as one application: what is checked for every request, then the routes.

import { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { compress } from 'hono/compress';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { routePath } from 'hono/route';
import { SourceBusyError } from '../map/source-busy.ts';
import type { App } from './add-route.ts';
import { EventHub } from './event-hub.ts';
import { addExportRoutes } from './export/export-routes.ts';
import { addOgcRoutes } from './ogc/ogc-routes.ts';
import { Problem, problemResponse } from './problem.ts';
import { hostGuard, otherSiteGuard } from './request-guards.ts';
import { viewerMiddleware } from './request-viewer.ts';
import { addAreaRoutes } from './routes/area-routes.ts';
import { addDocsRoutes } from './routes/docs-routes.ts';
import { addEventRoutes } from './routes/event-routes.ts';
import { addFrameRoutes } from './routes/frame-routes.ts';
import { addHealthRoutes } from './routes/health-routes.ts';
import { addMapRoutes } from './routes/map-routes.ts';
import { addServiceRoutes } from './routes/service-routes.ts';
import { addSessionRoutes } from './routes/session-routes.ts';
import { securityHeaders } from './security-headers.ts';
import { type ServerDeps, type ServerEnv, serverLimits } from './server-deps.ts';
import { createServerMetrics, type ServerMetrics } from './server-metrics.ts';
import { addStaticRoutes } from './static-routes.ts';

const COMPRESSIBLE =
  /^(?:text\/(?!event-stream)|application\/(?:.+\+)?json|image\/svg|application\/manifest)/;

export function createApp(deps: ServerDeps): App {
  const app: App = new OpenAPIHono<ServerEnv>();
  const hub = new EventHub(deps.source, serverLimits(deps));
  const metrics = createServerMetrics(deps.source, hub);
  const answer = (problem: Problem): Response => {
    metrics.observeProblem(problem.code);
    return problemResponse(problem);
  };
  app.onError((error) => {
    if (error instanceof Problem) return answer(error);
    if (error instanceof SourceBusyError)
      return answer(new Problem('too-busy', undefined, { headers: { 'Retry-After': '5' } }));
    deps.onError?.(error);
    return answer(new Problem('internal'));
  });
  // Not counted here: it may still become a 405.
  app.notFound(() => problemResponse(new Problem('not-found')));

  app.use(securityHeaders(deps.isHttps === true));
  app.use(timing(metrics));
  app.use(compress({ contentTypeFilter: (type) => COMPRESSIBLE.test(type) }));
  app.use(hostGuard(deps.hosts ?? []));
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (_c, methods) =>
        answer(
          new Problem('method-not-allowed', undefined, { headers: { Allow: methods.join(', ') } }),
        ),
    }),
  );
  addSessionRoutes(app, deps);
  for (const path of ['/api/v1/map', '/api/v1/search', '/api/v1/areas/*', '/ogc', '/ogc/*'])
    app.use(path, otherSiteGuard(), viewerMiddleware(deps));
  addMapRoutes(app, deps);
  addAreaRoutes(app, deps);
  addFrameRoutes(app, deps, metrics);
  addHealthRoutes(app, deps);
  addEventRoutes(app, deps, { hub, metrics });
  addExportRoutes(app, deps);
  addOgcRoutes(app, deps);
  addServiceRoutes(app, deps, metrics);
  addDocsRoutes(app, deps);
  addStaticRoutes(app, deps);
  return app;
}

function timing(metrics: ServerMetrics): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    const startMs = performance.now();
    await next();
    // Of an address that does not exist there is no template, and its own text is the caller's.
    const template = routePath(c, -1);
    const route = template === '' || template.startsWith('/*') ? 'none' : template;
    const method = /^(?:GET|HEAD|POST|DELETE)$/.test(c.req.method) ? c.req.method : 'other';
    metrics.observeRequest(
      { method, route, status: c.res.status },
      (performance.now() - startMs) / 1000,
    );
  };
}
