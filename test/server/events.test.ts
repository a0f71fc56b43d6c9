import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import { type IntervalIndex, intervalIndex } from '../../src/core/interval.ts';
import { frameSchema } from '../../src/server/schemas/frame-schema.ts';
import { clockSchema } from '../../src/server/schemas/map-schema.ts';
import { CITY_TOKEN, createMapApp, EVERYTHING, LATEST, NOW_MS, problemCode } from './map-app.ts';

interface SentEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: unknown;
}

/** Reads a stream's events, one at a time. */
class EventReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #text = '';

  constructor(response: Response) {
    expect(response.headers.get('Content-Type')).toBe('text/event-stream');
    this.#reader = (response.body as ReadableStream<Uint8Array>).getReader();
  }

  /** Undefined at the end. */
  async next(): Promise<SentEvent | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end >= 0) {
        const lines = this.#text.slice(0, end).split('\n');
        this.#text = this.#text.slice(end + 2);
        const field = (name: string) =>
          lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
        return {
          event: field('event') ?? '',
          id: field('id'),
          data: JSON.parse(field('data') ?? 'null'),
        };
      }
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      this.#text += new TextDecoder().decode(value);
    }
  }

  async nextFrame() {
    for (;;) {
      const event = await this.next();
      if (event === undefined) throw new Error('the stream has ended');
      if (event.event === 'frame') return { id: event.id, frame: frameSchema.parse(event.data) };
    }
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }
}

const EVENTS = '/api/v1/areas/eu.es/events';

function setUp(limits: Parameters<typeof createMapApp>[0] = {}) {
  return createMapApp({ anonymous: EVERYTHING, ...limits });
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !isTrue(); i++) await sleep(10);
  expect(isTrue()).toBe(true);
}

