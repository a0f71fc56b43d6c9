// The map of one source on a port of this machine, with the tokens of those who may look.

import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { MapSource } from '../map/map-source.ts';
import type { Viewer } from '../map/viewer.ts';
import { createApp } from '../server/create-app.ts';
import { type MapServer, serveMap } from '../server/serve-map.ts';
import type { TokenTable } from '../server/token-table.ts';

/** The built page, wherever the command is started. */
export const WEB_DIRECTORY: string = fileURLToPath(new URL('../../build/web', import.meta.url));
/** How many ports are tried where the wanted one is taken. */
const PORT_TRIES = 20;

export interface ServeMapOptions {
  readonly source: MapSource;
  readonly tokens: TokenTable;
  readonly anonymous: Viewer | undefined;
  readonly host: string;
  readonly port: number;
  /** Of a proxy in front of it, which passes the Host header on. */
  readonly publicUrl?: string | undefined;
  /** Takes the next free port where it is in use. */
  readonly mayMove: boolean;
  readonly onError: (error: unknown) => void;
}

/** @throws Error with a `code` where no port can be had */
export async function serveSource(options: ServeMapOptions): Promise<MapServer> {
  const { source, tokens, anonymous, host, port, mayMove, onError } = options;
  const proxy = options.publicUrl === undefined ? undefined : new URL(options.publicUrl);
  const app = createApp({
    source,
    tokens,
    anonymous,
    webDirectory: WEB_DIRECTORY,
    hosts: proxy === undefined ? [host] : [host, proxy.hostname],
    isHttps: proxy?.protocol === 'https:',
    onError,
  });
  const last = mayMove && port > 0 ? Math.min(65_535, port + PORT_TRIES) : port;
  for (let candidate = port; ; candidate++) {
    try {
      return await serveMap({ app, host, port: candidate });
    } catch (error) {
      if (candidate >= last || codeOf(error) !== 'EADDRINUSE') throw error;
    }
  }
}

/** 24 random bytes, as one word that needs no quoting. */
export function createToken(): string {
  return randomBytes(24).toString('base64url');
}

/** Whether nobody but this machine reaches the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/u.test(host);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
