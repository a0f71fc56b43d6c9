// Links of OGC API documents: absolute, since clients copy them about.

import type { Context } from 'hono';
import type { MapSource } from '../../map/map-source.ts';
import type { ServerDeps } from '../server-deps.ts';

export interface Link {
  readonly href: string;
  readonly rel: string;
  readonly type?: string;
  readonly title?: string;
}

export interface Links {
  /** `https://map.example`, as the caller wrote it. */
  readonly origin: string;
  /** To a path below `/ogc`. */
  to(path: string, rel: string, type: string, title: string): Link;
  /** To the request's own path, with other parameters. */
  withParameters(
    changes: Readonly<Record<string, string>>,
    rel: string,
    type: string,
    title: string,
  ): Link;
  licences(source: MapSource): readonly Link[];
}

export function createLinks(c: Context, { isHttps }: Pick<ServerDeps, 'isHttps'>): Links {
  const asked = new URL(c.req.url);
  // Behind a proxy that speaks https for us.
  if (isHttps === true) asked.protocol = 'https:';
  return {
    origin: asked.origin,
    to: (path, rel, type, title) => ({ href: `${asked.origin}/ogc${path}`, rel, type, title }),
    withParameters: (changes, rel, type, title) => {
      const url = new URL(asked);
      for (const [name, value] of Object.entries(changes)) url.searchParams.set(name, value);
      return { href: url.href, rel, type, title };
    },
    licences: ({ about }) =>
      about.attributions.map(({ text, url, licence }) => ({
        href: url,
        rel: 'license',
        title: `${text} (${licence})`,
      })),
  };
}