describe('the events of an area', () => {
  it('begin with the clock and the newest frame', async () => {
    const { get } = setUp();
    const reader = new EventReader(await get(EVENTS));
    const first = await reader.next();
    expect(first?.event).toBe('clock');
    expect(clockSchema.parse(first?.data)).toEqual({ nowMs: NOW_MS, speed: 1 });
    expect((await reader.nextFrame()).frame).toMatchObject({ area: 'eu/es', start: LATEST });
    await reader.cancel();
  });

  it('bring a frame when an interval is published, and when one below is corrected', async () => {
    const { get, source } = setUp();
    const reader = new EventReader(await get(EVENTS));
    await reader.nextFrame();
    source.advanceTo(NOW_MS + 900_000);
    const next = await reader.nextFrame();
    expect(next).toMatchObject({ id: '1', frame: { start: '2026-11-21T12:00:00Z', revision: 0 } });
    source.revise(areaId('eu/es/13/28/28006'), source.latestInterval() as IntervalIndex);
    expect(await reader.nextFrame()).toMatchObject({ id: '2', frame: { revision: 1 } });
    await reader.cancel();
  });

  it('say nothing of other areas or of old intervals', async () => {
    const { get, source } = setUp();
    const reader = new EventReader(await get('/api/v1/areas/eu.es.09/events'));
    await reader.nextFrame();
    source.revise(areaId('eu/es/13/28/28006'), source.latestInterval() as IntervalIndex);
    source.revise(areaId('eu/es/09'), intervalIndex((source.latestInterval() as number) - 1));
    source.revise(areaId('eu/es/09/08/08019'), source.latestInterval() as IntervalIndex);
    expect((await reader.nextFrame()).id).toBe('3');
    await reader.cancel();
  });

  it('bring a new interval whichever area it was that completed it', async () => {
    const { get, source } = setUp({
      change: (table) => ({
        ...table,
        subscribe: (listener) =>
          table.subscribe((event) => listener({ ...event, area: areaId('eu/fr') })),
      }),
    });
    const reader = new EventReader(await get(EVENTS));
    await reader.nextFrame();
    source.advanceTo(NOW_MS + 900_000);
    expect((await reader.nextFrame()).frame.start).toBe('2026-11-21T12:00:00Z');
    await reader.cancel();
  });

  it('bring a new interval that no event told of, with the next heartbeat', async () => {
    const { get, source } = setUp({
      limits: { heartbeatMs: 20 },
      change: (table) => ({ ...table, subscribe: () => table.subscribe(() => undefined) }),
    });
    const reader = new EventReader(await get(EVENTS));
    await reader.nextFrame();
    source.advanceTo(NOW_MS + 900_000);
    expect((await reader.nextFrame()).frame.start).toBe('2026-11-21T12:00:00Z');
    await reader.cancel();
  });

  it('make one frame of many changes that come while it is on its way', async () => {
    const { get, source } = setUp({ table: { frameDelayMs: 30 } });
    const reader = new EventReader(await get(EVENTS));
    await reader.nextFrame();
    for (let i = 0; i < 50; i++)
      source.revise(areaId('eu/es'), source.latestInterval() as IntervalIndex);
    const ids = [(await reader.nextFrame()).id];
    if (ids[0] !== '50') ids.push((await reader.nextFrame()).id);
    expect(ids.at(-1)).toBe('50');
    await reader.cancel();
  });

  it('beat with the clock, also between frames that keep coming', async () => {
    const { get, source } = setUp({ limits: { heartbeatMs: 20 } });
    const reader = new EventReader(await get(EVENTS));
    const timer = setInterval(
      () => source.revise(areaId('eu/es'), source.latestInterval() as IntervalIndex),
      5,
    );
    let clocks = 0;
    while (clocks < 3) if ((await reader.next())?.event === 'clock') clocks++;
    clearInterval(timer);
    await reader.cancel();
  });

  it('resume: the newest frame at once if something changed since, else nothing', async () => {
    const { get, source } = setUp({ limits: { heartbeatMs: 20 } });
    const keeper = new EventReader(await get(EVENTS));
    source.advanceTo(NOW_MS + 900_000);
    source.advanceTo(NOW_MS + 2 * 900_000);
    const resume = async (id: string) => {
      const response = await get(EVENTS, undefined, { headers: { 'Last-Event-ID': id } });
      const reader = new EventReader(response);
      await reader.next();
      const second = await reader.next();
      await reader.cancel();
      return second?.event;
    };
    expect(await resume('1')).toBe('frame');
    expect(await resume('2')).toBe('clock');
    // Of another process, or nobody's: it may have missed anything.
    expect(await resume('77')).toBe('frame');
    expect(await resume('0')).toBe('frame');
    expect(await resume('-1; drop')).toBe('frame');
    await keeper.cancel();
  });

  it('leave nothing behind when their readers go', async () => {
    const { get, source } = setUp({ table: { frameDelayMs: 20 } });
    const readers = await Promise.all(
      Array.from({ length: 20 }, async () => new EventReader(await get(EVENTS))),
    );
    await Promise.all(readers.map(async (reader) => await reader.next()));
    // One subscription serves all of them.
    expect(source.listenerCount()).toBe(1);
    await Promise.all(readers.map(async (reader) => await reader.cancel()));
    await until(() => source.listenerCount() === 0 && source.openCount() === 0);
  });

  it('end with their request', async () => {
    const { get, source } = setUp();
    const stop = new AbortController();
    const reader = new EventReader(await get(EVENTS, undefined, { signal: stop.signal }));
    await reader.nextFrame();
    stop.abort();
    await until(() => source.listenerCount() === 0);
  });

  it('are dropped for a reader that takes nothing', async () => {
    const { get, source } = setUp({ limits: { slowReaderMs: 30, heartbeatMs: 10 } });
    const response = await get(EVENTS);
    await until(() => source.listenerCount() === 0);
    await expect(response.text()).rejects.toThrow();
  });

  it('are bounded for one viewer and in all', async () => {
    const { get } = setUp({ limits: { maxStreams: 3, maxStreamsPerViewer: 2 } });
    const readers = [new EventReader(await get(EVENTS)), new EventReader(await get(EVENTS))];
    const third = await get(EVENTS);
    expect(third.headers.get('Retry-After')).toBe('30');
    expect(await problemCode(third)).toBe('too-many-streams');
    const city = '/api/v1/areas/eu.es.13.28.28006/events';
    readers.push(new EventReader(await get(city, CITY_TOKEN)));
    expect(await problemCode(await get(city, CITY_TOKEN))).toBe('too-many-streams');
    await Promise.all(readers.map(async (reader) => await reader.cancel()));
    await sleep(10);
    const again = new EventReader(await get(EVENTS));
    await again.nextFrame();
    await again.cancel();
  });

  it('go on after a frame that could not be had', async () => {
    let isBroken = true;
    const { get, source, errors } = setUp({
      change: (table) => ({
        ...table,
        frame: async (query) => {
          if (isBroken) throw new Error('no frame');
          return await table.frame(query);
        },
      }),
    });
    const reader = new EventReader(await get(EVENTS));
    await reader.next();
    await until(() => errors.length === 1);
    isBroken = false;
    source.advanceTo(NOW_MS + 900_000);
    expect((await reader.nextFrame()).id).toBe('1');
    await reader.cancel();
  });

  it('answer a HEAD without opening a stream, and are never compressed', async () => {
    const { get, source } = setUp();
    expect((await get(EVENTS, undefined, { method: 'HEAD' })).status).toBe(200);
    expect(source.listenerCount()).toBe(0);
    const response = await get(EVENTS, undefined, { headers: { 'Accept-Encoding': 'gzip' } });
    expect(response.headers.get('Content-Encoding')).toBeNull();
    await response.body?.cancel();
  });
});
