// A route with its line in the OpenAPI document. Parameters are parsed by the handlers, which can say
// what is wrong in words of their own; the schemas describe them.

import type { OpenAPIHono, RouteConfig } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ServerEnv } from './server-deps.ts';

export type App = OpenAPIHono<ServerEnv>;

export function addRoute(
  app: App,
  route: RouteConfig,
  handler: (c: Context<ServerEnv>) => Response | Promise<Response>,
): void {
  app.openAPIRegistry.registerPath(route);
  app.on(route.method.toUpperCase(), route.path.replaceAll(/\{(\w+)\}/g, ':$1'), handler);
}

/** @throws TypeError where the route has no such parameter. */
export function pathParameter(c: Context<ServerEnv>, name: string): string {
  const value = c.req.param(name);
  if (value === undefined) throw new TypeError(`${name}: expected a parameter of ${c.req.path}`);
  return value;
}
