// The bus accounts of a deployment that is there already. Whoever changes them reads all, and writes
// all again: of two that did so at once, the first one's change would be gone.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { NatsParty } from '../bus/nats-party.ts';
import { Database } from '../store/database.ts';
import { StoreError } from '../store/errors.ts';
import { BUS_PARTIES_FILE } from './deployment-folder.ts';
import { readJson, readSecretText } from './node-config.ts';

const LOCK_FILE = 'accounts.lock';
/** Longer than the accounts of a large inventory take, and no longer: who stands still holds nobody up for good. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 20;

const partiesSchema: z.ZodType<readonly NatsParty[]> = z.array(
  z.strictObject({
    name: z.string(),
    user: z.string(),
    password: z.string(),
    role: z.enum(['meter', 'aggregator', 'trustee', 'monitor', 'auditor', 'operator']),
    areaSubjects: z.array(z.string()).exactOptional(),
  }),
);

/**
 * Until it is disposed, no other process changes the accounts. The lock is the kernel's, on an empty
 * SQLite file: it ends with its process, however that ends, so none is ever found stale and broken.
 * @throws StoreError `locked` where another one holds it all the time
 * @throws AbortError where it is told to stop before it has it
 */
export async function lockAccounts(directory: string, signal: AbortSignal): Promise<Disposable> {
  const lock = new Database(join(directory, LOCK_FILE));
  const deadlineMs = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      // SQLite waits for a second without a look at signals: they come in the pause.
      signal.throwIfAborted();
      lock.exec('BEGIN EXCLUSIVE');
      return lock;
    } catch (error) {
      const isHeld = error instanceof StoreError && error.code === 'locked';
      if (!isHeld || Date.now() > deadlineMs) {
        lock[Symbol.dispose]();
        throw error;
      }
    }
    await sleep(PAUSE_MS);
  }
}

/** @throws FileError also where others than the owner may read them */
export async function readBusParties(directory: string): Promise<readonly NatsParty[]> {
  const file = join(directory, BUS_PARTIES_FILE);
  // For its mode, which is a secret's.
  await readSecretText(file);
  return readJson(file, partiesSchema);
}
