// What every request is held to before anything else looks at it.

import { isIP } from 'node:net';
import type { Context, MiddlewareHandler } from 'hono';
import { Problem } from './problem.ts';
import type { ServerEnv } from './server-deps.ts';

const MAX_URL_LENGTH = 4096;

/**
 * Only names of this server: a page elsewhere that points its own name here (DNS rebinding) could
 * otherwise read what this browser may read. Addresses are no names, nobody can point them.
 */
export function hostGuard(hosts: readonly string[]): MiddlewareHandler<ServerEnv> {
  const allowed = new Set(hosts.map((host) => host.toLowerCase()));
  return async (c, next) => {
    if (c.req.url.length > MAX_URL_LENGTH) throw new Problem('uri-too-long');
    const name = hostName(requestHost(c));
    const isAddress = isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
    if (!isAddress && name !== 'localhost' && !allowed.has(name) && !allowed.has('*'))
      throw new Problem('wrong-host');
    await next();
  };
}

/**
 * Another site's page cannot read what it asks for here, but asking may open figures: only whole
 * pages are fetched from elsewhere, by people who follow a link. Programs say nothing of sites.
 */
export function otherSiteGuard(): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    const site = c.req.header('Sec-Fetch-Site');
    const isOwn = site === undefined || site === 'same-origin' || site === 'none';
    if (!isOwn && c.req.header('Sec-Fetch-Dest') !== 'document') throw new Problem('wrong-origin');
    await next();
  };
}

/** A page's requests that change something: JSON, from the page's own origin. */
export function sameOriginGuard(): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    const origin = c.req.header('Origin');
    const site = c.req.header('Sec-Fetch-Site');
    const isSameSite = site === undefined || site === 'same-origin' || site === 'none';
    if (!isSameSite || (origin !== undefined && originHost(origin) !== requestHost(c)))
      throw new Problem('wrong-origin');
    const type = c.req.header('Content-Type');
    if (c.req.method === 'POST' && !/^application\/json(?:\s*;.*)?$/i.test(type ?? ''))
      throw new Problem('bad-content-type');
    await next();
  };
}

function requestHost(c: Context): string {
  return (c.req.header('Host') ?? new URL(c.req.url).host).toLowerCase();
}

function originHost(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host.toLowerCase() : undefined;
}

function hostName(host: string): string {
  return host.replace(/:\d{0,5}$/, '').replace(/\.$/, '');
}
