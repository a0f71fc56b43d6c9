// Subjects as strings, made once each: always what the client would have said.

import { connect, type Msg } from '@nats-io/transport-node';
import { describe, expect, it } from 'vitest';
import { SubjectNames } from '../../src/bus/subject-names.ts';
import { describeWithNats, natsServer } from '../support/nats.ts';

/** Only what is read of a message; `subject` counts how often the client is asked. */
function messageOn(subject: string, bytes: Uint8Array = new TextEncoder().encode(subject)) {
  const asked = { count: 0 };
  const message = {
    _msg: { subject: bytes },
    get subject() {
      asked.count++;
      return subject;
    },
  } as unknown as Msg;
  return { message, asked, bytes };
}

describe('the names of subjects', () => {
  it('are those of the messages, also where thousands share the table', () => {
    const names = new SubjectNames();
    const subjects = Array.from({ length: 100_000 }, (_, index) => `sw.v1.reading.es.s${index}`);
    for (let round = 0; round < 2; round++)
      for (const subject of subjects) {
        const name = names.of(messageOn(subject).message);
        if (name !== subject) expect(name).toBe(subject);
      }
  });

  it('are asked of the client once each', () => {
    const names = new SubjectNames();
    names.of(messageOn('sw.v1.reading.es.s1').message);
    const again = messageOn('sw.v1.reading.es.s1');
    expect(names.of(again.message)).toBe('sw.v1.reading.es.s1');
    expect(again.asked.count).toBe(0);
  });

  it('stay what they were when the buffer behind a message is used again', () => {
    const names = new SubjectNames();
    const first = messageOn('sw.v1.reading.es.s1', Buffer.from('sw.v1.reading.es.s1'));
    names.of(first.message);
    first.bytes.set(new TextEncoder().encode('sw.v1.reading.es.s2'));
    expect(names.of(messageOn('sw.v1.reading.es.s1').message)).toBe('sw.v1.reading.es.s1');
    expect(names.of(messageOn('sw.v1.reading.es.s2').message)).toBe('sw.v1.reading.es.s2');
  });

  it('are the client’s own where it keeps the bytes elsewhere, or they are very long', () => {
    const names = new SubjectNames();
    expect(names.of({ subject: 'a.b' } as Msg)).toBe('a.b');
    const long = 'x'.repeat(600);
    names.of(messageOn(long).message);
    const again = messageOn(long);
    expect(names.of(again.message)).toBe(long);
    expect(again.asked.count).toBe(1);
  });
});

describeWithNats('the client that is installed', () => {
  it('keeps a subject’s bytes where they are looked for', async () => {
    await using server = await natsServer();
    const connection = await connect({ servers: server.url });
    try {
      const names = new SubjectNames();
      const seen: string[] = [];
      const kept: boolean[] = [];
      connection.subscribe('a.>', {
        callback: (_, message) => {
          kept.push(
            (message as { _msg?: { subject?: unknown } })._msg?.subject instanceof Uint8Array,
          );
          seen.push(names.of(message));
        },
      });
      for (const subject of ['a.b', 'a.c', 'a.b', 'a.b.c']) connection.publish(subject);
      await connection.flush();
      expect(seen).toEqual(['a.b', 'a.c', 'a.b', 'a.b.c']);
      expect(kept).toEqual([true, true, true, true]);
    } finally {
      await connection.close();
    }
  });
});
