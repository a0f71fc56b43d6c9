import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeFrame } from '../../../src/core/frame.ts';
import type { IntervalIndex } from '../../../src/core/interval.ts';
import { addMask } from '../../../src/core/mask.ts';
import { openHomeStore } from '../../../src/gateway/home-store.ts';
import { createWorld, type World } from '../../support/world.ts';
import { CRASH_METER, CRASH_STREET, FIRST_MS, INTERVAL_MS, importOf } from './crash-home.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
  expect(world.meters[CRASH_METER]!.area).toBe(CRASH_STREET);
});

/** What the meter masked, with the keys that nobody else has. */
function unmask(frame: Uint8Array, interval: number): bigint {
  const masks = new BigUint64Array(8);
  for (const key of world.meters[CRASH_METER]!.keys.componentKeys)
    addMask(masks, key, interval as IntervalIndex);
  return BigInt.asIntN(64, decodeFrame(frame).words[0]! - masks[0]!);
}

/** Lets the gateway run from one time until another, or until it dies; its whole lines. */
async function run(folder: string, startMs: number, untilMs: number, crashAt: number) {
  const path = fileURLToPath(new URL('./crash-gateway.ts', import.meta.url));
  const child = spawn(process.execPath, [path, folder, startMs, untilMs, crashAt].map(String));
  let said = '';
  let problem = '';
  child.stdout.on('data', (data) => {
    said += data;
  });
  child.stderr.on('data', (data) => {
    problem += data;
  });
  const signal = await new Promise((resolve) => child.on('close', (_code, name) => resolve(name)));
  expect(problem).toBe('');
  expect(signal).toBe('SIGKILL');
  return said
    .slice(0, said.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '');
}

class Life implements AsyncDisposable {
  readonly folder: string;
  readonly sent: Map<number, string> = new Map();
  nowMs: number = FIRST_MS + 60_000;

  constructor(folder: string) {
    this.folder = folder;
  }

  static async begin(): Promise<Life> {
    return new Life(await mkdtemp(join(tmpdir(), 'streetwatt-crash-')));
  }

  /** @returns the intervals that were sent for the first time. */
  async live(untilMs: number, crashAt = 0): Promise<number[]> {
    const first: number[] = [];
    for (const line of await run(this.folder, this.nowMs, untilMs, crashAt)) {
      const [verb, what, frame] = line.split(' ') as [string, string, string];
      if (verb === 'at') this.nowMs = Number(what);
      if (verb !== 'sent') continue;
      const interval = Number(what);
      // The very same frame each time, and in it exactly what the register moved.
      expect(this.sent.get(interval) ?? frame).toBe(frame);
      const bytes = new Uint8Array(Buffer.from(frame, 'hex'));
      expect(unmask(bytes, interval)).toBe(BigInt(importOf(interval)));
      if (!this.sent.has(interval)) first.push(interval);
      this.sent.set(interval, frame);
    }
    for (const name of ['meter.db', 'household.db']) {
      const sqlite = new DatabaseSync(join(this.folder, name));
      expect(sqlite.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
      sqlite.close();
    }
    return first;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}

const intervalAt = (ms: number) => Math.floor(ms / INTERVAL_MS);

describe('a gateway whose power fails', () => {
  it('at any point sends no interval twice with another value, and none that is not whole', async () => {
    await using life = await Life.begin();
    const started = intervalAt(life.nowMs);
    // Each round dies at another point of its writes and sends, within some intervals.
    for (const crashAt of [3, 5, 7, 8, 9, 10, 12, 15, 20]) {
      await life.live(life.nowMs + 4 * INTERVAL_MS, crashAt);
      life.nowMs += 30_000;
    }
    await life.live(life.nowMs + 3 * INTERVAL_MS);
    // Half a minute without power costs no interval: not even one.
    const sent = [...life.sent.keys()].sort((a, b) => a - b);
    const ended = intervalAt(life.nowMs);
    expect(sent).toEqual(Array.from({ length: ended - started - 1 }, (_, at) => started + 1 + at));
    using home = openHomeStore(join(life.folder, 'household.db'));
    for (const interval of sent)
      expect(home.amounts(interval, interval + 1)[0]?.amount).toBe(importOf(interval));
  }, 120_000);

  it('for hours leaves those hours out, and masks nothing of them afterwards', async () => {
    await using life = await Life.begin();
    await life.live(life.nowMs + 2.5 * INTERVAL_MS);
    const goneMs = life.nowMs;
    life.nowMs += 5.2 * INTERVAL_MS;
    const backMs = life.nowMs;
    const first = await life.live(life.nowMs + 3 * INTERVAL_MS);
    expect(Math.min(...first)).toBe(intervalAt(backMs) + 1);
    using home = openHomeStore(join(life.folder, 'household.db'));
    for (const { amount, reason } of home.amounts(intervalAt(goneMs), intervalAt(backMs) + 1))
      expect([amount, reason]).toEqual([undefined, 'gap']);
  }, 60_000);
});
