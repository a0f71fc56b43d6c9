// JSON with an ETag over its very bytes: it cannot miss a change. The viewer's name is in it, so that
// two viewers behind one cache never share an answer.

import { createHash } from 'node:crypto';
import type { Context } from 'hono';

export function etagJson(
  c: Context,
  document: unknown,
  options: { readonly viewerName: string; readonly cacheControl: string },
): Response {
  const body = JSON.stringify(document);
  const digest = createHash('sha256').update(`${options.viewerName}\n${body}`).digest('base64url');
  const etag = `"${digest.slice(0, 27)}"`;
  const headers = {
    'Content-Type': 'application/json',
    'Cache-Control': options.cacheControl,
    Vary: 'Authorization, Cookie',
    ETag: etag,
  };
  if (hasEtag(c.req.header('If-None-Match'), etag)) return c.body(null, 304, headers);
  return c.body(body, 200, headers);
}

/** RFC 9110, section 13.1.2: a weak comparison, since compression makes the tag weak. */
export function hasEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((one) => {
    const tag = one.trim();
    return tag === '*' || tag === etag || tag === `W/${etag}`;
  });
}
