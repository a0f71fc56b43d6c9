// The application on a port.

import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import type { App } from './add-route.ts';

export interface MapServer extends AsyncDisposable {
  /** `http://127.0.0.1:7200` */
  readonly url: string;
}

/** Port 0 takes a free one. @throws Error with a `code`, such as EADDRINUSE. */
export async function serveMap(options: {
  readonly app: App;
  readonly host: string;
  readonly port: number;
}): Promise<MapServer> {
  const { app, host, port } = options;
  const server = createAdaptorServer({
    fetch: app.fetch,
    overrideGlobalObjects: false,
    serverOptions: { requestTimeout: 30_000, headersTimeout: 10_000, maxHeaderSize: 16_384 },
  }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  const boundPort = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${boundPort}`,
    [Symbol.asyncDispose]: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        // Event streams never end by themselves.
        server.closeAllConnections();
      });
    },
  };
}
