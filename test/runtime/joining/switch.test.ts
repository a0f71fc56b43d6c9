// All nodes of a network, on the bus in memory and a virtual clock, over the midnight at which a
// meter joins: no process is started again, and no interval is lost.

import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MemoryBus } from '../../../src/bus/memory-bus.ts';
import { channelSet } from '../../../src/core/channel.ts';
import {
  type IntervalIndex,
  intervalEndSeconds,
  intervalIndex,
  SECONDS_PER_EPOCH,
} from '../../../src/core/interval.ts';
import type { VerifiedNetwork } from '../../../src/core/network-bundle.ts';
import { slot } from '../../../src/core/roster.ts';
import { readingSubject } from '../../../src/core/subjects.ts';
import { createFrame, createMeter, type MeterState } from '../../../src/roles/meter.ts';
import { type Clock, VirtualClock } from '../../../src/runtime/clock.ts';
import { placeOf } from '../../../src/runtime/meter-fleet.ts';
import { readNodeConfig } from '../../../src/runtime/node-config.ts';
import { startNode } from '../../../src/runtime/run-node.ts';
import {
  homeOf,
  type JoiningHome,
  JoiningNetwork,
  rowOf,
  STREET,
} from '../../support/joining-network.ts';

const HOMES = [0, 1, 2, 3, 4, 5].map((index) => homeOf(index));
const LATE = homeOf(6);
const STEP_MS = 5000;

it('takes a meter in at midnight without a restart, and loses no interval on either side', {
  // Bounded by the machine's pace alone: time here is virtual.
  timeout: 240_000,
}, async () => {
  await using network = await JoiningNetwork.create();
  const midnight = (network.today + 1) * SECONDS_PER_EPOCH;
  network.nowSeconds = midnight - 2 * 900 + 1;
  await network.join(HOMES);

  const running = new Map<string, AsyncDisposable>();
  const virtual = new VirtualClock(network.nowSeconds * 1000);
  // The nodes do not know that time is virtual: they go by timers and the stream's stamps.
  const clock: Clock = {
    isVirtual: false,
    nowMs: () => virtual.nowMs(),
    at: (timeMs, callback) => virtual.at(timeMs, callback),
  };
  const bus = new MemoryBus({ nowMs: () => virtual.nowMs() });
  const said = new Map<string, string[]>();
  const errors: unknown[] = [];
  const start = async (party: string): Promise<AsyncDisposable> => {
    const lines = said.get(party) ?? [];
    said.set(party, lines);
    return startNode(
      await readNodeConfig(join(network.directory, party, 'node.json')),
      (line) => lines.push(line),
      (error) => errors.push(error),
      { clock, connect: async () => bus.connect() },
    );
  };
  await withoutMap(network);
  const parties = ['trustee-0', 'trustee-1', 'trustee-2', 'aggregator-es-m0', 'aggregator-top'];
  for (const party of [...parties, 'auditor', 'monitor']) running.set(party, await start(party));

  const advance = async (untilSeconds: number) => {
    while (virtual.nowMs() < untilSeconds * 1000) {
      await virtual.advanceTo(Math.min(untilSeconds * 1000, virtual.nowMs() + STEP_MS));
      // What a timer has begun in the nodes takes some turns of the loop.
      for (let round = 0; round < 4; round++) {
        await bus.idle();
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
  };
  const meters = new Map<JoiningHome, MeterState>();
  const send = async (interval: IntervalIndex, homes: readonly JoiningHome[]) => {
    const last = await network.last();
    for (const [index, home] of homes.entries()) {
      const state = meters.get(home) ?? meterOf(network, last, home, index);
      meters.set(home, state);
      const time = { nowSeconds: virtual.nowMs() / 1000, isAuthenticated: true };
      const made = createFrame(state, interval, [2 ** index], time);
      if (made.kind !== 'frame') throw new Error(made.reason);
      await bus.append(readingSubject(STREET), made.frame);
    }
  };
  const lastOfDay = intervalIndex(midnight / 900 - 1);
  const firstOfDay = intervalIndex(midnight / 900);

  await advance(midnight - 900 + 1);
  await send(intervalIndex(lastOfDay - 1), HOMES);
  await advance(midnight - 600);
  // Somebody joins, an hour before the day ends or a minute: it is for the next day.
  network.nowSeconds = virtual.nowMs() / 1000;
  await network.join([LATE], { inventory: [...HOMES, LATE].map((home) => rowOf(home)) });
  await advance(midnight + 1);
  await send(lastOfDay, HOMES);
  await advance(intervalEndSeconds(firstOfDay, 900) + 1);
  await send(firstOfDay, [...HOMES, LATE]);
  await advance(intervalEndSeconds(firstOfDay, 900) + 120);

  const at = (interval: IntervalIndex) =>
    `${new Date(interval * 900_000).toISOString()} es: net ${interval >= firstOfDay ? 127 : 63} Wh, coverage 1; 1 of 1 cells; 3 of 3 trustees`;
  const totals = () => (said.get('monitor') as string[]).filter((line) => line.includes(' es: '));
  // Of the interval in which the nodes started, nothing was sent.
  const expected = [intervalIndex(lastOfDay - 1), lastOfDay, firstOfDay].map(at);
  expect(totals().slice(1)).toEqual(expected);
  for (const [party, lines] of said) {
    expect([party, lines.filter((line) => line.includes('version 3 takes over')).length]).toEqual([
      party,
      1,
    ]);
  }

  // Whoever starts again has its keys, of the late meter too, without the records.
  await rm(network.config.enrolments, { recursive: true });
  for (const party of ['trustee-0', 'trustee-1', 'trustee-2', 'aggregator-es-m0']) {
    await running.get(party)?.[Symbol.asyncDispose]();
    running.set(party, await start(party));
  }
  const next = intervalIndex(firstOfDay + 1);
  await advance(intervalEndSeconds(next, 900) + 1);
  await send(next, [...HOMES, LATE]);
  await advance(intervalEndSeconds(next, 900) + 120);
  expect(totals().slice(1)).toEqual([...expected, at(next)]);
  for (const node of running.values()) await node[Symbol.asyncDispose]();
  expect(said.get('auditor')?.filter((line) => line.includes('ALERT'))).toEqual([]);
  expect(errors).toEqual([]);
});

/** Where the map listens is not this test's matter. */
async function withoutMap(network: JoiningNetwork): Promise<void> {
  const file = join(network.directory, 'monitor', 'node.json');
  const { http: _, ...config } = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify(config));
}

function meterOf(
  { keys }: JoiningNetwork,
  last: VerifiedNetwork,
  home: JoiningHome,
  index: number,
): MeterState {
  const place = { area: STREET, slot: slot(index), channels: channelSet(1), capWh: 1000 };
  return createMeter(placeOf(last, place), keys.get(home.identity)!);
}
