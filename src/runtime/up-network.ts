// `streetwatt up`: all processes of a deployment folder, on a nats-server that it starts or is given.
// Each node is a process of its own with its own credentials; when one ends, or on a signal, all end.

import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { connectNats } from '../bus/nats-bus.ts';
import { operatorUser } from '../bus/nats-permissions.ts';
import { STREAM_NAMES } from '../bus/streams.ts';
import { FileError } from '../files/file-error.ts';
import { DEPLOYMENT_FILE, type Deployment } from './deployment-folder.ts';
import { findNatsServer, startNatsServer } from './nats-server.ts';
import { readSecretText } from './node-config.ts';

const deploymentSchema: z.ZodType<Deployment> = z.strictObject({
  port: z.int().min(1).max(65_535),
  operator: z.strictObject({ user: z.string(), passwordFile: z.string() }),
  natsAccounts: z.string(),
  configs: z.array(z.string()).min(1),
  map: z
    .strictObject({ url: z.string(), tokens: z.string(), isTrial: z.boolean().optional() })
    .optional(),
});

const tokensSchema = z.object({ tokens: z.array(z.object({ token: z.string().optional() })) });

/** How long a node may take to end after it was asked to. */
const STOP_TIMEOUT_MS = 10_000;
const LOOK_AT_ACCOUNTS_MS = 2000;

export interface UpOptions {
  readonly directory: string;
  /** A server that runs already, with the deployment's accounts; otherwise one is started. */
  readonly hasServer: boolean;
  /** Fetch nats-server where none is found. */
  readonly install: boolean;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** Runs until the signal, or until a node ends by itself. Resolves to whether all ended as asked. */
export async function upNetwork(options: UpOptions): Promise<boolean> {
  const { directory, signal, say } = options;
  const deployment = await readDeployment(directory);
  await using stack = new AsyncDisposableStack();
  if (!options.hasServer) {
    const { bin } = await findNatsServer({ install: options.install, log: say });
    const config = await readFile(join(directory, deployment.natsAccounts), 'utf8');
    const server = stack.use(
      await startNatsServer({ bin, dir: join(directory, 'nats'), port: deployment.port, config }),
    );
    say(`nats-server is running on ${server.url}`);
    stack.use(
      watchAccounts(join(directory, deployment.natsAccounts), config, async (accounts) => {
        await server.reload(accounts);
        say('nats-server has new accounts');
      }),
    );
  }
  await createStreams(directory, deployment);
  if (deployment.map !== undefined) {
    const { url, tokens, isTrial = false } = deployment.map;
    const file = join(directory, tokens);
    say(
      `Map: ${url} with ${isTrial ? `the token ${await firstToken(file)}` : `a token of ${file}`}`,
    );
  }
  const children: ChildProcess[] = [];
  let isAsked = false;
  const failures: string[] = [];
  const ended: Promise<void>[] = [];
  await new Promise<void>((resolve) => {
    for (const config of deployment.configs) {
      const name = config.split(/[\\/]/)[0] as string;
      const child = startChild(join(directory, config), name, say);
      children.push(child);
      ended.push(
        new Promise((done) => {
          child.once('exit', (code, cause) => {
            if (!isAsked) {
              failures.push(`${name} ended by itself with ${cause ?? code}`);
              resolve();
            }
            done();
          });
        }),
      );
    }
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  isAsked = true;
  say('stopping');
  for (const child of children) child.kill('SIGTERM');
  const timer = setTimeout(() => {
    for (const child of children) child.kill('SIGKILL');
  }, STOP_TIMEOUT_MS);
  await Promise.all(ended);
  clearTimeout(timer);
  for (const failure of failures) say(failure);
  say(`all ${children.length} processes have ended`);
  return failures.length === 0;
}

function startChild(config: string, name: string, say: (line: string) => void): ChildProcess {
  const program = fileURLToPath(new URL('../../bin/streetwatt.js', import.meta.url));
  const child = spawn(process.execPath, [program, 'node', '--config', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A Ctrl-C in the terminal is ours to pass on, in order.
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => say(`${name.padEnd(24)} ${line}`));
  }
  return child;
}

/** Gateways are invited and revoked while the network runs: their accounts need no restart. */
function watchAccounts(
  file: string,
  atStart: string,
  take: (accounts: string) => Promise<void>,
): Disposable {
  let taken = atStart;
  const look = async (): Promise<void> => {
    const accounts = await readFile(file, 'utf8');
    if (accounts === taken) return;
    await take(accounts);
    taken = accounts;
  };
  const timer = setInterval(() => void look().catch(() => undefined), LOOK_AT_ACCOUNTS_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

async function createStreams(directory: string, { port, operator }: Deployment): Promise<void> {
  const password = await readSecretText(join(directory, operator.passwordFile));
  for (const stream of STREAM_NAMES) {
    const credentials = { user: operatorUser(operator.user, stream), password };
    const url = `nats://127.0.0.1:${port}`;
    await using _ = await connectNats({
      url,
      name: 'streetwatt operator',
      credentials,
      createStreams: [stream],
    });
  }
}

/** For whoever runs all parties of a trial, and may read the file anyway. */
async function firstToken(file: string): Promise<string> {
  const text = await readSecretText(file);
  const parsed = tokensSchema.safeParse(JSON.parse(text));
  return parsed.data?.tokens[0]?.token ?? `of ${file}`;
}

async function readDeployment(directory: string): Promise<Deployment> {
  const file = join(directory, DEPLOYMENT_FILE);
  try {
    return deploymentSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw new FileError('file-missing', {
      file,
      expected: 'a deployment that "streetwatt init" wrote',
      found: 'none',
      cause,
    });
  }
}
