// JSON with an ETag over its very bytes: it cannot miss a change. The viewer's name is in it, so that
// two viewers behind one cache never share an answer.

import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';
import type { Context } from 'hono';

const gzipBytes = promisify(gzip);
/** A smaller one fits in a packet as it is. */
const MIN_GZIP_BYTES = 1024;
/** Below a millisecond's work; handing it to another thread costs more than a frame of 40 rows. */
const MAX_SYNC_BYTES = 262_144;
/** Of a frame of 40 rows half of the default's time, and 7 % more bytes. */
const LEVEL = { level: 3 };

export async function etagJson(
  c: Context,
  document: unknown,
  options: { readonly viewerName: string; readonly cacheControl: string },
): Promise<Response> {
  const body = Buffer.from(JSON.stringify(document));
  const digest = createHash('sha256')
    .update(`${options.viewerName}\n`)
    .update(body)
    .digest('base64url');
  const etag = `"${digest.slice(0, 27)}"`;
  const headers = {
    'Content-Type': 'application/json',
    'Cache-Control': options.cacheControl,
    Vary: 'Authorization, Cookie, Accept-Encoding',
    ETag: etag,
  };
  if (hasEtag(c.req.header('If-None-Match'), etag)) return c.body(null, 304, headers);
  // Here rather than on the way out, where it is a stream and costs eight times as much. Who takes
  // deflate alone is left to the way out.
  const isZipped =
    c.req.method !== 'HEAD' &&
    body.length >= MIN_GZIP_BYTES &&
    takesGzip(c.req.header('Accept-Encoding'));
  if (!isZipped) return c.body(body, 200, { ...headers, 'Content-Length': String(body.length) });
  const zipped =
    body.length <= MAX_SYNC_BYTES ? gzipSync(body, LEVEL) : await gzipBytes(body, LEVEL);
  return c.body(new Uint8Array(zipped), 200, {
    ...headers,
    ETag: `W/${etag}`,
    'Content-Encoding': 'gzip',
    'Content-Length': String(zipped.length),
  });
}

/** RFC 9110, section 13.1.2: a weak comparison, since compression makes the tag weak. */
export function hasEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((one) => {
    const tag = one.trim();
    return tag === '*' || tag === etag || tag === `W/${etag}`;
  });
}

/** RFC 9110, section 12.5.3: by its own name first, else as one of any; `q=0` refuses. */
function takesGzip(header: string | undefined): boolean {
  if (header === undefined) return false;
  const weights = new Map<string, number>();
  for (const one of header.toLowerCase().split(',')) {
    const [name = '', ...parameters] = one.split(';').map((part) => part.trim());
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    weights.set(name, q === undefined ? 1 : Number(q.slice(2)));
  }
  return (weights.get('gzip') ?? weights.get('*') ?? 0) > 0;
}
