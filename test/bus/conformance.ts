// What every bus must do, run on each implementation.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BusErrorCode } from '../../src/bus/errors.ts';
import { MAX_MESSAGE_BYTES } from '../../src/bus/limits.ts';
import type { Bus, BusMessage, StoredMessage } from '../../src/bus/port.ts';

export interface BusWorld extends AsyncDisposable {
  /** A connection of its own to the same bus. */
  connect(): Promise<Bus>;
}

const text = (data: Uint8Array) => new TextDecoder().decode(data);
const bytes = (value: string) => new TextEncoder().encode(value);
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

async function until(isDone: () => boolean, timeoutMs = 5_000): Promise<void> {
  const deadlineMs = Date.now() + timeoutMs;
  while (!isDone()) {
    if (Date.now() > deadlineMs) throw new Error('waited in vain');
    await pause(2);
  }
}

const failsWith = (code: BusErrorCode) => expect.objectContaining({ name: 'BusError', code });

/** Large, and different at every offset that a lost or swapped chunk could hide. */
function patterned(length: number): Uint8Array {
  const data = new Uint8Array(length);
  for (let i = 0; i < length; i++) data[i] = (i * 31 + (i >>> 9)) & 0xff;
  return data;
}

export function testBusConformance(name: string, makeWorld: () => Promise<BusWorld>): void {
  describe(`${name} conforms`, () => {
    let world: BusWorld;
    let bus: Bus;
    let other: Bus;
    let testCount = 0;
    let area = '';

    beforeAll(async () => {
      world = await makeWorld();
      bus = await world.connect();
      other = await world.connect();
    });
    afterAll(async () => {
      await bus?.[Symbol.asyncDispose]();
      await other?.[Symbol.asyncDispose]();
      await world?.[Symbol.asyncDispose]();
    });
    beforeEach(() => {
      area = `t${++testCount}`;
    });

    describe('publish and subscribe', () => {
      it.each([
        ['x.a.b', ['a.b'], ['a', 'a.c', 'a.b.c']],
        ['x.*.b', ['a.b', 'c.b'], ['b', 'a.b.c', 'a.c']],
        ['x.a.>', ['a.b', 'a.b.c'], ['a', 'b.a']],
        ['x.*.*.>', ['a.b.c', 'a.b.c.d'], ['a.b', 'a']],
      ])('delivers to %s what matches, and nothing else', async (pattern, matching, rest) => {
        const seen: string[] = [];
        await using _ = await bus.subscribe(`${area}.${pattern}`, (message) => {
          seen.push(message.subject.slice(area.length + 3));
        });
        await using all = await bus.subscribe(`${area}.>`, () => {});
        for (const subject of [...rest, ...matching])
          other.publish(`${area}.x.${subject}`, bytes(''));
        await until(() => seen.length >= matching.length);
        await all[Symbol.asyncDispose]();
        await pause(20);
        expect(seen).toEqual(matching);
      });

      it('delivers to every subscription, and no more after it is disposed', async () => {
        const seen: string[] = [];
        const first = await bus.subscribe(`${area}.*`, () => seen.push('first'));
        await using _ = await other.subscribe(`${area}.a`, () => seen.push('second'));
        other.publish(`${area}.a`, bytes(''));
        await until(() => seen.length === 2);
        await first[Symbol.asyncDispose]();
        other.publish(`${area}.a`, bytes(''));
        await until(() => seen.length === 3);
        expect(seen.toSorted()).toEqual(['first', 'second', 'second']);
      });

      it('keeps the order of one publisher', async () => {
        const seen: number[] = [];
        await using _ = await bus.subscribe(`${area}.>`, (message) => {
          seen.push(Number(text(message.data)));
        });
        for (let i = 0; i < 5_000; i++) other.publish(`${area}.${i % 7}`, bytes(String(i)));
        await until(() => seen.length === 5_000);
        expect(seen).toEqual(Array.from({ length: 5_000 }, (_, i) => i));
      });

      it('hands over what had arrived before a disposed subscription ends', async () => {
        let count = 0;
        const subscription = await bus.subscribe(`${area}.a`, () => count++);
        for (let i = 0; i < 500; i++) bus.publish(`${area}.a`, bytes(''));
        await subscription[Symbol.asyncDispose]();
        expect(count).toBe(500);
      });
    });

    describe('bad subjects', () => {
      const bad = [
        '',
        '.',
        'a..b',
        'a.',
        '.a',
        'a b',
        'a\r\nb',
        'ä',
        `${'x'.repeat(65)}`,
        '$JS.API',
      ];
      it.each([...bad, 'a.*.b', 'a.>', '>'])('refuses to publish on %j', async (subject) => {
        expect(() => bus.publish(subject, bytes(''))).toThrow(failsWith('bad-subject'));
        await expect(bus.append(subject, bytes(''))).rejects.toThrow(failsWith('bad-subject'));
        await expect(bus.request(subject, bytes(''), { timeoutMs: 100 })).rejects.toThrow(
          failsWith('bad-subject'),
        );
        await expect(bus.lastOn('SEALS', subject)).rejects.toThrow(failsWith('bad-subject'));
        expect(await bus.appendAll([{ subject, data: bytes('') }])).toEqual([
          { kind: 'failed', error: failsWith('bad-subject') },
        ]);
      });
      it.each([...bad, 'a.>.b', 'a*', '>.a', 'a.b>'])('refuses the pattern %j', async (pattern) => {
        await expect(bus.subscribe(pattern, () => {})).rejects.toThrow(failsWith('bad-subject'));
        await expect(bus.respond(pattern, async (m) => m.data)).rejects.toThrow(
          failsWith('bad-subject'),
        );
        await expect(bus.replay('SEALS', { pattern }, () => {})).rejects.toThrow(
          failsWith('bad-subject'),
        );
      });
    });

    describe('request and respond', () => {
      it('answers each request with its own answer', async () => {
        await using _ = await bus.respond(`${area}.*`, async (message) => {
          await pause(message.data.length % 5);
          return bytes(`${message.subject}:${text(message.data)}`);
        });
        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, i) =>
            other.request(`${area}.s${i}`, bytes('x'.repeat(i)), { timeoutMs: 5_000 }),
          ),
        );
        expect(answers.map(text)).toEqual(
          Array.from({ length: 50 }, (_, i) => `${area}.s${i}:${'x'.repeat(i)}`),
        );
      });

      it('says at once that nobody responds', async () => {
        const startedMs = Date.now();
        await expect(bus.request(`${area}.a`, bytes(''), { timeoutMs: 5_000 })).rejects.toThrow(
          failsWith('no-responders'),
        );
        expect(Date.now() - startedMs).toBeLessThan(2_000);
      });

      it('times out where the answer does not come', async () => {
        const late = Promise.withResolvers<Uint8Array>();
        await using _ = await bus.respond(`${area}.a`, () => late.promise);
        await expect(other.request(`${area}.a`, bytes(''), { timeoutMs: 50 })).rejects.toThrow(
          failsWith('timeout'),
        );
        late.resolve(bytes(''));
      });

      it('is aborted by its signal, before and during', async () => {
        const late = Promise.withResolvers<Uint8Array>();
        await using _ = await bus.respond(`${area}.a`, () => late.promise);
        const control = new AbortController();
        const request = () =>
          other.request(`${area}.a`, bytes(''), { timeoutMs: 5_000, signal: control.signal });
        const during = request();
        setTimeout(() => control.abort(), 20);
        await expect(during).rejects.toThrow(failsWith('aborted'));
        await expect(request()).rejects.toThrow(failsWith('aborted'));
        late.resolve(bytes(''));
      });

      it('tells the requester that the responder failed', async () => {
        await using _ = await bus.respond(`${area}.a`, async () => {
          throw new Error('the ledger is locked');
        });
        await expect(other.request(`${area}.a`, bytes(''), { timeoutMs: 5_000 })).rejects.toThrow(
          expect.objectContaining({ code: 'remote-error', message: 'the ledger is locked' }),
        );
      });

      it.each([0, 1, 524_288, 524_289, 1_048_576, 20_000_003])(
        'carries an answer of %i bytes',
        async (length) => {
          const data = patterned(length);
          await using _ = await bus.respond(`${area}.a`, async () => data);
          const answer = await other.request(`${area}.a`, bytes(''), { timeoutMs: 20_000 });
          expect(Buffer.compare(answer, data)).toBe(0);
        },
      );

      it('refuses an answer that is too large, and says so', async () => {
        const huge = new Uint8Array(256 * 1024 * 1024 + 1);
        await using _ = await bus.respond(`${area}.a`, async () => huge);
        await expect(other.request(`${area}.a`, bytes(''), { timeoutMs: 5_000 })).rejects.toThrow(
          failsWith('too-large'),
        );
      });

      it('takes the first whole answer of two responders', async () => {
        const [one, two] = [patterned(3_000_000), patterned(3_000_001)];
        await using _1 = await bus.respond(`${area}.a`, async () => one);
        await using _2 = await other.respond(`${area}.a`, async () => two);
        for (let i = 0; i < 5; i++) {
          const answer = await other.request(`${area}.a`, bytes(''), { timeoutMs: 5_000 });
          const expected = answer.length === one.length ? one : two;
          expect(Buffer.compare(answer, expected)).toBe(0);
        }
      });

      it('does not send requests into a stream', async () => {
        await expect(
          bus.request(`sw.v1.seal.${area}.1`, bytes(''), { timeoutMs: 500 }),
        ).rejects.toThrow(failsWith('bad-subject'));
      });
    });

    describe('append', () => {
      it('stores in sequence, and delivers to subscribers too', async () => {
        const seen: string[] = [];
        await using _ = await other.subscribe(`sw.v1.reading.${area}`, (m) =>
          seen.push(text(m.data)),
        );
        const first = await bus.append(`sw.v1.reading.${area}`, bytes('one'));
        const second = await bus.append(`sw.v1.reading.${area}`, bytes('two'));
        expect(second.seq).toBe(first.seq + 1);
        expect(await bus.lastSeq('READINGS')).toBe(second.seq);
        await until(() => seen.length === 2);
        expect(seen).toEqual(['one', 'two']);
      });

      it('fails where no stream stores the subject', async () => {
        await expect(bus.append(`${area}.a`, bytes(''))).rejects.toThrow(failsWith('no-stream'));
      });

      it('fails for a message that is too large, and stores nothing', async () => {
        const data = new Uint8Array(MAX_MESSAGE_BYTES + 1);
        const subject = `sw.v1.notice.${area}`;
        await expect(bus.append(subject, data)).rejects.toThrow(failsWith('too-large'));
        expect(() => bus.publish(subject, data)).toThrow(failsWith('too-large'));
        expect(await bus.lastOn('NOTICES', subject)).toBeUndefined();
      });

      it('lets exactly one of two racing appenders win, and both read the winner', async () => {
        for (let round = 0; round < 20; round++) {
          const subject = `sw.v1.seal.${area}.${round}`;
          const outcomes = await Promise.allSettled([
            bus.append(subject, bytes('bus')),
            other.append(subject, bytes('other')),
          ]);
          expect(outcomes.map((o) => o.status).toSorted()).toEqual(['fulfilled', 'rejected']);
          const loser = outcomes.find((o) => o.status === 'rejected');
          expect(loser?.reason).toEqual(failsWith('subject-taken'));
          const winner = outcomes[0]?.status === 'fulfilled' ? 'bus' : 'other';
          for (const each of [bus, other]) {
            const stored = await each.lastOn('SEALS', subject);
            expect(stored && text(stored.data)).toBe(winner);
          }
        }
      });

      it('lets a plain publish not take the place of a winner either', async () => {
        const subject = `sw.v1.total.${area}.1`;
        await bus.append(subject, bytes('first'));
        other.publish(subject, bytes('second'));
        await expect(other.append(subject, bytes('third'))).rejects.toThrow(
          failsWith('subject-taken'),
        );
        expect(text((await bus.lastOn('TOTALS', subject))!.data)).toBe('first');
      });

      it('appends 20,000 at once and says for each how it went', async () => {
        const messages: BusMessage[] = Array.from({ length: 20_000 }, (_, i) => ({
          subject: `sw.v1.seal.${area}.${i === 777 ? 776 : i}`,
          data: bytes(String(i)),
        }));
        messages[5] = { subject: 'a..b', data: bytes('') };
        messages[6] = { subject: `${area}.nowhere`, data: bytes('') };
        const outcomes = await bus.appendAll(messages);
        expect(outcomes).toHaveLength(20_000);
        const failed = new Map(
          outcomes.flatMap((o, i) => (o.kind === 'failed' ? [[i, o.error.code] as const] : [])),
        );
        expect(failed).toEqual(
          new Map([
            [5, 'bad-subject'],
            [6, 'no-stream'],
            [777, 'subject-taken'],
          ]),
        );
        const seqs = outcomes.flatMap((o) => (o.kind === 'stored' ? [o.seq] : []));
        expect(new Set(seqs).size).toBe(19_997);
      });

      it('appends nothing for an empty list', async () => {
        expect(await bus.appendAll([])).toEqual([]);
      });
    });

    describe('lastOn', () => {
      it('gives the last message on exactly this subject', async () => {
        await bus.append(`sw.v1.ledger.${area}.1`, bytes('one'));
        const { seq } = await bus.append(`sw.v1.ledger.${area}.1`, bytes('two'));
        await bus.append(`sw.v1.ledger.${area}.2`, bytes('three'));
        const last = await other.lastOn('LEDGER', `sw.v1.ledger.${area}.1`);
        expect(last).toMatchObject({ subject: `sw.v1.ledger.${area}.1`, seq });
        expect(text(last!.data)).toBe('two');
        expect(Math.abs(last!.storedAtMs - Date.now())).toBeLessThan(5_000);
        expect(await other.lastOn('LEDGER', `sw.v1.ledger.${area}`)).toBeUndefined();
      });
    });

    describe('replay', () => {
      const store = async (from: number, to: number, subject = `sw.v1.reading.${area}.s`) => {
        const outcomes = await bus.appendAll(
          Array.from({ length: to - from }, (_, i) => ({
            subject: `${subject}${(from + i) % 3}`,
            data: bytes(String(from + i)),
          })),
        );
        return outcomes.map((o) => (o.kind === 'stored' ? o.seq : Number.NaN));
      };
      const numbers = (messages: readonly StoredMessage[]) =>
        messages.map((m) => Number(text(m.data)));
      const range = (from: number, to: number) =>
        Array.from({ length: to - from }, (_, i) => from + i);

      it('gives what is stored, then what comes, once and in order', async () => {
        const seqs = await store(0, 3_000);
        const seen: StoredMessage[] = [];
        await using replay = await other.replay(
          'READINGS',
          { pattern: `sw.v1.reading.${area}.>` },
          (m) => void seen.push(m),
        );
        const live = store(3_000, 5_000);
        await replay.caughtUp;
        expect(seen.length).toBeGreaterThanOrEqual(3_000);
        await live;
        await until(() => seen.length >= 5_000);
        await pause(30);
        expect(numbers(seen)).toEqual(range(0, 5_000));
        expect(seen.slice(0, 3_000).map((m) => m.seq)).toEqual(seqs);
        expect(seen[4]!.subject).toBe(`sw.v1.reading.${area}.s1`);
        expect(replay.lastSeq).toBe(seen.at(-1)!.seq);
      });

      it('is caught up at once where nothing matches, and then gives what comes', async () => {
        const seen: StoredMessage[] = [];
        await using replay = await bus.replay(
          'READINGS',
          { pattern: `sw.v1.reading.${area}.>` },
          (m) => void seen.push(m),
        );
        await replay.caughtUp;
        expect(replay.lastSeq).toBe(0);
        await store(0, 3);
        await until(() => seen.length === 3);
      });

      it('gives only what matches the pattern', async () => {
        await store(0, 30);
        const seen: StoredMessage[] = [];
        await using replay = await bus.replay(
          'READINGS',
          { pattern: `sw.v1.reading.*.s1` },
          (m) => void seen.push(m),
        );
        await replay.caughtUp;
        const here = seen.filter((m) => m.subject.startsWith(`sw.v1.reading.${area}.`));
        expect(numbers(here)).toEqual(range(0, 30).filter((i) => i % 3 === 1));
        expect(seen.every((m) => m.subject.endsWith('.s1'))).toBe(true);
      });

      it('finds a long backlog of one area among others, and goes on live', async () => {
        const mixed = (from: number, to: number) =>
          bus.appendAll(
            Array.from({ length: to - from }, (_, i) => ({
              subject: `sw.v1.reading.${area}.${(from + i) % 3 === 0 ? 'here' : 'there'}.s${i % 50}`,
              data: bytes(String(from + i)),
            })),
          );
        await mixed(0, 9_000);
        const seen: StoredMessage[] = [];
        await using replay = await other.replay(
          'READINGS',
          { pattern: `sw.v1.reading.${area}.here.>` },
          (m) => void seen.push(m),
        );
        const live = mixed(9_000, 12_000);
        await replay.caughtUp;
        expect(seen.length).toBeGreaterThanOrEqual(3_000);
        await live;
        await until(() => seen.length >= 4_000);
        await pause(30);
        expect(numbers(seen)).toEqual(range(0, 12_000).filter((i) => i % 3 === 0));
      });

      it('begins at a sequence', async () => {
        const seqs = await store(0, 40);
        const seen: StoredMessage[] = [];
        await using replay = await bus.replay('READINGS', { fromSeq: seqs[25]! }, (m) => {
          seen.push(m);
        });
        await replay.caughtUp;
        expect(numbers(seen)).toEqual(range(25, 40));
      });

      it('begins at a time', async () => {
        await store(0, 10);
        await pause(30);
        const fromTimeMs = Date.now();
        await pause(30);
        await store(10, 20);
        const seen: StoredMessage[] = [];
        await using replay = await bus.replay(
          'READINGS',
          { pattern: `sw.v1.reading.${area}.>`, fromTimeMs },
          (m) => void seen.push(m),
        );
        await replay.caughtUp;
        expect(numbers(seen)).toEqual(range(10, 20));
        expect(seen[0]!.storedAtMs).toBeGreaterThanOrEqual(fromTimeMs);
      });

      it('goes on where it stopped, without loss or repeat', async () => {
        await store(0, 2_000);
        const seen: StoredMessage[] = [];
        let fromSeq = 1;
        while (seen.length < 2_000) {
          const stop = new AbortController();
          const target = seen.length + 300;
          const replay = await bus.replay(
            'READINGS',
            { pattern: `sw.v1.reading.${area}.>`, fromSeq, signal: stop.signal },
            (m) => {
              seen.push(m);
              if (seen.length === target) stop.abort();
            },
          );
          await replay.caughtUp.catch(() => {});
          await replay[Symbol.asyncDispose]();
          fromSeq = replay.lastSeq + 1;
        }
        expect(numbers(seen)).toEqual(range(0, 2_000));
      });

      it('waits for each handler, and disposing waits for the last', async () => {
        await store(0, 20);
        const seen: number[] = [];
        let runningCount = 0;
        const replay = await bus.replay(
          'READINGS',
          { pattern: `sw.v1.reading.${area}.>` },
          async (m) => {
            expect(++runningCount).toBe(1);
            await pause(1);
            runningCount--;
            seen.push(m.seq);
          },
        );
        await until(() => seen.length >= 5);
        await replay[Symbol.asyncDispose]();
        expect(runningCount).toBe(0);
        const count = seen.length;
        expect(replay.lastSeq).toBe(seen.at(-1));
        await pause(20);
        expect(seen.length).toBe(count);
        await expect(replay.caughtUp).rejects.toThrow(failsWith('closed'));
        await replay.ended;
      });

      it('ends with the error of a handler that throws', async () => {
        await store(0, 3);
        const fault = new Error('cannot handle');
        const replay = await bus.replay('READINGS', { pattern: `sw.v1.reading.${area}.>` }, (m) => {
          if (text(m.data) === '1') throw fault;
        });
        await expect(replay.caughtUp).rejects.toBe(fault);
        const later = await bus.replay('READINGS', { pattern: `sw.v1.notice.${area}.>` }, () => {});
        await later[Symbol.asyncDispose]();

        const live = await bus.replay('NOTICES', { pattern: `sw.v1.notice.${area}` }, () => {
          throw fault;
        });
        await live.caughtUp;
        const ended = expect(live.ended).rejects.toBe(fault);
        await bus.append(`sw.v1.notice.${area}`, bytes(''));
        await ended;
      });

      it('tells misuse at the call', async () => {
        const attempt = (options: object) => bus.replay('READINGS', options, () => {});
        await expect(attempt({ fromSeq: 0 })).rejects.toThrow(RangeError);
        await expect(attempt({ fromSeq: 1.5 })).rejects.toThrow(RangeError);
        await expect(attempt({ fromTimeMs: Number.NaN })).rejects.toThrow(RangeError);
        await expect(attempt({ fromSeq: 1, fromTimeMs: 1 })).rejects.toThrow(TypeError);
        await expect(bus.lastSeq('OTHER' as 'SEALS')).rejects.toThrow(RangeError);
      });
    });

    describe('dispose', () => {
      it('drains what had arrived, answers it, and refuses what comes after', async () => {
        const own = await world.connect();
        let count = 0;
        const asked = Promise.withResolvers<void>();
        await own.subscribe(`${area}.a`, () => count++);
        await own.respond(`${area}.b`, async (message) => {
          asked.resolve();
          await pause(30);
          return message.data;
        });
        await own.replay('SEALS', { pattern: `sw.v1.seal.${area}.>` }, () => {});
        for (let i = 0; i < 100; i++) own.publish(`${area}.a`, bytes(''));
        const append = own.append(`sw.v1.seal.${area}.1`, bytes(''));
        const answer = other.request(`${area}.b`, bytes('late'), { timeoutMs: 5_000 });
        await asked.promise;
        await own[Symbol.asyncDispose]();
        expect(count).toBe(100);
        expect(text(await answer)).toBe('late');
        expect((await append).seq).toBeGreaterThan(0);
        expect(() => own.publish(`${area}.a`, bytes(''))).toThrow(failsWith('closed'));
        await expect(own.append(`sw.v1.seal.${area}.2`, bytes(''))).rejects.toThrow(
          failsWith('closed'),
        );
        await expect(own.subscribe('a', () => {})).rejects.toThrow(failsWith('closed'));
        await expect(own.replay('SEALS', {}, () => {})).rejects.toThrow(failsWith('closed'));
        await own[Symbol.asyncDispose]();
      });

      it('fails the requests that still wait', async () => {
        const own = await world.connect();
        const late = Promise.withResolvers<Uint8Array>();
        await using _ = await other.respond(`${area}.a`, () => late.promise);
        const request = expect(own.request(`${area}.a`, bytes(''), { timeoutMs: 5_000 })).rejects;
        const failed = request.toThrow(failsWith('closed'));
        await pause(10);
        await own[Symbol.asyncDispose]();
        await failed;
        late.resolve(bytes(''));
      });
    });
  });
}
