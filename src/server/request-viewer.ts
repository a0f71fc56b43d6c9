// Who asks: the token of the Authorization header, else that of the session's cookie, else whoever
// comes without one, where the operator lets them in. A token that is not valid is refused, not
// taken for none: its holder would wonder where the streets went.

import type { Context, MiddlewareHandler } from 'hono';
import { deleteCookie, getCookie } from 'hono/cookie';
import type { Viewer } from '../map/viewer.ts';
import { Problem } from './problem.ts';
import type { ServerDeps, ServerEnv } from './server-deps.ts';

export const SESSION_COOKIE = 'streetwatt-session';
const CHALLENGE = { 'WWW-Authenticate': 'Bearer realm="streetwatt"' };
const BAD_TOKEN = { 'WWW-Authenticate': 'Bearer realm="streetwatt", error="invalid_token"' };

/** Puts the token's holder and the viewer into the request's variables. */
export function viewerMiddleware(deps: ServerDeps): MiddlewareHandler<ServerEnv> {
  return async (c, next) => {
    const token = bearerToken(c) ?? getCookie(c, SESSION_COOKIE);
    const holder = token === undefined ? undefined : deps.tokens.find(token);
    if (token !== undefined && holder === undefined) {
      // A browser whose cookie has become worthless could never get rid of it by itself.
      deleteCookie(c, SESSION_COOKIE, { path: '/' });
      const cleared = c.res.headers.get('Set-Cookie');
      throw new Problem('bad-token', undefined, {
        headers: cleared === null ? BAD_TOKEN : { ...BAD_TOKEN, 'Set-Cookie': cleared },
      });
    }
    c.set('holder', holder);
    c.set('viewer', holder?.viewer ?? deps.anonymous);
    await next();
  };
}

/** @throws Problem `unauthorized` where a token is needed and there is none. */
export function requestViewer(c: Context<ServerEnv>): Viewer {
  const viewer = c.get('viewer');
  if (viewer === undefined) throw new Problem('unauthorized', undefined, { headers: CHALLENGE });
  return viewer;
}

/** For limits and cache keys: one name for each token, another for those without. */
export function viewerName(c: Context<ServerEnv>): string {
  return c.get('holder')?.name ?? '';
}

function bearerToken(c: Context): string | undefined {
  const header = c.req.header('Authorization');
  if (header === undefined) return undefined;
  const match = /^Bearer +(\S+)$/i.exec(header);
  if (match === null) throw new Problem('bad-token', undefined, { headers: BAD_TOKEN });
  return match[1];
}
