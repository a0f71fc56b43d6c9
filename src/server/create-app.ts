// The map's HTTP server as one application: what is checked for every request, then the routes.

import { OpenAPIHono } from '@hono/zod-openapi';
import { compress } from 'hono/compress';
import { methodNotAllowed } from 'hono/method-not-allowed';
import type { App } from './add-route.ts';
import { EventHub } from './event-hub.ts';
import { addExportRoutes } from './export/export-routes.ts';
import { Problem, problemResponse } from './problem.ts';
import { viewerMiddleware } from './request-viewer.ts';
import { addAreaRoutes } from './routes/area-routes.ts';
import { addEventRoutes } from './routes/event-routes.ts';
import { addFrameRoutes } from './routes/frame-routes.ts';
import { addMapRoutes } from './routes/map-routes.ts';
import { type ServerDeps, type ServerEnv, serverLimits } from './server-deps.ts';
import { addStaticRoutes } from './static-routes.ts';

const COMPRESSIBLE =
  /^(?:text\/(?!event-stream)|application\/(?:.+\+)?json|text\/javascript|image\/svg)/;

export function createApp(deps: ServerDeps): App {
  const app: App = new OpenAPIHono<ServerEnv>();
  const hub = new EventHub(deps.source, serverLimits(deps));
  app.onError((error) => {
    if (error instanceof Problem) return problemResponse(error);
    deps.onError?.(error);
    return problemResponse(new Problem('internal'));
  });
  app.notFound(() => problemResponse(new Problem('not-found')));
  app.use(compress({ contentTypeFilter: (type) => COMPRESSIBLE.test(type) }));
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (_c, methods) =>
        problemResponse(
          new Problem('method-not-allowed', undefined, { headers: { Allow: methods.join(', ') } }),
        ),
    }),
  );
  app.use('/api/*', viewerMiddleware(deps));
  app.use('/ogc/*', viewerMiddleware(deps));
  addMapRoutes(app, deps);
  addAreaRoutes(app, deps);
  addFrameRoutes(app, deps);
  addEventRoutes(app, deps, hub);
  addExportRoutes(app, deps);
  addStaticRoutes(app, deps);
  return app;
}
