import { spawn } from 'node:child_process';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/core/bytes.ts';
import { bytesOfWords } from '../../src/core/words.ts';
import { openMeterStore } from '../../src/store/meter-store.ts';
import { openTrusteeStore } from '../../src/store/trustee-store.ts';
import { placeOf } from './some-meters.ts';
import { TemporaryFolder } from './temporary.ts';

const ROUNDS = 8;

/** Runs a script until it has said something and `delayMs` more, kills it, and gives its whole lines. */
async function runAndKill(script: string, args: readonly string[], delayMs: number) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let problem = '';
  child.stderr.on('data', (data) => {
    problem += data;
  });
  child.stdout.on('data', (data) => {
    if (said === '') setTimeout(() => child.kill('SIGKILL'), delayMs);
    said += data;
  });
  const signal = await new Promise((resolve) => child.on('close', (_code, name) => resolve(name)));
  expect(problem).toBe('');
  expect(signal).toBe('SIGKILL');
  return said
    .slice(0, said.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '));
}

function expectSound(file: string): void {
  const sqlite = new DatabaseSync(file);
  expect(sqlite.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  sqlite.close();
}

describe('a process that is killed', () => {
  it('as a trustee has kept every binding, sum and key that it spoke of', async () => {
    using folder = new TemporaryFolder();
    const file = folder.file('trustee.db');
    const digests = new Map<number, string>();
    let sequence = 0;
    let epoch = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const lines = await runAndKill('./crash-trustee.ts', [file], Math.random() * 120);
      for (const [verb, first, digest, entry] of lines) {
        expect(verb).not.toBe('broken');
        if (verb === 'keys') epoch = Number(first);
        if (verb !== 'bound') continue;
        digests.set(Number(first), digest as string);
        sequence = Number(entry);
      }
      {
        using store = openTrusteeStore(file);
        const ledger = store.loadLedger(0);
        const bound = new Map(
          ledger.bindings.map(({ interval, sealDigest }) => [interval, toHex(sealDigest)]),
        );
        for (const [interval, digest] of digests) expect(bound.get(interval as never)).toBe(digest);
        expect(ledger.ledgerSequence).toBeGreaterThanOrEqual(sequence);
        expect(store.unpublishedEntries()).toHaveLength(ledger.ledgerSequence);
        // All of a commit or nothing: thirty sums of each binding, made from its digest.
        const sums = store.loadMaskSums(0);
        expect(sums).toHaveLength(30 * bound.size);
        for (const sum of sums) expect(toHex(bytesOfWords(sum.sums))).toBe(bound.get(sum.interval));
        const keys = store.keys.load();
        expect(keys[0]?.epoch ?? 0).toBeGreaterThanOrEqual(epoch);
        expect(new Set(keys.map((record) => record.epoch)).size).toBeLessThanOrEqual(1);
        for (const [interval, digest] of bound) digests.set(interval, digest);
      }
      expectSound(file);
      expectSound(folder.file('trustee.keys.db'));
    }
    expect(digests.size).toBeGreaterThan(ROUNDS);
  });

  it('as a meter never sends two values under one mask', async () => {
    using folder = new TemporaryFolder();
    const file = folder.file('meter.db');
    const sent = new Map<string, string>();
    const expectSame = (lines: readonly string[][]) => {
      for (const [verb, slot, interval, frame] of lines) {
        if (verb !== 'sent') continue;
        const key = `${slot} ${interval}`;
        expect(sent.get(key) ?? frame).toBe(frame);
        sent.set(key, frame as string);
      }
    };
    for (let round = 0; round < ROUNDS; round++) {
      expectSame(await runAndKill('./crash-meter.ts', [file], Math.random() * 120));
      expectSound(file);
    }
    expect(sent.size).toBeGreaterThan(ROUNDS);
  });

  it('as a meter between masking and storing has sent nothing, and may mask again', async () => {
    using folder = new TemporaryFolder();
    const file = folder.file('meter.db');
    const [masked] = await runAndKill('./crash-meter.ts', [file, 'before'], 60_000);
    expect(masked?.[0]).toBe('masked');
    using store = openMeterStore(file);
    expect(store.loadMeter(placeOf(0))).toMatchObject({ lastInterval: -1 });
    expect(store.loadMeter(placeOf(0))?.outbox.size).toBe(0);
  });

  it('as a meter between storing and sending resends that very frame, and masks no other', async () => {
    using folder = new TemporaryFolder();
    const file = folder.file('meter.db');
    const [masked] = await runAndKill('./crash-meter.ts', [file, 'after'], 60_000);
    const [resent, ...later] = await runAndKill('./crash-meter.ts', [file], 0);
    expect(resent).toEqual(['sent', ...(masked as string[]).slice(1)]);
    const [, slot, interval] = masked as string[];
    for (const line of later) expect(line.slice(1, 3)).not.toEqual([slot, interval]);
  });
});
