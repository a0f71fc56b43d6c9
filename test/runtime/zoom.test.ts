import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { areaId } from '../../src/core/area.ts';
import { intervalIndex } from '../../src/core/interval.ts';
import { SourceBusyError } from '../../src/map/source-busy.ts';
import { ZoomQueue } from '../../src/runtime/zoom-queue.ts';
import { ALL, FIRST, NET_ONLY, startZoomNetwork } from '../support/zoom-network.ts';

describe('the queue of openings', () => {
  const start = (maxRunning: number, maxWaiting = 9) => {
    const queue = new ZoomQueue(maxRunning, maxWaiting);
    const started: string[] = [];
    const gates = new Map<string, () => void>();
    const add = (key: string, isBackground = false) =>
      queue.run(key, isBackground, async () => {
        started.push(key);
        await new Promise<void>((resolve) => gates.set(key, resolve));
        return key;
      });
    const finish = async (key: string) => {
      gates.get(key)?.();
      await setImmediate();
    };
    return { queue, started, add, finish };
  };

  it('runs a few at a time, what somebody waits for first, and of that the last asked for', async () => {
    const { queue, started, add, finish } = start(1);
    const done = ['a', 'b', 'c'].map((key) => add(key));
    const behind = [add('x', true), add('y', true)];
    for (const key of ['a', 'c', 'b', 'y', 'x']) await finish(key);
    expect(started).toEqual(['a', 'c', 'b', 'y', 'x']);
    expect(await Promise.all([...done, ...behind])).toEqual(['a', 'b', 'c', 'x', 'y']);
    await queue[Symbol.asyncDispose]();
  });

  it('takes from behind what somebody comes to wait for', async () => {
    const { queue, started, add, finish } = start(1);
    const all = [add('a'), add('x', true), add('y', true)];
    queue.promote('x');
    queue.promote('nobody');
    for (const key of ['a', 'x', 'y']) await finish(key);
    expect(started).toEqual(['a', 'x', 'y']);
    await Promise.all(all);
  });

  it('is full at some time: what goes on behind is pushed out first, then what was asked for first', async () => {
    const { started, add, finish } = start(1, 2);
    const running = add('a');
    const behind = expect(add('x', true)).rejects.toThrow(SourceBusyError);
    const oldest = expect(add('b')).rejects.toThrow(SourceBusyError);
    const kept = [add('c'), add('d')];
    await behind;
    await oldest;
    for (const key of ['a', 'd', 'c']) await finish(key);
    await Promise.all([running, ...kept]);
    expect(started).toEqual(['a', 'd', 'c']);
  });

  it('goes on after one that fails', async () => {
    const queue = new ZoomQueue(1, 9);
    const failing = queue.run('a', false, () => Promise.reject(new Error('no')));
    const next = queue.run('b', false, async () => 'b');
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('b');
  });

  it('refuses what waits when it is closed, and waits for what runs', async () => {
    const { queue, add, finish } = start(1);
    const running = add('a');
    const waiting = add('b');
    const refused = expect(waiting).rejects.toThrow('closed');
    const closed = queue[Symbol.asyncDispose]();
    await finish('a');
    await closed;
    expect(await running).toBe('a');
    await refused;
    await expect(add('c')).rejects.toThrow('closed');
  });
});

describe('an opening', () => {
  const scope = { area: areaId('eu/es/ma/u1'), deepestDepth: 5, channels: ALL };

  it('outside its grant is refused before anybody is asked', async () => {
    await using running = await startZoomNetwork();
    await running.run(FIRST);
    running.takeRequests();
    const query = { grant: running.grant('net of a'), interval: FIRST };
    const beside = { ...scope, area: areaId('eu/es/mb') };
    expect(() => running.zoom.open({ ...query, scope: beside })).toThrow(RangeError);
    expect(() => running.zoom.open({ ...query, scope, row: 'eu/es/ma/u2/s1' })).toThrow(RangeError);
    // Wider in depth and channels: only what the grant has of it.
    const { channels } = await running.zoom.open({
      ...query,
      scope: { ...scope, deepestDepth: 9 },
    });
    expect(channels).toBe(NET_ONLY);
    expect(running.namesOf(running.takeRequests()).every((name) => name.endsWith(' net'))).toBe(
      true,
    );
  });

  it('of an interval that nobody has sealed asks no trustee', async () => {
    await using running = await startZoomNetwork();
    await running.run(FIRST);
    running.takeRequests();
    const grant = running.grant('all');
    const interval = intervalIndex(FIRST + 7);
    const { opened, rows } = await running.zoom.open({ grant, scope, interval });
    expect(opened.figures.every((figure) => figure.kind === 'withheld')).toBe(true);
    expect(rows.map(({ reason }) => reason)).toContain('no-seal');
    expect(running.takeRequests()).toEqual([]);
  });

  it('without a quorum of trustees is late, and no history', async () => {
    await using running = await startZoomNetwork();
    await running.run(FIRST);
    await running.network.trustees[2]?.[Symbol.asyncDispose]();
    await running.network.trustees[1]?.[Symbol.asyncDispose]();
    const frame = await running.map.frame({
      area: scope.area,
      interval: FIRST,
      viewer: running.viewer('all'),
      signal: new AbortController().signal,
    });
    expect(new Set(frame?.rows.map(({ status, reason }) => `${status} ${reason}`))).toEqual(
      new Set(['late no-quorum']),
    );
    expect(running.store.opened(FIRST, scope.area)).toBeUndefined();
  });

  it('with one trustee away is shown, and marked where nobody else confirms it', async () => {
    await using running = await startZoomNetwork();
    await running.run(FIRST);
    await running.network.trustees[1]?.[Symbol.asyncDispose]();
    const query = { grant: running.grant('all'), scope, interval: FIRST };
    const { rows, trustees } = await running.zoom.open(query);
    expect(trustees).toEqual(['answered', 'no-responders', 'answered']);
    expect(rows[0]).toMatchObject({ energyWh: [2600, 60, 180], isChecked: false });
    // Somebody is there in its place and says nothing: it is not waited for.
    await running.bus.connect().respond('sw.v1.unmask.1', () => new Promise(() => {}));
    const hung = await running.zoom.open(query);
    expect(hung.trustees).toEqual(['answered', 'timeout', 'answered']);
    expect(hung.rows[0]?.energyWh).toEqual([2600, 60, 180]);
  });
});
