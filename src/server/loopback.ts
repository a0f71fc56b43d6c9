// Whether a request comes from this machine itself. Behind a proxy all of them do: what a proxy has
// passed on does not count.

import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { ServerDeps } from './server-deps.ts';

const PROXY_HEADERS = ['Forwarded', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Real-IP', 'Via'];

export function isFromLoopback(c: Context, { hosts = [], isHttps = false }: ServerDeps): boolean {
  if (isHttps || hosts.includes('*')) return false;
  if (PROXY_HEADERS.some((name) => c.req.header(name) !== undefined)) return false;
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>;
  const address = incoming?.socket?.remoteAddress ?? '';
  return /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$|^::1$/.test(address);
}
