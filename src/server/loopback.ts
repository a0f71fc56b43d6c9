// Whether a request comes from this machine itself. Behind a proxy all of them do: what a proxy has
// passed on does not count.

import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { ServerDeps } from './server-deps.ts';

export function isFromLoopback(c: Context, { hosts = [], isHttps = false }: ServerDeps): boolean {
  if (isHttps || hosts.includes('*')) return false;
  if (c.req.header('Forwarded') !== undefined || c.req.header('X-Forwarded-For') !== undefined)
    return false;
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>;
  const address = incoming?.socket?.remoteAddress ?? '';
  return /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$|^::1$/.test(address);
}
