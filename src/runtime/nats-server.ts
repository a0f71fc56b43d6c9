// Finds a fit nats-server on this machine and runs one on a folder: for the tests, the benches and
// small deployments. Fetching one is nats-server-install.ts.

import { execFile, spawn } from 'node:child_process';
import { access, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isFitServerVersion } from '../bus/nats-version.ts';
import { installNatsServer } from './nats-server-install.ts';

const run = promisify(execFile);

const CACHE_DIR: string = fileURLToPath(new URL('../../.cache/nats-server/', import.meta.url));
const READY_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 10_000;

export class NatsServerError extends Error {
  readonly code: 'not-found' | 'did-not-start';

  constructor(code: NatsServerError['code'], message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'NatsServerError';
    this.code = code;
  }
}

export interface FoundNatsServer {
  readonly bin: string;
  readonly version: string;
  readonly foundIn: 'NATS_SERVER_BIN' | 'PATH' | 'cache' | 'installed now';
}

/**
 * NATS_SERVER_BIN, then PATH, then the repository's cache, then (`install`) Debian's own package,
 * unpacked into the cache. Throws NatsServerError `not-found`, saying what was tried.
 */
export async function findNatsServer(
  options: { install?: boolean; log?: (line: string) => void } = {},
): Promise<FoundNatsServer> {
  const log = options.log ?? (() => {});
  const tried: string[] = [];
  const consider = async (bin: string, foundIn: FoundNatsServer['foundIn']) => {
    const version = await versionOf(bin);
    if (version !== undefined && isFitServerVersion(version)) return { bin, version, foundIn };
    tried.push(version === undefined ? `${bin} (does not run)` : `${bin} (${version} is too old)`);
    return undefined;
  };

  const named = process.env.NATS_SERVER_BIN;
  if (named) {
    const found = await consider(resolve(named), 'NATS_SERVER_BIN');
    if (found) return found;
  }
  // Debian installs it in sbin, which is not on every user's PATH.
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']) {
    const bin = join(folder, 'nats-server');
    if (folder === '' || !(await exists(bin))) continue;
    const found = await consider(bin, 'PATH');
    if (found) return found;
  }
  const cached = join(CACHE_DIR, 'nats-server');
  if (await exists(cached)) {
    const found = await consider(cached, 'cache');
    if (found) return found;
  }
  if (options.install) {
    await installNatsServer(CACHE_DIR, log);
    const found = await consider(cached, 'installed now');
    if (found) return found;
  }
  throw new NatsServerError(
    'not-found',
    `no nats-server 2.10 or newer found (looked at NATS_SERVER_BIN, PATH and ${CACHE_DIR}${tried.length > 0 ? `; refused ${tried.join(', ')}` : ''}): run "node scripts/nats-server.ts --install".`,
  );
}

export interface NatsServerOptions {
  readonly bin: string;
  /** Streams, configuration and log live here; a second start on it finds the streams again. */
  readonly dir: string;
  /** 0 takes a free one. */
  readonly port?: number;
  /** Sync every write to the disk before it is acknowledged: survives power loss, costs about 0.4 ms. */
  readonly isSyncAlways?: boolean;
  /** More lines of nats-server configuration, such as accounts. */
  readonly config?: string;
}

export interface RunningNatsServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Takes other accounts without ending: users that are still there keep their connections. */
  reload(config: string): Promise<void>;
  /** Asks it to end, and waits. */
  stop(): Promise<void>;
  /** SIGKILL, and waits: what a crash looks like. */
  kill(): Promise<void>;
}

/** Throws NatsServerError `did-not-start` with the server's own words. */
export async function startNatsServer(options: NatsServerOptions): Promise<RunningNatsServer> {
  const dir = resolve(options.dir);
  await mkdir(dir, { recursive: true });
  for (const name of await readdir(dir)) if (name.endsWith('.ports')) await rm(join(dir, name));
  const configFile = join(dir, 'nats-server.conf');
  await writeFile(configFile, configText(dir, options), { mode: 0o600 });

  const child = spawn(options.bin, ['-c', configFile], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-4000);
  });
  const ended = new Promise<string>((done) => {
    child.once('error', (error) => done(error.message));
    child.once('exit', (code, signal) => done(`ended with ${signal ?? code}`));
  });
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  // A test run that is torn down must leave no server behind.
  const killOnExit = () => child.kill('SIGKILL');
  process.once('exit', killOnExit);
  void ended.then(() => process.off('exit', killOnExit));

  const end = async (signal: NodeJS.Signals) => {
    if (!hasEnded) child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
  };

  const deadlineMs = Date.now() + READY_TIMEOUT_MS;
  const portsFile = join(dir, `nats-server_${child.pid}.ports`);
  let url: string | undefined;
  while (!log.includes('Server is ready') || url === undefined) {
    if (hasEnded || Date.now() > deadlineMs) {
      const why = hasEnded ? await ended : `not ready after ${READY_TIMEOUT_MS / 1000} s`;
      await end('SIGKILL');
      throw new NatsServerError('did-not-start', `nats-server did not start, ${why}:\n${log}`);
    }
    await new Promise((done) => setTimeout(done, 20));
    url = await urlFrom(portsFile);
  }
  return {
    url,
    port: Number(new URL(url).port),
    pid: child.pid!,
    reload: async (config) => {
      await writeFile(configFile, configText(dir, { ...options, config }), { mode: 0o600 });
      if (!hasEnded) child.kill('SIGHUP');
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    [Symbol.asyncDispose]: () => end('SIGTERM'),
  };
}

function configText(dir: string, options: NatsServerOptions): string {
  const quoted = JSON.stringify;
  return [
    `listen: "127.0.0.1:${options.port || -1}"`,
    `ports_file_dir: ${quoted(dir)}`,
    'jetstream {',
    `  store_dir: ${quoted(join(dir, 'jetstream'))}`,
    ...(options.isSyncAlways ? ['  sync_interval: always'] : []),
    '}',
    options.config ?? '',
  ].join('\n');
}

async function urlFrom(portsFile: string): Promise<string | undefined> {
  try {
    const ports = JSON.parse(await readFile(portsFile, 'utf8')) as { nats?: string[] };
    return ports.nats?.[0];
  } catch {
    return undefined; // not written yet, or half written
  }
}

async function versionOf(bin: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(bin, ['--version'], { timeout: 10_000 });
    return /v?(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
