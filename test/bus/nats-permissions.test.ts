import { connect, createInbox, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectNats } from '../../src/bus/nats-bus.ts';
import type { NatsParty } from '../../src/bus/nats-party.ts';
import {
  natsAccountsConfig,
  operatorUser,
  RESTRICTED_API_PREFIX,
} from '../../src/bus/nats-permissions.ts';
import type { Bus, StoredMessage, StreamName } from '../../src/bus/port.ts';
import { STREAM_NAMES } from '../../src/bus/streams.ts';
import { describeWithNats, natsServer, type TestNatsServer } from '../support/nats.ts';

const bytes = (value: string) => new TextEncoder().encode(value);
const text = (data: Uint8Array) => new TextDecoder().decode(data);
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));
const forbidden = expect.objectContaining({ name: 'BusError', code: 'forbidden' });

const STREET = 'es.md.c.s1';
const party = (user: string, role: NatsParty['role'], areaSubjects?: string[]): NatsParty => ({
  name: user,
  user,
  password: `password-of-${user}`,
  role,
  ...(areaSubjects ? { areaSubjects } : {}),
});
const PARTIES = [
  party('op', 'operator'),
  party('gateway', 'meter', [STREET]),
  party('concentrator', 'meter', ['es.md.d.>']),
  party('agg1', 'aggregator', ['es.md.c', STREET]),
  party('agg2', 'aggregator', ['es.md.d', 'es.md.d.>']),
  party('t1', 'trustee'),
  party('mon', 'monitor'),
  party('aud', 'auditor'),
];

