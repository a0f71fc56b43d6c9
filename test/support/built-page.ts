// The page as it is served: built once where it is missing, or older than what it is made of.

import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TARGET = join(ROOT, 'build/web');
const LOCK = join(ROOT, 'build/web.lock');
const SOURCES = ['web', 'src/map', 'src/geo'];
/** A build takes a second or two: whoever holds the lock for longer has died. */
const LOCK_MS = 60_000;

/** Where it lies. Test files run side by side: one of them builds, the others wait. */
export async function builtPage(): Promise<string> {
  while (!(await isFresh())) {
    if (await lock()) {
      try {
        if (!(await isFresh())) await buildPage();
      } finally {
        await rm(LOCK, { recursive: true, force: true });
      }
    } else await sleep(100);
  }
  return TARGET;
}

async function isFresh(): Promise<boolean> {
  const builtMs = await modifiedMs(join(TARGET, 'index.html'));
  if (builtMs === undefined) return false;
  for (const folder of SOURCES) {
    for (const name of await readdir(join(ROOT, folder), { recursive: true })) {
      if (/\.(?:tsx?|css|html|svg)$/.test(name)) {
        const changedMs = await modifiedMs(join(ROOT, folder, name));
        if (changedMs !== undefined && changedMs > builtMs) return false;
      }
    }
  }
  return true;
}

async function lock(): Promise<boolean> {
  await mkdir(join(ROOT, 'build'), { recursive: true });
  const heldMs = await modifiedMs(LOCK);
  if (heldMs !== undefined && Date.now() - heldMs > LOCK_MS) await rm(LOCK, { recursive: true });
  return await mkdir(LOCK).then(
    () => true,
    () => false,
  );
}

/** Beside its place first: a server that is running serves the old page until the new one is whole. */
async function buildPage(): Promise<void> {
  const beside = `${TARGET}.new`;
  await build({
    configFile: join(ROOT, 'web/vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: beside, emptyOutDir: true },
  });
  await rm(TARGET, { recursive: true, force: true });
  await rename(beside, TARGET);
}

async function modifiedMs(path: string): Promise<number | undefined> {
  return await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}
