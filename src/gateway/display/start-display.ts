// The household's page on a port.

import { writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import type { DisplayConfig } from '../gateway-config.ts';
import { createDisplay } from './create-display.ts';
import type { HomeSource } from './home-document.ts';
import { Pairing, readDevices } from './pairing.ts';

export interface Displayed extends AsyncDisposable {
  readonly url: string;
}

export interface StartDisplayOptions {
  readonly display: DisplayConfig;
  readonly source: HomeSource;
  /** Where paired devices are kept. */
  readonly devicesFile: string;
  readonly say: (line: string) => void;
}

/** @throws RangeError where the address or the port cannot be had */
export async function startDisplay(options: StartDisplayOptions): Promise<Displayed> {
  const { display, source, devicesFile, say } = options;
  const { host, port, names } = display;
  const pairing = isLoopback(host)
    ? undefined
    : new Pairing({
        nowMs: source.nowMs,
        say,
        devices: await readDevices(devicesFile),
        // A device that is not kept pairs again after a restart.
        onDevices: (devices) =>
          void writeFile(devicesFile, JSON.stringify({ devices }), { mode: 0o600 }).catch(() =>
            say('the list of paired devices cannot be written'),
          ),
      });
  const app = createDisplay({ source, names, pairing });
  const server = createAdaptorServer({
    fetch: app.fetch,
    overrideGlobalObjects: false,
    serverOptions: { requestTimeout: 10_000, headersTimeout: 5000, maxHeaderSize: 8192 },
  }) as Server;
  server.maxConnections = 64;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new RangeError(
          `display: expected an address and a port that are free, found ${host}, port ${port} (${cause.code})`,
          { cause },
        ),
      ),
    );
    server.listen(port, host, () => {
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
        server.closeAllConnections();
      });
    },
  };
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/u.test(host);
}