describeWithNats('NATS permissions', () => {
  let server: TestNatsServer;
  const buses = new Map<string, Bus>();
  const raws: NatsConnection[] = [];
  const as = (user: string) => buses.get(user)!;

  /** The client itself, for what our own bus would never send. */
  async function rawAs(user: string): Promise<NatsConnection> {
    const pass = `password-of-${user.replace(/-.*/, '')}`;
    const raw = await connect({ servers: server.url, user, pass, inboxPrefix: `_INBOX.${user}` });
    raws.push(raw);
    return raw;
  }

  beforeAll(async () => {
    server = await natsServer({ config: natsAccountsConfig(PARTIES) });
    for (const stream of STREAM_NAMES) {
      const user = operatorUser('op', stream);
      await using _ = await connectNats({
        url: server.url,
        credentials: { user, password: 'password-of-op' },
        createStreams: [stream],
      });
    }
    for (const { user, password, role } of PARTIES) {
      if (role === 'operator') continue;
      const credentials = { user, password };
      buses.set(
        user,
        await connectNats({ url: server.url, credentials, apiPrefix: RESTRICTED_API_PREFIX }),
      );
    }
    await as('gateway').append(`sw.v1.reading.${STREET}`, bytes('frame'));
    await as('agg1').append(`sw.v1.seal.${STREET}.1`, bytes('seal'));
    await as('agg1').append(`sw.v1.total.${STREET}.1`, bytes('total'));
    await as('t1').append('sw.v1.ledger.t1.1', bytes('release'));
    await as('agg1').append(`sw.v1.receipt.${STREET}`, bytes('receipt'));
    await as('agg2').append('sw.v1.receipt.es.md.d.s9', bytes('receipt of s9'));
    await as('aud').append(`sw.v1.notice.${STREET}`, bytes('notice'));
  });
  afterAll(async () => {
    for (const raw of raws) await raw.close();
    for (const bus of buses.values()) await bus[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  async function read(user: string, stream: StreamName, pattern?: string): Promise<string[]> {
    const seen: StoredMessage[] = [];
    await using replay = await as(user).replay(stream, pattern ? { pattern } : {}, (m) => {
      seen.push(m);
    });
    await replay.caughtUp;
    return seen.map((m) => text(m.data));
  }

  describe('reading', () => {
    // Without a pattern: a meter and, of the readings, an aggregator may read by area only.
    const readers: Record<string, readonly StreamName[]> = {
      gateway: [],
      concentrator: [],
      agg1: ['SEALS', 'TOTALS', 'LEDGER', 'NOTICES'],
      t1: ['SEALS', 'LEDGER', 'NOTICES'],
      mon: ['TOTALS', 'LEDGER', 'NOTICES'],
      aud: STREAM_NAMES,
    };
    const cases = Object.entries(readers).flatMap(([user, streams]) =>
      STREAM_NAMES.map((stream) => [user, stream, streams.includes(stream)] as const),
    );
    it.each(cases)('%s reads %s: %s', async (user, stream, isAllowed) => {
      if (isAllowed) {
        expect((await read(user, stream)).length).toBeGreaterThan(0);
        expect(await as(user).lastSeq(stream)).toBeGreaterThan(0);
        expect(await as(user).lastOn(stream, 'sw.v1.x')).toBeUndefined();
      } else {
        await expect(read(user, stream)).rejects.toThrow(forbidden);
        await expect(as(user).lastOn(stream, 'sw.v1.x')).rejects.toThrow(forbidden);
      }
    });

    it('gives an aggregator the readings of its areas, and no others', async () => {
      expect(await read('agg1', 'READINGS', `sw.v1.reading.${STREET}`)).toEqual(['frame']);
      expect(await read('agg1', 'READINGS', 'sw.v1.reading.es.md.c.>')).toEqual(['frame']);
      for (const pattern of [
        'sw.v1.reading.es.md.>',
        'sw.v1.reading.es.md.d.>',
        'sw.v1.reading.>',
      ]) {
        await expect(read('agg1', 'READINGS', pattern)).rejects.toThrow(forbidden);
      }
      await expect(read('agg2', 'READINGS', `sw.v1.reading.${STREET}`)).rejects.toThrow(forbidden);
    });

    it('refuses a consumer whose filter is another than its subject says', async () => {
      const raw = await rawAs('agg2');
      const reply = await raw.request(
        `sw.js.CONSUMER.CREATE.READINGS.sneaky.sw.v1.reading.es.md.d.>`,
        JSON.stringify({
          stream_name: 'READINGS',
          config: { name: 'sneaky', ack_policy: 'none', filter_subject: 'sw.v1.reading.>' },
          action: 'create',
        }),
      );
      expect(reply.json()).toHaveProperty('error');
    });

    it('lets nobody listen to the inboxes of another, or to readings and queries', async () => {
      for (const pattern of ['_INBOX.>', '_INBOX.mon.>', '>', 'sw.v1.>', 'sw.v1.query.>']) {
        await expect(as('t1').subscribe('sw.v1.reading.>', () => {})).rejects.toThrow(forbidden);
        const raw = await rawAs('t1');
        let refusal: Error | null = null;
        raw.subscribe(pattern, {
          callback: (error) => {
            refusal = error;
          },
        });
        await raw.flush();
        expect(refusal).toMatchObject({ name: 'PermissionViolationError' });
      }
    });

    it('gives a meter the receipts of its own streets, and no others', async () => {
      expect(await read('gateway', 'RECEIPTS', `sw.v1.receipt.${STREET}`)).toEqual(['receipt']);
      expect(await read('concentrator', 'RECEIPTS', 'sw.v1.receipt.es.md.d.>')).toEqual([
        'receipt of s9',
      ]);
      expect(await read('concentrator', 'RECEIPTS', 'sw.v1.receipt.es.md.d.s9')).toHaveLength(1);
      const refused = [
        ['gateway', 'sw.v1.receipt.>'],
        ['gateway', 'sw.v1.receipt.es.md.c.>'],
        ['gateway', 'sw.v1.receipt.es.md.c.s2'],
        ['gateway', 'sw.v1.receipt.es.md.d.s9'],
        ['concentrator', 'sw.v1.receipt.es.md.>'],
        ['concentrator', `sw.v1.receipt.${STREET}`],
      ] as const;
      for (const [user, pattern] of refused) {
        await expect(read(user, 'RECEIPTS', pattern)).rejects.toThrow(forbidden);
      }
    });

    it.each(['mon', 't1', 'agg1'])('gives %s no receipt, stored or live', async (user) => {
      for (const pattern of ['sw.v1.receipt.>', `sw.v1.receipt.${STREET}`]) {
        await expect(read(user, 'RECEIPTS', pattern)).rejects.toThrow(forbidden);
        await expect(as(user).subscribe(pattern, () => {})).rejects.toThrow(forbidden);
      }
      await expect(as(user).lastOn('RECEIPTS', `sw.v1.receipt.${STREET}`)).rejects.toThrow(
        forbidden,
      );
      const raw = await rawAs(user);
      for (const subject of [
        'sw.js.STREAM.INFO.RECEIPTS',
        'sw.js.STREAM.MSG.GET.RECEIPTS',
        'sw.js.CONSUMER.CREATE.RECEIPTS.all',
        'sw.js.CONSUMER.MSG.NEXT.RECEIPTS.all',
        '$JS.API.STREAM.MSG.GET.RECEIPTS',
      ]) {
        await expect(raw.request(subject, '{"seq":1}', { timeout: 1_000 })).rejects.toThrow();
      }
    });

    it('lets a meter follow the notices of its street, and no others', async () => {
      expect(await read('gateway', 'NOTICES', `sw.v1.notice.${STREET}`)).toContain('notice');
      for (const pattern of ['sw.v1.notice.>', 'sw.v1.notice.es.md.c.s2']) {
        await expect(read('gateway', 'NOTICES', pattern)).rejects.toThrow(forbidden);
      }
    });

    it('delivers notices to whoever listens', async () => {
      const seen: string[] = [];
      await using _ = await as('t1').subscribe('sw.v1.notice.>', (m) => seen.push(text(m.data)));
      await as('aud').append(`sw.v1.notice.${STREET}`, bytes('alert'));
      for (let i = 0; i < 100 && seen.length === 0; i++) await pause(5);
      expect(seen).toEqual(['alert']);
    });
  });

  describe('publishing', () => {
    const allowed = [
      ['gateway', `sw.v1.reading.${STREET}`],
      ['agg1', 'sw.v1.seal.es.md.c.2'],
      ['agg1', 'sw.v1.total.es.md.c.2'],
      ['agg2', 'sw.v1.seal.es.md.d.s9.2'],
      ['agg1', `sw.v1.receipt.${STREET}`],
      ['agg2', 'sw.v1.receipt.es.md.d.s9'],
      ['agg2', 'sw.v1.receipt.es.md.d.e.s1'],
      ['t1', 'sw.v1.ledger.t1.2'],
      ['aud', 'sw.v1.notice.es.md.d'],
    ] as const;
    it.each(allowed)('lets %s append %s', async (user, subject) => {
      expect((await as(user).append(subject, bytes('x'))).seq).toBeGreaterThan(0);
    });

    const refused = [
      ['gateway', 'sw.v1.reading.es.md.c.s2'],
      ['gateway', `sw.v1.seal.${STREET}.9`],
      ...['agg1', 'agg2', 't1', 'mon', 'aud'].map((u) => [u, `sw.v1.reading.${STREET}`] as const),
      ['agg2', `sw.v1.seal.${STREET}.9`],
      ['agg1', 'sw.v1.seal.es.md.c.s2.9'],
      ['agg1', 'sw.v1.total.es.md.d.9'],
      ['agg1', 'sw.v1.receipt.es.md.d.s9'],
      ['agg1', 'sw.v1.receipt.es.md.c.e.s1'],
      ['agg2', `sw.v1.receipt.${STREET}`],
      ...['gateway', 't1', 'mon', 'aud'].map((u) => [u, `sw.v1.receipt.${STREET}`] as const),
      ...['gateway', 'agg1'].map((u) => [u, `sw.v1.notice.${STREET}`] as const),
      ['agg1', 'sw.v1.ledger.t1.9'],
      ['t1', 'sw.v1.ledger.t2.9'],
      ['t1', `sw.v1.seal.${STREET}.9`],
      ['t1', `sw.v1.notice.${STREET}`],
      ['mon', `sw.v1.total.${STREET}.9`],
      ['mon', `sw.v1.notice.${STREET}`],
      ['aud', `sw.v1.seal.${STREET}.9`],
      ['aud', 'sw.v1.ledger.t1.9'],
    ] as const;
    it.each(refused)('refuses %s to append %s', async (user, subject) => {
      await expect(as(user).append(subject, bytes('forged'))).rejects.toThrow(forbidden);
    });
  });

  describe('asking', () => {
    it('lets a monitor ask trustees and aggregators, also for a large answer', async () => {
      const large = new Uint8Array(6_000_000).fill(7);
      await using _1 = await as('t1').respond('sw.v1.unmask.t1', async () => large);
      await using _2 = await as('agg1').respond('sw.v1.query.es.md.c', async () => bytes('totals'));
      const ask = (subject: string) => as('mon').request(subject, bytes(''), { timeoutMs: 5_000 });
      expect((await ask('sw.v1.unmask.t1')).length).toBe(large.length);
      expect(text(await ask('sw.v1.query.es.md.c'))).toBe('totals');
    });

    it('refuses to answer or ask for others', async () => {
      const respond = (user: string, subject: string) =>
        as(user).respond(subject, async (m) => m.data);
      await expect(respond('t1', 'sw.v1.unmask.t2')).rejects.toThrow(forbidden);
      await expect(respond('t1', 'sw.v1.query.es.md.c')).rejects.toThrow(forbidden);
      await expect(respond('agg1', 'sw.v1.query.es.md.d')).rejects.toThrow(forbidden);
      await expect(respond('mon', 'sw.v1.unmask.t1')).rejects.toThrow(forbidden);
      const ask = as('t1').request('sw.v1.query.es.md.c', bytes(''), { timeoutMs: 2_000 });
      await expect(ask).rejects.toThrow(forbidden);
    });
  });

  describe('going round by reply subjects', () => {
    const victims = [`sw.v1.reading.${STREET}`, 'sw.v1.seal.es.md.x.1', 'sw.v1.ledger.t1.7'];
    const stored = async () => {
      const counts = STREAM_NAMES.map((stream) => as('aud').lastSeq(stream));
      return Promise.all(counts);
    };
    const create = (name: string, config: object) =>
      JSON.stringify({
        stream_name: 'NOTICES',
        config: { name, ack_policy: 'none', deliver_policy: 'all', ...config },
        action: 'create',
      });

    it.each(victims)('gets no pulled message and no acknowledgement onto %s', async (victim) => {
      // Five for the pull that goes astray, one for the pull that shows that pulling works.
      for (let i = 0; i < 6; i++) await as('aud').append('sw.v1.notice.es.md.d', bytes('alert'));
      const raw = await rawAs('agg2');
      const name = `pull-${victim.replaceAll('.', '-')}`;
      const made = await raw.request(`sw.js.CONSUMER.CREATE.NOTICES.${name}`, create(name, {}));
      expect(made.json()).not.toHaveProperty('error');
      const before = await stored();
      const pull = JSON.stringify({ batch: 5, expires: 1e9 });
      raw.publish(`sw.js.CONSUMER.MSG.NEXT.NOTICES.${name}`, pull, { reply: victim });
      raw.publish('sw.js.STREAM.INFO.NOTICES', '', { reply: victim });
      await raw.flush();
      await pause(100);
      expect(await stored()).toEqual(before);
      raw.publish('sw.v1.receipt.es.md.d.s9', 'bait', { reply: victim });
      await raw.flush();
      await pause(100);
      before[STREAM_NAMES.indexOf('RECEIPTS')]!++; // the bait itself, where it may be
      expect(await stored()).toEqual(before);
      // The pull did work: its answers went nowhere, rather than the server refusing all of it.
      const inbox = createInbox('_INBOX.agg2');
      const sub = raw.subscribe(inbox, { max: 1 });
      raw.publish(`sw.js.CONSUMER.MSG.NEXT.NOTICES.${name}`, pull, { reply: inbox });
      for await (const message of sub) expect(message.subject).toMatch(/^sw\.v1\.notice\./);
    });

    const targets = [...victims, '$JS.API.STREAM.DELETE.NOTICES', '$JS.API.STREAM.PURGE.NOTICES'];
    it.each(targets)('gets no pushed message onto %s', async (target) => {
      const raw = await rawAs('agg2');
      const name = `push-${target.replaceAll(/[.$]/g, '-')}`;
      // What an API request without content looks like.
      await as('aud').append('sw.v1.notice.es.md.d', bytes(''));
      const before = await stored();
      const config = { deliver_subject: target, filter_subject: 'sw.v1.notice.es.md.d' };
      await raw.request(
        `sw.js.CONSUMER.CREATE.NOTICES.${name}.sw.v1.notice.es.md.d`,
        create(name, config),
      );
      await pause(150);
      expect(await stored()).toEqual(before);
    });

    it('refuses a push consumer that would feed its own stream', async () => {
      const raw = await rawAs('aud');
      const body = create('cycle', { deliver_subject: 'sw.v1.notice.es.md.victim' });
      const reply = await raw.request('sw.js.CONSUMER.CREATE.NOTICES.cycle', body);
      expect(reply.json()).toMatchObject({ error: { err_code: 10081 } });
    });

    it('has no other way into JetStream', async () => {
      const raw = await rawAs('agg2');
      for (const subject of [
        'sw.js.STREAM.DELETE.NOTICES',
        'sw.js.STREAM.UPDATE.NOTICES',
        'sw.js.STREAM.MSG.GET.READINGS',
        'sw.js.CONSUMER.CREATE.READINGS.all',
        '$JS.API.STREAM.INFO.READINGS',
        '$JS.API.INFO',
      ]) {
        await expect(raw.request(subject, '', { timeout: 1_000 })).rejects.toThrow();
      }
    });
  });
});

describeWithNats('allow lists within one account', () => {
  it('do not hold: this is what the accounts are for', async () => {
    const user =
      '{ user: u, password: p, permissions: { publish: ["sw.v1.notice.u", "$JS.API.>"] } }';
    const operator = '{ user: o, password: p }';
    await using server = await natsServer({
      config: `accounts { A { jetstream: enabled, users: [${user}, ${operator}] } }`,
    });
    await using bus = await connectNats({
      url: server.url,
      credentials: { user: 'o', password: 'p' },
      createStreams: true,
    });
    const raw = await connect({ servers: server.url, user: 'u', pass: 'p' });
    raw.publish('sw.v1.notice.u', 'forged', { reply: 'sw.v1.seal.x.1' });
    for (let i = 0; i < 100 && (await bus.lastSeq('SEALS')) === 0; i++) await pause(10);
    await raw.close();
    // The server's acknowledgement itself has taken the subject of a seal.
    expect(text((await bus.lastOn('SEALS', 'sw.v1.seal.x.1'))!.data)).toContain('NOTICES');
  });
});

describe('the configuration text', () => {
  it('refuses what would break out of a quoted string, and bad areas', () => {
    const config = (change: Partial<NatsParty>) => () =>
      natsAccountsConfig([{ ...party('agg1', 'aggregator', ['es.md']), ...change }]);
    expect(config({})).not.toThrow();
    expect(config({ password: '$2a$11$abcdefghijklmnopqrstuv./' })).not.toThrow();
    for (const password of ['', 'a b', 'a"b', 'a\\b', 'a\nb']) {
      expect(config({ password })).toThrow(TypeError);
    }
    for (const user of ['', 'a.b', 'a*', 'a b', '>']) expect(config({ user })).toThrow(TypeError);
    for (const area of ['', '>', 'es.*', 'es..md', 'es.>.md', 'a"']) {
      expect(config({ areaSubjects: [area] })).toThrow(TypeError);
    }
    expect(config({ areaSubjects: [] })).toThrow(TypeError);
    const twice = [party('t1', 'trustee'), party('t1', 'monitor')];
    expect(() => natsAccountsConfig(twice)).toThrow(RangeError);
  });
});
