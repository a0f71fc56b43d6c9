import { describe, expect, it } from 'vitest';
import { MemoryBus } from '../../src/bus/memory-bus.ts';
import type { FaultPlan } from '../../src/bus/memory-faults.ts';
import type { StoredMessage } from '../../src/bus/port.ts';
import { testBusConformance } from './conformance.ts';

testBusConformance('the memory bus', async () => {
  const bus = new MemoryBus({ isCopying: true });
  return {
    connect: async () => bus.connect(),
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  };
});

const text = (data: Uint8Array) => new TextDecoder().decode(data);
const bytes = (value: string) => new TextEncoder().encode(value);

describe('the memory bus', () => {
  it('stamps by the given clock, and expires by it', async () => {
    let nowMs = 1_000_000;
    await using bus = new MemoryBus({ nowMs: () => nowMs, maxAgesSeconds: { SEALS: 10 } });
    await bus.append('sw.v1.seal.a.1', bytes('first'));
    nowMs += 9_999;
    expect((await bus.lastOn('SEALS', 'sw.v1.seal.a.1'))?.storedAtMs).toBe(1_000_000);
    await expect(bus.append('sw.v1.seal.a.1', bytes('second'))).rejects.toThrow();
    nowMs += 1;
    expect(await bus.lastOn('SEALS', 'sw.v1.seal.a.1')).toBeUndefined();
    expect(await bus.append('sw.v1.seal.a.1', bytes('second'))).toEqual({ seq: 2 });
    const seen: StoredMessage[] = [];
    await using replay = await bus.replay('SEALS', {}, (m) => void seen.push(m));
    await replay.caughtUp;
    expect(seen.map((m) => m.seq)).toEqual([2]);
  });

  it('never stamps backwards when the clock does', async () => {
    let nowMs = 1_000;
    await using bus = new MemoryBus({ nowMs: () => nowMs });
    await bus.append('sw.v1.notice.a', bytes(''));
    nowMs = 500;
    await bus.append('sw.v1.notice.a', bytes(''));
    expect((await bus.lastOn('NOTICES', 'sw.v1.notice.a'))?.storedAtMs).toBe(1_000);
  });

  it('is idle when all that a message led to is done', async () => {
    await using bus = new MemoryBus();
    const done: string[] = [];
    await bus.respond('b', async (message) => {
      await new Promise((next) => setTimeout(next, 5));
      return message.data;
    });
    await bus.replay('LEDGER', {}, async () => {
      await new Promise((next) => setTimeout(next, 5));
      done.push('handled');
    });
    await bus.subscribe('a', () => {
      void bus
        .request('b', bytes(''), { timeoutMs: 1_000 })
        .then(() => bus.append('sw.v1.ledger.a', bytes('')))
        .then(() => done.push('appended'));
    });
    bus.publish('a', bytes(''));
    await bus.idle();
    expect(done.toSorted()).toEqual(['appended', 'handled']);
  });

  it('matches among 50,000 subscriptions without asking each', async () => {
    const msAmong = async (subscriptionCount: number): Promise<number> => {
      await using bus = new MemoryBus();
      let count = 0;
      const subject = (i: number) => `s.${i % 250}.${i % subscriptionCount}`;
      for (let i = 0; i < subscriptionCount; i++) await bus.subscribe(subject(i), () => count++);
      const startedMs = performance.now();
      for (let i = 0; i < 50_000; i++) bus.publish(subject(i), bytes(''));
      await bus.idle();
      expect(count).toBe(50_000);
      return performance.now() - startedMs;
    };
    // Whatever the machine: a scan would take a hundred times as long as among 500.
    const fewMs = await msAmong(500);
    expect(await msAmong(50_000)).toBeLessThan(20 * fewMs);
  });

  it('keeps receivers apart when it copies', async () => {
    await using bus = new MemoryBus({ isCopying: true });
    await bus.subscribe('sw.v1.notice.a', (m) => m.data.fill(0));
    const data = bytes('kept');
    await bus.append('sw.v1.notice.a', data);
    await bus.idle();
    data.fill(1);
    const stored = await bus.lastOn('NOTICES', 'sw.v1.notice.a');
    expect(text(stored!.data)).toBe('kept');
  });
});

describe('the fault plan', () => {
  async function run(faults: FaultPlan) {
    await using bus = new MemoryBus({ faults });
    const seen: number[] = [];
    await bus.subscribe('a', (m) => seen.push(Number(text(m.data))));
    for (let i = 0; i < 1_000; i++) {
      bus.publish('a', bytes(String(i)));
      if (i % 10 === 0) await new Promise((next) => setImmediate(next));
    }
    await bus.idle();
    const outcomes = await bus.appendAll(
      Array.from({ length: 1_000 }, (_, i) => ({
        subject: `sw.v1.reading.s${i}`,
        data: bytes(String(i)),
      })),
    );
    const stored: number[] = [];
    await using replay = await bus.replay('READINGS', {}, (m) => {
      stored.push(Number(text(m.data)));
    });
    await replay.caughtUp;
    const acknowledged = outcomes.flatMap((o, i) => (o.kind === 'stored' ? [i] : []));
    return { seen, stored, acknowledged };
  }
  const plan = { delayTurns: 2, lossRate: 0.1, duplicateRate: 0.1, reorderRate: 0.2 };

  it('does the same for the same seed, and something else for another', async () => {
    const first = await run({ seed: 7, ...plan });
    expect(await run({ seed: 7, ...plan })).toEqual(first);
    expect(await run({ seed: 8, ...plan })).not.toEqual(first);
  });

  it('loses, repeats and reorders deliveries', async () => {
    const { seen } = await run({ seed: 7, ...plan });
    const distinct = new Set(seen);
    expect(distinct.size).toBeGreaterThan(850);
    expect(distinct.size).toBeLessThan(950);
    expect(seen.length).toBeGreaterThan(distinct.size + 50);
    expect(seen.some((value, i) => i > 0 && value < seen[i - 1]!)).toBe(true);
  });

  it('never loses what was acknowledged, and stores some of what was not', async () => {
    const { stored, acknowledged } = await run({ seed: 7, ...plan });
    const storedSet = new Set(stored);
    expect(acknowledged.every((i) => storedSet.has(i))).toBe(true);
    expect(acknowledged.length).toBeLessThan(storedSet.size);
    expect(stored.length).toBeGreaterThan(storedSet.size);
  });
});
