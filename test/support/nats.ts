// The one way for tests to get a real nats-server.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import {
  type FoundNatsServer,
  findNatsServer,
  type NatsServerOptions,
  type RunningNatsServer,
  startNatsServer,
} from '../../src/runtime/nats-server.ts';

const isCi = process.env.CI === 'true';
const found: FoundNatsServer | Error = await findNatsServer().catch((error: Error) => error);
if (found instanceof Error && !isCi) {
  console.warn(`\n!!! TESTS AGAINST A REAL NATS SERVER ARE SKIPPED: ${found.message}\n`);
}

/** Like `describe`; skipped loudly where no fit nats-server is found, and failing there in CI. */
export function describeWithNats(name: string, body: () => void): void {
  if (!(found instanceof Error)) describe(name, body);
  else if (isCi) {
    it(`${name} needs a nats-server`, () => {
      throw found;
    });
  } else describe.skip(`${name} (skipped: no nats-server 2.10 or newer found)`, body);
}

export type TestNatsServer = RunningNatsServer & { readonly dir: string };

/**
 * A server with JetStream on a free port and a folder of its own, which disposing removes. Give `dir`
 * and `port` to start again where another one was killed; then the folder stays.
 */
export async function natsServer(
  options: Partial<Omit<NatsServerOptions, 'bin'>> = {},
): Promise<TestNatsServer> {
  if (found instanceof Error) throw found;
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'streetwatt-nats-')));
  const server = await startNatsServer({ ...options, dir, bin: found.bin });
  return {
    ...server,
    dir,
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      if (options.dir === undefined) await rm(dir, { recursive: true, force: true });
    },
  };
}
